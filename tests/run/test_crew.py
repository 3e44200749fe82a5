"""Worker processes: what of them is heard, and that nothing is left of them. The workers are one-line scripts."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from arc_submit.run.crew import ENVIRONMENT, Ended, Processes

READ = "import json, os, signal, sys, time\nconfig = json.loads(sys.stdin.readline())\n"
SAY = "def say(**event): print(json.dumps(event), flush=True)\n"
Start = Callable[..., Processes]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts worker 0 as a script that has read its settings, and then executes a body; closes at the end."""
    crews = []

    def begin(
        body: str, settings: dict[str, Any] | None = None, environment: dict[str, str] | None = None
    ) -> Processes:
        crew = Processes(tmp_path, [sys.executable, "-c", READ + SAY + body])
        crew.start(0, settings or {}, environment or {})
        crews.append(crew)
        return crew

    yield begin
    for crew in crews:
        crew.close()


def hear(crew: Processes, seconds: float = 20.0) -> list[Any]:
    """All that is said until an end."""
    said: list[Any] = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        said += [word for _, word in crew.wait(0.2)]
        if said and isinstance(said[-1], Ended):
            return said
    raise AssertionError(f"no end within {seconds} s; heard {said}")


def next_word(crew: Processes, seconds: float = 20.0) -> Any:
    """The next thing that is said."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for _, word in crew.wait(0.2):
            return word
    raise AssertionError("nothing was said")


def test_settings_and_environment_arrive_and_events_come_in_order(start: Start) -> None:
    crew = start(
        'say(event="a", got=config["config"]["x"], mine=os.environ["MINE"], threads=os.environ["OMP_NUM_THREADS"])\n'
        'say(event="b")',
        {"x": 5},
        {"MINE": "yes"},
    )
    first, second, end = hear(crew)
    assert first == {"event": "a", "got": 5, "mine": "yes", "threads": ENVIRONMENT["OMP_NUM_THREADS"]}
    assert second == {"event": "b"} and end.code == 0


def test_commands_arrive_one_line_each(start: Start) -> None:
    crew = start('for line in sys.stdin: say(event="got", **json.loads(line))')
    crew.send(0, {"number": 1})
    assert next_word(crew) == {"event": "got", "number": 1}
    crew.send(0, {"number": 2})
    assert next_word(crew) == {"event": "got", "number": 2}


def test_an_event_that_comes_in_pieces_is_one_event(start: Start) -> None:
    crew = start(
        """
for piece in ('{"event":', '"a", "text":', '"x"}', chr(10)):
    sys.stdout.write(piece); sys.stdout.flush(); time.sleep(0.05)
"""
    )
    assert hear(crew)[:-1] == [{"event": "a", "text": "x"}]


def test_a_long_event_is_one_event(start: Start) -> None:
    crew = start('say(event="a", text="x" * 5_000_000)')
    event, end = hear(crew)
    assert len(event["text"]) == 5_000_000 and end.code == 0


def test_what_a_worker_had_not_finished_saying_is_lost(start: Start) -> None:
    crew = start("""say(event="a"); sys.stdout.write('{"event": "b"'); sys.stdout.flush()""")
    event, end = hear(crew)
    assert event == {"event": "a"} and end.code == 0


@pytest.mark.parametrize("garbage", ["what?", '{"event": ', "", "\\xff\\xfe"])
def test_a_worker_that_talks_nonsense_is_killed(start: Start, garbage: str) -> None:
    crew = start(
        f"""say(event="a"); sys.stdout.buffer.write(b"{garbage.replace('"', chr(92) + '"')}\\n"); sys.stdout.flush()
