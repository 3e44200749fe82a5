"""Fixtures of the report's tests; `report_runs` makes the folders."""

from pathlib import Path

import pytest
from report_runs import Make, Stage, story


@pytest.fixture
def stage(tmp_path: Path) -> Make:
    """Returns a maker of run folders."""
    return lambda sides=((3, 4),), **more: Stage(tmp_path, sides, **more)


@pytest.fixture
def finished(stage: Make) -> Path:
    """A run that came to its end, hostile programs and a 30 x 30 grid included; one task was never started."""
    return story(stage([(3, 4), (30, 30), (5, 5), (1, 1), (2, 7)])).end()
