"""Compiling ahead: once for all, and no longer than somebody waits for it. Nothing is compiled here."""

import os
from pathlib import Path

import pytest

pytest.importorskip("numba")

from arc_submit.symbolic.layers import catalogue, compiled, ready


def test_what_is_missing_is_compiled_once(monkeypatch, tmp_path):
    calls = []
    monkeypatch.setattr(compiled, "folder", lambda *_: tmp_path)
    monkeypatch.setattr(ready, "_compile", lambda: calls.append(1))
    ready.compile_missing()
    ready.compile_missing()
    assert calls == [1]


def test_a_part_that_nobody_waits_for_ends(monkeypatch):
    made = []
    monkeypatch.setattr(catalogue, "extensions", lambda: {"a": ("a", None), "b": ("b", None)})
    monkeypatch.setattr(compiled, "kernel", made.append)
    ready._part("1/2", os.getppid() + 1)
    assert made == []
    ready._part("1/2", os.getppid())
    assert made == ["b"]


def test_a_user_without_a_home_gets_a_folder_for_the_time_being(monkeypatch, tmp_path):
    def no_home():
        raise RuntimeError("Could not determine home directory.")

    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(Path, "home", no_home)
    monkeypatch.setattr(compiled.tempfile, "mkdtemp", lambda prefix: str(tmp_path))
    assert compiled._home.__wrapped__() == tmp_path / "arc-submit"
