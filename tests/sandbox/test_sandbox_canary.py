"""The canary sees changes to what programs share, and nothing else."""

import collections
import contextlib
import fractions
import sys

import numpy as np
import pytest

from arc_submit.dsl import modules
from arc_submit.sandbox import canary
from arc_submit.sandbox.canary import Canary

MODULES = ("numpy", "collections", "fractions", "random", "math", "copy", "arc_dsl")


@pytest.fixture(params=["versions", "identities"])
def bird(request, monkeypatch):
    modules.install()
    if request.param == "identities":
        monkeypatch.setattr(canary, "versions_work", lambda: False)
    return Canary(MODULES)


@contextlib.contextmanager
def changed(owner, name, value):
    old = getattr(owner, name)
    setattr(owner, name, value)
    yield
    setattr(owner, name, old)


def test_an_untouched_world_is_clean(bird):
    collections.Counter("abc").most_common()
    fractions.Fraction(1, 3) + fractions.Fraction(1, 2)
    np.rot90(np.zeros((3, 3)))
    assert bird.clean()


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (np, "rot90"),
        (collections.Counter, "most_common"),
        (fractions.Fraction, "limit_denominator"),
        (collections, "Counter"),
    ],
)
def test_a_changed_name_is_seen(bird, owner, name):
    with changed(owner, name, len):
        assert not bird.clean()


def test_a_changed_dsl_name_is_seen(bird):
    with changed(sys.modules["arc_dsl"], "vmirror", len):
        assert not bird.clean()


def test_an_added_name_is_seen(bird):
    np.something_new = 1
    try:
        assert not bird.clean()
    finally:
        del np.something_new


def test_a_changed_table_is_seen(bird):
    old = np.typecodes["All"]
    np.typecodes["All"] = "x"
    try:
        assert not bird.clean()
    finally:
        np.typecodes["All"] = old


def test_settings_are_seen(bird):
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + 1)
    try:
        assert not bird.clean()
    finally:
        sys.setrecursionlimit(limit)
    with np.errstate(all="ignore"):
        assert not bird.clean()
    assert bird.clean()
