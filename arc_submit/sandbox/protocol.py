"""Bytes between host, zygote and runner. No pickle, no text to parse, every length bounded.

    request   host -> zygote   u32 length | header | tasks | programs       one request = one forked runner
    tape      runner -> host   written to shared memory, copied by the zygote once the runner is dead
    reply     zygote -> host   u32 length | wait status, rusage | tape
    hello     zygote -> host   u32 length | JSON; sent once, before any program has run

The tape is hostile: whoever writes it may have been taken over. `read_tape` accepts exactly what an honest runner
writes and raises `TapeError` for everything else. Nothing on it is compared with a truth: the truth never comes here.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from arc_submit.records import COLOURS, MAX_SIDE, Dialect, Fault, Grid, Output

MAX_FRAME: Final = 1 << 27  # bytes of one request or reply
TAPE_BYTES: Final = 1 << 23  # shared memory of one zygote; only touched pages cost
MAX_TEXT: Final = 160  # bytes of one fault message on the tape
MAX_MESSAGE: Final = 200  # characters of one message in a record
MAX_INPUTS: Final = 4096  # inputs of one program

LENGTH: Final = struct.Struct("<I")
REQUEST: Final = struct.Struct("<BxxxIIdd")  # shared?, tasks, programs, cpu seconds, wall seconds
TASK: Final = struct.Struct("<H")  # inputs
PROGRAM: Final = struct.Struct("<IBBI")  # task, dialect, bytes of the entry's name, bytes of source
REPLY: Final = struct.Struct("<iQQI")  # wait status, user+system CPU in us, maximal resident set in kB, runner's pid
TAPE: Final = struct.Struct("<IIIIQ")  # bytes used, under a clean canary, programs begun, flags, CPU mark in us
END: Final = struct.Struct("<BI")  # END_ITEM, CPU time of the program in us

GRID_ITEM, FAULT_ITEM, WHOLE_ITEM, ESCALATE_ITEM, END_ITEM = 1, 2, 3, 4, 5
BROKEN, OUT_OF_MEMORY = 70, 71  # exit status of a runner: a bug or a lock refused; no room to report
LOCKED, DIRTY = 1, 2  # flags: the runner's last layer holds; the canary found shared state changed

DIALECTS: Final = (Dialect.TRANSFORM, Dialect.SOLVE, Dialect.MAIN)
FAULTS: Final = (
    Fault.SYNTAX, Fault.LOAD, Fault.ENTRY, Fault.ERROR, Fault.OUTPUT, Fault.MEMORY, Fault.EXIT,
)  # fmt: skip  # what a runner may say of a program; the rest is read off the wait status
FAULT_CODE: Final = {fault: code for code, fault in enumerate(FAULTS)}
COLOUR_BYTES: Final = bytes(range(COLOURS))
LARGEST_ITEM: Final = 3 + max(MAX_SIDE * MAX_SIDE, MAX_TEXT)


class TapeError(ValueError):
    """The tape is not what an honest runner writes."""


# --- request ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProgramText:
    """One program as it travels to the zygote."""

    task: int
    """Index into the request's tasks."""
    dialect: int
    """Index into DIALECTS."""
    entry: bytes
    source: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """Work for one runner."""

    shared: bool
    cpu_seconds: float
    wall_seconds: float
    tasks: tuple[tuple[tuple[int, int, bytes], ...], ...]
    """Per task and input: rows, columns, cells."""
    programs: tuple[ProgramText, ...]


def encode_inputs(inputs: Sequence[Grid]) -> bytes:
    """Grids of one task. ValueError: the caller handed over something that is not a grid."""
    if not 1 <= len(inputs) <= MAX_INPUTS:
        raise ValueError(f"a job has 1..{MAX_INPUTS} inputs, got {len(inputs)}")
    parts = [TASK.pack(len(inputs))]
    for grid in inputs:
        height, width = len(grid), len(grid[0]) if grid else 0
        cells = b"".join(map(bytes, grid))
        square = 1 <= height <= MAX_SIDE and 1 <= width <= MAX_SIDE and all(len(row) == width for row in grid)
        if not square or cells.translate(None, COLOUR_BYTES):
            raise ValueError(f"not a grid: {height} x {width}")
        parts.append(bytes((height, width)))
        parts.append(cells)
    return b"".join(parts)


