"""The output is one thing of the input, cut out and perhaps changed as a whole; or some things, side by side."""

from collections.abc import Callable, Iterator

from arc_submit import dsl
from arc_submit.dsl.extensions.things import Selector, Things, kept_things
from arc_submit.dsl.extensions.things_marks import Thing
from arc_submit.dsl.extensions.things_small import joined_things, shown, sorted_things, window
from arc_submit.records import Grid, Task
from arc_submit.symbolic.ideas.things.finishing import CHANGES, ORDERS, ending
from arc_submit.symbolic.ideas.things.perceive import Seen
from arc_submit.symbolic.ideas.things.selectors import Choice, Selectors
from arc_submit.symbolic.ideas.things.written import Opening, Written

MOST_CELLS = 900


class Picking:
    """One thing or a few, seen in one way."""

    def __init__(self, task: Task, seen: Seen, selectors: Selectors) -> None:
        self.seen = seen
        self.selectors = selectors
        self.outputs = [pair.output for pair in task.train]
        self.sizes = [dsl.shape(output) for output in self.outputs]

    def programs(self) -> Iterator[Written | None]:
        looks: list[tuple[str, Callable[[Things, Thing], Grid], float]] = [
            ("thing_grid(x2)", shown, 0.0),
            ("thing_window(x2, 0)", lambda scene, one: window(scene, one, 0), 0.2),
            ("thing_window(x2, -1)", lambda scene, one: window(scene, one, -1), 0.5),
            ("thing_window(x2, 1)", lambda scene, one: window(scene, one, 1), 0.8),
        ]
        if len(set(self.sizes)) == 1:
            height, width = self.sizes[0]
            look = f"canvas(X, ({height}, {width}))"
            yield from self._picked(look, lambda _, one: dsl.canvas(one.marks["colour"], (height, width)), 0.3)
        before = None
        for text, look_of, cost in looks:
            grids = self._grids(look_of)
            if grids == before:
                continue
            before = grids
            yield from self._changed(text, grids, cost)
        yield from self._joined()

    def _grids(self, look_of: Callable[[Things, Thing], Grid]) -> list[Grid]:
        found = []
        for number, one in self.seen.members:
            try:
                found.append(look_of(self.seen.scenes[number], one))
            except ValueError:
                found.append(())
        return found

    def _picked(self, text: str, look_of: Callable[[Things, Thing], Grid], cost: float) -> Iterator[Written | None]:
        grids = self._grids(look_of)
        tail = ("x3 = thing_colour(x2)", "O = " + text.replace("X", "x3"))
        yield from self._choices(grids, cost, tail)

    def _changed(self, text: str, grids: list[Grid], cost: float) -> Iterator[Written | None]:
        for after, change, more in CHANGES:
            if not self._possible(grids, after):
                continue
            yield None
            changed = [change(grid) if grid and len(grid) * len(grid[0]) <= MOST_CELLS else () for grid in grids]
            yield from self._choices(changed, cost + more, ending("x3", text, after))
        for a, b in self._replacements(grids):
            replaced = [dsl.replace(grid, a, b) for grid in grids]
            yield from self._choices(replaced, cost + 0.8, (f"x3 = {text}", f"O = replace(x3, {a}, {b})"))

    def _possible(self, grids: list[Grid], after: str) -> bool:
        """Some thing of the first demonstration has the right size."""
        height, width = self.sizes[0]
        if after.startswith(("rot90", "rot270", "dm", "cm")):
            height, width = width, height
        elif after.startswith(("up", "down")):
            factor = int(after[-2])
            height, width = (
                (height * factor, width * factor) if after[0] == "d" else (height // factor, width // factor)
            )
        elif after.startswith("hcon"):
            width //= 2
        elif after.startswith("vcon"):
            height //= 2
        first = self.seen.train[0].bit_count()
        return any(len(grid) == height and len(grid[0]) == width for grid in grids[:first] if grid)

    def _replacements(self, grids: list[Grid]) -> list[tuple[int, int]]:
        """Colours a and b such that in every demonstration some thing with a made b could be the output."""
        shared: set[tuple[int, int]] | None = None
        for number in range(self.seen.demonstrations):
            found = set()
            output = self.outputs[number]
            for (n, _), grid in zip(self.seen.members, grids, strict=True):
                if n == number and grid and (len(grid), len(grid[0])) == self.sizes[number]:
                    pairs = {(a, b) for r, s in zip(grid, output, strict=True) for a, b in zip(r, s, strict=True)}
                    unlike = [(a, b) for a, b in pairs if a != b]
                    if len(unlike) == 1 and (unlike[0][0], unlike[0][0]) not in pairs:
                        found.add(unlike[0])
            shared = found if shared is None else shared & found
            if not shared:
                return []
        return sorted(shared or ())

    def _choices(self, grids: list[Grid], cost: float, tail: tuple[str, ...]) -> Iterator[Written | None]:
        """Selectors that pick a thing whose grid is the output, in every demonstration."""
        seen, right = self.seen, 0
        for k, (number, _) in enumerate(seen.members):
            if number < seen.demonstrations and grids[k] == self.outputs[number]:
                right |= 1 << k
        groups = tuple(right & group for group in seen.train)
        if not all(groups):
            return
        never = seen.shown & ~right
        share = None
        for choice in self.selectors.learn(0, never, groups, most=6):
            yield None
            if not all(choice.picked & group for group in seen.test):
                continue
            if share is None:
                share = self.selectors.holds(0, never, groups)
            yield self._written(choice, grids, cost + 3 * (1 - share), tail)

    def _written(self, choice: Choice, grids: list[Grid], cost: float, tail: tuple[str, ...]) -> Written | None:
        outputs, unclear = [], 0
        for group in self.seen.test:
            picked = [k for k in range(len(grids)) if choice.picked & group & 1 << k]
            outputs.append(grids[picked[0]])
            unclear += len({grids[k] for k in picked}) > 1
        if not all(outputs):
            return None
        total = 1 + choice.cost + cost + self.seen.cost + 3 * unclear
        return Written(self.seen.kept(choice.selector, tail), total, tuple(outputs))

    def openings(self) -> Iterator[Opening]:
        """Yield one chosen thing, cut out, where it has the output's size."""
        for look, look_of in (("thing_window(x2, 0)", lambda s, one: window(s, one, 0)), ("thing_grid(x2)", shown)):
            grids = self._grids(look_of)
            fitting = 0
            for k, (number, _) in enumerate(self.seen.members):
                if number < self.seen.demonstrations and dsl.shape(grids[k]) == self.sizes[number]:
                    fitting |= 1 << k
            groups = tuple(fitting & group for group in self.seen.train)
            if not all(groups):
                return
            for choice in self.selectors.learn(0, self.seen.shown & ~fitting, groups, most=2):
                picked = [
                    [k for k in range(len(grids)) if choice.picked & group & 1 << k] for group in self.seen.groups
                ]
                if all(picked):
                    lines = self.seen.kept(choice.selector, (f"p3 = {look}",))
                    renamed = tuple(line.replace("x1", "p1").replace("x2", "p2") for line in lines)
                    several = sum(len(some) > 1 for some in picked)
                    yield Opening(renamed, choice.cost + self.seen.cost + several, tuple(grids[p[0]] for p in picked))

    # ------------------------------------------------------------------ several

    def _joined(self) -> Iterator[Written | None]:
        for direction in (0, 1):
            for choice in self.selectors.every:
                if not self._adds_up(choice.picked, direction):
                    continue
                yield None
                for order in ORDERS:
                    outputs = self._join(choice.selector, order, direction)
                    if outputs is not None:
                        tail = (f"x3 = sorted_things(x2, {order!r})", f"O = joined_things(x3, {direction})")
                        cost = 2.2 + choice.cost + self.seen.cost + 0.1 * ORDERS.index(order)
                        yield Written(self.seen.kept(choice.selector, tail), cost, outputs)

    def _adds_up(self, picked: int, direction: int) -> bool:
        for number, (height, width) in enumerate(self.sizes):
            along = 0
            for one in self._members(picked, number):
                if (one.width if direction else one.height) != (width if direction else height):
                    return False
                along += one.height if direction else one.width
            if along != (height if direction else width):
                return False
        return True

    def _members(self, picked: int, number: int) -> list[Thing]:
        return [one for k, (n, one) in enumerate(self.seen.members) if n == number and picked >> k & 1]

    def _join(self, selector: Selector, order: tuple[str, int], direction: int) -> tuple[Grid, ...] | None:
        found = []
        for number, scene in enumerate(self.seen.scenes):
            try:
                found.append(joined_things(sorted_things(kept_things(scene, selector), order), direction))
            except ValueError:
                return None
            if number < self.seen.demonstrations and found[-1] != self.outputs[number]:
                return None
        return tuple(found[self.seen.demonstrations :])
