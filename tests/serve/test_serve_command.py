"""`arc-submit serve-sandbox`: a user's mistakes are one line, and its own token is shown once."""

import json
import os
import re
import signal
import socket
import subprocess
import sys

import pytest
from serve.serving import ROOT, TOKEN

from arc_submit.cli import main
from arc_submit.serve.app import fastapi


def command(*options: str, **environment: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "arc_submit", "serve-sandbox", *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={name: value for name, value in os.environ.items() if name != "ARC_SUBMIT_TOKEN"} | environment,
    )


@pytest.fixture
def mistake(monkeypatch, capsys):
    """Runs the command in this process: what it says of options that it does not take."""

    def run(*options: str) -> str:
        monkeypatch.setattr(sys, "argv", ["arc-submit", "serve-sandbox", *options])
        with pytest.raises(SystemExit) as caught:
            main()
        out, said = capsys.readouterr()
        assert caught.value.code == 2 and out == ""
        return said.strip()

    monkeypatch.delenv("ARC_SUBMIT_TOKEN", raising=False)
    return run


def test_another_host_wants_a_token(mistake):
    said = mistake("--host", "0.0.0.0", "--port", "0")
    assert "--token-file or ARC_SUBMIT_TOKEN" in said and "\n" not in said


def test_a_port_that_is_taken_is_said(mistake):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = mistake("--port", str(taken.getsockname()[1]))
    assert "cannot listen there" in said


def test_a_short_token_is_refused_and_not_shown(mistake, monkeypatch):
    monkeypatch.setenv("ARC_SUBMIT_TOKEN", "sesame")
    said = mistake("--port", "0")
    assert "at least 16 characters" in said and "sesame" not in said


def test_a_sandbox_below_the_wanted_grade_does_not_serve():
    process = command("--port", "0", "--set", 'sandbox.require="A"', "--set", 'sandbox.disable_layers=["seccomp"]')
    out, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "sandbox.require asks for A" in said and out == ""


def test_a_token_is_made_on_loopback_shown_once_and_ctrl_c_is_an_end_in_order():
    process = command("--port", "0", "--workers", "1")
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["serving"].startswith("http://127.0.0.1:")
    process.send_signal(signal.SIGINT)
    out, said = process.communicate(timeout=30)
    assert process.returncode == 0, said
    (token,) = re.findall(r"token, for this run only: (\S+)", said)
    assert len(token) >= 40 and token not in out
    assert json.loads(out.splitlines()[-1])["programs"] == 0


@pytest.mark.slow
def test_a_token_that_was_given_is_not_shown():
    process = command("--port", "0", "--workers", "1", ARC_SUBMIT_TOKEN=TOKEN)
    assert process.stdout is not None and process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    out, said = process.communicate(timeout=30)
    assert process.returncode == 0 and TOKEN not in out + said


@pytest.mark.parametrize("missing", ["fastapi", "uvicorn"])
def test_what_is_not_installed_is_named(monkeypatch, missing):
    from arc_submit.errors import ConfigError

    monkeypatch.setitem(sys.modules, missing, None)  # its import fails
    with pytest.raises(ConfigError, match=rf"{missing} is not installed; `pip install fastapi uvicorn`"):
        fastapi()


def test_the_rooms_modules_do_without_fastapi():
    names = ["app", "server", "client", "crew", "judging", "wire", "shelf", "access"]
    code = f"import sys; {'; '.join(f'import arc_submit.serve.{name}' for name in names)}; import arc_submit.cli.serve"
    code += "; assert not {'fastapi', 'uvicorn', 'starlette'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
