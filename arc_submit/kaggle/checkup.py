"""Look whether pushing and submitting can work, before it matters. Changes nothing on Kaggle and starts nothing.

What cannot be asked without the network or without credentials is "not known", not a failure: the checks of the pack
need neither.
"""

import os
import platform
import stat
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from arc_submit.errors import UserError
from arc_submit.kaggle import push, stage
from arc_submit.kaggle.client import Client
from arc_submit.kaggle.common import Check
from arc_submit.kaggle.submit import words
from arc_submit.kaggle.trouble import RULES, VERIFY, KaggleError

PACKAGES = {"kaggle": "2.2.4", "six": "1.17.0"}
"""Tested with these."""


def examine(pack: Path, competition: str, connect: Callable[[], Client]) -> list[Check]:
    """Return every check, in the order in which a person would want to read them."""
    checks = [_versions(), *_files(), *_pack(pack)]
    try:
        client = connect()
    except KaggleError as error:
        known = error.status is not None or "no answer" not in str(error)
        missing = "needs a login"
        return [
            *checks,
            Check("login", False if known else None, str(error)),
            Check("rules", None, missing),
            Check("GPU hours", None, missing),
            Check("submissions left", None, missing),
        ]
    checks.append(Check("login", True, f"{client.user}, by {client.credentials}"))
    checks += [_rules(client, competition), _quota(client), _left(client, competition)]
    return [*checks, Check("verified", None, f"Kaggle does not tell: {VERIFY}")]


def _versions() -> Check:
    found = {name: _version(name) for name in PACKAGES}
    text = ", ".join(f"{name} {version or 'missing'}" for name, version in found.items())
    off = [f"{name}=={PACKAGES[name]}" for name, version in found.items() if version != PACKAGES[name]]
    python = f"Python {platform.python_version()}"
    return Check("versions", not off, f"{python}, {text}" + (f"; pip install {' '.join(off)}" if off else ""))


def _files() -> list[Check]:
    """Where credentials stand, never what they are; a file that others may read is a failure."""
    found = [name for name in ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY") if os.environ.get(name)]
    checks = []
    for folder in (Path.home() / ".kaggle", Path.home() / ".config" / "kaggle"):
        for name in ("access_token", "access_token.txt", "kaggle.json", "credentials.json"):
            path = folder / name
            if path.is_file():
                found.append(str(path))
                if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                    checks.append(Check("credentials' mode", False, f"others may read {path}: chmod 600 {path}"))
    told = ", ".join(found) if found else "none found; kaggle.com/settings/api makes a token"
    return [Check("credentials", bool(found), told), *checks]


def _pack(pack: Path) -> list[Check]:
    try:
        folders = push.parts(pack)
    except UserError as error:
        return [Check("pack", False, str(error))]
    return [_part(folder) for folder in folders]


def _part(folder: Path) -> Check:
    try:
        push.check_part(folder, placeholder=True)
        summed = {"kernel": None, "weights": folder / "model"}.get(push.kind(folder), folder)
        files = stage.check(summed) if summed is not None else None
    except UserError as error:
        return Check(f"pack: {folder.name}", False, str(error))
    return Check(f"pack: {folder.name}", True, "card valid" + (f", {files} files as listed" if files else ""))


def _rules(client: Client, competition: str) -> Check:
    """The list of files is open to all, the files are not."""
    try:
        files = client.competition_files(competition)
    except KaggleError as error:
        return Check("rules", _answered(error), str(error))
    smallest = next((name for name in files if name.startswith("sample_submission")), files[0] if files else None)
    if smallest is None:
        return Check("rules", None, f"{competition} shows no files")
    try:
        client.may_download(competition, smallest)
    except KaggleError as error:
        if error.status == 403:
            return Check("rules", False, f"not accepted: {RULES.format(competition=competition)}")
        return Check("rules", _answered(error), str(error))
    return Check("rules", True, f"accepted for {competition}")


def _quota(client: Client) -> Check:
    try:
        quota = client.quota()
    except KaggleError as error:
        return Check("GPU hours", None, str(error))
    if quota is None:
        return Check("GPU hours", None, "Kaggle does not tell")
    renewed = f", renewed {quota.renewed}" if quota.renewed else ""
    return Check("GPU hours", quota.left > 0, f"{quota.left:.1f} of {quota.total:.1f} left{renewed}")


def _left(client: Client, competition: str) -> Check:
    try:
        limits = client.limits(competition)
    except KaggleError as error:
        return Check("submissions left", _answered(error), str(error))
    return Check("submissions left", limits.left > 0, words(limits, competition))


def _answered(error: KaggleError) -> bool | None:
    """A refusal is a failure; no answer is not known."""
    return False if error.status is not None and error.status < 500 else None


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
