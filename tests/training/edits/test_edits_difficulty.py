"""How hard tasks were."""

from pathlib import Path

import pytest
from test_edits_choose import trace

from arc_submit.errors import DataError
from training.curriculum import MOST, Curriculum
from training.edits import difficulty
from training.edits.difficulty import Difficulty, difficulties


def test_difficulty_is_one_over_the_mean_reward_and_finite() -> None:
    found = difficulties([trace("a", 0.3), trace("b", 0.1), trace("c", 0.0, task="u")])
    assert found["t"] == Difficulty(0.2, 5.0, 2)  # mean of 0.3 and 0.1; 1 / 0.2
    assert found["u"] == Difficulty(0.0, 20.0, 1)  # 1 / FLOOR


def test_the_file_gives_back_what_was_written(tmp_path: Path) -> None:
    found = difficulties([trace("a", 0.3)])
    difficulty.write(tmp_path / "d.json", found)
    assert difficulty.read(tmp_path / "d.json") == found
    for text in ("[]", '{"t": {"mean": 1}}', "{"):
        (tmp_path / "d.json").write_text(text)
        with pytest.raises(DataError):
            difficulty.read(tmp_path / "d.json")


def test_a_curriculum_begins_with_it() -> None:
    curriculum = Curriculum({"t": None, "other": None})
    assert difficulty.tell(curriculum, {"t": Difficulty(0.3, 3.33, 4), "unknown": Difficulty(1.2, 0.83, 4)}) == 1
    assert curriculum.records["t"].share == pytest.approx(0.3 / MOST)
    assert curriculum.records["t"].level == 4  # 1 + int((1 - 0.25) * 4)
    assert curriculum.records["other"].visits == 0
