"""Facts hold for every demonstration, come from a finite vocabulary, and move with colours as they should."""

import random

import pytest

from arc_submit import views
from arc_submit.prompts.facts import facts, vocabulary
from arc_submit.prompts.looks import look
from arc_submit.records import Pair
from arc_submit.tasks import load

TASKS = list(load("arc1-training"))[::8]


def pairs(*grids):
    return [Pair(given, made) for given, made in zip(grids[::2], grids[1::2], strict=True)]


def test_the_vocabulary_names_each_fact_once():
    assert len(set(vocabulary())) == len(vocabulary())


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.id)
def test_facts_come_from_the_vocabulary_once_each(task):
    found = facts(task.train)
    assert set(found) <= set(vocabulary())
    assert len(set(found)) == len(found)


def test_the_order_of_demonstrations_does_not_matter():
    for task in TASKS:
        assert facts(task.train) == facts(task.train[::-1])


def test_what_fails_on_one_demonstration_is_no_fact():
    mirrored = pairs(((1, 2),), ((2, 1),))
    assert "is-vmirror" in facts(mirrored)
    assert "is-vmirror" not in facts([*mirrored, *pairs(((3, 4),), ((3, 3),))])


def test_colours_follow_a_view():
    view = views.View(colours=(0, 2, 3, 4, 5, 6, 7, 8, 9, 1))
    task = next(task for task in TASKS if any(fact.startswith("adds-") for fact in facts(task.train)))
    before = {fact for fact in facts(task.train) if fact.startswith("adds-")}
    after = {fact for fact in facts(views.apply_task(view, task).train) if fact.startswith("adds-")}
    assert after == {f"adds-{view.colours[int(fact[-1])]}" for fact in before}


def test_changed_cells_are_named_by_their_places():
    ring = ((0, 0, 0, 0, 0), (0, 3, 3, 3, 0), (0, 3, 0, 3, 0), (0, 3, 3, 3, 0), (0, 0, 0, 0, 0))
    filled = (*ring[:2], (0, 3, 4, 3, 0), *ring[3:])
    found = facts(pairs(ring, filled))
    assert {"exactly-holes", "adds-4", "from-0", "to-4", "changes-back", "same-shape"} <= set(found)


def test_sizes_are_stated_as_ratios():
    found = facts(pairs(((1, 2),), ((1, 2, 1, 2),) * 2, ((3, 0, 1),), ((3, 0, 1) * 2,) * 2))
    assert {"height-times-2", "width-times-2", "bigger", "in-in-out", "tiles"} <= set(found)


def test_no_demonstrations_no_facts():
    assert facts([]) == ()


def test_every_image_and_place_works_on_odd_grids():
    rng = random.Random(0)
    for height, width in ((1, 1), (1, 30), (30, 1), (30, 30), (2, 3)):
        grid = tuple(tuple(rng.randrange(10) for _ in range(width)) for _ in range(height))
        for seen in (grid, tuple((0,) * width for _ in range(height))):
            assert all(mask.shape == (height, width) for mask in look(seen).places.values())
            assert facts([Pair(seen, seen)])
