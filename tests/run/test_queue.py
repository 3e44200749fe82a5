"""Whose visit is next, and for how long: worked by hand, and as laws that hold for every run."""

import math

import pytest
from helpers import make_candidate, make_task
from hypothesis import given, settings
from hypothesis import strategies as st

from arc_submit import trace
from arc_submit.budget import worth
from arc_submit.config import BudgetConfig
from arc_submit.run.queue import Entry, Queue, Visit

ONE = BudgetConfig(cohort=1)
FOREVER = math.inf


def entry(name: str, width: int = 1, **known: object) -> Entry:
    """A task whose prompt grows with `width`."""
    row = "1" * width
    return Entry(make_task((row, row), test=(row,), task_id=name), **known)  # type: ignore[arg-type]


def names(visit: Visit) -> list[str]:
    return [one.task.id for one in visit.entries]


def queue(entries: list[Entry], total: float = 1e6, config: BudgetConfig = ONE, tasks: int | None = None) -> Queue:
    return Queue(config, entries, total, tasks or len(entries))


def visited(name: str, spent: float, promise: float = 0.0, **known: object) -> Entry:
    return entry(name, visits=1, spent=spent, promise=promise, **known)


# First visits. -------------------------------------------------------------------------------------------------------


def test_the_longest_prompts_go_first_and_equals_keep_their_order():
    waiting = queue([entry("short", 1), entry("long", 9), entry("middle", 4), entry("middle too", 4)])
    order = [names(waiting.next(100.0, 100.0, 1, 1)) for _ in range(4)]
    assert order == [["long"], ["middle"], ["middle too"], ["short"]]


def test_a_first_visit_is_the_fair_share():
    # 4 waiting, none visited: 200 worker seconds / 4 = 50.
    assert queue([entry(name) for name in "abcd"]).next(1000.0, 200.0, 2, 1).seconds == pytest.approx(50.0)


def test_a_first_visit_is_first_visit_of_what_would_be_fair_had_nobody_been_visited():
    # 3 waiting, 1 open that had 40 s: a fair share of (200 + 40) / 4 = 60 s, and half of that first.
    half = BudgetConfig(cohort=1, first_visit=0.5)
    waiting = queue([*(entry(name) for name in "abc"), visited("open", 40.0)], config=half)
    assert waiting.next(1000.0, 200.0, 2, 1).seconds == pytest.approx(30.0)


def test_a_first_visit_leaves_the_same_for_all_that_wait():
    # A fair share of (30 + 300) / 4 = 82 s, and only 30 s for 3 tasks: 10 s each.
    waiting = queue([*(entry(name) for name in "abc"), visited("open", 300.0)])
    assert waiting.next(1000.0, 30.0, 1, 1).seconds == pytest.approx(10.0)


def test_what_solved_tasks_leave_flows_on():
    # 4 tasks, 400 s. The first is solved after 20 s of its 100: 380 s over 3 tasks. The second takes all: 253 over 2.
    waiting = queue([entry(name) for name in "abcd"])
    assert waiting.next(FOREVER, 400.0, 1, 1).seconds == pytest.approx(100.0)
    second = waiting.next(FOREVER, 380.0, 1, 1)
    assert second.seconds == pytest.approx(380.0 / 3)
    (paused,) = second.entries
    paused.visits, paused.spent = 1, second.seconds
    waiting.back(paused)
    third = waiting.next(FOREVER, 380.0 - second.seconds, 1, 1)
    assert third.seconds == pytest.approx(380.0 / 3), "one that is still open takes nobody's share"


def test_a_cohort_gets_its_members_time_together():
    waiting = queue([entry(name) for name in "abcdefgh"], config=BudgetConfig(cohort=8))
    visit = waiting.next(1000.0, 80.0, 1, 8)  # 8 waiting for one worker: 4 of them, 10 s each
    assert len(visit.entries) == 4 and visit.seconds == pytest.approx(40.0)


def test_a_worker_that_can_hold_less_gets_less():
    waiting = queue([entry(name) for name in "abcdefgh"], config=BudgetConfig(cohort=8))
    assert len(waiting.next(1000.0, 80.0, 1, 2).entries) == 2
    later = queue([visited(name, 5.0) for name in "abcdefgh"], config=BudgetConfig(cohort=8))
    assert len(later.next(1000.0, 1000.0, 1, 3).entries) == 3


def test_no_visit_is_longer_than_the_run():
    assert queue([entry("a")]).next(7.0, 100.0, 1, 1).seconds == 7.0
    assert queue([visited("a", 100.0)]).next(7.0, 100.0, 1, 1).seconds == 7.0


