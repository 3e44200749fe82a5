"""The code bundle: what of a git checkout Kaggle needs, stamped with the commit that it came from.

    <pack>/code/     BUNDLE.json  SHA256SUMS  code/{arc_submit/, kernel/, weights/small/, requirements/, ...}

Files come from the working tree, tracked ones and new ones that git does not ignore; where they differ from the commit,
the stamp says `dirty`. Packing the same files of the same commit again leaves the folder as it was, byte for byte.

Not packed: tests, docs, training, history, anything that git ignores. Refused: files that look like secrets, links that
lead out of the checkout.
"""

import json
import shutil
import subprocess
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

import arc_submit
from arc_submit.errors import UserError
from arc_submit.kaggle import sums

SMALL = "weights/small"
PATHS = ("arc_submit", "kernel", SMALL, "requirements", "LICENSE", "README.md", "pyproject.toml")
SECRETS = (
    *(".env", ".env.*", "*.env", ".netrc", ".pypirc", "kaggle.json", "access_token*", "credentials*.json"),
    *("*.pem", "*.key", "*.p12", "*.pfx", "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*"),
)
"""Names of files that are never packed, not even where git knows them; .gitignore has them, too."""
NEEDED = ("arc_submit/__main__.py", "kernel/main.py", "pyproject.toml")
"""Without these nothing would run there."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A git working tree of the kit."""

    root: Path
    commit: str
    """40 hex digits."""
    changed: tuple[str, ...]
    """Packed paths that are not as in the commit."""
    version: str
    python: str
    """Versions that the kit runs on, e.g. `>=3.11,<3.14`."""
    untracked: tuple[str, ...] = ()
    """Those of the changed that the commit does not know at all."""


def find_checkout(root: Path | None = None) -> Checkout:
    """Return the checkout at `root`, or the one that this package runs from.

    Raises:
        UserError: not a git checkout, not of this kit, or without a commit.
    """
    named = root or Path(arc_submit.__file__).parents[1]
    top = _git(named, "rev-parse", "--show-toplevel", wanted="a git checkout of arc-submit").strip()
    project = Path(top) / "pyproject.toml"
    said = tomllib.loads(project.read_text("utf-8")).get("project", {}) if project.is_file() else {}
    if said.get("name") != "arc-submit":
        raise UserError(f"{top}: a git checkout, but not of arc-submit; name one with --root")
    commit = _git(Path(top), "rev-parse", "--verify", "HEAD", wanted="a checkout with a commit").strip()
    status = _git(Path(top), "status", "--porcelain", "-z", "--untracked-files=all", "--", *PATHS)
    lines = sorted((line[3:], line[:2]) for line in status.split("\0") if line[2:3] == " ")
    changed, untracked = tuple(name for name, _ in lines), tuple(name for name, how in lines if how == "??")
    return Checkout(Path(top), commit, changed, str(said["version"]), str(said["requires-python"]), untracked)


def build(checkout: Checkout, folder: Path, *, small: bool = True) -> dict[str, Any]:
    """Write the bundle and return its stamp; `small`: with the small model that ships in the repository.

    Raises:
        UserError: a file that the run on Kaggle needs is not there, or one that must not travel is.
    """
    names = [name for name in _files(checkout.root) if small or not name.startswith(f"{SMALL}/")]
    _refuse_private(checkout.root, names)
    for name in NEEDED:
        if name not in names:
            raise UserError(
                f"{checkout.root / name}: missing, and the run on Kaggle needs it; restore it (git checkout)"
            )
    before, code = _stamp(folder), folder / "code"
    shutil.rmtree(code, ignore_errors=True)
    for name in names:
        target = code / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(checkout.root / name, target)
    stamp = {
        "kit": "arc-submit",
        "kind": "code",
        "version": checkout.version,
        "commit": checkout.commit,
        "dirty": bool(checkout.changed),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": checkout.python,
    }
    packed = {f"code/{name}": sums.sha256(code / name) for name in names}
    listed = {name: value for name, value in sums.read(folder).items() if name.startswith("code/")}
    if before and listed == packed and {**stamp, "created": None} == {**before, "created": None}:
        stamp = before
    (folder / "BUNDLE.json").write_text(json.dumps(stamp, indent=2) + "\n", "utf-8")
    sums.write(folder, {folder / name: value for name, value in packed.items()})
    return stamp


def looks_secret(name: str) -> bool:
    """Return whether a file's name is one that passwords, tokens and keys have."""
    return any(fnmatch(PurePosixPath(name).name.lower(), pattern) for pattern in SECRETS)


def _refuse_private(root: Path, names: Sequence[str]) -> None:
    secret = [name for name in names if looks_secret(name)]
    if secret:
        raise UserError(f"{root}: {', '.join(secret)}: looks like a secret, which never travels; move it elsewhere")
    top = root.resolve()
    outside = [name for name in names if not (root / name).resolve().is_relative_to(top)]
    if outside:
        raise UserError(f"{root}: {', '.join(outside)}: a link out of the checkout; put the file there itself")


def _stamp(folder: Path) -> dict[str, Any]:
    """The stamp of an earlier pack; empty where there is none that can be read."""
    try:
        return dict(json.loads((folder / "BUNDLE.json").read_text("utf-8")))
    except (OSError, ValueError):
        return {}


def _files(root: Path) -> list[str]:
    listed = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *PATHS)
    return sorted({name for name in listed.split("\0") if name and (root / name).is_file()})


def _git(root: Path, *words: str, wanted: str = "a git checkout") -> str:
    advice = "clone the repository and name it with --root"
    if shutil.which("git") is None:
        raise UserError("git is missing; the bundle is made of what git lists: install it")
    if not root.is_dir():
        raise UserError(f"{root}: no such folder; {advice}")
    done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True)
    if done.returncode:
        raise UserError(f"{root}: expected {wanted} ({' '.join(done.stderr.split())[:160]}); {advice}")
    return done.stdout
