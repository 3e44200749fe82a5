"""Make requirements/locks/: the pins of requirements/ with the sha256 of every wheel that a Kaggle image can install.

    python scripts/make_locks.py                 all three stacks; needs `uv` (pip install uv) and a package index
    python scripts/make_locks.py gpu             one
    python scripts/make_locks.py --check         change nothing: are the locks what would be made now?

Versions come from requirements/{core,cpu,gpu}.txt and are never changed here. One lock serves Python 3.11, 3.12 and
3.13: hashes of wheels only, for CPython on x86-64 Linux with glibc up to that of Kaggle's images. Before the hashes are
looked up, the pins are resolved again with all their dependencies, so a lock that is written also fits together.

torch is the exception of the CPU stack. An index may offer `torch==2.13.0` as the CUDA build, or the CPU build besides
it as 2.13.0+cpu. The CUDA build needs libraries that this stack leaves out, so its lock lists the CPU builds alone:
packing from an index without them stops and says so.

Not here: the choice of versions. No address of an index is written anywhere.
"""

import argparse
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
PINS, LOCKS = ROOT / "requirements", ROOT / "requirements" / "locks"
STACKS = ("core", "cpu", "gpu")
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORM = "x86_64-manylinux_2_35"  # Ubuntu 22.04, the base of Kaggle's images
CPU_TORCH = {  # torch 2.13.0+cpu as published for manylinux_2_28_x86_64
    "cp311": "6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b",
    "cp312": "4ca4a9394b0c771238a4f73590fdbbc4debad85ed0fa63d026ae1b085da7d6e2",
    "cp313": "3fbf9c9d1f3c10c2d59d04aca426dee9ccc6ceb32d255c61e93acc3b4f75fae6",
}
HEADER = """\
# Made by scripts/make_locks.py from requirements/{stack}.txt; do not edit.
# Wheels for CPython 3.11, 3.12 and 3.13 on x86-64 Linux, glibc 2.35 or older.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stacks", nargs="*", choices=[*STACKS, []], help="default: all")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where a lock would change")
    chosen = parser.parse_args()
    stale = []
    for stack in chosen.stacks or STACKS:
        text = lock(stack)
        target = LOCKS / f"{stack}.txt"
        if chosen.check and (not target.is_file() or target.read_text() != text):
            stale.append(target)
        elif not chosen.check:
            LOCKS.mkdir(exist_ok=True)
            target.write_text(text)
        print(f"{target.relative_to(ROOT)}: {text.count('==')} packages, {text.count('--hash')} wheels")
    if stale:
        sys.exit(f"not what would be made now: {', '.join(str(file.relative_to(ROOT)) for file in stale)}")


def lock(stack: str) -> str:
    """The text of one stack's lock."""
    hashes: dict[str, set[str]] = {}
    for python in PYTHONS:
        if stack != "cpu":  # its torch is on few indexes, and it leaves dependencies out on purpose
            fits_together(stack, python)
        for pin, found in wheels(stack, python).items():
            hashes.setdefault(pin, set()).update(found)
    if stack == "cpu":
        (torch,) = (pin for pin in hashes if pin.startswith("torch=="))
        hashes[torch] = set(CPU_TORCH.values())
    entries = [" \\\n".join([pin, *(f"    --hash=sha256:{value}" for value in sorted(hashes[pin]))]) for pin in hashes]
    return HEADER.format(stack=stack) + "\n".join(entries) + "\n"


def fits_together(stack: str, python: str) -> None:
    """Stop unless the pins are exactly what they and their dependencies resolve to."""
    resolved = set(uv("compile", PINS / f"{stack}.txt", *target(python)).split())
    pinned = {line.split(";")[0].strip() for line in pins(stack)}
    if resolved != pinned:
        sys.exit(
            f"requirements/{stack}.txt on Python {python}: pins and their dependencies differ: {resolved ^ pinned}"
        )


def wheels(stack: str, python: str) -> dict[str, set[str]]:
    """Pin -> sha256 of the wheels that this Python can install there."""
    with TemporaryDirectory() as folder:
        written = Path(folder) / "pylock.toml"
        uv("compile", PINS / f"{stack}.txt", *target(python), "--no-deps", "--format", "pylock.toml", "-o", written)
        packages = tomllib.loads(written.read_text())["packages"]
    found = {}
    for package in packages:
        names = [PurePosixPath(wheel["url"]).name for wheel in package["wheels"]]
        if not names:
            sys.exit(f"{package['name']}: no wheel for Python {python}")
        found[f"{package['name']}=={package['version']}"] = {wheel["hashes"]["sha256"] for wheel in package["wheels"]}
    return found


def target(python: str) -> tuple[str, ...]:
    return ("--python-version", python, "--python-platform", PLATFORM, "--only-binary", ":all:")


def pins(stack: str) -> list[str]:
    """The lines that hold on Linux."""
    return [line for line in (PINS / f"{stack}.txt").read_text().splitlines() if "win32" not in line]


def uv(*words: object) -> str:
    tool = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if tool is None:
        sys.exit("uv is missing; pip install uv")
    command = [tool, "pip", *map(str, words), "--no-config", "--no-header", "--no-annotate", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
