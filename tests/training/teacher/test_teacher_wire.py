"""Requests in every provider's way, responses and streams read back."""

import pytest

from arc_submit.records import Message, Prompt
from training.teacher.providers import table
from training.teacher.settings import Settings
from training.teacher.troubles import clean, retry_after
from training.teacher.wire import Broken, Pieces, body, broken_off, read, repaired, wire

PROMPT = Prompt("t", "fresh", (Message("system", "s"), Message("user", "12 34")))


def asked(provider="local", n=1, **settings):
    return body(Settings(table()[provider], "m", **settings), PROMPT, n, 7)


def said(message, finish="stop", **usage):
    found = {"choices": [{"message": message, "finish_reason": finish}]}
    return found | ({"usage": usage} if usage else {})


def test_each_provider_is_sent_what_it_takes():
    sent = {name: wire(table()[name], asked(name, n=2, max_tokens=9)) for name in table()}
    assert sent["openai"]["max_completion_tokens"] == 9 and "temperature" not in sent["openai"]
    assert sent["anthropic"]["max_tokens"] == 9 and "seed" not in sent["anthropic"]
    assert sent["deepseek"]["temperature"] == 1.0
    assert sent["groq"]["max_completion_tokens"] == 9 and sent["groq"]["seed"] == 7
    assert sent["openrouter"]["usage"] == {"include": True}
    assert sent["local"]["n"] == 2


def test_how_it_is_said_does_not_change_what_is_asked():
    provider = table()["local"]
    assert asked() == asked()
    assert "stream" not in asked() and wire(provider, asked(), stream=True)["stream_options"] == {"include_usage": True}
    assert wire(provider, asked(temperature=None)).keys().isdisjoint({"temperature", "top_p"})
    assert wire(provider, asked(extra={"reasoning_effort": "low"}))["reasoning_effort"] == "low"


@pytest.mark.parametrize(
    ("provider", "field"), [("deepseek", "reasoning_content"), ("openrouter", "reasoning"), ("groq", "reasoning")]
)
def test_reasoning_is_found_where_the_provider_puts_it(provider, field):
    found = read(said({"content": "text", field: "because"}), table()[provider], asked(provider), "id")
    assert (found.replies[0].text, found.replies[0].thinking) == ("text", "because")


def test_a_think_section_stays_in_the_text_and_an_empty_text_is_an_answer():
    provider = table()["local"]
    found = read(said({"content": "<think>a</think>b"}), provider, asked(), "id").replies[0]
    assert (found.text, found.thinking) == ("<think>a</think>b", "")
    assert read(said({"content": None}, "length"), provider, asked(), "id").replies[0].finish == "length"


def test_tokens_are_the_servers_and_shared_out_by_length():
    raw = {
        "choices": [{"message": {"content": text}, "finish_reason": "stop"} for text in ("a" * 9, "b" * 29)],
        "usage": {
            "prompt_tokens": 100,
            "completion_tokens": 40,
            "prompt_tokens_details": {"cached_tokens": 64},
            "completion_tokens_details": {"reasoning_tokens": 30},
            "cost": 0.25,
        },
    }
    found = read(raw, table()["local"], asked(n=2), "id")
    assert [reply.tokens for reply in found.replies] == [10, 30]  # 40 * (9 + 1) / (10 + 30) = 10
    assert (found.usage.cached, found.usage.thinking, found.usage.dollars) == (64, 30, 0.25)


def test_thinking_that_only_the_total_counts_is_counted():
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 115}
    assert read(said({"content": "x"}, **usage), table()["gemini"], asked("gemini"), "id").usage.completion == 105


def test_without_counts_tokens_are_an_estimate_and_marked():
    usage = read(said({"content": "x" * 300}), table()["local"], asked(), "id").usage
    assert usage.estimated and usage.completion == 101  # 300 / 3 + 1


def test_a_price_that_is_no_number_of_dollars_is_none():
    for cost in (-1, True, "1", float("inf"), float("nan"), 10**400):
        raw = said({"content": "x"}, prompt_tokens=1, completion_tokens=1, cost=cost)
        assert read(raw, table()["openrouter"], asked("openrouter"), "id").usage.dollars is None


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        {},
        {"choices": []},
        {"choices": [{}]},
        {"choices": [{"message": "text", "finish_reason": "stop"}]},
        {"choices": [{"message": {"content": 5}, "finish_reason": "stop"}]},
        {"choices": [{"message": {"content": "cut"}, "finish_reason": None}]},
        {"choices": [{"message": {"content": "cut"}, "finish_reason": "error"}]},
    ],
)
def test_what_is_not_whole_is_broken(raw):
    with pytest.raises(Broken):
        read(raw, table()["local"], asked(), "id")


