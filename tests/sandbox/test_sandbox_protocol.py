"""Frames survive the round trip; a tape that an honest runner would not write is refused, whatever it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arc_submit.records import Fault, Output
from arc_submit.sandbox.protocol import (
    DIRTY,
    LENGTH,
    LOCKED,
    MAX_FRAME,
    MAX_MESSAGE,
    TAPE,
    ProgramText,
    Tape,
    TapeError,
    decode_request,
    encode_inputs,
    encode_program,
    encode_request,
    read_tape,
)

GRIDS = st.integers(1, 30).flatmap(
    lambda width: st.lists(st.tuples(*[st.integers(0, 9)] * width), min_size=1, max_size=30).map(tuple)
)


@given(st.lists(GRIDS, min_size=1, max_size=3), st.text(max_size=50), st.booleans())
def test_a_request_survives_the_round_trip(grids, text, shared):
    source = text.encode("utf-8", "replace")
    program = encode_program(0, 2, b"main", source)
    frame = encode_request(shared, 0.25, 2.5, [encode_inputs(grids)], [program, program])
    assert LENGTH.unpack_from(frame)[0] == len(frame) - LENGTH.size
    request = decode_request(frame[LENGTH.size :])
    assert (request.shared, request.cpu_seconds, request.wall_seconds) == (shared, 0.25, 2.5)
    assert request.programs == (ProgramText(0, 2, b"main", source),) * 2
    back = [tuple(tuple(cells[at : at + w]) for at in range(0, h * w, w)) for h, w, cells in request.tasks[0]]
    assert back == grids


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_cut_request_is_refused(cut):
    frame = encode_request(True, 1.0, 1.0, [encode_inputs([((1,),)])], [encode_program(0, 0, b"transform", b"x" * 50)])
    with pytest.raises(ValueError):
        decode_request(frame[LENGTH.size : -cut])


def test_a_request_that_is_too_long_is_refused():
    with pytest.raises(ValueError):
        encode_request(True, 1.0, 1.0, [], [bytes(MAX_FRAME)])


@pytest.mark.parametrize("grid", [(), ((),), ((1, 2), (3,)), ((10,),), ((0,) * 31,), ((1,),) * 31])
def test_what_is_not_a_grid_cannot_be_sent(grid):
    with pytest.raises(ValueError):
        encode_inputs([grid])


def tape_of_two() -> bytes:
    memory = memoryview(bytearray(10_000))
    tape = Tape(memory)
    tape.locked()
    tape.begin(100)
    tape.grid(bytes((1, 2, 3, 4)))
    tape.fault(Fault.ERROR, "ValueError: \x1b[2J\n")
    tape.end(350)
    tape.begin(350)
    tape.fault(Fault.LOAD, "no", whole=True)
    tape.end(360)
    tape.clean()
    return bytes(memory[: TAPE.unpack_from(memory)[0]])


def test_a_tape_survives_the_round_trip():
    read = read_tape(tape_of_two(), [2, 2])
    first, second = read.entries
    assert first.outputs == [Output(((3, 4),)), Output(None, Fault.ERROR, "ValueError: ?[2J?")]
    assert second.outputs == [Output(None, Fault.LOAD, "no")] * 2
    assert (first.cpu_us, second.cpu_us) == (250, 10)
    assert (read.clean, read.flags) == (2, LOCKED)


def test_an_unfinished_program_keeps_what_it_had():
    memory = memoryview(bytearray(10_000))
    tape = Tape(memory)
    tape.begin(0)
    tape.grid(bytes((1, 1, 7)))
    (entry,) = read_tape(bytes(memory[: TAPE.unpack_from(memory)[0]]), [3]).entries
    assert entry.outputs == [Output(((7,),))]
    assert not entry.ended


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: t[:-1],
        lambda t: t + b"\x00",
        lambda t: t + b"\x05" + bytes(4),
        lambda t: t[:10],
        lambda t: b"",
        lambda t: b"\xff" * len(t),
        lambda t: t.replace(bytes((1, 1, 2, 3, 4)), bytes((1, 1, 2, 3, 10))),
        lambda t: t.replace(bytes((1, 1, 2, 3, 4)), bytes((1, 2, 2, 3, 4))),
        lambda t: t.replace(bytes((1, 1, 2, 3, 4)), bytes((1, 0, 0, 3, 4))),
        lambda t: t.replace(bytes((1, 1, 2, 3, 4)), bytes((9, 1, 2, 3, 4))),
        lambda t: TAPE.pack(len(t), 3, 2, LOCKED, 0) + t[TAPE.size :],
        lambda t: TAPE.pack(len(t), 0, 3, LOCKED, 0) + t[TAPE.size :],
        lambda t: TAPE.pack(len(t), 0, 1, LOCKED, 0) + t[TAPE.size :],
        lambda t: TAPE.pack(len(t), 0, 2, LOCKED | DIRTY | 4, 0) + t[TAPE.size :],
    ],
)
def test_a_spoilt_tape_is_refused(spoil):
    with pytest.raises(TapeError):
        read_tape(spoil(tape_of_two()), [2, 2])


@given(st.binary(max_size=200), st.integers(0, 5))
def test_noise_is_refused_or_well_formed(noise, begun):
    data = TAPE.pack(TAPE.size + len(noise), 0, begun, LOCKED, 0) + noise
    try:
        read = read_tape(data, [2] * 4)
    except TapeError:
        return
    for entry in read.entries:
        for output in entry.outputs:
            assert (output.grid is None) != (output.fault is None)
            assert len(output.message) <= MAX_MESSAGE and output.message.isprintable()


@given(st.data())
def test_one_changed_byte_never_gives_more_outputs_than_inputs(data):
    tape = bytearray(tape_of_two())
    tape[data.draw(st.integers(0, len(tape) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = read_tape(bytes(tape), [2, 2])
    except TapeError:
        return
    assert all(len(entry.outputs) <= 2 for entry in read.entries)
