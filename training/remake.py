"""Run a recipe: every command that makes the weights, in order, from nothing.

    python -m training.remake small --out out/train
    python -m training.remake toy --out out/toy

A command that is finished is not run again; one that was interrupted goes on where it was. The recipe is a TOML file in
training/recipes: what it says is all there is to say about how the weights came to be.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import time
import tomllib
from pathlib import Path

RECIPES = Path(__file__).parent / "recipes"


def commands(recipe: str, out: Path, cores: int) -> list[list[str]]:
    """Return the recipe's command lines.

    Raises:
        SystemExit: no such recipe.
    """
    path = RECIPES / f"{recipe}.toml"
    if not path.exists():
        known = ", ".join(sorted(file.stem for file in RECIPES.glob("*.toml")))
        raise SystemExit(f"no recipe '{recipe}'; expected one of {known}")
    found = []
    for entry in tomllib.loads(path.read_text("utf-8"))["commands"]:
        words = [word.format(out=out, cores=cores) for word in shlex.split(entry["run"])]
        spread = entry.get("parallel", False) and cores > 1
        runner = ["torch.distributed.run", "--nproc_per_node", str(cores)] if spread else []
        found.append([sys.executable, "-m", *runner, *(["-m"] if spread else []), *words])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("--out", type=Path, default=Path("out/train"))
    parser.add_argument("--cores", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--dry-run", action="store_true", help="print the commands only")
    options = parser.parse_args()
    lines = commands(options.recipe, options.out, options.cores)
    if options.dry_run:
        print("\n".join(shlex.join(line) for line in lines))
        return
    options.out.mkdir(parents=True, exist_ok=True)
    record = options.out / f"done-{options.recipe}.json"
    done: dict[str, float] = json.loads(record.read_text()) if record.exists() else {}
    for number, line in enumerate(lines, start=1):
        key = shlex.join(line[1:])
        print(f"[{number}/{len(lines)}] {key}", file=sys.stderr)
        if key in done:
            continue
        began = time.monotonic()
        if subprocess.run(line, env={"OMP_NUM_THREADS": "1", **os.environ}).returncode:
            raise SystemExit(f"stopped in command {number}; the same command goes on from here")
        done[key] = round(time.monotonic() - began, 1)
        record.write_text(json.dumps(done, indent=1))
    print(json.dumps({"command": "remake", "recipe": options.recipe, "out": str(options.out), "seconds": done}))


if __name__ == "__main__":
    main()
