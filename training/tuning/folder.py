"""A run's folder: whose it is, and what its result says of itself.

settings.json   settings, base, dataset: a run goes on only under the same
tokens/         the examples as token shards (own driver)
checkpoint/, trl/   where it stands, of the own driver and of trl's
best/           the best checkpoint by what was measured, with best.json
adapter/, model/    the result: an adapter, or the whole model; with tuning.json
last/           what training ended with, where that is not the best
curves.json, curves.svg, curves-checks.svg, report.json
"""

import json
import shutil
from pathlib import Path
from typing import Any

from arc_submit.errors import OutputError, ResumeError

CARD = "tuning.json"
"""Beside the result: settings, dataset, tokens, what was measured."""
IDLE = ("threads", "device")
"""Settings under which a run may go on when they have changed."""


def begin(out: Path, told: dict[str, Any]) -> bool:
    """Take the folder for a run with these settings; return whether it is one that goes on.

    Raises:
        ResumeError: the folder holds a run with other settings, another base or other data.
        OutputError: it holds something else, or cannot be written.
    """
    file = out / "settings.json"
    if file.is_file():
        _same(out, json.loads(file.read_text("utf-8")), told)
        return True
    if out.is_dir() and any(path.name != "slurm" for path in out.iterdir()):  # a job's own files come before the run
        raise OutputError(f"{out}: holds something that is no run of `arc-train sft`; take another --out")
    try:
        out.mkdir(parents=True, exist_ok=True)
        write(file, told)
    except OSError as error:
        raise OutputError(f"{out}: cannot be written ({error.strerror})") from None
    return False


def _same(out: Path, was: dict[str, Any], now: dict[str, Any]) -> None:
    flat_was, flat_now = _flat(was), _flat(now)
    for key in sorted({*flat_was, *flat_now}):
        name = key.removeprefix("settings.")
        if key == "dataset.content" and flat_was.get(key) != flat_now.get(key):
            raise ResumeError(f"{out}: holds a run on other examples than the dataset has now; take another --out")
        if name not in IDLE and flat_was.get(key) != flat_now.get(key):
            raise ResumeError(
                f"{out}: holds a run with {name}={flat_was.get(key)}, asked for is {flat_now.get(key)}; "
                f"take another --out, or the settings of {out / 'settings.json'}"
            )


def _flat(value: dict[str, Any], start: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, one in value.items():
        found |= _flat(one, f"{start}{key}.") if isinstance(one, dict) else {f"{start}{key}": one}
    return found


def write(path: Path, told: dict[str, Any]) -> None:
    """Write JSON, whole or not at all."""
    waiting = path.with_name(f"{path.name}.part")
    waiting.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")
    waiting.replace(path)


def finish(out: Path, result: str, card: dict[str, Any]) -> Path:
    """Make the result's folder of `last`, or of `best` where there is one; return it.

    Args:
        result: `adapter` or `model`.
    """
    best, last, folder = out / "best", out / "last", out / result
    waiting = out / f"{result}.part"
    for gone in (waiting, folder):
        shutil.rmtree(gone, ignore_errors=True)
    shutil.copytree(best if best.is_dir() else last, waiting)
    (waiting / "best.json").unlink(missing_ok=True)
    write(waiting / CARD, card)
    waiting.rename(folder)
    return folder