# Later visits. -------------------------------------------------------------------------------------------------------


def test_later_visits_come_after_all_first_ones():
    waiting = queue([visited("open", 1.0, promise=0.9), entry("new")])
    assert [names(waiting.next(100.0, 100.0, 1, 1)) for _ in range(2)] == [["new"], ["open"]]


def test_later_visits_go_where_the_next_second_is_worth_most():
    # worth: (0.5 + 0.02) / 41 = 0.0127, (0.1 + 0.02) / 5 = 0.024, (0 + 0.02) / 11 = 0.0018
    waiting = queue([visited("much had", 40.0, 0.5), visited("nothing", 10.0), visited("little had", 4.0, 0.1)])
    order = [names(waiting.next(1000.0, 1000.0, 3, 1))[0] for _ in range(3)]
    assert order == ["little had", "much had", "nothing"]


def test_a_later_visit_is_growth_times_what_the_task_has_had():
    waiting = queue([visited("a", 12.0)], config=BudgetConfig(cohort=1, growth=3.0))
    assert waiting.next(1000.0, 1000.0, 1, 1).seconds == pytest.approx(36.0)


def test_a_later_visit_ends_with_the_tasks_cap():
    # 100 worker seconds for 4 tasks, max_share 2: 50 s a task, 30 of them had.
    waiting = queue([visited("a", 30.0)], total=100.0, config=BudgetConfig(cohort=1, max_share=2.0), tasks=4)
    assert waiting.next(1000.0, 1000.0, 1, 1).seconds == pytest.approx(20.0)


def test_a_task_at_its_cap_is_not_visited_again_but_not_forgotten():
    waiting = queue([visited("a", 49.5)], total=100.0, config=BudgetConfig(cohort=1, max_share=2.0), tasks=4)
    assert len(waiting) == 0 and [one.task.id for one in waiting.paused] == ["a"]


def test_a_later_visit_takes_no_more_than_is_free():
    assert queue([visited("a", 100.0)]).next(1000.0, 30.0, 4, 1).seconds == 30.0
    assert queue([visited("a", 100.0)]).next(1000.0, -5.0, 4, 1).seconds == 0.0


def test_later_visits_are_shared_out_among_the_workers():
    waiting = queue([visited(name, 5.0) for name in "abcd"], config=BudgetConfig(cohort=8))
    visit = waiting.next(1000.0, 1000.0, 2, 8)  # 4 open for 2 workers: 2 each, 10 s each
    assert len(visit.entries) == 2 and visit.seconds == pytest.approx(20.0)


# Suspects. -----------------------------------------------------------------------------------------------------------


def test_a_suspect_goes_alone_and_after_the_others():
    waiting = queue(
        [entry("bad", 9, suspect=True), *(entry(name) for name in "abcdefg")], config=BudgetConfig(cohort=8)
    )
    visits = []
    while len(waiting):
        visits.append(names(waiting.next(1000.0, 100.0, 1, 8)))
    assert visits[-1] == ["bad"] and all("bad" not in visit for visit in visits[:-1])


def test_a_suspect_goes_alone_on_later_visits_too():
    waiting = queue(
        [visited("bad", 1.0, 0.9, suspect=True), *(visited(name, 1.0) for name in "abc")], config=BudgetConfig(cohort=8)
    )
    visits = [names(waiting.next(1000.0, 1000.0, 1, 8))]
    while len(waiting):
        visits.append(names(waiting.next(1000.0, 1000.0, 1, 8)))
    assert ["bad"] in visits and sum("bad" in visit for visit in visits) == 1


def test_a_task_that_comes_back_as_a_suspect_waits_for_those_of_its_cohort_that_were_not_in_hand():
    waiting = queue([entry(name) for name in "abcdef"], config=BudgetConfig(cohort=3))
    first, *others = waiting.next(1000.0, 100.0, 1, 3).entries
    first.suspect = True  # its worker died with it in hand; the supervisor gives them back as they were held
    for one in (first, *others):
        waiting.back(one)
    visits = []
    while len(waiting):
        visits.append(names(waiting.next(1000.0, 100.0, 1, 3)))
    assert visits[-1] == [first.task.id]


# Seeds. --------------------------------------------------------------------------------------------------------------


def told(name: str, **known: object) -> dict[str, object]:
    """A candidate as a worker's line has it."""
    return trace.orjson.loads(trace.encode({"candidate": make_candidate(name, **known)}))["candidate"]  # type: ignore


