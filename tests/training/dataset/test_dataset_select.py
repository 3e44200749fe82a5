"""Best, then shortest, then most different; nothing by chance."""

from dataset_traces import exercise, program

from arc_submit.programs import from_source
from training.dataset.cases import Case
from training.dataset.select import best, distance, document, farthest, short_enough, spread

GIVEN = exercise(0)
RIGHT = tuple(pair.output for pair in GIVEN.task.train)


def case(source: str, gain: float = 1.0, right: bool | None = True, passes: bool = True) -> Case:
    found = Case(GIVEN, "fresh", from_source(source, "t"), "", None, "t", gain, gain, right)
    found.outputs = RIGHT if passes else ()
    return found


def lines(count: int, last: str = "hmirror") -> str:
    body = "".join(f"    x{n} = vmirror({'I' if n == 1 else f'x{n - 1}'})\n" for n in range(1, count))
    return f"def solve(I):\n{body}    O = {last}({f'x{count - 1}' if count > 1 else 'I'})\n    return O\n"


def test_the_right_come_before_the_unknown_before_the_wrong_then_the_gain_counts():
    cases = [
        case(lines(1), 1.2, False), case(lines(2), 0.1, None), case(lines(3), 0.2, True), case(lines(4), 0.9, True)
    ]  # fmt: skip
    assert best(cases, 3) == [cases[3], cases[2], cases[1]]


def test_much_longer_than_the_shortest_that_passes_goes():
    short, long, wrong = case(lines(1)), case(lines(12)), case(lines(1, "trim"), passes=False)
    assert long.program.length > 3 * short.program.length
    assert short_enough([short, long, wrong], 3.0) == [short, wrong]
    assert short_enough([long, wrong], 3.0) == [long, wrong], "the shortest that passes is the measure"
    wrong_only = [case(lines(12), passes=False), wrong]
    assert short_enough(wrong_only, 1.0) == wrong_only, "nothing passes: nothing to compare with"


def test_of_the_shortest_the_most_different_are_kept():
    same, twin, other = case(lines(3), 1.2), case(lines(3, "rot180"), 1.1), case(program("trim(I)"), 0.3)
    long = case(lines(9), 1.2)
    # the three shortest; of these first the best, then the one with no line in common
    assert spread([same, twin, other, long], 3, 2) == [same, other]


def test_comments_are_no_difference():
    one, other = case(lines(3)), case(lines(3).replace("    O", "    # the answer\n    O"))
    assert distance(document(one), document(other)) == 0.0


def test_the_farthest_from_all_chosen_is_next():
    # on a line: 0, then 10 (farthest), then 5 (5 from both), then 8 (2 from 10) before 1 (1 from 0)
    places = [0, 1, 5, 8, 10]
    assert farthest(places, places, 4, lambda one, other: abs(one - other)) == [0, 10, 5, 8]  # type: ignore[arg-type]


def test_fewer_than_asked_for_are_all_kept():
    assert farthest(["a"], [("a",)], 8, distance) == ["a"]
    assert farthest([], [], 8, distance) == []
