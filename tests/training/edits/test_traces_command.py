"""`arc-train traces`, both sorts of teacher, in this process; a server of our own on loopback."""

import json
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from test_edits_choose import trace
from typer.testing import CliRunner

import training.cli.traces  # noqa: F401 - the command hangs itself on the application
from arc_submit.errors import ConfigError, DataError, EngineError, OutputError, ResumeError
from arc_submit.records import Task
from arc_submit.tasks import load, load_solutions
from training.cli import app
from training.edits import folder, records
from training.edits.choose import ChooseSettings
from training.edits.records import Trace
from training.exercises import gather, read
from training.guard import ContaminationError, Guard
from training.split import held_out
from training.teacher.archive import Archive

TASKS = ["--exercises", "generated:symmetry/turn_whole", "--tasks", "2", "--processes", "1"]
MANY = ("hmirror(I)", "vmirror(I)", "dmirror(I)", "cmirror(I)", "rot90(I)", "rot180(I)", "rot270(I)", "trim(I)")


def traces(*options: str) -> dict[str, Any]:
    """Run the command and return its machine line."""
    done = CliRunner().invoke(app, ["traces", *options], catch_exceptions=False)
    assert done.exit_code == 0
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def refused(error: type[Exception], match: str, *options: str) -> None:
    with pytest.raises(error, match=match):
        CliRunner().invoke(app, ["traces", *options], catch_exceptions=False)


def baseline(folder: Path) -> Path:
    """A program that turns nothing, for every task that these tests ask about."""
    path = folder / "baseline.jsonl"
    ids = [exercise.task.id for exercise in gather(TASKS[1], 2, 0)]
    path.write_text(
        "".join(json.dumps({"task": name, "program": "def solve(I):\n    return I\n"}) + "\n" for name in ids)
    )
    return path


