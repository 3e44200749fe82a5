"""Sums of the figures by hand: seeds are averaged within a task, errors are over tasks, unknown stays out."""

from dataclasses import replace
from pathlib import Path

import pytest

from arc_submit.config import SampleConfig
from training.evaluate import figures
from training.evaluate.checkpoints import Checkpoint
from training.evaluate.edits import Edited, compare, together
from training.evaluate.run import Measured
from training.evaluate.solve import Row

ROW = Row("a", 1, 1, 1, (2,), 1, 2, 4, 3, 3, 3, 40, (1.0, 0.5), lengths=(10,) * 4, thinking=(0, 0, 0, 4), cells=1.0)
EDITED = Edited("a", parents=2, asked=8, unusable=1, ran=4, better=2, gains=3, passers=1, repeats=1, improved=1)


def wrong(task, outputs=1):
    return replace(
        ROW, task=task, outputs=outputs, right=0, oracle=0, hits=(0,) * outputs, passing=0, passers=0, cells=0.9
    )


def test_p2_is_per_test_output_and_seeds_are_averaged():
    rows = {0: {"a": ROW, "b": wrong("b", 2)}, 1: {"a": replace(ROW, right=0), "b": wrong("b", 2)}}
    found = figures.solving(rows)["p2"]
    # (1/2 + 0) of 3 outputs; residuals 1/2 - 1/6 = 1/3 and 0 - 1/3: sqrt(2 * 2/9) / 3
    assert found == {"mean": 0.1667, "standard_error": 0.2222, "by_seed": {"0": 0.3333, "1": 0.0}}


def test_what_is_not_known_is_no_zero():
    blind = replace(ROW, right=None, oracle=None, hits=None, test_cells=None)
    found = figures.solving({0: {"a": blind}})
    assert (found["p2"], found["oracle"], found["pass_at"], found["near"]["nearly_solved"]) == (None, None, {}, None)
    assert found["pass_at_demonstrations"][1] == 0.5  # 2 of 4 answers pass
    mixed = figures.solving({0: {"a": blind, "b": replace(ROW, task="b")}})
    assert mixed["p2"]["mean"] == 1.0 and mixed["outputs"] == 1


def test_pass_at_k_is_the_mean_of_the_unbiased_estimates():
    found = figures.curve([ROW, wrong("b")])
    # a: c = 2 of n = 4: 1/2; 1 - C(2,2)/C(4,2) = 5/6; 1. b: 0
    assert found == {1: 0.25, 2: 0.4167, 4: 0.5}


def test_the_curve_ends_where_the_poorest_task_does():
    assert list(figures.curve([ROW, replace(ROW, asked=3)])) == [1, 2, 3]
    assert figures.curve([replace(ROW, asked=0)]) == {}


def test_nearly_passing_leaves_out_what_passes():
    rows = {0: {"a": ROW, "b": replace(wrong("b"), cells=0.96), "c": replace(wrong("c"), cells=0.5)}}
    assert figures.near(rows)["nearly_passing"] == 1


def test_difficulty_parts_have_their_own_figures():
    found = figures.by_difficulty({0: {"a": ROW, "b": wrong("b")}}, {"size": {"stays": ["a"], "changes": ["b"]}})
    assert found["size"]["stays"]["p2"]["mean"] == 1.0
    assert found["size"]["changes"]["tasks_with_passer"] == 0.0


def test_edits_of_several_seeds_add_up_within_a_task():
    whole = together([{"a": EDITED}, {"a": replace(EDITED, ran=6, better=0, gains=1)}])
    assert (whole["a"].share, whole["a"].per_asked) == (0.2, 0.125)  # 2 of 10 that ran, 2 of 16 asked for
    assert whole["a"].success == 0.25  # 4 of 16 asked for


def test_a_task_without_children_has_no_share_but_is_worth_nothing_per_asked():
    none = replace(EDITED, ran=0, better=0)
    assert none.share is None
    assert compare({"a": EDITED}, {"a": none}).tasks == 0
    assert compare({"a": EDITED}, {"a": none}, "per_asked").difference == 0.25  # 2 / 8 - 0 / 8


def test_two_checkpoints_are_paired_by_task():
    names = [Checkpoint(name, SampleConfig(model=name), ()) for name in ("one", "two")]
    one = Measured(names[0], {0: {t: replace(ROW, task=t) for t in "abcd"}}, {0: {"a": EDITED}})
    two = Measured(names[1], {0: {"a": ROW, **{t: wrong(t) for t in "bcd"}}}, {0: {"a": replace(EDITED, better=1)}})
    found = figures.compare(one, two)
    assert found["p2"]["difference"] == 0.75  # (0 + 1 + 1 + 1) / 4
    assert (found["p2"]["wins"], found["p2"]["losses"], found["p2"]["sign_test"]) == (3, 0, 0.25)
    assert found["solved"] == {"first_alone": 3, "second_alone": 0, "mcnemar": 0.25}
    assert found["edits"]["difference"] == 0.25 and found["edits"]["standard_error"] is None


def test_the_verdict_on_p2_is_that_of_the_figures_where_tasks_have_many_outputs():
    names = [Checkpoint(name, SampleConfig(model=name), ()) for name in ("one", "two")]
    small = {f"s{n}": replace(ROW, task=f"s{n}") for n in range(10)}
    large = {f"l{n}": replace(ROW, task=f"l{n}", outputs=4, right=0, oracle=0, hits=(0,) * 4) for n in range(10)}
    one = Measured(names[0], {0: {**small, **large}})
    two = Measured(
        names[1], {0: {**{t: wrong(t) for t in small}, **{t: replace(r, right=2) for t, r in large.items()}}}
    )
    found = figures.compare(one, two)["p2"]
    shown = [figures.solving(side.rows)["p2"]["mean"] for side in (one, two)]
    assert shown == [0.2, 0.4]  # 10 of 50, 20 of 50; tasks' own shares would be 0.5 and 0.25
    assert found["difference"] == -0.2
    assert found["interval"][0] < -0.2 < found["interval"][1]
    assert found["verdict"] != "better"


@pytest.mark.parametrize("metric", ["p@2", "p@n"])
def test_peers_are_of_the_same_set_and_metric(metric):
    from training.evaluate.peers import peers

    found = peers("arc1-evaluation", metric)
    assert found and {(one.set, one.metric) for one in found} == {("arc1-evaluation", metric)}
    assert all(0 < one.value < 1 and one.source and one.programs for one in found)
    assert [one.value for one in found] == sorted((one.value for one in found), reverse=True)
    assert peers("held-out", metric) == []


def test_the_last_mile_falls_from_one(tmp_path: Path):
    from training.evaluate import pictures

    points = pictures.at_least([0.0, 0.5, 1.0, 1.0])
    assert (points[0], points[100], points[101], points[-1]) == ((0.0, 1.0), (0.5, 0.75), (0.505, 0.5), (1.0, 0.5))
    pictures.last_mile(tmp_path / "a.svg", "title", {"some": [0.5], "none": []})
    assert "some" in (tmp_path / "a.svg").read_text() and "none<" not in (tmp_path / "a.svg").read_text()