def encode_program(task: int, dialect: int, entry: bytes, source: bytes) -> bytes:
    return PROGRAM.pack(task, dialect, len(entry), len(source)) + entry + source


def encode_request(shared: bool, cpu: float, wall: float, tasks: Sequence[bytes], programs: Sequence[bytes]) -> bytes:
    """A whole frame, length first; `tasks` and `programs` are encoded already."""
    body = b"".join((REQUEST.pack(shared, len(tasks), len(programs), cpu, wall), *tasks, *programs))
    if len(body) > MAX_FRAME:
        raise ValueError(f"request of {len(body)} bytes")
    return LENGTH.pack(len(body)) + body


def decode_request(body: bytes) -> Request:
    """The zygote's side. ValueError or struct.error: the frame is cut or too long."""
    shared, n_tasks, n_programs, cpu, wall = REQUEST.unpack_from(body)
    at = REQUEST.size
    tasks = []
    for _ in range(n_tasks):
        (n_inputs,) = TASK.unpack_from(body, at)
        at += TASK.size
        inputs = []
        for _ in range(n_inputs):
            height, width = body[at], body[at + 1]
            at += 2 + height * width
            inputs.append((height, width, body[at - height * width : at]))
        tasks.append(tuple(inputs))
    programs = []
    for _ in range(n_programs):
        task, dialect, n_entry, n_source = PROGRAM.unpack_from(body, at)
        at += PROGRAM.size + n_entry + n_source
        entry_at = at - n_entry - n_source
        programs.append(ProgramText(task, dialect, body[entry_at : entry_at + n_entry], body[at - n_source : at]))
    if at != len(body):
        raise ValueError(f"request of {len(body)} bytes ends at {at}")
    return Request(bool(shared), cpu, wall, tuple(tasks), tuple(programs))


# --- tape ------------------------------------------------------------------------------------------------------------


class Tape:
    """The writer, inside a runner. One item per input, one END per program; the header is right after every item."""

    __slots__ = ("_at", "_begun", "_clean", "_flags", "_mark", "_memory")

    def __init__(self, memory: memoryview) -> None:
        self._memory = memory
        self._at = TAPE.size
        self._begun = self._clean = self._flags = self._mark = 0

    def _header(self) -> None:
        TAPE.pack_into(self._memory, 0, self._at, self._clean, self._begun, self._flags, self._mark)

    def _put(self, item: bytes) -> None:
        end = self._at + len(item)
        self._memory[self._at : end] = item
        self._at = end
        self._header()

    def locked(self) -> None:
        self._flags |= LOCKED
        self._header()

    def begin(self, cpu_us: int) -> None:
        self._begun += 1
        self._mark = cpu_us
        self._header()

    def grid(self, sized_cells: bytes) -> None:
        self._put(b"\x01" + sized_cells)

    def fault(self, fault: Fault, text: str, whole: bool = False) -> None:
        raw = text.encode("utf-8", "backslashreplace")[:MAX_TEXT]
        self._put(bytes((WHOLE_ITEM if whole else FAULT_ITEM, FAULT_CODE[fault], len(raw))) + raw)

    def escalate(self) -> None:
        self._put(b"\x04")

    def end(self, cpu_us: int) -> None:
        self._put(END.pack(END_ITEM, min(max(cpu_us - self._mark, 0), 0xFFFFFFFF)))

    def clean(self) -> None:
        """Everything so far is covered by a clean canary."""
        self._clean = self._begun
        self._header()

    def dirty(self) -> None:
        self._flags |= DIRTY
        self._header()


