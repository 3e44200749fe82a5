"""What nvidia-smi sees, against what was promised.

A push does not always get the machine that it asked for (T4 for L4, two for four), and nothing else says so.
"""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from kernel.settings import Accelerator

_SECONDS = 60.0
_QUERY = ("--query-gpu=name,memory.total", "--format=csv,noheader,nounits")


class AcceleratorError(RuntimeError):
    """The machine's accelerators cannot be asked for."""


@dataclass(frozen=True)
class Card:
    """One accelerator."""

    name: str
    gib: float


def cards() -> list[Card]:
    """Return the machine's accelerators; none where there is no driver.

    Raises:
        AcceleratorError: nvidia-smi is there and fails, hangs, or prints something else.
    """
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    try:
        done = subprocess.run(
            [tool, *_QUERY], capture_output=True, text=True, timeout=_SECONDS, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise AcceleratorError(f"nvidia-smi: {error}") from None
    if done.returncode:
        raise AcceleratorError(f"nvidia-smi: exit code {done.returncode}: {(done.stdout + done.stderr).strip()[:500]}")
    return [_card(line) for line in done.stdout.splitlines() if line.strip()]


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


def _card(line: str) -> Card:
    name, _, mib = line.rpartition(",")
    try:
        return Card(name.strip(), round(float(mib) / 1024, 1))
    except ValueError:
        raise AcceleratorError(f"nvidia-smi: expected 'name, MiB', found {line[:200]!r}") from None
