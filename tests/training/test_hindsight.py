"""Wrong programs become right answers to the tasks of their own outputs."""

import json
import subprocess
import sys

from helpers import make_candidate

from arc_submit.records import Output, Pair, Ran, Task
from training.data.hindsight import relabelled
from training.data.solved import read

A, B, C = ((1, 2),), ((3, 4),), ((5, 6),)
TASK = Task("toy", (Pair(A, B), Pair(B, C)), (C,))


def ran(*grids):
    return Ran(tuple(Output(grid) for grid in grids))


def test_an_item_holds_what_the_program_made():
    (item,) = relabelled(TASK, [make_candidate("p")], [ran(C, A, B)], 5)
    assert [pair.output for pair in item.task.train] == [C, A]
    assert (item.task.test, item.test) == ((C,), B)
    assert item.source.startswith("def solve(I)")


def test_of_equal_outputs_the_shortest_program_stays():
    short, long = make_candidate("short", length=10), make_candidate("long", length=40)
    assert len(relabelled(TASK, [long, short], [ran(C, A, B)] * 2, 5)) == 1


def test_failures_copies_and_constants_teach_nothing():
    results = [ran(C, None, B), ran(A, B, C), ran(A, A, A)]
    assert relabelled(TASK, [make_candidate(name) for name in "abc"], results, 5) == []


def test_the_best_come_first_and_then_those_that_differ_most():
    good = make_candidate("good", solved=(True, False), cells=(1.0, 0.5))
    near, far = (make_candidate(name, solved=(False, False), cells=(0.0, 0.0)) for name in ("near", "far"))
    results = [ran(B, A, A), ran(B, A, ((9, 9),)), ran(((7, 7),), ((8, 8),), ((9, 9),))]
    found = relabelled(TASK, [good, near, far], results, 1)
    assert [item.test for item in found] == [A, ((9, 9),)]
    assert found[1].task.train[0].output == ((7, 7),)


def run(folder, data, task):
    """A run whose programs come from a script, none of them right."""
    texts = [f"def solve(I):\n    O = {step}(I)\n    return O\n" for step in ("hmirror", "vmirror", "rot180")]
    script = folder / "script.jsonl"
    lines = [json.dumps({"task": task, "text": f"from arc_dsl import *\n\n\n{text}"}) for text in texts]
    script.write_text("\n".join(lines))
    command = [sys.executable, "-m", "arc_submit", "run", "--data", data, "--tasks", task, "--out", str(folder / "run")]
    settings = ["search.proposers=scripted", f"search.script={script}", "workers=1", "trace.candidates=all"]
    chosen = [word for setting in settings for word in ("--set", setting)]
    subprocess.run([*command, "--seconds-per-task", "20", *chosen], check=True, capture_output=True)


def relabel(folder):
    command = [sys.executable, "-m", "training.data.hindsight", str(folder / "run"), str(folder / "items.jsonl")]
    return subprocess.run(command, capture_output=True, text=True)


def test_a_run_on_evaluation_tasks_is_refused(tmp_path):
    run(tmp_path, "arc1-evaluation", "00576224")
    done = relabel(tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "arc1-evaluation" in done.stderr
    assert not (tmp_path / "items.jsonl").exists()


def test_a_run_on_training_tasks_gives_items(tmp_path):
    run(tmp_path, "arc1-training", "025d127b")
    done = relabel(tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["items"] == len(read(tmp_path / "items.jsonl")) == 3