@dataclass(slots=True)
class Entry:
    """What the tape says of one program."""

    outputs: list[Output]
    """As many as were written; all of them when `ended`."""
    cpu_us: int = 0
    escalate: bool = False
    """The audit wants it in a process of its own."""
    memory: bool = False
    """Some output is a MemoryError: in a shared runner it says nothing about this program."""
    ended: bool = False


@dataclass(frozen=True, slots=True)
class TapeRead:
    """A whole tape, checked."""

    entries: tuple[Entry, ...]
    """One per program begun, same order; only the last may be unfinished."""
    clean: int
    flags: int
    mark_us: int


def printable(text: str) -> str:
    """At most MAX_MESSAGE printable characters."""
    return "".join(c if c.isprintable() else "?" for c in text[:MAX_MESSAGE])


def read_output(item: bytes) -> Output:
    """One checked grid or fault item. TapeError when it is neither."""
    kind = item[0]
    if kind == GRID_ITEM:
        height, width, cells = item[1], item[2], item[3:]
        sized = 1 <= height <= MAX_SIDE and 1 <= width <= MAX_SIDE and len(cells) == height * width
        if not sized or cells.translate(None, COLOUR_BYTES):
            raise TapeError("grid item")
        return Output(tuple([tuple(cells[i : i + width]) for i in range(0, len(cells), width)]))
    if item[1] >= len(FAULTS) or item[2] > MAX_TEXT or len(item) != 3 + item[2]:
        raise TapeError("fault item")
    return Output(None, FAULTS[item[1]], printable(item[3:].decode("utf-8", "replace")))


def item_end(data: bytes, at: int) -> int:
    """Where the grid or fault item that starts at `at` ends. TapeError when it is cut."""
    if at + 3 > len(data):
        raise TapeError("cut item")
    end = at + 3 + (data[at + 1] * data[at + 2] if data[at] == GRID_ITEM else data[at + 2])
    if end > len(data):
        raise TapeError("cut item")
    return end


def read_entry(data: bytes, at: int, inputs: int, output_of: Callable[[bytes], Output]) -> tuple[Entry, int]:
    """One program from `at` on, and where the next begins. Stops without `ended` where the tape stops."""
    entry = Entry([])
    outputs = entry.outputs
    while at < len(data):
        kind = data[at]
        if kind in (GRID_ITEM, FAULT_ITEM, WHOLE_ITEM):
            end = item_end(data, at)
            output = output_of(data[at:end])
            if output.fault is Fault.MEMORY:
                entry.memory = True
            outputs.extend([output] * (inputs if kind == WHOLE_ITEM else 1))
            at = end
        elif kind == ESCALATE_ITEM:
            entry.escalate = True
            at += 1
        elif kind == END_ITEM and at + END.size <= len(data):
            entry.cpu_us = END.unpack_from(data, at)[1]
            entry.ended = True
            at += END.size
            break
        else:
            raise TapeError(f"item {kind}")
        if len(outputs) > inputs:
            raise TapeError("more outputs than inputs")
    if entry.ended and not entry.escalate and len(outputs) != inputs:
        raise TapeError("fewer outputs than inputs")
    return entry, at


def read_tape(data: bytes, inputs: Sequence[int], output_of: Callable[[bytes], Output] = read_output) -> TapeRead:
    """Check a whole tape against the number of inputs per program. TapeError for anything unexpected."""
    if len(data) < TAPE.size:
        raise TapeError("cut header")
    used, clean, begun, flags, mark_us = TAPE.unpack_from(data)
    if used != len(data) or begun > len(inputs) or clean > begun or flags > (LOCKED | DIRTY):
        raise TapeError("header")
    entries, at = [], TAPE.size
    for index in range(begun):
        entry, at = read_entry(data, at, inputs[index], output_of)
        entries.append(entry)
        if not entry.ended and (index != begun - 1 or clean > index):
            raise TapeError("unfinished program in the middle")
    if at != used:
        raise TapeError("bytes after the last program")
    return TapeRead(tuple(entries), clean, flags, mark_us)
