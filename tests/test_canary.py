"""The canary task: what counts as solved, and that the kit is able to."""

from arc_submit import canary, config, dsl
from arc_submit.records import Answer, Grid
from arc_submit.tasks import grids


def answer(*attempts: Grid) -> Answer:
    return Answer(canary.TASK.id, (attempts,))


RIGHT = dsl.hmirror(canary.TASK.test[0])
WRONG = dsl.vmirror(canary.TASK.test[0])


def test_the_canary_is_a_valid_task_with_one_test():
    body = {
        "train": [
            {"input": [*map(list, pair.input)], "output": [*map(list, pair.output)]} for pair in canary.TASK.train
        ],
        "test": [{"input": [*map(list, grid)]} for grid in canary.TASK.test],
    }
    assert grids.task(canary.TASK.id, body, "here") == canary.TASK
    assert len(canary.TASK.test) == 1


def test_the_canary_asks_for_one_primitive_and_for_no_other():
    functions = {
        name: getattr(dsl, name) for name in ("hmirror", "vmirror", "dmirror", "cmirror", "rot90", "rot180", "rot270")
    }
    right = [
        name for name, turn in functions.items() if all(turn(pair.input) == pair.output for pair in canary.TASK.train)
    ]
    assert right == ["hmirror"]


def test_either_attempt_may_solve_it():
    assert canary.solved(answer(RIGHT))
    assert canary.solved(answer(RIGHT, WRONG))
    assert canary.solved(answer(WRONG, RIGHT))


def test_a_wrong_or_missing_answer_does_not():
    assert not canary.solved(answer(WRONG))
    assert not canary.solved(answer())
    assert not canary.solved(None)


def test_it_is_due_where_something_is_expected_to_solve_it():
    names = ("symbolic", "lm", "lm,symbolic", "fresh", "enumerate", "edit,mutate,crossover", "scripted")
    due = {name: canary.due(config.load(settings=[f"search.proposers={name}"])) for name in names}
    assert due == dict.fromkeys(names[:5], True) | dict.fromkeys(names[5:], False)


def test_a_model_alone_has_more_time_for_it():
    symbolic, model = (config.load(settings=[f"search.proposers={name}"]) for name in ("lm,symbolic", "lm"))
    assert canary.seconds(symbolic) == canary.SECONDS < canary.seconds(model)


def test_the_canary_asks_for_no_second_opinion_and_changes_nothing_else():
    given = config.load(settings=["seed=5", "search.patience=7", "search.islands=2"])
    expected = config.load(settings=["seed=5", "search.patience=0", "search.islands=2"])
    assert canary.settings(given) == expected
    assert given.search.patience == 7
