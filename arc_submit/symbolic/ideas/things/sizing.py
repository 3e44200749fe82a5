"""Plain first steps that give the inputs the size of the outputs: put together, cut in half, trimmed."""

from collections.abc import Iterator
from typing import Any

from arc_submit import dsl
from arc_submit.records import Grid, Task
from arc_submit.symbolic.ideas.checks import is_grid, same_sizes
from arc_submit.symbolic.ideas.things.written import Opening

SIZED = (
    *((f"p1 = upscale(I, {k})",) for k in (2, 3, 4, 5)),
    ("p1 = hconcat(I, I)",),
    ("p1 = vconcat(I, I)",),
    ("p1 = hconcat(I, I)", "p2 = vconcat(p1, p1)"),
    ("p1 = vmirror(I)", "p2 = hconcat(I, p1)"),
    ("p1 = hmirror(I)", "p2 = vconcat(I, p1)"),
    ("p1 = hconcat(I, I)", "p2 = hconcat(p1, I)", "p3 = vconcat(p2, p2)", "p4 = vconcat(p3, p2)"),
    *((f"p1 = {half}(I)",) for half in ("lefthalf", "righthalf", "tophalf", "bottomhalf")),
    ("p1 = trim(I)",),
)


def sized(task: Task) -> Iterator[Opening]:
    """Yield those that fit all demonstrations, and make grids of the test inputs; nothing where sizes stay."""
    if same_sizes(task):
        return
    sizes = [dsl.shape(pair.output) for pair in task.train]
    for lines in SIZED:
        grids = []
        for number, grid in enumerate(task.inputs):
            made = _made(lines, grid)
            if not is_grid(made) or (number < len(sizes) and dsl.shape(made) != sizes[number]):
                break
            grids.append(made)
        else:
            yield Opening(lines, 0.5, tuple(grids))


def _made(lines: tuple[str, ...], grid: Grid) -> Any:
    """Run one of the above."""
    names: dict[str, Any] = {"I": grid}
    for line in lines:
        name, _, call = line.partition(" = ")
        function, _, rest = call.partition("(")
        names[name] = getattr(dsl, function)(*(names.get(a) or int(a) for a in rest.strip(")").split(", ")))
    return names[lines[-1].partition(" = ")[0]]
