"""The token: where it comes from, what it may be, and who gets by without one."""

import pytest

from arc_submit.errors import ConfigError
from arc_submit.serve import access

GOOD = "0123456789abcdef"


@pytest.fixture(autouse=True)
def _no_variable(monkeypatch):
    monkeypatch.delenv(access.VARIABLE, raising=False)


def test_a_file_goes_before_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv(access.VARIABLE, GOOD + "env")
    (tmp_path / "token").write_text(f"{GOOD}file\n")
    assert access.given(tmp_path / "token") == GOOD + "file"
    assert access.given(None) == GOOD + "env"


def test_without_either_there_is_none():
    assert access.given(None) is None


@pytest.mark.parametrize("text", ["", "short", "with space in the middle", "line\nline of many letters", "umläut" * 5])
def test_a_bad_token_is_refused_without_being_shown(tmp_path, text):
    (tmp_path / "token").write_text(text)
    with pytest.raises(ConfigError, match="token-file") as caught:
        access.given(tmp_path / "token")
    assert not text or text not in str(caught.value)


def test_an_empty_variable_is_a_mistake_and_not_no_token(monkeypatch):
    monkeypatch.setenv(access.VARIABLE, "")
    with pytest.raises(ConfigError, match=access.VARIABLE):
        access.given(None)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        access.given(tmp_path / "missing")
    (tmp_path / "bytes").write_bytes(b"\xff" * 40)
    with pytest.raises(ConfigError, match="not text"):
        access.given(tmp_path / "bytes")


def test_made_tokens_are_long_differ_and_pass_the_check(tmp_path):
    one, other = access.made(), access.made()
    assert one != other and len(one) >= 40
    (tmp_path / "token").write_text(one)
    assert access.given(tmp_path / "token") == one


@pytest.mark.parametrize(
    ("header", "right"),
    [
        (f"Bearer {GOOD}", True),
        (f"bearer  {GOOD} ", True),
        (None, False),
        ("", False),
        (GOOD, False),
        ("Bearer", False),
        (f"Bearer {GOOD}x", False),
        (f"Bearer {GOOD[:-1]}", False),
        (f"Basic {GOOD}", False),
        ("Bearer t\xf6ken", False),
    ],
)
def test_only_the_whole_token_after_bearer_is_right(header, right):
    assert access.allowed(header, GOOD) is right


def test_who_else_can_read_the_file(tmp_path):
    token = tmp_path / "token"
    token.write_text(GOOD)
    token.chmod(0o600)
    assert not access.readable_by_others(token)
    token.chmod(0o640)
    assert access.readable_by_others(token)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback(host):
    assert access.is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "10.0.0.1", "localhost.example.org", "127.0.0.1.example.org"])
def test_not_loopback(host):
    assert not access.is_loopback(host)
