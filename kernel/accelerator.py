"""What nvidia-smi sees, against what was promised.

A push does not always get the machine that it asked for (T4 for L4, two for four), and nothing else says so.
A tool that fails says nothing about the cards: it is asked again, and no answer is not the answer "none".
"""

import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kernel.settings import Accelerator

_SECONDS = 60.0
_QUERY = ("--query-gpu=name,memory.total,driver_version", "--format=csv,noheader,nounits")
_NONE = "No devices were found"  # what it prints, with exit code 6, on a machine without cards
_PAUSES = (0.0, 1.0, 4.0)  # seconds before each time that it is asked


class AcceleratorError(RuntimeError):
    """The machine's accelerators cannot be asked for."""


@dataclass(frozen=True)
class Card:
    """One accelerator."""

    name: str
    gib: float
    driver: str = ""
    """Version of the driver."""


def cards(pause: Callable[[float], object] = time.sleep) -> list[Card]:
    """Return the machine's accelerators; none where there is no nvidia-smi, or where it says that there are none.

    It is asked up to three times; where no answer is without a garbled line, the one with the most cards counts.

    Raises:
        AcceleratorError: nvidia-smi is there and fails, hangs, or prints something else, each time.
    """
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    most: list[Card] = []
    for seconds in _PAUSES:
        pause(seconds)
        try:
            lines = _ask(tool)
        except AcceleratorError as error:
            trouble = error
            continue
        found = [card for line in lines if (card := _card(line)) is not None]
        if len(found) == len(lines):
            return found
        most = max(most, found, key=len)
        trouble = AcceleratorError(f"nvidia-smi: expected lines of 'name, MiB, driver', found {lines[:8]}")
    if not most:
        raise trouble
    return most


def complaints(found: Sequence[Card], promised: Accelerator) -> list[str]:
    """Return how the machine differs from the promise; more or larger cards than promised are no complaint."""
    wanted = f"{promised.count} x {promised.name} with {promised.gib:g} GiB"
    if not found:
        return [f"accelerator: expected {wanted}, found none"]
    right = [card for card in found if promised.name.lower() in card.name.lower() and card.gib >= promised.gib]
    return [] if len(right) >= promised.count else [f"accelerator: expected {wanted}, found {words(found)}"]


def words(found: Sequence[Card]) -> str:
    """Return e.g. "4 x NVIDIA L4 (22.5 GiB)"."""
    kinds = dict.fromkeys(found)
    return ", ".join(f"{sum(card == kind for card in found)} x {kind.name} ({kind.gib:.1f} GiB)" for kind in kinds)


def _ask(tool: str) -> list[str]:
    """The lines of its answer."""
    try:
        done = subprocess.run(
            [tool, *_QUERY],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise AcceleratorError(f"nvidia-smi: {error}") from None
    if done.stdout.strip() == _NONE:
        return []
    if done.returncode:
        raise AcceleratorError(f"nvidia-smi: exit code {done.returncode}: {(done.stdout + done.stderr).strip()[:500]}")
    return [line[:200] for line in done.stdout.splitlines() if line.strip()]


def _card(line: str) -> Card | None:
    """The card of a line; None for a line that is garbled."""
    try:
        name, mib, driver = line.rsplit(",", 2)
        return Card(name.strip(), round(float(mib) / 1024, 1), driver.strip())
    except ValueError:
        return None
