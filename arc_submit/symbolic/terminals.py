"""What an enumeration starts from: the input grid and the constants that a task suggests.

Colours are those that occur in the task, cheaper when they occur in every output. Numbers and pairs are the DSL's
constants, cheaper when the task's shapes point to them: the factor between input and output, a fixed output shape.
Left out: numbers above ten and literal sets of places; nothing is taken from any particular task.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from arc_submit.dsl.registry import CONSTANTS
from arc_submit.records import Grid, Task
from arc_submit.symbolic.expressions import Production

NUMBER_COSTS: Mapping[int, int] = {0: 3, 1: 2, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7, 8: 7, 9: 7, 10: 8, -1: 4, -2: 6}
PAIR_COSTS: Mapping[str, int] = {
    "ORIGIN": 3, "UP": 3, "DOWN": 3, "LEFT": 3, "RIGHT": 3, "UNITY": 3, "NEG_UNITY": 3, "UP_RIGHT": 3,
    "DOWN_LEFT": 3, "ZERO_BY_TWO": 5, "TWO_BY_ZERO": 5, "TWO_BY_TWO": 5, "THREE_BY_THREE": 4,
}  # fmt: skip
HINTED = 2  # cost units of a number or pair that the shapes of the task point to


def shape_of(grid: Grid) -> tuple[int, int]:
    return len(grid), len(grid[0])


@lru_cache(maxsize=1)
def _names() -> dict[tuple[type, Any], str]:
    return {(type(value), value): name for name, value in CONSTANTS.items()}


def literal(value: Any) -> str:
    """Return the DSL's name of a constant, or Python text where it has none.

    >>> literal(3), literal((1, 0)), literal((4, 7))
    ('THREE', 'DOWN', '(4, 7)')
    """
    return _names().get((type(value), value), repr(value))


def constant(value: Any, kind: str, cost: int) -> Production:
    return Production(literal(value), literal(value), (), kind, cost, lambda: value, inline=True)


def ratio(task: Task) -> tuple[int, int] | None:
    """Return (rows, columns) of the output in units of the input when whole and the same in every demonstration."""
    found = set()
    for pair in task.train:
        (h, w), (oh, ow) = shape_of(pair.input), shape_of(pair.output)
        if oh % h or ow % w:
            return None
        found.add((oh // h, ow // w))
    return found.pop() if len(found) == 1 else None


def fixed_shape(task: Task) -> tuple[int, int] | None:
    """Return the output's shape when all demonstrations share it."""
    shapes = {shape_of(pair.output) for pair in task.train}
    return shapes.pop() if len(shapes) == 1 else None


def same_shape(task: Task) -> bool:
    return all(shape_of(pair.input) == shape_of(pair.output) for pair in task.train)


def hinted_numbers(task: Task) -> list[int]:
    """Return numbers that the shapes point to: factors between input and output, with or without separating lines."""
    numbers: set[int] = set()
    for axis in (0, 1):
        ups, downs = [], []
        for pair in task.train:
            a, b = shape_of(pair.input)[axis], shape_of(pair.output)[axis]
            ups.append(b // a if b % a == 0 else 0)
            downs.append(a // b if a % b == 0 else (a + 1) // (b + 1) if (a + 1) % (b + 1) == 0 else 0)
        for factors in (ups, downs):
            if len(set(factors)) == 1 and 2 <= factors[0] <= 10:
                numbers.add(factors[0])
    return sorted(numbers)


def _colours(grid: Grid) -> set[int]:
    return {colour for row in grid for colour in row}


def colour_costs(task: Task) -> dict[int, int]:
    """Return cost units per colour of the task, cheapest first."""
    outputs = [_colours(pair.output) for pair in task.train]
    inputs = [_colours(grid) for grid in task.inputs]
    costs: dict[int, int] = {}
    for colour in range(10):
        if all(colour in seen for seen in outputs):
            costs[colour] = 2
        elif all(colour in seen for seen in inputs) or any(colour in seen for seen in outputs):
            costs[colour] = 3
        elif any(colour in seen for seen in inputs):
            costs[colour] = 4
    costs.setdefault(0, 3)
    return dict(sorted(costs.items(), key=lambda item: (item[1], item[0])))


def terminals(task: Task) -> Iterator[Production]:
    """Yield the constants as productions without arguments."""
    for colour, cost in colour_costs(task).items():
        yield constant(colour, "C", cost)
    hints = hinted_numbers(task)
    for number, cost in sorted(NUMBER_COSTS.items(), key=lambda item: (item[1], item[0])):
        yield constant(number, "N", HINTED if number in hints else cost)
    shape = fixed_shape(task)
    if shape is not None:
        yield constant(shape, "V", HINTED)
    for name, cost in PAIR_COSTS.items():
        if CONSTANTS[name] != shape:
            yield constant(CONSTANTS[name], "V", cost)
    for flag in (True, False):
        yield constant(flag, "B", 1)
