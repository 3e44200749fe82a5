"""The records that travel through the kit: open this file first, it is the map.

    Task -> View -> Prompt -> Completion -> Program -> Ran -> Outcome -> Candidate -> Answer

Every record is frozen and keeps the id of what it came from, so an answer walks back to the program, the view and the
proposer behind it. Records hold plain Python values only; they are written to the trace as JSON by `arc_submit.trace`.

A `Task` has no test outputs: solutions are a separate object (`arc_submit.tasks.Solutions`) that no solver receives.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

Grid: TypeAlias = tuple[tuple[int, ...], ...]
"""Rows of colours 0..9; 1..30 rows, 1..30 columns, rectangular."""

MAX_SIDE = 30  # rows or columns of a grid, ARC rule
COLOURS = 10  # colours are the integers 0..9, ARC rule
ATTEMPTS = 2  # attempts per test output, ARC Prize rule


@dataclass(frozen=True, slots=True)
class Pair:
    """One demonstration."""

    input: Grid
    output: Grid


@dataclass(frozen=True, slots=True)
class Task:
    """What a solver may know of a task."""

    id: str
    train: tuple[Pair, ...]
    """At least one demonstration pair."""
    test: tuple[Grid, ...]
    """Test inputs, at least one, in the file's order."""

    @property
    def inputs(self) -> tuple[Grid, ...]:
        """Demonstration inputs, then test inputs: the order in which programs are run."""
        return (*(pair.input for pair in self.train), *self.test)


@dataclass(frozen=True, slots=True)
class View:
    """An invertible transformation of a task: turn or mirror every grid, rename colours, reorder the demonstrations.

    `arc_submit.views` applies and undoes it; its key spells it, e.g. `rot90|0213456789|1.0.2`.
    """

    symmetry: str = "identity"
    """One of `views.SYMMETRIES`."""
    colours: tuple[int, ...] = tuple(range(COLOURS))
    """colours[c] is the colour that c becomes; a permutation of 0..9."""
    order: tuple[int, ...] = ()
    """order[k] is the index of the demonstration shown at place k; empty: as they come."""


class Dialect(StrEnum):
    """How a program is entered; told apart by the entry's name."""

    TRANSFORM = "transform"
    """`transform(grid)`: numpy int array in, 2-D array-like out."""
    SOLVE = "solve"
    """`solve(I)` or `solve_<id>(I)`: tuples of tuples in and out, as the DSL has them."""
    MAIN = "main"
    """`main(input_grid)`: list of lists in, 2-D array-like out."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat."""

    role: str
    """`system`, `user` or `assistant`."""
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked. Only `arc_submit.prompts` writes one; sampling, edits and training share the text."""

    task_id: str
    kind: str
    """One of `prompts.KINDS`: fresh, edit, crossover, restart."""
    messages: tuple[Message, ...]
    """Before the chat template of the model in use."""
    view: View = View()
    """The view that the model sees the task in; its answer is a program for that view."""
    parents: tuple[str, ...] = ()
    """Ids of the programs shown in it that count as parents."""
    version: str = ""
    """Writer and style, e.g. `compact-1`: a model tuned on one text does badly on another."""
    dropped: tuple[str, ...] = ()
    """What the token budget left out, in the order in which it went."""


@dataclass(frozen=True, slots=True)
class Completion:
    """Text that a proposer produced and a program may be found in."""

    text: str
    proposer: str
    """Name of the proposer, e.g. `scripted`."""
    parents: tuple[str, ...] = ()
    """Ids of the programs it was made from."""
    tokens: tuple[int, ...] = ()
    """Token ids, the end token included when there was one; empty where no engine made it."""
    logprobs: tuple[float, ...] = ()
    """Natural-log probability of each token under the model as it was, temperature 1; empty or as long as `tokens`."""
    finish: str = "stop"
    """Why it ended: `stop`, `length` (token limit) or `deadline` (the clock)."""


@dataclass(frozen=True, slots=True)
class Program:
    """Source with one entry point. Two programs with the same normalised AST are the same program."""

    id: str
    """First 16 hex digits of the blake2b hash of the normalised AST."""
    source: str
    dialect: Dialect
    entry: str
    """Name of the function that is called."""
    length: int
    """Tokens of the normalised AST; a wrapped program's is that of the program it was found as."""
    proposer: str
    parents: tuple[str, ...] = ()
    view: str = ""
    """Key of the view it was found in, empty for none; the source is already wrapped to run on original grids."""


class Fault(StrEnum):
    """Why there is no grid. Everything but LOST is the program's own doing."""

    SYNTAX = "syntax"
    """Does not compile, is too large, or is not text."""
    LOAD = "load"
    """Raised while its module body ran."""
    ENTRY = "entry"
    """No callable of the dialect's name."""
    ERROR = "error"
    """Raised on this input."""
    OUTPUT = "output"
    """Returned something that is not a grid."""
    CPU = "cpu"
    """CPU time limit."""
    WALL = "wall"
    """Wall time limit: asleep or dead-locked."""
    MEMORY = "memory"
    CRASH = "crash"
    """Killed by a signal of its own making."""
    EXIT = "exit"
    """Ended its process."""
    UNSTABLE = "unstable"
    """Gave another grid when run again under another hash seed, RNG seed and pair order."""
    LOST = "lost"
    """The sandbox broke or the deadline came first: unscored, never zero."""


@dataclass(frozen=True, slots=True)
class Output:
    """What a program made of one input: a grid, or a fault with a short message."""

    grid: Grid | None
    fault: Fault | None = None
    message: str = ""
    """At most 200 characters, printable; from the program, hence hostile."""


@dataclass(frozen=True, slots=True)
class Ran:
    """One program run on a list of inputs. It has seen no expected output."""

    outputs: tuple[Output, ...]
    """One per input, same order."""
    cpu_seconds: float = 0.0
    """CPU time of the program alone, all inputs."""
    isolated: bool = False
    """Ran in a process of its own."""

    @property
    def lost(self) -> bool:
        """The sandbox could not judge at least one input."""
        return any(output.fault is Fault.LOST for output in self.outputs)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The judge's word on one program and one task."""

    reward: float | None
    """Mean over demonstration pairs, 0..1.2 (see `arc_submit.verify`); None: unscored."""
    solved: tuple[bool, ...]
    """Per demonstration pair: the whole grid is right."""
    cells: tuple[float, ...]
    """Per demonstration pair: share of cells right, 0..1; 0 when the shape is wrong."""
    signature: str
    """Hash of all outputs and faults, demonstrations and tests: programs that behave alike share it."""

    @property
    def passes(self) -> bool:
        """Every demonstration pair is right."""
        return self.reward is not None and all(self.solved)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A judged program with its answers for the test inputs: what the vote sees."""

    program: Program
    outcome: Outcome
    tests: tuple[Grid | None, ...]
    """One per test input, original orientation and colours."""
    literal: bool = False
    """Holds an expected output as a literal: takes no part in the vote."""
    outputs: tuple[Grid | None, ...] = ()
    """One per demonstration, as `tests`: what edit prompts show. Not in the trace: running the program gives them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The attempts for every test input of one task."""

    task_id: str
    attempts: tuple[tuple[Grid, ...], ...]
    """Per test input: 0 to ATTEMPTS distinct grids, best first; the submission's fallback fills what is missing."""
    votes: tuple[tuple[int, ...], ...] = ()
    """Per test input and attempt: distinct passing programs behind it (0: not from a passer)."""
    programs: tuple[str, ...] = ()
    """Ids of the programs behind the first attempts."""
    passers: int = field(default=0)
    """Distinct passing programs in the pool."""
