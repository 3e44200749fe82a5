"""Files of traces: what is written is read, and a line that is no trace is named."""

import json
from dataclasses import asdict, replace

import pytest
from helpers import G

from arc_submit.errors import DataError
from training.edits.records import Parent, Trace, line, read, write

SOURCE = "def transform(grid):\n    return grid"
FRESH = Trace(
    "t", "fresh", "a" * 16, SOURCE, 0.5, (True, False), None, "so it is", None,
    "symbolic", "r1", "compact-1", "larc", 64, 2
)  # fmt: skip
PARENT = Parent("b" * 16, SOURCE, 0.25, (False, False), (G("12/34"), None))
EDIT = replace(FRESH, kind="edit", right=True, parent=PARENT)


def lines(path, *contents):
    """A file of these lines, the first of them a good one."""
    path.write_bytes(b"".join(content + b"\n" for content in (line(EDIT).rstrip().encode(), *contents)))
    return path


def changed(trace=EDIT, **fields):
    """A trace's line as JSON with other values in it."""
    return json.dumps({**json.loads(line(trace)), **fields}).encode()


def with_parent(**fields):
    return changed(parent={**json.loads(line(EDIT))["parent"], **fields})


def test_what_is_written_is_read(tmp_path):
    write(tmp_path / "traces", [FRESH, EDIT])
    assert list(read(tmp_path / "traces")) == [FRESH, EDIT]
    assert (FRESH.gain, EDIT.gain) == (0.5, 0.25)


@pytest.mark.parametrize(
    "text", ["é ☃ 😀", "half: \ud800", "two halves: \ude00\ud83d", "\\\ud800", "\u2028 \r \x00", "\\ud800"]
)
def test_any_text_is_written_and_read_as_it_was(tmp_path, text):
    trace = replace(EDIT, thinking=text, hint=text, parent=replace(PARENT, source=text))
    write(tmp_path / "traces", [trace, FRESH])
    assert list(read(tmp_path / "traces")) == [trace, FRESH]


def test_a_last_line_that_was_cut_off_is_left_out_even_in_the_middle_of_a_letter(tmp_path):
    whole = line(FRESH) + line(replace(EDIT, thinking="é"))
    (tmp_path / "traces").write_bytes(whole.encode()[: whole.index("é") + 1])
    assert list(read(tmp_path / "traces")) == [FRESH]


@pytest.mark.parametrize(
    "content",
    [
        b"5", b"null", b"true", b'"text"', b"[]", b"{}", b"", b"{", b"[" * 100_000, b"NaN",
        line(FRESH).rstrip().encode("utf-16"), b'{"task": "\xff"}', b"\xff\xfe\x00",
        changed(parent=5), changed(parent="x"), changed(parent=[]), changed(parent={}), changed(surplus=1),
        changed(task=5), changed(source=None), changed(thinking=["x"]), changed(hint=0), changed(teacher={}),
        changed(reward="1"), changed(reward=None), changed(reward=float("nan")), changed(reward=float("inf")),
        changed(reward=True), changed(reward=10**400), changed(solved=5), changed(solved="yes"), changed(solved=[1]),
        changed(right="yes"), changed(right=1), changed(tokens="64"), changed(tokens=-1), changed(tokens=10**400),
        changed(round=0.5), changed(round=True), with_parent(program=7), with_parent(reward="0"),
        with_parent(solved=None), with_parent(outputs=5), with_parent(outputs=[5]), with_parent(outputs=["1x"]),
        with_parent(outputs=["12|3"]), with_parent(outputs=["²"]), with_parent(surplus=1),
    ],
)  # fmt: skip
def test_a_line_that_is_no_trace_is_named(tmp_path, content):
    path = lines(tmp_path / "traces.jsonl", content, line(FRESH).rstrip().encode())
    found = read(path)
    assert next(found) == EDIT
    with pytest.raises(DataError, match=r"traces\.jsonl: line 2 is no trace \("):
        next(found)


@pytest.mark.parametrize("name", list(asdict(EDIT)))
def test_a_trace_without_one_of_its_parts_is_none(tmp_path, name):
    body = json.loads(line(EDIT))
    del body[name]
    path = lines(tmp_path / "traces", json.dumps(body).encode())
    if name in ("hint", "tokens", "round"):
        assert len(list(read(path))) == 2
    else:
        with pytest.raises(DataError, match="line 2 is no trace"):
            list(read(path))


def test_a_file_that_is_not_there_says_what_writes_it(tmp_path):
    for path in (tmp_path / "traces", tmp_path):
        with pytest.raises(DataError, match=r"cannot be read .*`arc-train traces` writes it"):
            list(read(path))
