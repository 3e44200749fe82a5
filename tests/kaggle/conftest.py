"""Kaggle without Kaggle: a stand-in on loopback, credentials of nobody, an empty home, and no way out."""

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_stand_in import KEY, USER, Kaggle

from arc_submit.kaggle.client import Client


@pytest.fixture
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any other address raises before a byte leaves."""
    connect, resolve = socket.socket.connect, socket.getaddrinfo

    def guarded(self: socket.socket, address: Any) -> None:
        assert self.family == socket.AF_UNIX or address[0] in ("127.0.0.1", "::1"), f"a connection to {address}"
        connect(self, address)

    def looked_up(host: Any, *rest: Any, **more: Any) -> Any:
        assert host in ("127.0.0.1", "localhost", None), f"a look-up of {host}"
        return resolve(host, *rest, **more)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(socket, "getaddrinfo", looked_up)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, only_loopback: None) -> Path:
    """An empty home without credentials; the official client reads some paths when it is first imported."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_API_ENVIRONMENT", "KAGGLE_CONFIG_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    from kaggle.api.kaggle_api_extended import KaggleApi

    monkeypatch.setattr(KaggleApi, "config", str(folder / ".kaggle" / "kaggle.json"))
    monkeypatch.setattr(KaggleApi, "config_values", {})
    return folder


@pytest.fixture
def kaggle(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kaggle]:
    """A stand-in that the official client and the commands talk to, with a user logged in."""
    with Kaggle() as stand_in:
        monkeypatch.setenv("ARC_SUBMIT_KAGGLE_ENDPOINT", stand_in.url)
        monkeypatch.setenv("KAGGLE_USERNAME", USER)
        monkeypatch.setenv("KAGGLE_KEY", KEY)
        yield stand_in


@pytest.fixture
def pauses() -> list[float]:
    """Seconds that a client would have slept."""
    return []


@pytest.fixture
def said() -> list[str]:
    """What a client told the person."""
    return []


@pytest.fixture
def client(kaggle: Kaggle, pauses: list[float], said: list[str]) -> Client:
    return Client(say=said.append, sleep=pauses.append)
