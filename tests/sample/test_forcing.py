"""Thoughts that are too short or too long: what is forced, what is marked, and that engines go on with an answer."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from arc_submit.errors import EngineError
from arc_submit.records import Completion, Message, Prompt
from arc_submit.sample import Request
from arc_submit.sample.forcing import Forced, Forcing, Thinking, chosen
from arc_submit.sample.scripted import END, ScriptedEngine

PROMPT = Prompt("t", "fresh", (Message("user", "flip it"),), parents=("p0",))


class Letters:
    """A tokenizer of letters. `asks`: what its chat template ends with."""

    def __init__(self, asks: str = "A:") -> None:
        self.asks = asks

    def encode(self, text: str, add_special_tokens: bool = True) -> list[int]:
        return list(text.encode())

    def decode(self, ids: Sequence[int], skip_special_tokens: bool = False) -> str:
        return bytes(token for token in ids if token < END).decode()

    def apply_chat_template(self, messages: Any, **_: Any) -> list[int]:
        return self.encode("".join(message["content"] for message in messages) + self.asks)


class Played(ScriptedEngine):
    """Plays texts, cut where the request's limit or the engine's own says; `#` at the end of a text is its end token.

    What comes after a cut stays in the script and is played next, as the rest of the answer.
    """

    def __init__(self, *texts: str, most: int = 1000) -> None:
        super().__init__({"t": texts})
        self.texts, self.most = list(texts), most
        self.asked: list[list[Request]] = []

    def sample(self, requests: Sequence[Request], deadline: float) -> list[list[Completion]]:
        self.asked.append(list(requests))
        return [[self._next_text(request) for _ in range(request.n)] for request in requests]

    def _next_text(self, request: Request) -> Completion:
        text = self.texts.pop(0)
        most = min(self.most, request.limit or self.most)
        if len(text) > most:
            self.texts.insert(0, text[most:])
            text = text[:most]
        stop = text.endswith("#")
        tokens = (*text.rstrip("#").encode(), *([END] if stop else []))
        return Completion(text, "fresh", (), tokens, tuple(-0.5 for _ in tokens), "stop" if stop else "length")


def forced(engine: ScriptedEngine, asks: str = "A:", **settings: Any) -> Forced:
    ((found,),) = Forcing(engine, Letters(asks), Thinking(**settings)).sample([Request(PROMPT, 1, 7)], math.inf)
    assert isinstance(found, Forced)
    assert len(found.logprobs) == len(found.tokens)
    return found


def spelled(completion: Completion, spans: Sequence[tuple[int, int]]) -> list[str]:
    return [Letters().decode(completion.tokens[start:end]) for start, end in spans]


def test_a_thought_that_stops_too_early_goes_on():
    engine = Played("<think>ab</think>x#", "cdefgh</think>y#")
    found = forced(engine, least=8)
    assert found.text == "<think>abWaitcdefgh</think>y"
    assert spelled(found, found.forced) == ["Wait"]
    assert spelled(found, chosen(found)) == ["<think>ab", "cdefgh</think>y"]
    assert found.thinking == 12  # ab, Wait, cdefgh
    assert found.finish == "stop"


def test_it_is_made_to_go_on_so_many_times_and_no_more():
    engine = Played("<think>a</think>x#", "b</think>x#", "c</think>y#")
    assert forced(engine, least=100, waits=2).text == "<think>aWaitbWaitc</think>y"


def test_a_thought_long_enough_is_left_alone():
    found = forced(Played("<think>abcdefgh</think>y#"), least=8, most=20)
    assert (found.text, found.forced, found.thinking) == ("<think>abcdefgh</think>y", (), 8)
    assert chosen(found) == [(0, len(found.tokens))]


def test_a_thought_is_cut_at_its_budget_and_answers():
    engine = Played("<think>abcdefgh", "y#")
    found = forced(engine, most=4)
    engine_asked = engine.asked[0][0]
    assert engine_asked.limit == 4 + len("<think>")
    assert found.text.startswith("<think>abcd\n</think>\n\n")
    assert spelled(found, found.forced) == ["\n</think>\n\n"]
    assert found.thinking == 4


def test_what_was_forced_is_what_the_engine_goes_on_from():
    engine = Played("<think>abcd", "y#")
    forced(engine, most=4)
    ((request,),) = engine.asked[1:]
    assert Letters().decode(request.prefix) == "<think>abcd\n</think>\n\n"
    assert (request.n, request.limit) == (1, None)


def test_an_answer_cut_by_the_thoughts_limit_goes_on():
    # Budget 10 and 7 letters of the tag: the first call ends within the answer.
    engine = Played("<think>ab</think>answer#")
    found = forced(engine, most=10)
    assert (found.text, found.forced, found.finish) == ("<think>ab</think>answer", (), "stop")
    assert engine.asked[1][0].limit is None


def test_an_answer_without_a_thought_is_whole():
    found = forced(Played("a long answer, no thought#"), least=5, most=6)
    assert (found.text, found.forced, found.thinking) == ("a long answer, no thought", (), 0)


def test_a_thought_that_ends_without_its_tag_is_closed():
    engine = Played("<think>abcdef#", "y#")
    assert forced(engine, least=3).text == "<think>abcdef\n</think>\n\ny"


def test_one_that_ends_early_without_its_tag_goes_on():
    engine = Played("<think>a#", "bcd</think>y#")
    found = forced(engine, least=3)
    assert found.text == "<think>aWaitbcd</think>y"
    assert END not in found.tokens[:-1]


def test_the_engines_own_limit_does_not_end_a_thought_within_its_budget():
    engine = Played("<think>abcdefghij</think>y#", most=12)
    found = forced(engine, most=40)
    assert (found.text, found.forced, found.thinking) == ("<think>abcdefghij</think>y", (), 10)
    # 12 letters a call. 40 and 7 of the tag; 40 - 5; 40 - 17, since half a closing tag counts until it is whole.
    assert [request.limit for (request,) in engine.asked] == [47, 35, 23]


def test_without_a_budget_what_the_engine_cuts_stays_cut():
    found = forced(Played("<think>abcdefghij</think>y#", most=9), least=2)
    assert (found.text, found.finish) == ("<think>ab", "length")


def test_a_template_may_open_the_thought_itself():
    engine = Played("ab</think>x#", "cdef</think>y#")
    found = forced(engine, asks="A:<think>\n", least=6)
    assert (found.text, found.thinking) == ("abWaitcdef</think>y", 10)


def test_a_thought_without_room_for_an_answer_ends_by_length():
    engine = Played("<think>abcd")
    engine.context = len("flip it") + len("<think>abcd") + 3  # the closing tag does not fit
    found = forced(engine, most=4)
    assert found.finish == "length"


def test_what_the_deadline_cuts_is_handed_out_as_it_is():
    class Late(Played):
        def sample(self, requests: Sequence[Request], deadline: float) -> list[list[Completion]]:
            return [[] for _ in requests] if self.asked else super().sample(requests, deadline)

    found = forced(Late("<think>ab</think>x#"), least=8)
    assert (found.text, found.finish) == ("<think>abWait", "deadline")


def test_answers_go_on_together_with_seeds_of_their_own():
    engine = Played(*["<think>a</think>x#"] * 3, *["bcd</think>y#"] * 3)
    found = Forcing(engine, Letters(), Thinking(least=3)).sample(
        [Request(PROMPT, 2, 7), Request(replace(PROMPT, messages=()), 1, 8)], math.inf
    )
    assert [len(each) for each in found] == [2, 1]
    first, second = engine.asked
    assert [request.n for request in first] == [2, 1]
    assert [request.n for request in second] == [1, 1, 1]
    assert len({request.seed for request in (*first, *second)}) == 5


def test_plain_completions_are_chosen_from_end_to_end():
    assert chosen(Completion("", "fresh", tokens=(1, 2, 3))) == [(0, 3)]
    assert chosen(Completion("", "fresh")) == []


@pytest.mark.parametrize("settings", [{"least": 5, "most": 4}, {"most": 0}, {"closing": "so:"}], ids=str)
def test_settings_that_contradict_themselves_are_refused(settings):
    with pytest.raises(ValueError, match=r"expected 0 <= least <= most|does not hold the tag"):
        Thinking(**settings)


def test_a_server_cannot_be_forced():
    engine = Played()
    engine.name = "openai"
    with pytest.raises(EngineError, match="cannot continue an answer"):
        Forcing(engine, Letters(), Thinking(most=4))


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The plain engine on a random model of bytes."""
    pytest.importorskip("torch")
    from tiny import tiny_model

    from arc_submit.config import SampleConfig
    from arc_submit.sample.hf import HfEngine

    folder = tiny_model(tmp_path_factory.mktemp("base") / "model")
    engine = HfEngine(SampleConfig(model=str(folder), max_new_tokens=24, context=256))
    yield engine
    engine.close()


