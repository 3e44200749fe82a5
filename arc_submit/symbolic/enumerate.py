"""Bottom-up enumeration of typed grid programs, each behaviour once, with goals tried ahead of their turn.

Expressions are built level by level: level c holds those of cost c, made of expressions of lower levels. A value is a
vector, one item per demonstration input and test input; expressions with equal vectors are one (`bank`), so what is
searched is behaviours, not texts. On one level the productions take turns, so that none starves another.

The search is one generator that yields after every evaluation. `advance` only pulls on it, so what is found, and in
which order, does not depend on how the time is sliced; nor on hash seeds, for only ints, tuples and sets of them are
hashed. The random generator breaks ties between productions of one level.

A find is an expression that is right on at least one demonstration; `reports` decides when it comes out. The caller
sorts by `pairs_solved`, `cells`, `cost`. Programs that fail on a test input are not built on and not reported.

Left out: loops, recursion and functions of functions; test outputs are not known here.
"""

import random
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from arc_submit.dsl.registry import PRIMITIVES
from arc_submit.records import Grid, Task
from arc_submit.symbolic.bank import Bank
from arc_submit.symbolic.config import SymbolicConfig
from arc_submit.symbolic.expressions import Entry, Production, nodes
from arc_submit.symbolic.goals import Goals
from arc_submit.symbolic.grammar import adjusted, functions, productions
from arc_submit.symbolic.openings import openings
from arc_submit.symbolic.outputs import Outputs
from arc_submit.symbolic.reports import Found, Reports
from arc_submit.symbolic.sharing import Sharing
from arc_submit.symbolic.steps import Call
from arc_submit.symbolic.terminals import same_shape, terminals
from arc_submit.symbolic.values import Vector, hollow, is_function, weigh

CLOCK_EVERY = 16  # steps between two looks at the clock
TURN = 24  # evaluations of one production before the next one has its turn
WEAK_LEVEL = 15  # level from which steps are tried that one demonstration alone speaks for
SAMPLES = 8  # objects per input that functions of objects are told apart by
FOREVER = 1_000_000_000  # evaluations: when the search ends, nothing is held back any longer
FAILED = -1_000_000  # stands for an exception among the answers of a function