def test_more_answers_than_asked_for_are_left():
    raw = {"choices": [{"message": {"content": str(i)}, "finish_reason": "stop"} for i in range(5)]}
    assert len(read(raw, table()["local"], asked(n=2), "id").replies) == 2


def test_a_stream_is_the_same_body_as_without():
    provider = table()["deepseek"]
    pieces = Pieces(provider)
    for index, delta, finish in (
        (0, {"role": "assistant", "reasoning_content": "be"}, None),
        (0, {"reasoning_content": "cause"}, None),
        (1, {"content": "other"}, "length"),
        (0, {"content": "te"}, None),
        (0, {"content": "xt"}, "stop"),
    ):
        pieces.add({"id": "x", "choices": [{"index": index, "delta": delta, "finish_reason": finish}]})
    pieces.add({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}})
    found = read(pieces.whole(), provider, asked("deepseek", n=2), "id")
    assert [(reply.text, reply.thinking, reply.finish) for reply in found.replies] == [
        ("text", "because", "stop"),
        ("other", "", "length"),
    ]
    assert found.usage.tokens == 7


def test_a_stream_without_an_end_is_cut():
    pieces = Pieces(table()["local"])
    pieces.add({"choices": [{"index": 0, "delta": {"content": "half"}}]})
    with pytest.raises(Broken, match="broke off"):
        read(pieces.whole(), table()["local"], asked(), "id")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("3", 3.0), ("0", 0.0), ("-5", 0.0), ("", None), ("soon", None), ("nan", None), ("inf", None)],
)
def test_retry_after_in_seconds(text, seconds):
    assert retry_after({"retry-after": text}) == seconds


def test_retry_after_as_a_date_goes_by_the_servers_clock():
    headers = {"retry-after": "Thu, 01 Jan 1970 00:02:00 GMT", "date": "Thu, 01 Jan 1970 00:01:30 GMT"}
    assert retry_after(headers, lambda: 0.0) == 30.0
    assert retry_after({"retry-after": headers["retry-after"]}, lambda: 100.0) == 20.0
    assert retry_after({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, lambda: 100.0) == 0.0


def test_no_key_in_what_a_server_says():
    assert clean("bad key\nsk-12345 !", "sk-12345") == "bad key [key] !"


@pytest.mark.parametrize("dummy", ["", "x", "none", "EMPTY"])
def test_a_dummy_is_no_key_to_be_hidden(dummy):
    assert clean("no example x none EMPTY", dummy) == "no example x none EMPTY"


@pytest.mark.parametrize(
    ("raw", "tokens"),
    [
        (None, None),
        ({"choices": 5}, None),
        ({"choices": [5, {}, {"message": 5}, {"message": {"content": 5}}]}, None),
        ({"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 90}}, 100),
        (said({"content": "x" * 300}, None, prompt_tokens=10, completion_tokens=5), 15),
        # the prompt's 6 bytes: 6 // 3 + 1 = 3; the answer's 300: 101
        (said({"content": "x" * 300}, None), 104),
        (said({"content": "x" * 150, "reasoning_content": "y" * 150}, None), 104),
        (said({"content": "x" * 300}, None, prompt_tokens=10, completion_tokens=5) | {"streamed": True}, 104),
        (said({"content": "x" * 300}, None, prompt_tokens=10, completion_tokens=95) | {"streamed": True}, 105),
    ],
)
def test_what_broke_off_is_counted_by_the_server_else_by_its_text(raw, tokens):
    found = broken_off(raw, table()["local"], asked())
    assert (found and found.tokens) == tokens


def test_halves_of_characters_are_joined_or_replaced():
    assert repaired('{"a": "\ud83d"}') == '{"a": "\ufffd"}'  # the quote stays
    assert repaired("\ude00\ud83d\ude00\ufeff") == "\ufffd\U0001f600\ufeff"
    assert repaired("\ufeffa") == "\ufeffa"
