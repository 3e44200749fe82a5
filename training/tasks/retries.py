"""Drawing one input again, where drawing the whole task again would be wasteful."""

from collections.abc import Callable

from arc_submit.records import Grid
from training.tasks.item import Unfit

TRIES = 40


def patient(one: Callable[[], Grid], accept: Callable[[Grid], bool] | None = None) -> Callable[[], Grid]:
    """Return a function that draws with `one` until a grid comes that fits and is accepted, up to TRIES times."""

    def drawn() -> Grid:
        for _ in range(TRIES):
            try:
                grid = one()
            except Unfit:
                continue
            if accept is None or accept(grid):
                return grid
        raise Unfit(f"no input in {TRIES} tries")

    return drawn
