"""The guard knows evaluation content under any id, view and order, and refuses nothing else by chance."""

import random
import time
from collections.abc import Sequence

import pytest

from arc_submit import views
from arc_submit.errors import UserError
from arc_submit.records import Grid, Pair, Task, View
from arc_submit.tasks import load, load_solutions
from training.guard import EVALUATION, INPUT_BITS, ContaminationError, Guard, bits, form, outline


@pytest.fixture(scope="module")
def guard() -> Guard:
    return Guard.of()


@pytest.fixture(scope="module")
def strict() -> Guard:
    return Guard.of(inputs=True)


def solved(name: str) -> list[tuple[Task, tuple[Grid, ...]]]:
    solutions = load_solutions(name)
    assert solutions is not None
    return [(task, solutions.outputs[task.id]) for task in load(name)]


def random_grid(rng: random.Random, colours: int = 4) -> Grid:
    width = rng.randint(1, 6)
    return tuple(tuple(rng.randrange(colours) for _ in range(width)) for _ in range(rng.randint(1, 6)))


@pytest.mark.parametrize("seed", range(40))
def test_a_form_outlives_every_view(seed):
    rng = random.Random(seed)
    grids = [random_grid(rng, 10) for _ in range(rng.randint(1, 2))]
    for symmetry in views.SYMMETRIES:
        view = View(symmetry, tuple(rng.sample(range(10), 10)))
        seen = [views.apply(view, grid) for grid in grids]
        assert form(*seen) == form(*grids)
        assert outline(*seen) == outline(*grids)


def test_forms_are_equal_only_where_a_view_leads_from_one_to_the_other():
    rng = random.Random(0)
    pairs = [(random_grid(rng, 2), random_grid(rng, 2)) for _ in range(60)]
    pairs += [(views.apply(View("rot90"), given), views.apply(View("rot90"), made)) for given, made in pairs[:5]]
    for one in pairs:
        for other in pairs:
            leads = any(
                renamed([views.apply(View(symmetry), grid) for grid in one], other) for symmetry in views.SYMMETRIES
            )
            assert (form(*one) == form(*other)) == leads


def renamed(one: Sequence[Grid], other: Sequence[Grid]) -> bool:
    """Some renaming of colours makes `other` of `one`: equal sides, and cells that pair up one to one."""
    if [(len(grid), len(grid[0])) for grid in one] != [(len(grid), len(grid[0])) for grid in other]:
        return False
    cells = [[cell for grid in grids for row in grid for cell in row] for grids in (one, other)]
    return len(set(zip(*cells, strict=True))) == len(set(cells[0])) == len(set(cells[1]))


def test_input_and_output_turn_together():
    low, high = ((0, 1), (0, 0)), ((0, 0), (1, 0))  # each is the other upside down or turned, the pair is not
    assert form(low) == form(high)
    assert form(low, low) == form(high, high) != form(low, high)


def test_colours_of_input_and_output_are_renamed_together():
    assert form(((1, 2),), ((1,),)) == form(((2, 1),), ((2,),)) != form(((1, 2),), ((3,),))


def test_the_sides_are_part_of_a_form():
    assert form(((0, 0), (0, 0))) != form(((0, 0, 0, 0),))
    assert form(((0, 1, 2, 3),)) != form(((0, 1), (2, 3)))


def test_bits_count_the_ways_to_lay_a_grid_out():
    assert bits(((3,) * 30,) * 30) == 0.0
    assert bits(((0, 0, 1, 1),)) == pytest.approx(2.585, abs=1e-3)  # log2(4! / (2! 2!)) = log2(6)
    assert bits(tuple(tuple(range(3)) for _ in range(3))) < INPUT_BITS  # log2(9! / 3!^3) = 10.7


def test_building_takes_seconds():
    started = time.process_time()
    assert len(Guard.of().pairs) > 2000
    assert time.process_time() - started < 10


@pytest.mark.parametrize("name", EVALUATION)
def test_every_evaluation_task_is_refused_in_any_view_under_any_id(name, guard):
    rng = random.Random(name)
    for task, outputs in solved(name):
        view = views.draw(rng, len(task.train))
        seen = views.apply_task(view, Task("other", task.train, task.test))
        reason = guard.refuse(seen, [views.apply(view, grid) for grid in outputs])
        assert reason is not None and "demonstration 0" in reason


def test_one_pair_in_a_strange_task_is_enough_and_a_test_pair_too(guard):
    task, outputs = solved("arc1-evaluation")[7]
    stranger = Pair(((1, 2), (3, 4)), ((1, 2, 3, 4),))
    shown = Task("t", (stranger, Pair(task.test[0], outputs[0])), (((9,),),))
    assert "demonstration 1 is a pair of arc1-evaluation" in str(guard.refuse(shown))
    asked = Task("t", (stranger,), (((9,),), task.train[0].input))
    assert "test pair 1" in str(guard.refuse(asked, (((9,),), task.train[0].output)))
    assert guard.refuse(asked) is None  # its test output is not known, and inputs are not compared


def test_arc1_evaluation_inside_arc2_training_is_refused(guard):
    also = {task.id for task in load("arc1-evaluation")}
    tasks = solved("arc2-training")
    refused = {task.id for task, outputs in tasks if guard.refuse(task, outputs)}
    assert len(also & {task.id for task, _ in tasks}) == 376
    assert refused == (also & {task.id for task, _ in tasks}) | {"caa06a1f"}


def test_arc1_training_holds_two_evaluation_tasks_under_other_ids(guard):
    refused = {task.id: guard.refuse(task, outputs) for task, outputs in solved("arc1-training")}
    found = {task_id: reason for task_id, reason in refused.items() if reason}
    assert set(found) == {"40853293", "caa06a1f"}
    assert "arc1-evaluation/070dd51e" in str(found["40853293"])
    assert "arc1-evaluation/50a16a69" in str(found["caa06a1f"])


def test_inputs_are_compared_on_request_only(guard, strict):
    task = load("arc2-evaluation").tasks[3]
    other_outputs = Task("t", tuple(Pair(pair.input, ((4,),)) for pair in task.train), (((0,),),))
    assert guard.refuse(other_outputs) is None
    assert "input 0 is an input of arc2-evaluation/" in str(strict.refuse(other_outputs))
    tiny = ((0, 0, 0), (0, 1, 0), (0, 0, 0))  # also an evaluation input, which says nothing
    assert strict.refuse(Task("t", (Pair(tiny, ((4,),)),), (tiny,))) is None


def test_comparing_inputs_refuses_no_more_of_arc1_training(strict):
    assert sum(strict.refuse(task, outputs) is not None for task, outputs in solved("arc1-training")) == 2


def test_a_refusal_names_both_tasks_and_what_to_do(guard):
    task, outputs = solved("arc1-evaluation")[0]
    with pytest.raises(
        ContaminationError, match=rf"task mine: .*arc1-evaluation/{task.id}.* leave it out of the training data"
    ):
        guard.check(Task("mine", task.train, task.test), outputs)
    assert issubclass(ContaminationError, UserError)


def test_a_clean_task_passes(guard):
    guard.check(Task("t", (Pair(((1, 2),), ((2, 1),)),), (((3, 4),),)), (((4, 3),),))


def test_solutions_must_be_one_per_test_input(guard):
    with pytest.raises(ValueError):
        guard.refuse(Task("t", (Pair(((1,),), ((2,),)),), (((3,),),)), (((4,),), ((5,),)))


def test_a_guard_says_what_it_compared():
    assert Guard.of(("arc2-evaluation",)).describe().startswith("no task shares a pair with arc2-evaluation: ")
