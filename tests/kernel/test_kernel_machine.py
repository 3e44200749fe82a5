"""Accelerator, environment, clock, settings, stages, archive, verdict: the small parts."""

import json
import os
import signal
import sys
import tarfile
import time

import pytest

from kernel import accelerator, cell, clock, logs, offline, process, settings
from kernel.accelerator import AcceleratorError, Card
from kernel.clock import Clock
from kernel.places import Places
from kernel.process import ProcessError, Stop, Stopped
from kernel.settings import Accelerator, Settings, SettingsError
from kernel.stages import Stages
from kernel.verdict import Verdict

L4 = Card("NVIDIA L4", 22.5, "550.90.07")


LINE = 'echo "NVIDIA L4, 23034, 550.90.07"'


def no_pause(_: float) -> None:
    """For tests that ask more than once."""


def smi(tmp_path, monkeypatch, script: str) -> None:
    """Make a fake nvidia-smi the only program on the path."""
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))


def test_cards_are_read_from_nvidia_smi(tmp_path, monkeypatch):
    smi(tmp_path, monkeypatch, f'test "$1" = --query-gpu=name,memory.total,driver_version && {LINE}')
    assert accelerator.cards(no_pause) == [L4]


def test_no_driver_means_no_cards(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert accelerator.cards() == []


@pytest.mark.parametrize("script", ["true", "echo 'No devices were found'; exit 6"])
def test_a_clean_answer_without_cards_means_none(tmp_path, monkeypatch, script):
    smi(tmp_path, monkeypatch, script)
    assert accelerator.cards(no_pause) == []


@pytest.mark.parametrize("script", ["echo 'no devices'", "echo 'L4, [N/A], 550'", "exit 3", "kill -9 $$"])
def test_what_nvidia_smi_cannot_say_is_an_error_after_three_tries(tmp_path, monkeypatch, script):
    smi(tmp_path, monkeypatch, f"echo asked >> {tmp_path / 'asked'}\n{script}")
    with pytest.raises(AcceleratorError, match="nvidia-smi"):
        accelerator.cards(no_pause)
    assert (tmp_path / "asked").read_text().split() == ["asked"] * 3


@pytest.mark.parametrize("hiccup", ["exit 255", "sleep 9", "echo 'Unable to determine', 3", r"printf '\377\376\n'"])
def test_a_hiccup_of_nvidia_smi_passes(tmp_path, monkeypatch, hiccup):
    monkeypatch.setattr(accelerator, "_SECONDS", 0.3)
    first = tmp_path / "first"
    smi(tmp_path, monkeypatch, f"if test -e {first}; then {LINE}; exit; fi\n: > {first}\nPATH=/usr/bin:/bin {hiccup}")
    assert accelerator.cards(no_pause) == [L4]


def test_a_line_that_stays_garbled_is_skipped(tmp_path, monkeypatch):
    smi(tmp_path, monkeypatch, f"{LINE}; echo '[Unknown Error]'; {LINE}")
    assert accelerator.cards(no_pause) == [L4, L4]


@pytest.mark.parametrize(
    ("found", "fits"),
    [
        ([L4] * 4, True),
        ([Card("NVIDIA L40S", 44.9)] * 5, True),
        ([L4] * 3, False),
        ([], False),
        ([Card("Tesla T4", 15.0)] * 4, False),
        ([Card("NVIDIA L4", 12.0)] * 4, False),
        ([L4, L4, L4, Card("Tesla T4", 30.0)], False),
    ],
)
def test_more_than_promised_is_fine_and_less_is_not(found, fits):
    assert (accelerator.complaints(found, Accelerator()) == []) is fits


def test_what_was_found_is_said_by_kind():
    assert accelerator.words([L4, L4, Card("Tesla T4", 15.0)]) == "2 x NVIDIA L4 (22.5 GiB), 1 x Tesla T4 (15.0 GiB)"


def test_the_solver_is_offline_and_knows_no_secret(tmp_path):
    given = {
        "KAGGLE_USER_SECRETS_TOKEN": "x",
        "My_Api_Key": "x",
        "PYTHONHOME": "x",
        "PATH": "/bin",
        "PYTHONPATH": "/image",
    }
    found = offline.environment(given, tmp_path, tmp_path / "code", tmp_path / "venv")
    assert not {"KAGGLE_USER_SECRETS_TOKEN", "My_Api_Key", "PYTHONHOME"} & found.keys()
    assert found["PYTHONPATH"] == str(tmp_path / "code")  # the image's packages stay out
    assert found["PATH"] == f"{tmp_path / 'venv' / 'bin'}{os.pathsep}/bin"
    for name in (
        "HF_HUB_OFFLINE",
        "TRANSFORMERS_OFFLINE",
        "HF_DATASETS_OFFLINE",
        "VLLM_NO_USAGE_STATS",
        "DO_NOT_TRACK",
    ):
        assert found[name] == "1"
    for name in ("HF_HOME", "TRITON_CACHE_DIR", "TORCHINDUCTOR_CACHE_DIR", "VLLM_CACHE_ROOT"):
        assert os.path.isdir(found[name]) and found[name].startswith(str(tmp_path))


def test_this_interpreter_keeps_the_images_paths(tmp_path):
    found = offline.environment({"PYTHONPATH": "/image"}, tmp_path, tmp_path / "code", None)
    assert found["PYTHONPATH"] == f"{tmp_path / 'code'}{os.pathsep}/image" and "VIRTUAL_ENV" not in found


def test_tritons_own_assembler_is_made_to_run(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    cuda = tmp_path / "cuda-ptxas"
    assert offline.assembler(tmp_path / "venv", cuda) is None
    cuda.touch(0o755)
    assert offline.assembler(tmp_path / "venv", cuda) == cuda
    own = tmp_path / "venv/lib/python3.12/site-packages/triton/backends/nvidia/bin/ptxas"
    own.parent.mkdir(parents=True)
    own.touch(0o644)
    assert offline.assembler(tmp_path / "venv", cuda) == own and os.access(own, os.X_OK)
    assert offline.assembler(tmp_path / "venv", cuda) is None  # it can be executed: triton finds it by itself


def test_the_session_begins_with_the_first_cell():
    assert clock.session_start({clock.VARIABLE: "100.5"}, 12, now=200.0) == 100.5
    now = clock.boottime()
    own = clock.process_start(now)
    assert 0 <= now - own < 600
    for text in ("tomorrow", str(now + 60), str(now - 13 * 3600), "nan"):  # not believable
        assert clock.session_start({clock.VARIABLE: text}, 12, now) == own


def test_a_system_that_does_not_tell_starts_the_clock_now(tmp_path):
    (tmp_path / "stat").write_text("1 (a b) S 0 " + "0 " * 40)
    assert clock.process_start(1e6, tmp_path / "stat") == 1e6
    assert clock.process_start(1e6, tmp_path / "nothing") == 1e6


@pytest.mark.parametrize("told", ["tomorrow", "nan", "1e12", "-1e6", None])
def test_the_last_cell_resets_a_start_that_is_not_believable(tmp_path, monkeypatch, told):
    monkeypatch.delenv("ARC_SUBMIT_SETTINGS", raising=False)
    monkeypatch.setenv(clock.VARIABLE, told or "")
    cell._set_clock(tmp_path)
    assert 11.9 * 3600 < cell._left(tmp_path) < 12 * 3600
    assert 0 <= clock.boottime() - float(os.environ[clock.VARIABLE]) < 5  # the kernel sees the same


def test_the_last_cell_keeps_a_start_that_is_believable(tmp_path, monkeypatch):
    monkeypatch.delenv("ARC_SUBMIT_SETTINGS", raising=False)
    told = str(clock.boottime() - 1.0)
    monkeypatch.setenv(clock.VARIABLE, told)
    cell._set_clock(tmp_path)
    assert os.environ[clock.VARIABLE] == told


def test_time_is_left_until_the_reserve():
    assert Clock(100.0, 1.0, 10.0, now=lambda: 160.0).left == 3600 - 600 - 60


def test_the_shipped_settings_are_the_defaults():
    assert settings.load({}) == Settings()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "not JSON"),
        ("[]", "expected an object"),
        ('{"hour": 3}', "hour: no such setting"),
        ('{"hours": true}', "hours: expected a number"),
        ('{"hours": -1}', "hours: expected a number"),
        ('{"hours": null}', "hours: expected a number"),
        ('{"preset": 3}', "preset: expected str"),
        ('{"wheels": 1}', "wheels: expected bool"),
        ('{"set": ["a"]}', "set: expected a.b=c"),
        ('{"set": "a=b"}', "set: expected a list of texts"),
        ('{"accelerator": {"cards": 4}}', "accelerator: cards: no such setting"),
        ('{"commit": {"tasks": "x"}}', "commit.tasks: expected a list of texts"),
        ('{"hours": 0.1, "reserve_minutes": 6}', "reserve_minutes: expected less"),
        ('{"fingerprints": "abc"}', "fingerprints: expected an object of texts"),
        ('{"fingerprints": {"code": 3}}', "fingerprints: expected an object of texts"),
        ('{"stack": 3}', "stack: expected str"),
    ],
)
def test_wrong_settings_are_refused_in_words(tmp_path, content, words):
    (tmp_path / "s.json").write_text(content)
    with pytest.raises(SettingsError, match=words):
        settings.read(tmp_path / "s.json")


