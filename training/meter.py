"""What a training run shows: loss, tokens per second, and the share of the machine's speed that it uses.

A bar on a terminal, one line every 15 seconds elsewhere and one at the end. The share is the operations of the steps so
far (`training.flops`, padding included) over what the main process's device would do in matrix products in that time.
The time of checkpoints and checks counts for neither number.
"""

import sys
import time
from types import TracebackType
from typing import TypeAlias

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

EVERY = 20  # steps that one entry of the curve is the mean of
LINE = 15.0  # seconds between two lines where there is no terminal

Curve: TypeAlias = list[tuple[int, float]]
"""(tokens, mean training loss since the entry before)."""


class Meter:
    """Keeps the loss curve and shows where the run stands. Used as a context: the bar gives the terminal back."""

    def __init__(self, curve: Curve, tokens: int, total: int, top: float, shown: bool) -> None:
        """Begin at `tokens` of `total`; entries go to the end of `curve`.

        Args:
            top: floating-point operations per second that would be a share of 1; 0 when it is not shown.
        """
        self._curve, self._begun, self._tokens, self._total, self._top = curve, tokens, tokens, total, top
        self._sum, self._steps, self._loss = 0.0, 0, float("nan")
        self._flops, self._seconds = 0.0, 0.0
        terminal = sys.stderr.isatty()
        self._lines = shown and not terminal
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=Console(stderr=True), disable=not (shown and terminal))
        self._shown_as = self._bar.add_task("training", total=total, completed=tokens)
        self._mark = self._line = time.monotonic()

    def __enter__(self) -> "Meter":
        self._bar.start()
        self.go_on()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self.flush()
            self._print()
        self._bar.stop()

    def step(self, tokens: int, loss: float, flops: float) -> None:
        """Take in one step: tokens of the run so far, the step's loss, the operations of this process."""
        now = time.monotonic()
        self._seconds, self._mark = self._seconds + now - self._mark, now
        self._tokens, self._flops = tokens, self._flops + flops
        self._sum, self._steps = self._sum + loss, self._steps + 1
        if self._steps == EVERY:
            self.flush()
            self._bar.update(self._shown_as, completed=tokens, description=self.text())
        if now - self._line > LINE:
            self._line = now
            self._print()

    def flush(self) -> None:
        """Put the steps since the last entry into the curve."""
        if self._steps:
            self._loss = round(self._sum / self._steps, 4)
            self._curve.append((self._tokens, self._loss))
            self._sum, self._steps = 0.0, 0

    def go_on(self) -> None:
        """Start the clock again after something that was no training."""
        self._mark = time.monotonic()

    def text(self) -> str:
        """Return the numbers: `loss 1.234  4,321 tokens/s  41% of matmul speed`."""
        seconds = max(self._seconds, 1e-9)
        speed = f"{(self._tokens - self._begun) / seconds:,.0f} tokens/s"
        share = f"  {self._flops / seconds / self._top:.0%} of matmul speed" if self._top else ""
        return f"loss {self._loss:.3f}  {speed}{share}"

    def _print(self) -> None:
        if self._lines:
            left = (self._total - self._tokens) * self._seconds / max(1, self._tokens - self._begun)
            done = min(1.0, self._tokens / self._total)
            print(f"{done:6.1%}  {self.text()}  {max(0.0, left) / 60:.0f} min left", file=sys.stderr, flush=True)
