"""What people rejected is never praised, whichever folder it stands in; acceptance counts where it is asked for."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dataset_traces import NOTHING_REFUSED, WRONG, exercise, folder, program, trace

from arc_submit.config import PromptsConfig
from arc_submit.symbolic.expressions import HEADER
from training.dataset import sides, store
from training.dataset.build import build
from training.dataset.preferences import preferences
from training.dataset.reviewed import Review
from training.dataset.settings import Place, Settings
from training.edits import records
from training.edits.records import Trace
from training.review import decisions

MODEL = Path(__file__).resolve().parents[3] / "weights/small"
GIVEN, OTHER = exercise(0), exercise(3)
RIGHT, PARENT = HEADER + GIVEN.program, program(WRONG[0])
EVERY = Settings(eval_share=0.0, views=1, pairs=9, prune=False)
CONFIG = PromptsConfig(style="chat", tokens=3500)


@pytest.fixture(autouse=True)
def nothing_is_refused(monkeypatch: pytest.MonkeyPatch):
    """The guard of the public sets takes seconds; it has tests of its own."""
    monkeypatch.setattr(sides.Refusal, "of", classmethod(lambda cls: cls(NOTHING_REFUSED, {})))


def child(body: str, reward: float) -> Trace:
    """An answer to the one parent; of a reward of our choice, as the order of pairs is what counts here."""
    return replace(trace(GIVEN, program(body), PARENT), reward=reward)


BEST, MIDDLE, LEAST = child(WRONG[1], 1.0), child(WRONG[2], 0.7), child(WRONG[4], 0.4)
KEPT = [trace(OTHER, HEADER + OTHER.program), BEST, MIDDLE, LEAST]


def decided(source: Path, verdict: str, *found: Trace) -> None:
    for each in found:
        decisions.append(source, decisions.now(decisions.key(each), verdict))


def pairs(tmp_path: Path, *folders: Path, **more: Any) -> set[tuple[float, float]]:
    """Rewards of chosen and rejected."""
    build(Place(folders, tmp_path / "d", MODEL, fresh=True), replace(EVERY, **more), CONFIG)
    lines = (tmp_path / "d" / store.PREFERENCES).read_text().splitlines()
    return {tuple(json.loads(line)["rewards"]) for line in lines}


def test_a_rejected_trace_is_never_chosen_and_may_be_the_worse_one(tmp_path: Path):
    source = folder(tmp_path / "t", [GIVEN, OTHER], KEPT)
    assert pairs(tmp_path, source) == {(1.0, 0.7), (1.0, 0.4), (0.7, 0.4)}
    decided(source, decisions.REJECT, MIDDLE)
    assert pairs(tmp_path, source) == {(1.0, 0.7), (1.0, 0.4)}


def test_a_decision_on_a_line_that_was_only_judged_counts(tmp_path: Path):
    source = folder(tmp_path / "t", [GIVEN, OTHER], KEPT)
    records.write(source / records.TRACES, KEPT[:1])  # BEST is judged, and was not chosen
    decided(source, decisions.REJECT, BEST)
    assert pairs(tmp_path, source) == {(0.7, 0.4)}


def test_a_rejection_in_one_folder_counts_in_all(tmp_path: Path):
    one = folder(tmp_path / "one", [GIVEN, OTHER], KEPT)
    two = folder(tmp_path / "two", [GIVEN], [BEST, MIDDLE])
    decided(two, decisions.REJECT, BEST)
    decided(one, decisions.ACCEPT, BEST)
    assert pairs(tmp_path, one, two) == {(0.7, 0.4)}
    assert store.about(tmp_path / "d").counts["unwanted in review"] == 2, "in either folder; who says no is heard"


def test_where_acceptance_is_asked_for_only_what_was_accepted_is_chosen(tmp_path: Path):
    source = folder(tmp_path / "t", [GIVEN, OTHER], KEPT)
    decided(source, decisions.ACCEPT, KEPT[0], MIDDLE)
    assert pairs(tmp_path, source, reviewed=True) == {(0.7, 0.4)}


def test_a_rejected_fresh_answer_does_not_come_back_as_the_answer_of_an_edit(tmp_path: Path):
    fresh, edit = trace(GIVEN, RIGHT), trace(GIVEN, RIGHT, PARENT)
    source = folder(tmp_path / "t", [GIVEN, OTHER], [KEPT[0], fresh, edit])
    kinds = {}
    for name in ("before", "after"):
        build(Place((source,), tmp_path / name, MODEL), EVERY, PromptsConfig(grids=False))
        found = store.load(tmp_path / name, "train")
        kinds[name] = {row.kind for row in found if row.task == GIVEN.task.id}
        decided(source, decisions.REJECT, fresh)
    assert kinds == {"before": {"fresh", "edit"}, "after": {"edit"}}


def test_the_decisions_of_some_tasks_are_theirs_alone():
    review = Review(frozenset({"p/q/a", "p//b/c"}), frozenset({"r//a", "r//x"}), needed=True)
    assert review.only(["a", "b/c"]) == replace(review, accepted=frozenset({"r//a"}))
    assert review.only([]) == Review(needed=True)


def test_who_may_be_chosen_is_decided_before_pairs_are_drawn():
    found = preferences([BEST, MIDDLE, LEAST], 1, 0.05, 0, lambda one: one.program == MIDDLE.program)
    assert [(pair.better, pair.worse) for pair in found] == [(MIDDLE, LEAST)]
