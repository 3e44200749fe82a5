"""Run a recipe: every command that makes the weights, in order, from nothing.

    python -m training.remake small --out out/train
    python -m training.remake toy --out out/toy

A command that is finished is not run again; one that was interrupted goes on where it was. The recipe is a TOML file,
by its path or by its name in training/recipes: what it says is all there is to say about how the weights came to be.
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


def read(recipe: str) -> str:
    """Return the text of a recipe.

    Args:
        recipe: a name in training/recipes, or the path of a .toml file.

    Raises:
        SystemExit: no such recipe.
    """
    path = Path(recipe) if recipe.endswith(".toml") else RECIPES / f"{recipe}.toml"
    if not path.exists():
        known = ", ".join(sorted(file.stem for file in RECIPES.glob("*.toml")))
        raise SystemExit(f"no recipe '{recipe}'; expected one of {known}, or a .toml file")
    return path.read_text("utf-8")


def commands(recipe: str, out: Path, cores: int) -> list[list[str]]:
    """Return the recipe's command lines.

    Raises:
        SystemExit: no such recipe.
    """
    found = []
    for entry in tomllib.loads(read(recipe))["commands"]:
        words = [word.format(out=out, cores=cores, recipe=recipe) for word in shlex.split(entry["run"])]
        spread = entry.get("parallel", False) and cores > 1
        runner = ["torch.distributed.run", "--nproc_per_node", str(cores)] if spread else []
        found.append([sys.executable, "-m", *runner, *(["-m"] if spread else []), *words])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", help="a name in training/recipes, or a .toml file")
    parser.add_argument("--out", type=Path, default=Path("out/train"))
    parser.add_argument("--cores", type=int, default=len(os.sched_getaffinity(0)), help="default: all of this machine")
    parser.add_argument("--dry-run", action="store_true", help="print the commands only")
    options = parser.parse_args()
    lines = commands(options.recipe, options.out, options.cores)
    if options.dry_run:
        print("\n".join(shlex.join(line) for line in lines))
        return
    options.out.mkdir(parents=True, exist_ok=True)
    record = options.out / f"done-{Path(options.recipe).stem}.json"
    done: dict[str, float] = json.loads(record.read_text()) if record.exists() else {}
    for number, line in enumerate(lines, start=1):
        key = shlex.join(line[1:])
        print(f"[{number}/{len(lines)}] {key}", file=sys.stderr)
        if key in done:
            continue
        began = time.monotonic()
        try:
            failed = subprocess.run(line, env={"OMP_NUM_THREADS": "1", **os.environ}).returncode != 0
        except KeyboardInterrupt:
            failed = True
        if failed:
            raise SystemExit(f"stopped in command {number}; the same command goes on from here")
        done[key] = round(time.monotonic() - began, 1)
        waiting = record.with_suffix(".part")
        waiting.write_text(json.dumps(done, indent=1))
        waiting.replace(record)
    print(json.dumps({"command": "remake", "recipe": options.recipe, "out": str(options.out), "seconds": done}))


if __name__ == "__main__":
    main()