time.sleep(600)"""
    )
    event, end = hear(crew)
    assert event == {"event": "a"}, "what it said before stands"
    assert end.code == -9


@pytest.mark.parametrize("nonsense", ["42", "null", '"event"', "[]", "{}"])
def test_json_that_is_no_event_is_nonsense_too(start: Start, nonsense: str) -> None:
    crew = start(f"say(event='a'); print({nonsense!r}, flush=True); time.sleep(600)")
    event, end = hear(crew, 5.0)
    assert event == {"event": "a"} and end.code == -9


def test_the_last_line_of_the_log_is_part_of_the_end(start: Start) -> None:
    crew = start('print("first", file=sys.stderr); print("EngineError: no device\\n", file=sys.stderr); sys.exit(3)')
    assert hear(crew) == [Ended(3, "EngineError: no device")]


def test_an_end_without_a_word_says_that_the_log_is_empty(start: Start) -> None:
    assert hear(start("os.kill(os.getpid(), signal.SIGSEGV)")) == [Ended(-11, "it is empty")]


def test_logs_of_workers_with_one_number_follow_each_other(start: Start, tmp_path: Path) -> None:
    crew = start('print("mine", file=sys.stderr)')
    hear(crew)
    crew.start(0, {}, {})
    assert hear(crew) == [Ended(0, "mine")]
    assert Path(crew.log(0)).read_text() == "mine\nmine\n" and Path(crew.log(0)).parent == tmp_path


def test_one_that_is_killed_is_heard_like_any_other(start: Start) -> None:
    crew = start('say(event="a"); time.sleep(600)')
    assert next_word(crew) == {"event": "a"}
    crew.kill(0)
    assert hear(crew)[-1].code == -9


def test_one_that_closes_its_output_is_dead_to_us(start: Start) -> None:
    assert hear(start("os.close(1); time.sleep(600)"))[-1].code == -9


def test_a_command_to_a_dead_worker_is_lost_and_its_end_is_still_heard(start: Start) -> None:
    crew = start("sys.exit(4)")
    os.waitid(os.P_PID, crew._processes[0].pid, os.WEXITED | os.WNOWAIT)  # dead, and not collected yet
    crew.send(0, {"text": "x" * 300_000})
    crew.send(0, {"text": "y"})
    assert hear(crew) == [Ended(4, "it is empty")]


def test_a_program_that_does_not_exist_is_an_oserror_and_leaves_nothing(tmp_path: Path) -> None:
    crew = Processes(tmp_path, [str(tmp_path / "missing")])
    with pytest.raises(OSError):
        crew.start(0, {}, {})
    assert list(crew.wait(0.01)) == []
    crew.close()


def test_a_log_that_cannot_be_opened_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        Processes(tmp_path / "missing", [sys.executable, "-c", ""]).start(0, {}, {})


def test_waiting_for_nobody_takes_its_time_and_no_more(tmp_path: Path) -> None:
    crew = Processes(tmp_path)
    began = time.monotonic()
    assert list(crew.wait(0.1)) == [] and 0.05 < time.monotonic() - began < 5
    began = time.monotonic()
    assert list(crew.wait(600.0)) == [] and time.monotonic() - began < 5, "a signal is to be noticed"
    assert list(crew.wait(-3.0)) == []
    crew.close()


def test_close_leaves_no_process(tmp_path: Path) -> None:
    body = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nsay(event='a')\ntime.sleep(600)"
    crew = Processes(tmp_path, [sys.executable, "-c", READ + SAY + body])
    for number in range(3):
        crew.start(number, {}, {})
    pids = [process.pid for process in crew._processes.values()]
    next_word(crew)
    crew.close()
    assert not [pid for pid in pids if psutil.pid_exists(pid)]


def test_words_of_many_workers_name_their_worker(tmp_path: Path) -> None:
    crew = Processes(tmp_path, [sys.executable, "-c", READ + SAY + "say(event='a', who=config['config']['who'])"])
    for number in range(3):
        crew.start(number, {"who": number}, {})
    heard: list[tuple[int, Any]] = []
    deadline = time.monotonic() + 30
    while sum(isinstance(word, Ended) for _, word in heard) < 3 and time.monotonic() < deadline:
        heard += crew.wait(0.2)
    assert sorted((number, word["who"]) for number, word in heard if not isinstance(word, Ended)) == [
        (0, 0), (1, 1), (2, 2),
    ]  # fmt: skip
    crew.close()


def test_what_a_worker_holds_and_what_is_left_are_numbers(start: Start) -> None:
    crew = start('say(event="a"); time.sleep(600)')
    next_word(crew)
    assert 0 < crew.held(0) <= crew.total() and crew.spare() > 0