def test_a_prefix_goes_on_where_an_answer_was(small):
    greedy = replace_config(small, temperature=0.0)
    ((whole,),) = greedy.sample([Request(PROMPT, 1, 0)], math.inf)
    ((rest,),) = greedy.sample([Request(PROMPT, 1, 0, whole.tokens[:10])], math.inf)
    assert rest.tokens[:14] == whole.tokens[10:]
    assert rest.logprobs[:14] == pytest.approx(whole.logprobs[10:], abs=1e-4)
    ((short,),) = greedy.sample([Request(PROMPT, 1, 0, limit=5)], math.inf)
    assert (short.tokens, short.finish) == (whole.tokens[:5], "length")


def test_a_real_engine_is_forced_and_says_what_was_not_its_choice(small):
    from arc_submit.sample import chat

    engine = replace_config(small, temperature=1.0)
    thinking = Thinking(least=0, most=6, opening="assistant", tag="E", closing="<E>")  # the template's last word
    (found,) = Forcing(engine, engine.tokenizer, thinking).sample([Request(PROMPT, 4, 3)], math.inf)
    again = Forcing(engine, engine.tokenizer, thinking).sample([Request(PROMPT, 4, 3)], math.inf)
    assert [found] == again  # the same request, the same answers
    asked, closing = chat.render(engine.tokenizer, PROMPT), tuple(engine.tokenizer.encode("<E>"))
    for completion in found:
        assert isinstance(completion, Forced)
        ((start, end),) = completion.forced
        assert (start, completion.tokens[start:end]) == (completion.thinking, closing)
        # What it chose has the log-probabilities that it has behind everything before it, forced tokens included.
        for begin, stop in chosen(completion):
            scored = engine.score_ids([*asked, *completion.tokens[:begin]], completion.tokens[begin:stop])
            assert completion.logprobs[begin:stop] == pytest.approx(scored, abs=1e-4)


def replace_config(engine, **settings):
    engine.config = engine.config.model_copy(update=settings)
    return engine