class Enumerator:
    """Programs of one task. Call `advance` until enough were found or `exhausted`."""

    def __init__(self, task: Task, config: SymbolicConfig, rng: random.Random, now: Callable[[], float]) -> None:
        self._config = config
        self._now = now
        order = sorted(range(len(task.train)), key=lambda i: (_area(task.train[i].input), i))
        self._order = [*order, *range(len(task.train), len(task.inputs))]
        self._inputs: list[Grid] = [task.inputs[i] for i in self._order]
        self._task = task
        self._bank = Bank(config)
        self._outputs = Outputs([task.train[i].output for i in order])
        variable = Production("I", "I", (), "G", 1, lambda: None, inline=True)
        self._input = Entry(0, variable, (), 1, tuple(self._inputs), 1)
        self._goals = Goals(self._outputs, self._input, self._bank, config)
        self._sharing = Sharing()
        self._pending: deque[Entry] = deque()
        self._level = 0
        self._numbers = 0
        self._reports = Reports(self._outputs, self._order, config)
        self._samples: list[list[Any]] = []
        self._varied = len(set(self._inputs)) > 1
        self._productions = self._costed(task, rng)
        self._steps = self._search()
        self.evaluations = 0
        """Expressions evaluated so far."""
        self.exhausted = False
        """True when there is nothing left to enumerate under the settings."""

    @property
    def level(self) -> int:
        """The cost level that is being enumerated."""
        return self._level

    @property
    def bytes(self) -> int:
        """Estimated bytes of the values kept."""
        return self._bank.bytes

    def sizes(self) -> dict[str, int]:
        """Return the number of values kept, by kind."""
        return self._bank.counts()

    def kept(self, kind: str) -> Sequence[Entry]:
        """Return the expressions of a kind met so far, each behaviour once; values are in `order`."""
        return self._bank.of_kind(kind)

    @property
    def order(self) -> Sequence[int]:
        """Index among `task.inputs` of each value of a vector."""
        return tuple(self._order)

    def combine(self, production: Production, arguments: tuple[Entry, ...]) -> Entry | None:
        """Build one expression out of turn; None when it has no value. Known behaviours give the known expression."""
        return self._make(production, arguments)

    def advance(self, deadline: float, limit: int) -> list[Found]:
        """Go on until the clock shows `deadline`, `limit` programs were found, or the round's evaluations are used.

        Call again to go on where it stopped; [] for good once `exhausted`.
        """
        found: list[Found] = []
        steps = 0
        stop = self.evaluations + self._config.evaluations_per_round
        while len(found) < limit and self.evaluations < stop and not self.exhausted:
            if steps % CLOCK_EVERY == 0 and self._now() >= deadline:
                break
            steps += 1
            try:
                step = next(self._steps)
            except StopIteration:
                self.exhausted = True
                break
            if step is not None:
                found.append(step)
        return found

    def close(self) -> None:
        """End the search: it and this object hold each other, and the bank with them."""
        self._steps = iter(())
        self.exhausted = True

    # ------------------------------------------------------------------ the search

    def _costed(self, task: Task, rng: random.Random) -> list[Production]:
        """Productions with their costs for this task, in the order of their turns, which the seed decides."""
        same = same_shape(task)
        shuffled = [adjusted(production, same) for production in productions()]
        rng.shuffle(shuffled)
        return shuffled

    def _search(self) -> Iterator[Found | None]:
        yield from self._start()
        for level in range(1, self._config.max_cost + 1):
            self._level = level
            if level >= WEAK_LEVEL:
                for call in self._goals.weak():
                    self._build(call)
                    yield from self._follow()
            turns = deque(
                (production, islice(self._combinations(production, level), self._config.level_evaluations))
                for production in self._productions
            )
            while turns:
                production, combinations = turns.popleft()
                if not self._bank.takes(production.returns):
                    continue
                turn = list(islice(combinations, TURN))
                for arguments in turn:
                    yield from self._try(production, arguments)
                if len(turn) == TURN:
                    turns.append((production, combinations))
        while (found := self._reports.due(FOREVER)) is not None:
            yield found

    def _start(self) -> Iterator[Found | None]:
        self._sample_objects()
        for terminal in [*terminals(self._task), *functions()]:
            yield from self._try(terminal, ())
        self._admit(self._input)
        yield from self._follow()
        for call in openings(self._task, self._input, self._bank.constant):
            self._build(call)
            yield from self._follow()

    def _combinations(self, production: Production, level: int) -> Iterator[tuple[Entry, ...]]:
        rest = level - production.cost
        kinds = production.parameters
        limits = production.limits or (rest,) * len(kinds)
        if rest < len(kinds):
            return
        bank = self._bank
        if len(kinds) == 1:
            if rest <= limits[0]:
                for entry in bank.level(kinds[0], rest):
                    yield (entry,)
            return
        for first in range(1, min(limits[0], rest - len(kinds) + 1) + 1):
            firsts = bank.level(kinds[0], first)
            if not firsts:
                continue
            if len(kinds) == 2:
                second = rest - first
                if second > limits[1]:
                    continue
                for a in firsts:
                    for b in bank.level(kinds[1], second):
                        if not (production.commutative and a.number >= b.number):
                            yield (a, b)
                continue
            for second in range(1, min(limits[1], rest - first - 1) + 1):
                seconds = bank.level(kinds[1], second)
                third = rest - first - second
                if not seconds or third > limits[2]:
                    continue
                thirds = bank.level(kinds[2], third)
                if not thirds:
                    continue
                for a in firsts:
                    for b in seconds:
                        if production.commutative and a.number >= b.number:
                            continue
                        for c in thirds:
                            yield (a, b, c)

    def _try(self, production: Production, arguments: tuple[Entry, ...]) -> Iterator[Found | None]:
        self._make(production, arguments)
        yield None
        yield from self._follow()

    def _follow(self) -> Iterator[Found | None]:
        """Report what was found, and let the goals try every new value, and what comes of that."""
        while self._pending:
            yield from self._due()
            for call in self._goals.offers(self._pending.popleft()):
                if call is not None:
                    self._build(call)
                yield None
        yield from self._due()

    def _due(self) -> Iterator[Found]:
        while (found := self._reports.due(self.evaluations)) is not None:
            yield found

    def _build(self, call: Call) -> Entry | None:
        """Evaluate a step of the goals, inner calls first."""
        arguments: list[Entry] = []
        for argument in call.arguments:
            entry = argument if isinstance(argument, Entry) else self._build(argument)
            if entry is None:
                return None
            arguments.append(entry)
        return self._make(call.production, tuple(arguments), call.prompt)

    # ------------------------------------------------------------------ one expression

    def _make(self, production: Production, arguments: tuple[Entry, ...], prompt: bool = False) -> Entry | None:
        """Evaluate an expression: the known one with the same values, a new one, or None when it has no value."""
        self.evaluations += 1
        values = self._evaluate(production, arguments)
        if values is None:
            return None
        cost = production.cost + sum(argument.cost for argument in arguments)
        entry = Entry(self._next_number(), production, arguments, cost, values, max(cost, self._level))
        return self._admit(entry, prompt)

    def _evaluate(self, production: Production, arguments: tuple[Entry, ...]) -> Vector | None:
        call, guard = production.call, production.guard
        values = []
        try:
            if len(arguments) == 1:
                for a in arguments[0].values:
                    if guard is not None and not guard(a):
                        return None
                    values.append(call(a))
            else:
                for items in zip(*(argument.values for argument in arguments), strict=True):
                    if guard is not None and not guard(*items):
                        return None
                    values.append(call(*items))
        except Exception:  # a primitive without an answer for these values: the expression has no value
            return None
        if not arguments:
            values = [call()] * len(self._inputs)
        return tuple(values)

    def _admit(self, entry: Entry, prompt: bool = False) -> Entry | None:
        kind, values = entry.kind, entry.values
        key: Any = values
        if is_function(kind):
            key = self._behaviour(entry)
            if key is None:
                return None
        known = self._bank.find(kind, key)
        if known is not None:
            if kind == "G" and self._reports.passes(values) and all(node is not known for node in nodes(entry)):
                self._reports.offer(entry, self.evaluations, prompt)
            return known
        weight = 0
        for value in values:
            size = weigh(kind, value, self._config.objects_limit, self._config.cells_limit)
            if size < 0:
                return None
            weight += size
        if hollow(kind, values) or (kind == "G" and self._is_constant(entry)):
            return None
        if not is_function(kind):
            entry.values = tuple(self._sharing.share(kind, value) for value in values)
            key = entry.values
        self._bank.add(entry, key, weight)
        if kind == "G":
            self._reports.offer(entry, self.evaluations, prompt)
        self._pending.append(entry)
        return entry

    def _is_constant(self, entry: Entry) -> bool:
        """The same grid for different inputs, unless it is a canvas to paint on or a right answer."""
        if not self._varied or entry.production.name in ("canvas", "I"):
            return False
        first = entry.values[0]
        return all(value == first for value in entry.values) and self._outputs.score(entry.values)[0] == 0

    def _behaviour(self, entry: Entry) -> Any:
        """What a function of objects answers on the sample objects; other functions stand for themselves."""
        if not entry.kind.startswith("O>") or not any(self._samples):
            return (entry.production.template, tuple(argument.number for argument in entry.arguments))
        answers: list[Any] = []
        failures = 0
        for function, samples in zip(entry.values, self._samples, strict=True):
            for sample in samples:
                try:
                    answers.append(function(sample))
                except Exception:  # no answer for this object
                    answers.append(FAILED)
                    failures += 1
        if failures * 2 > len(answers):
            return None
        first = answers[0]
        if entry.kind[2] in "NCBV" and len(answers) > 1 and all(answer == first for answer in answers):
            return None
        return tuple(answers)

    def _sample_objects(self) -> None:
        objects = PRIMITIVES["objects"].function
        for grid in self._inputs:
            found: dict[Any, None] = {}
            for univalued, diagonal in ((True, True), (False, True), (True, False)):
                some = objects(grid, univalued, diagonal, True)
                for obj in sorted(some, key=lambda o: (-len(o), sorted(o)))[:SAMPLES]:
                    found.setdefault(obj)
            self._samples.append(list(found)[: 2 * SAMPLES])

    def _next_number(self) -> int:
        self._numbers += 1
        return self._numbers


def _area(grid: Grid) -> int:
    return len(grid) * len(grid[0])