def test_nulls_mean_what_the_settings_say(tmp_path):
    (tmp_path / "s.json").write_text('{"accelerator": null, "model": null, "tasks": null}')
    found = settings.load({settings.VARIABLE: str(tmp_path / "s.json")})
    assert (found.accelerator, found.model, found.tasks) == (None, None, None)


def test_a_part_without_a_fingerprint_is_not_compared(tmp_path):
    (tmp_path / "s.json").write_text('{"fingerprints": {"code": "ab", "wheels": null}, "stack": null}')
    found = settings.read(tmp_path / "s.json")
    assert (found.fingerprints, found.stack) == ({"code": "ab"}, None)


def test_places_are_absolute_and_made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    places = Places.of({"ARC_SUBMIT_WORKING": "w", "ARC_SUBMIT_TEMP": "t", "ARC_SUBMIT_INPUT": "i"}).made()
    assert places.submission == tmp_path / "w" / "submission.json" and places.logs.is_dir()
    assert str(Places.of({}).input) == "/kaggle/input"


def test_a_temp_that_cannot_be_made_is_replaced(tmp_path):
    (tmp_path / "file").touch()
    places = Places(tmp_path, tmp_path / "w", tmp_path / "file" / "t").made()
    assert places.logs.is_dir()


def test_a_command_that_fails_is_quoted(tmp_path):
    code = "import sys; print('first'); sys.exit('the end')"
    with pytest.raises(ProcessError, match=r"(?s)exit code 1.*first.*the end"):
        process.run([sys.executable, "-c", code], log=tmp_path / "log", seconds=20, stop=Stop())
    with pytest.raises(ProcessError, match="cannot be started"):
        process.run([str(tmp_path / "nothing")], log=tmp_path / "log", seconds=20, stop=Stop())