@contextmanager
def server(
    status: int = 200, thinking: str = "Turn it.", model: str = "m"
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server whose k-th answer to a request is one of MANY, by the request's seed; yields URL and what was asked."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(200, {"object": "list", "data": [{"id": model}]})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            asked.append(body)
            names = [MANY[(len(asked) + place) % len(MANY)] for place in range(body.get("n", 1))]
            texts = [f"<think>{thinking}</think>\n```python\ndef solve(I):\n    return {name}\n```" for name in names]
            choices = [
                {"index": place, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
                for place, text in enumerate(texts)
            ]
            usage = {"prompt_tokens": 100, "completion_tokens": 10 * len(texts)}
            self._send(
                status, {"id": "x", "object": "chat.completion", "model": "m", "choices": choices, "usage": usage}
            )

        def _send(self, code: int, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode()
            self.send_response(code)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            return None

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{served.server_address[1]}/v1", asked
        finally:
            served.shutdown()


def test_symbolic_search_makes_traces_with_no_model_at_all(tmp_path: Path) -> None:
    out = tmp_path / "traces"
    options = [
        *TASKS,
        "--baseline",
        str(baseline(tmp_path)),
        "--evaluations",
        "400",
        "--rounds",
        "1",
        "--children",
        "3",
    ]
    told = traces("--out", str(out), *options)
    assert (told["tasks"], told["solved"], told["teacher"]) == (2, 2, "symbolic")
    assert 0 < told["kept_edits"] < told["kept"] <= told["ran"] <= told["asked"] == 12  # 2 tasks x (3 fresh + 3 edits)
    kept = list(records.read(out / records.TRACES))
    exercises = read(out / records.TASKS)
    assert {trace.task for trace in kept} == set(exercises) and len(kept) == told["kept"]
    assert all(trace.thinking and "  # " in trace.source and trace.gain > 0 for trace in kept)
    assert {path.name for path in out.iterdir()} >= {
        records.SETTINGS, records.TASKS, records.ARCHIVE, records.JUDGED, records.DIFFICULTY, records.COSTS,
    }  # fmt: skip
    judged = (out / records.JUDGED).read_bytes()
    assert traces("--out", str(out), *options)["kept"] == told["kept"]  # the archive answers
    assert (out / records.JUDGED).read_bytes() == judged
    refused(
        ResumeError,
        r"rounds.rounds was 1, now 2; seed was 0, now 5|seed was 0",
        "--out",
        str(out),
        *options,
        "--seed",
        "5",
    )


def test_a_server_is_asked_once_for_everything(tmp_path: Path) -> None:
    options = [*TASKS, "--baseline", str(baseline(tmp_path)), "--rounds", "2", "--children", "2", "--fresh", "1"]
    with server() as (url, asked):
        told = traces("--out", str(tmp_path / "a"), "--teacher", url, *options)
        count = len(asked)
        assert traces("--out", str(tmp_path / "a"), "--teacher", url, *options)["kept"] == told["kept"]
        assert len(asked) == count > 2
    assert told["teacher"] == "local/m" and told["version"] == "teacher-1+chat-1"
    text = json.dumps([body["messages"] for body in asked])
    for exercise in read(tmp_path / "a" / records.TASKS).values():
        rows = "\\n".join(" ".join(map(str, row)) for row in exercise.answers[0])
        assert rows not in text  # no test output left this process
    costs = json.loads((tmp_path / "a" / records.COSTS).read_text())
    assert costs["tokens"] == 100 * count + 10 * sum(body.get("n", 1) for body in asked)


def test_our_own_model_is_asked_in_its_own_style_and_from_another_folder(tmp_path: Path) -> None:
    options = [*TASKS, "--rounds", "1", "--children", "2"]
    with server() as (url, asked):
        traces("--out", str(tmp_path / "a"), "--teacher", url, *options, "--baseline", "none", "--fresh", "5")
        assert all(len(body["messages"]) > 1 for body in asked)
        del asked[:]
        more = ("--style", "compact", "--model", "small", "--from", str(tmp_path / "a"), "--fresh", "0")
        more += ("--baseline", "none")  # nothing but what was judged there
        told = traces("--out", str(tmp_path / "b"), "--teacher", url, *options, *more)
    assert told["version"] == "compact-1" and told["teacher"] == "local/small" and told["asked"] > 0
    assert all(body["messages"][0]["content"].startswith("edit\n") and len(body["messages"]) == 1 for body in asked)
    starters = {trace.source for trace in records.read(tmp_path / "a" / records.JUDGED) if not trace.passes}
    assert all(
        trace.parent and trace.parent.source in starters for trace in records.read(tmp_path / "b" / records.JUDGED)
    )


def test_hints_are_told_and_traces_that_speak_of_them_are_dropped(tmp_path: Path) -> None:
    hints = tmp_path / "hints.json"
    hints.write_text(json.dumps({exercise.task.id: "Something turns." for exercise in gather(TASKS[1], 2, 0)}))
    options = [*TASKS, "--baseline", str(baseline(tmp_path)), "--rounds", "2", "--children", "8", "--fresh", "0"]
    with server(thinking="As the hint says, turn it.") as (url, asked):
        told = traces("--out", str(tmp_path / "a"), "--teacher", url, *options, "--hints", str(hints))
    assert told["gained"] > 0 == told["kept"] and told["refused"]["talks of the hint"] > 0
    names = {(trace.round, trace.hint.split("#")[0]) for trace in records.read(tmp_path / "a" / records.JUDGED)}
    assert names <= {(0, "hints"), (1, "")} and (0, "hints") in names
    assert "Something turns." in asked[0]["messages"][1]["content"]


def test_a_budget_stops_it_and_a_larger_one_goes_on(tmp_path: Path) -> None:
    options = [*TASKS, "--baseline", str(baseline(tmp_path)), "--rounds", "1", "--children", "1", "--fresh", "1",
               "--max-tokens", "50", "--in-flight", "1"]  # fmt: skip
    with server() as (url, asked):
        command = ["--out", str(tmp_path / "a"), "--teacher", url, *options]
        told = traces(*command, "--budget-tokens", "2000")  # a prompt alone has more
        assert told["budget_used_up"] and told["answers"] == 0 == len(asked)
        told = traces(*command, "--budget-tokens", "1000000")
        assert told["answers"] == 4 == len(asked) and not told["budget_used_up"]


def test_a_server_that_refuses_ends_it_with_what_there_is(tmp_path: Path) -> None:
    options = [*TASKS, "--baseline", "none", "--rounds", "1", "--retries", "0"]
    with server(401) as (url, _):
        refused(EngineError, "401", "--out", str(tmp_path / "a"), "--teacher", url, *options)
    assert (tmp_path / "a" / records.TRACES).read_text() == ""


@pytest.mark.parametrize(
    ("error", "match", "options"),
    [
        (ConfigError, "held-out: development is measured", ["--exercises", "held-out"]),
        (ConfigError, "no generator", ["--exercises", "generated:nonsense"]),
        (ConfigError, "writes DSL programs", ["--dialect", "transform"]),
        (ConfigError, "reads prose", ["--hints", "x.json"]),
        (ConfigError, "no teacher", ["--teacher", "nobody/x", *TASKS]),
        (ConfigError, "--extra", ["--extra", "[1]"]),
        (ConfigError, "--prices", ["--prices", "cheap", *TASKS]),
        (ConfigError, "--prices", ["--prices", "nan,1", *TASKS]),
        (ConfigError, "--prices", ["--prices", "1,inf", *TASKS]),
        (DataError, "not a folder of traces", ["--from", "missing"]),
        (DataError, "cannot be read", ["--baseline", "missing.jsonl"]),
        (ConfigError, "leave nothing to ask", ["--baseline", "none", "--fresh", "0", *TASKS]),
    ],
)
def test_mistakes_are_one_line(tmp_path: Path, error: type[Exception], match: str, options: list[str]) -> None:
    refused(error, match, "--out", str(tmp_path / "out"), *options)


def test_files_that_speak_of_other_tasks_are_refused(tmp_path: Path) -> None:
    out, known = ["--out", str(tmp_path / "out"), *TASKS], str(baseline(tmp_path))
    other = tmp_path / "other.jsonl"
    other.write_text('{"task": "elsewhere", "program": "def solve(I): return I"}\n')
    refused(
        ConfigError,
        "--baseline .*other.jsonl: no program to begin with for any of the 2",
        *out,
        "--baseline",
        str(other),
    )
    hints = tmp_path / "hints.json"
    hints.write_text('{"elsewhere": "It turns."}')
    told = ["--hints", str(hints), "--teacher", "local/m", "--baseline", known]
    refused(ConfigError, "--hints .*hints.json: says nothing of any of the 2", *out, *told)
    (tmp_path / "from").mkdir()
    records.write(tmp_path / "from" / records.JUDGED, [trace("a", 0.3)])
    refused(ConfigError, "--from .*from: no program", *out, "--from", str(tmp_path / "from"), "--baseline", known)


def upside_down(path: Path, task: Task) -> Path:
    """The task turned over, under another id, as a file."""
    pairs = [{"input": pair.input[::-1], "output": pair.output[::-1]} for pair in task.train]
    path.write_text(json.dumps({"train": pairs, "test": [{"input": task.test[0][::-1]}]}))
    return path


def held_pair(number: int) -> tuple[Task, dict[str, Any]]:
    """A held-out task and its test pair, turned over."""
    task, solutions = held_out()[number], load_solutions("arc1-training")
    assert solutions is not None
    return task, {"input": task.test[0][::-1], "output": solutions.outputs[task.id][0][::-1]}


MIRROR = {"input": [[1, 2], [3, 4]], "output": [[2, 1], [4, 3]]}


@pytest.mark.slow
def test_settings_that_nothing_was_asked_with_yet_may_change(tmp_path: Path) -> None:
    out = ["--out", str(tmp_path / "a")]
    refused(ConfigError, "no teacher", *out, "--teacher", "nobody/x", *TASKS)
    assert not (tmp_path / "a").exists()
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / records.SETTINGS).write_text("{}")
    options = ["--baseline", str(baseline(tmp_path)), "--rounds", "1", "--children", "1", "--evaluations", "50"]
    assert traces(*out, *TASKS, *options)["tasks"] == 2
    (tmp_path / "a" / records.SETTINGS).write_text("{")
    refused(DataError, "not the settings", *out, *TASKS, *options)


@pytest.mark.slow
def test_evaluation_tasks_are_refused_by_content(tmp_path: Path) -> None:
    path = upside_down(tmp_path / "mine.json", load("arc1-evaluation").tasks[3])
    refused(
        ContaminationError, "mine: demonstration 0 is a pair", "--out", str(tmp_path / "a"), "--exercises", str(path)
    )
    assert not (tmp_path / "a" / records.TASKS).exists()


def test_held_out_tasks_are_refused_by_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = Guard.of(())
    monkeypatch.setattr(Guard, "of", lambda: nothing)  # the evaluation sets take seconds
    held = held_out()[5]
    path = upside_down(tmp_path / "mine.json", held)
    match = f"mine: a demonstration is a pair of held-out {held.id}"
    refused(ContaminationError, match, "--out", str(tmp_path / "a"), "--exercises", str(path))
    assert not (tmp_path / "a" / records.TASKS).exists()
    generated = tmp_path / "generated"  # a name is no proof of where tasks come from
    generated.mkdir()
    path.rename(generated / "mine.json")
    refused(ContaminationError, match, "--out", str(tmp_path / "a"), "--exercises", str(generated))
    task, pair = held_pair(7)  # its test pair as a demonstration, then as a test
    for shown, asked, what in ((pair, MIRROR, "demonstration"), (MIRROR, pair, "test")):
        path.write_text(json.dumps({"train": [MIRROR, shown], "test": [asked]}))
        with pytest.raises(ContaminationError, match=f"mine: a {what} is a pair of held-out {task.id}"):
            folder.keep_out_held(gather(str(path), 0, 0))


def test_a_second_process_leaves_the_folder_as_it_is(tmp_path: Path) -> None:
    out = tmp_path / "a"
    begin = ["--teacher", "local/m", "--baseline", "none", "--rounds", "1", "--children", "1"]
    with Archive(out / records.ARCHIVE):  # a first process that has asked nothing yet
        (out / records.SETTINGS).write_text("{}")
        (out / records.TASKS).write_text("")
        refused(OutputError, "another process", "--out", str(out), *TASKS, *begin)
        assert (out / records.SETTINGS).read_text() == "{}" and (out / records.TASKS).read_text() == ""
    with server() as (url, _):
        assert (
            traces("--out", str(out), *TASKS, *begin, "--teacher", url)["tasks"] == 2
        )  # its empty journal is no beginning


def test_another_model_is_refused_and_the_same_at_another_address_goes_on(tmp_path: Path) -> None:
    options = ["--out", str(tmp_path / "a"), *TASKS, "--baseline", "none", "--rounds", "1", "--children", "1"]
    with server() as (url, asked):
        traces(*options, "--teacher", url)
        assert len(asked) == 2
    with server(model="other") as (url, asked):
        refused(ResumeError, 'teacher was "local/m", now "local/other"', *options, "--teacher", url)
    with server() as (url, asked):
        assert traces(*options, "--teacher", url)["answers"] == 2
        assert traces(*options, "--teacher", url, "--model", "m")["answers"] == 2
        assert asked == []  # all from the archive


def test_a_disk_that_takes_no_tasks_is_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder, "write", full)
    refused(OutputError, "tasks.jsonl: cannot be written .No space", "--out", str(tmp_path / "a"), *TASKS)


def test_all_that_was_judged_is_never_in_memory_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Watched(Trace):  # has no slots, so that it can be watched
        pass

    useless = trace("p", 0.1)  # no gain
    alive: list[weakref.ref[Trace]] = []
    most = 0

    def counted(path: Path) -> Iterator[Trace]:
        nonlocal most
        for _ in range(50):
            one = Watched(**{part.name: getattr(useless, part.name) for part in fields(useless)})
            alive.append(weakref.ref(one))
            most = max(most, sum(found() is not None for found in alive))
            yield one
            del one

    (tmp_path / records.JUDGED).touch()
    monkeypatch.setattr(records, "read", counted)
    folder.chosen(tmp_path, {}, ChooseSettings())
    assert len(alive) == 100 and most <= 3  # read twice
