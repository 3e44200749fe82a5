"""Tasks of our own in Kaggle's files, for whole runs."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Grid = list[list[int]]


def _spots(seed: int, rows: int, columns: int) -> Grid:
    """A small picture with a few coloured cells on 0; the same for the same seed."""
    return [[(seed * 7 + 3 * r * r + 5 * c + r * c) % 11 % 4 for c in range(columns)] for r in range(rows)]


RULES: dict[str, Callable[[Grid], Grid]] = {
    "upside-down": lambda g: g[::-1],
    "left-right": lambda g: [row[::-1] for row in g],
    "transposed": lambda g: [list(row) for row in zip(*g, strict=True)],
    "recoloured": lambda g: [[7 if cell == 1 else cell for cell in row] for row in g],
    "doubled": lambda g: [row + row for row in g],
    "top-half": lambda g: g[: len(g) // 2],
    "turned": lambda g: [list(row) for row in zip(*g[::-1], strict=True)],
    "stacked": lambda g: g + g[::-1],
}


@pytest.fixture
def kaggle(tmp_path: Path) -> Path:
    """The path of a challenges file with one task per rule; the solutions stand beside it."""
    challenges, solutions = {}, {}
    for name, rule in RULES.items():
        train = [_spots(seed, 4, 3 + seed) for seed in range(3)]
        test = [_spots(9, 6, 5)]
        challenges[name] = {
            "train": [{"input": grid, "output": rule(grid)} for grid in train],
            "test": [{"input": grid} for grid in test],
        }
        solutions[name] = [rule(grid) for grid in test]
    path = tmp_path / "mine_challenges.json"
    path.write_text(json.dumps(challenges))
    (tmp_path / "mine_solutions.json").write_text(json.dumps(solutions))
    return path