def test_a_command_that_takes_too_long_is_ended_with_its_children(tmp_path):
    began = time.monotonic()
    with pytest.raises(ProcessError, match=r"(?s)not done after 0 s.*begun"):
        process.run(["sh", "-c", "echo begun; sleep 50 | cat"], log=tmp_path / "log", seconds=0.3, stop=Stop())
    assert time.monotonic() - began < 5


def test_a_failed_stage_is_recorded_and_the_next_goes_on(capsys):
    verdict, stop = Verdict("commit"), Stop()
    stages = Stages(verdict, stop)
    assert stages.attempt("one", lambda: 1 / 0, "two goes on") is None
    assert stages.attempt("two", lambda: 2, "", seconds=5) == 2
    assert verdict.why == ["one: ZeroDivisionError: division by zero; two goes on"] and not verdict.ok
    assert set(verdict.stages) == {"one", "two"}
    assert "Traceback" in capsys.readouterr().err
    stop.reason = "SIGINT"
    assert stages.attempt("three", lambda: 3, "") is None
    assert stages.attempt("four", lambda: 4, "", even_when_stopped=True) == 4
    stages.attempt("five", lambda: 1 / 0, "five is small", even_when_stopped=True, grave=False)
    assert verdict.why[1:] == ["stopped by SIGINT"]


def test_a_long_wait_is_said_and_so_is_its_limit(monkeypatch, capsys):
    monkeypatch.setattr(process, "_WAITING_BEAT", 0.2)
    assert process.within(30, lambda: time.sleep(0.8), Stop()) is None
    said = capsys.readouterr().out.splitlines()
    assert 1 <= len(said) <= 4 and all("still waiting" in line and "30 s at most" in line for line in said)


def test_the_order_to_stop_ends_a_wait():
    stop = Stop()
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    try:
        stop.listen()
        with pytest.raises(Stopped):
            process.within(30, lambda: (os.kill(os.getpid(), signal.SIGTERM), time.sleep(20)), stop)
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])
    assert stop.reason == "SIGTERM"


def test_the_archive_holds_what_is_worth_keeping(tmp_path):
    for name in ("run/trace.jsonl", "run/worker-0.log", "run/.reserve", "run/adapters/a.safetensors"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    files, size = logs.pack(tmp_path / "logs.tar.gz", [tmp_path / "run", tmp_path / "nothing"])
    assert files == 2 and size == (tmp_path / "logs.tar.gz").stat().st_size
    with tarfile.open(tmp_path / "logs.tar.gz") as archive:
        assert set(archive.getnames()) == {"run", "run/trace.jsonl", "run/worker-0.log"}


def test_the_verdict_holds_what_a_person_must_know(tmp_path):
    verdict = Verdict("commit", "abc", outputs=5, fallbacks=2, canary=True, score={"solved_outputs": 1, "outputs": 5})
    assert "abc: OK" in verdict.words() and "3 of 5 outputs" in verdict.words() and "1 of 5" in verdict.words()
    verdict.fault("reason")
    verdict.fault("reason")
    verdict.write(tmp_path / "verdict.json")
    content = json.loads((tmp_path / "verdict.json").read_text())
    assert (content["kit"], content["ok"], content["why"], content["mode"]) == (
        "arc-submit",
        False,
        ["reason"],
        "commit",
    )
    asked = "commit canary tasks fallbacks outputs score accelerator python seconds degraded restarts"
    assert content.keys() >= set(asked.split())
    assert "NOT OK" in verdict.words() and "DO NOT SUBMIT" in verdict.words()
