"""A traces folder as `arc-train traces` leaves it: edits, a fresh answer, a hostile one, one whose task is gone."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers import G, make_task

from arc_submit.programs import from_source
from arc_submit.records import Grid
from training import exercises
from training.edits import records
from training.edits.records import Parent, Trace
from training.exercises import Exercise

FLIP = make_task(("120/340/000", "000/340/120"), ("56/78", "78/56"), test=("34/12",), task_id="flip0001")
WIDE = make_task(("1" * 30, "2" * 30), ("1", "2"), test=("11", "1"), task_id="wide0002")
EXERCISES = [Exercise(FLIP, "generated/symmetry/flip", (G("12/34"),)), Exercise(WIDE, "arc1-training")]

SAME = "def transform(grid):\n    # as it is\n    return grid"
UPSIDE = "import numpy as np\n\n\ndef transform(grid):\n    # rows in reverse\n    return np.flipud(grid)"
ALMOST = "def transform(grid):\n    out = grid[::-1].copy()\n    out[0, 0] = 9\n    return out"
TWOS = "def solve(I):\n    # every one becomes a two\n    return replace(I, ONE, TWO)"
CROP = "def transform(grid):\n    return grid[:1]"
BROKEN = "def transform(grid):\n    raise ValueError('</pre><script>document.title = \"owned\"</script>')"
HOSTILE = (
    "</pre></script><script>document.title = 'owned'</script><img src=x onerror=\"document.title = 'owned'\">"
    "{{ 7 * 7 }} \x00\x1b[31m\u202e turned"
)


def parent(source: str, reward: float, solved: tuple[bool, ...], outputs: tuple[Grid | None, ...]) -> Parent:
    return Parent(from_source(source, "test").id, source, reward, solved, outputs)


UNTURNED = parent(SAME, 0.25, (False, False), tuple(pair.input for pair in FLIP.train))


def trace(
    task: str, source: str, reward: float, solved: tuple[bool, ...], above: Parent | None, **more: object
) -> Trace:
    try:
        program = from_source(source, "test").id
    except ValueError:
        program = "f" * 16
    usual: dict[str, object] = {
        "right": None, "thinking": "", "teacher": "symbolic", "request": "r", "version": "compact-1", "tokens": 64,
    }  # fmt: skip
    return Trace(
        task=task, kind="fresh" if above is None else "edit", program=program, source=source, reward=reward,
        solved=solved, parent=above, **{**usual, **more},
    )  # type: ignore[arg-type]  # fmt: skip


TRACES = [
    trace(
        "flip0001", UPSIDE, 1.2, (True, True), UNTURNED, right=True, teacher="deepseek/deepseek-chat", hint="larc",
        thinking="The parent leaves the picture as it is. Every row moves to the mirrored place: the first row is the "
        "last one in the output.\n\nSo turn the rows around and leave the columns.",
    ),
    trace("flip0001", ALMOST, 0.65, (False, False), UNTURNED, thinking="Rows in reverse, and a nine in the corner."),
    trace("wide0002", TWOS, 1.2, (True, True), None, right=None, thinking="Ones become twos."),
    trace("flip0001", CROP, 0.3, (False, False), UNTURNED, hint="none"),
    trace("flip0001", BROKEN, 0.1, (False, False), UNTURNED, thinking=HOSTILE, teacher=HOSTILE, hint=HOSTILE[:40]),
    trace("gone0003", SAME, 0.5, (True,), None),
]  # fmt: skip


def write(folder: Path, traces: list[Trace] | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    exercises.write(folder / records.TASKS, EXERCISES)
    records.write(folder / records.TRACES, TRACES if traces is None else traces)
    return folder


@contextmanager
def reviewing(folder: Path, *options: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Run `arc-train review` on a folder: (the page's address, the process)."""
    code = "import training.cli.review; from training.cli import main; main()"
    command = [sys.executable, "-c", code, "review", str(folder), *options]
    process = subprocess.Popen(
        command, cwd=Path(__file__).parents[3], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stderr is not None
    try:
        first = process.stdout.readline()
        assert first, process.stderr.read()
        yield json.loads(first)["page"], process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=20)
