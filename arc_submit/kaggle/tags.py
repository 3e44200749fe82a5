"""Which wheels install on Kaggle: CPython of one version, x86-64 Linux, a glibc no newer than the image's.

Read from the wheel's file name (PEP 425, 600). Not here: other implementations, other machines, debug builds.
"""

import re

from arc_submit.errors import UserError

PYTHONS = ("3.11", "3.12", "3.13")
"""Those that the locks were made for."""
GLIBC = (2, 35)
"""Of the pinned image (Ubuntu 22.04); a wheel may ask for less."""
OLD_NAMES = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
WHEEL = re.compile(r"(?P<name>[^-]+)-(?P<version>[^-]+)(?:-\d[^-]*)?-(?P<python>[^-]+)-(?P<abi>[^-]+)-(?P<place>[^-]+)")
"""The file's name without `.whl`."""
ANY = (0, 0)


def abi(python: str) -> str:
    """Return the tag of a Python: `3.12` -> `cp312`; raise UserError for one that no lock was made for."""
    if python not in PYTHONS:
        raise UserError(f"--python {python}: expected one of {', '.join(PYTHONS)} (Kaggle's pinned image has 3.12)")
    return "cp" + python.replace(".", "")


def platforms() -> list[str]:
    """Return the platform tags that the image takes, the newest first."""
    newer = [f"manylinux_{GLIBC[0]}_{minor}_x86_64" for minor in range(GLIBC[1], 4, -1)]
    return [*newer, *(f"{name}_x86_64" for name in reversed(OLD_NAMES)), "linux_x86_64"]


def fits(file_name: str, python: str) -> bool:
    """Return whether a wheel of this name installs there."""
    parts = WHEEL.fullmatch(file_name.removesuffix(".whl"))
    return parts is not None and _fits_python(parts, python) and glibc(parts["place"]) is not None


def glibc(places: str) -> tuple[int, int] | None:
    """Return the oldest glibc that a wheel's platform tags ask for; ANY for no wish, None for none of Kaggle's."""
    found = []
    for place in places.split("."):
        name, linux, _ = place.partition("_x86_64")
        version = re.fullmatch(r"manylinux_(\d+)_(\d+)", name)
        asked = (int(version[1]), int(version[2])) if version else OLD_NAMES.get(name)
        if place in ("any", "linux_x86_64"):
            found.append(ANY)
        elif linux and asked and asked <= GLIBC:
            found.append(asked)
    return min(found, default=None)


def _fits_python(parts: re.Match[str], python: str) -> bool:
    minor = int(python.split(".")[1])
    for tag in parts["python"].split("."):
        for ending in parts["abi"].split("."):
            exact = tag == f"cp3{minor}" and ending in (f"cp3{minor}", "abi3", "none")
            older = re.fullmatch(r"cp3\d+", tag) is not None and ending == "abi3" and int(tag[3:]) <= minor
            pure = re.fullmatch(r"py3\d*", tag) is not None and ending == "none" and int(tag[3:] or 0) <= minor
            if exact or older or pure:
                return True
    return False
