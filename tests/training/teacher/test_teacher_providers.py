"""Names of teachers, the table of providers, and settings that are refused on arrival."""

import pytest

from arc_submit.errors import ConfigError
from training.teacher.providers import LOCAL_URL, resolve, table
from training.teacher.settings import Settings


def test_the_table_has_the_providers_of_the_issue():
    assert {"openai", "anthropic", "gemini", "deepseek", "groq", "openrouter", "local"} <= set(table())


def test_no_price_stands_in_the_table():
    assert not any("price" in name for provider in table().values() for name in provider.__slots__)


def test_a_name_is_provider_and_model_and_the_model_may_have_a_slash():
    provider, model = resolve("openrouter/qwen/qwen3-coder")
    assert (provider.name, model) == ("openrouter", "qwen/qwen3-coder")
    assert resolve("deepseek/a", model="b")[1] == "b"


def test_any_url_is_a_teacher():
    provider, model = resolve("http://127.0.0.1:1234/v1/")
    assert (provider.base_url, provider.key_needed, model) == ("http://127.0.0.1:1234/v1", False, "")
    assert resolve("local")[0].base_url == LOCAL_URL
    assert resolve("openai/m", base_url="https://proxy.example/v1")[0].base_url == "https://proxy.example/v1"


@pytest.mark.parametrize("name", ["clever", "openai", "http://", "http://host:port/v1", "ftp://h/v1"])
def test_a_name_that_stands_for_nothing_is_the_persons_mistake(name):
    with pytest.raises(ConfigError):
        resolve(name)


@pytest.mark.parametrize("name", ["local/m", "http://somewhere.example/v1"])
def test_openais_key_goes_to_openai_alone(name, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-openai")
    monkeypatch.delenv("ARC_TEACHER_KEY", raising=False)
    assert resolve(name)[0].secret() == ""
    monkeypatch.setenv("ARC_TEACHER_KEY", "sk-of-theirs")
    assert resolve(name)[0].secret() == "sk-of-theirs"
    assert [own for own, provider in table().items() if provider.key == "OPENAI_API_KEY"] == ["openai"]


def test_a_key_in_a_url_is_refused_and_not_repeated():
    with pytest.raises(ConfigError) as error:
        resolve("http://user:sk-secret@host/v1")
    assert "sk-secret" not in str(error.value)


def test_a_key_that_is_needed_and_not_set_is_named(monkeypatch):
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    with pytest.raises(ConfigError, match="GROQ_API_KEY"):
        table()["groq"].secret()
    monkeypatch.delenv("ARC_TEACHER_KEY", raising=False)
    assert table()["local"].secret() == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": 2.5},
        {"top_p": -0.1},
        {"max_tokens": 0},
        {"in_flight": 0},
        {"requests_per_minute": 0},
        {"timeout": 0.0},
        {"retries": -1},
        {"model": ""},
        {"extra": {"seed": 3}},
    ],
)
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(ConfigError):
        Settings(**({"provider": table()["local"], "model": "m"} | wrong))
