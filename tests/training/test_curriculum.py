"""Which task is next: what retires, what comes back more often, from easy to difficult, and the file it stands in."""

import json
import random

import pytest

from training.curriculum import MOST, Curriculum, CurriculumError, Record, Rules

RIGHT, WRONG, BROKEN = MOST, 0.1, 0.0  # all right; runs and gives another shape; no program


def drawn(curriculum: Curriculum, count: int, seed: int = 0) -> list[str]:
    return [pick.task_id for pick in curriculum.draw(count, random.Random(seed))]


def visit(curriculum: Curriculum, task_id: str, *rewards: float | None, times: int = 1) -> Record:
    for _ in range(times):
        curriculum.heard(task_id, rewards)
    return curriculum.records[task_id]


def test_a_task_that_is_nearly_always_right_retires_after_several_visits():
    curriculum = Curriculum({"t": 1}, Rules(visits=3))
    assert not visit(curriculum, "t", RIGHT, RIGHT, times=2).retired
    assert visit(curriculum, "t", RIGHT, RIGHT).retired
    assert curriculum.draw(4, random.Random(0)) == []
    assert (curriculum.level, curriculum.retired) == (None, 1)


def test_a_high_mean_with_a_wide_spread_does_not_retire():
    # shares 1, 1, 1, 1, 1, 1, 0: mean 0.86 above 0.8, deviation sqrt(0.86 * 0.14) = 0.35 above 0.25
    assert not visit(Curriculum({"t": 1}), "t", *[RIGHT] * 6, BROKEN, times=9).retired


def test_a_middling_task_does_not_retire_however_little_it_varies():
    # 0.9 / 1.2 = 0.75
    assert not visit(Curriculum({"t": 1}), "t", 0.9, 0.9, times=9).retired


def test_rewards_become_shares_of_the_most_there_is():
    record = visit(Curriculum({"t": 1}), "t", 1.2, 0.0)
    # (1 + 0) / 2 and half the distance between them
    assert (record.share, record.spread) == (pytest.approx(0.5), pytest.approx(0.5))


def test_the_mean_runs_so_that_what_was_hard_is_soon_known_to_be_easy():
    curriculum = Curriculum({"t": 1})
    visit(curriculum, "t", BROKEN, times=20)
    assert visit(curriculum, "t", RIGHT).share == pytest.approx(0.25)
    assert visit(curriculum, "t", RIGHT).share == pytest.approx(0.25 + 0.25 * 0.75)


def test_unscored_answers_count_for_nothing():
    curriculum = Curriculum({"t": 1})
    assert visit(curriculum, "t", None, None).visits == 0
    assert visit(curriculum, "t", None, RIGHT).share == pytest.approx(1.0)


def test_levels_come_one_after_the_other_and_then_begin_anew():
    curriculum = Curriculum({"two": 2, "one": 1, "three": 3, "another": 1})
    assert sorted(drawn(curriculum, 2)) == ["another", "one"]
    assert curriculum.level == 2
    assert drawn(curriculum, 2) == ["two", "three"]
    assert curriculum.number == 0
    assert sorted(drawn(curriculum, 2)) == ["another", "one"]
    assert curriculum.number == 1


def test_a_draw_never_holds_a_task_twice():
    curriculum = Curriculum({"a": 1, "b": 1, "c": 2})
    for seed in range(5):
        assert len(set(drawn(curriculum, 2, seed))) == 2
    assert sorted(drawn(curriculum, 9)) == ["a", "b", "c"]


def test_a_draw_over_the_end_of_a_pass_holds_each_task_once():
    curriculum = Curriculum({"a": 1, "b": 2, "c": 3})
    assert drawn(curriculum, 2) == ["a", "b"]
    assert drawn(curriculum, 2) == ["c", "a"]


def test_a_hard_task_comes_more_often_and_in_views():
    curriculum = Curriculum({"hard": 1, "plain": 1}, Rules(often=3))
    assert not any(pick.augmented for pick in curriculum.draw(2, random.Random(0)))
    visit(curriculum, "hard", *[BROKEN] * 16)
    visit(curriculum, "plain", *[WRONG] * 16)  # 0.1 / 1.2 = 0.083: it runs at least
    picks = [pick for seed in range(12) for pick in curriculum.draw(1, random.Random(seed))]
    assert [pick.augmented for pick in picks] == [pick.task_id == "hard" for pick in picks]
    # The pass that has begun: hard twice more. Then passes of three and one.
    assert sum(pick.augmented for pick in picks) == 9
    assert [pick.task_id for pick in picks[:2]] == ["hard", "hard"]


def test_the_level_of_a_task_without_a_known_program_is_the_bucket_of_its_share():
    curriculum = Curriculum({"t": None})
    assert curriculum.records["t"].level == 1  # not seen yet
    levels = [Record(None, visits=1, share=share).level for share in (1.0, 0.8, 0.74, 0.5, 0.3, 0.1, 0.0)]
    assert levels == [1, 1, 2, 3, 3, 4, 4]


def test_a_record_comes_back_from_its_file_as_it_was(tmp_path):
    tasks = {"a": 1, "b": 2, "c": None}
    curriculum = Curriculum(tasks)
    drawn(curriculum, 2)
    visit(curriculum, "a", RIGHT, RIGHT, times=5)
    visit(curriculum, "c", BROKEN, WRONG)
    curriculum.save(tmp_path / "curriculum.json")
    again = Curriculum(tasks)
    again.resume(tmp_path / "curriculum.json")
    assert again.number == curriculum.number
    assert again.records == curriculum.records
    assert [drawn(again, 2, seed) for seed in range(4)] == [drawn(curriculum, 2, seed) for seed in range(4)]
    assert [path.name for path in tmp_path.iterdir()] == ["curriculum.json"]  # nothing half-written beside it


def test_the_file_says_level_and_share_of_every_task(tmp_path):
    curriculum = Curriculum({"a": 3})
    visit(curriculum, "a", 0.6, 0.6)
    curriculum.save(tmp_path / "curriculum.json")
    told = json.loads((tmp_path / "curriculum.json").read_text())
    assert told["most"] == pytest.approx(1.2)
    assert told["tasks"]["a"]["level"] == 3
    assert told["tasks"]["a"]["share"] == pytest.approx(0.5)
    assert told["tasks"]["a"]["visits"] == 1


def test_tasks_may_come_and_go_between_runs(tmp_path):
    curriculum = Curriculum({"stays": 1, "goes": 1})
    visit(curriculum, "stays", RIGHT)
    curriculum.save(tmp_path / "c.json")
    again = Curriculum({"stays": 1, "comes": 1})
    again.resume(tmp_path / "c.json")
    assert {name: record.visits for name, record in again.records.items()} == {"stays": 1, "comes": 0}


@pytest.mark.parametrize("text", ["", "[]", '{"pass": 0}', '{"pass": 0, "tasks": {"a": {"lines": 1}}}'])
def test_a_damaged_record_is_refused_by_name(tmp_path, text):
    (tmp_path / "c.json").write_text(text)
    with pytest.raises(CurriculumError, match=r"c\.json: not a curriculum"):
        Curriculum({"a": 1}).resume(tmp_path / "c.json")


def test_no_tasks_are_refused():
    with pytest.raises(CurriculumError, match="no tasks"):
        Curriculum({})