def test_a_first_visit_that_was_cut_short_begins_again_with_what_it_had_found():
    one = entry("a")
    assert one.seeds() == []
    one.remember(told("p"))
    assert [program["id"] for program in one.seeds()] == ["p"]


def test_a_later_visit_begins_with_the_best_programs_best_first():
    one = visited("a", 1.0)
    one.remember(told("none", solved=(False, False), cells=(0.5, 0.5)))
    one.remember(told("all", length=90))
    one.remember(told("all, shorter", length=20))
    one.remember(told("one pair", solved=(True, False)))
    assert [program["id"] for program in one.seeds()] == ["all, shorter", "all", "one pair", "none"]


@pytest.mark.parametrize("known", [{"literal": True}, {"scored": False}])
def test_what_has_no_voice_is_no_seed(known):
    one = visited("a", 1.0)
    one.remember(told("p", **known))
    assert one.seeds() == []


def test_the_best_sixty_four_are_remembered_whatever_came_when():
    one = visited("a", 1.0)
    for number in range(300):
        one.remember(told(f"p{number}", length=1 + (number * 7) % 300))
    assert [program["length"] for program in one.seeds()] == list(range(1, 65))
    assert len(one.programs) < 128


def test_seeds_are_programs_again_on_the_other_side():
    one = visited("a", 1.0)
    one.remember(told("p"))
    assert [trace.program(value) for value in one.seeds()] == [make_candidate("p").program]


# Laws. ---------------------------------------------------------------------------------------------------------------

ENDS = st.sampled_from(["solved", "paused", "died"])


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_no_task_is_lost_or_waits_twice_and_no_second_is_promised_twice(data):
    """A run in which every visit takes all its time, ends anyhow, and workers take turns."""
    count, workers = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 3))
    length = data.draw(st.floats(5.0, 500.0))
    config = BudgetConfig(
        cohort=data.draw(st.integers(1, 4)),
        first_visit=data.draw(st.floats(0.1, 1.0)),
        growth=data.draw(st.floats(0.5, 4.0)),
        max_share=data.draw(st.floats(1.0, 6.0)),
    )
    ids = {f"t{number}" for number in range(count)}
    waiting = Queue(config, [entry(name, 1 + index) for index, name in enumerate(sorted(ids))], length * workers, count)
    busy: dict[int, tuple[float, Visit]] = {}
    now, solved, promised = 0.0, set(), 0.0
    for _ in range(200):
        for worker in range(workers):
            left = length - now
            if worker in busy or not len(waiting) or left <= 0.01:
                continue
            free = left * workers - sum(min(end - now, left) for end, _ in busy.values())
            largest = data.draw(st.integers(1, 4))
            before = {one.task.id: one.spent for one in waiting.paused}
            visit = waiting.next(left, free, workers, largest)
            assert 0.0 <= visit.seconds <= min(left, free) + 1e-6, "no longer than the run, nor than what is free"
            assert 1 <= len(visit.entries) <= min(largest, config.cohort) or set(names(visit)) <= before.keys()
            assert len(visit.entries) == 1 or not any(one.suspect for one in visit.entries)
            promised += visit.seconds
            busy[worker] = (now + visit.seconds, visit)
        held = [one.task.id for _, visit in busy.values() for one in visit.entries]
        assert len(held) == len(set(held)), "no task is in two visits"
        if not busy:
            break
        worker = min(busy, key=lambda number: busy[number][0])
        now, visit = busy.pop(worker)
        end = data.draw(ENDS)
        for one in visit.entries:
            if end == "solved":
                solved.add(one.task.id)
                continue
            if end == "paused":
                one.visits, one.spent = one.visits + 1, one.spent + visit.seconds / len(visit.entries)
            else:
                one.suspect = True
            waiting.back(one)
    assert promised <= length * workers + 1e-6
    rest: list[str] = [one.task.id for one in waiting.paused]
    while waiting._new:
        rest += names(waiting.next(1.0, 1.0, 1, 9))
    flying = [one.task.id for _, visit in busy.values() for one in visit.entries]
    assert sorted([*solved, *rest, *flying]) == sorted(ids)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 50)), min_size=1, max_size=8))
def test_the_task_worth_most_is_always_in_the_next_visit(numbers):
    waiting = queue([visited(f"t{index}", spent, promise) for index, (promise, spent) in enumerate(numbers)])
    best = max(worth(promise, spent) for promise, spent in numbers)
    (chosen,) = waiting.next(1e5, 1e5, 2, 1).entries
    assert worth(chosen.promise, chosen.spent) == best
