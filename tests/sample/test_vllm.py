"""The vLLM engine on its CPU build: the same text and log-probabilities as hf, adapters, deadline, seeds, failures.

One engine serves most tests, since starting one takes seconds; whoever puts an adapter on takes it off.
"""

import importlib.util
import shutil
import time
from itertools import chain, count

import pytest

if importlib.util.find_spec("vllm") is None:
    pytest.skip("vllm is not installed", allow_module_level=True)

from helpers import Clock
from tiny import END, tiny_adapter, tiny_model

from arc_submit.config import SampleConfig
from arc_submit.errors import EngineError, PromptError, WeightsError
from arc_submit.records import Message, Prompt
from arc_submit.sample.engine import Request
from arc_submit.sample.hf import HfEngine
from arc_submit.sample.vllm import VllmEngine

CONTEXT = 512
CLOSE = 1e-3
"""Natural log: what two engines may differ by on one token."""
SHARED = "A prompt that is longer than a few blocks of the cache, so that there is something to be stale. " * 2
GREEDY = {"temperature": 0.0}
REQUESTED = (("a", 1), (SHARED, 2), (SHARED + "and more", 1))

pytestmark = pytest.mark.timeout(300)


def ask(words, n=1, seed=0, kind="fresh"):
    return Request(Prompt("t", kind, (Message("user", words),), parents=("p",)), n, seed)


def asked():
    return [ask(words, n, seed) for seed, (words, n) in enumerate(REQUESTED)]


def soon(seconds=60.0):
    return time.monotonic() + seconds


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A base with adapters `one` and `two`, and another base with its adapter."""
    home = tmp_path_factory.mktemp("vllm")
    base, other = tiny_model(home / "base"), tiny_model(home / "other", hidden=96)
    return {
        "base": base,
        "one": tiny_adapter(home / "one", base, seed=1),
        "two": tiny_adapter(home / "two", base, seed=2, rank=8),
        "foreign": tiny_adapter(home / "foreign", other),
    }


def settings(folders, **changes):
    return SampleConfig(
        **{
            "engine": "vllm",
            "model": str(folders["base"]),
            "adapter": None,
            "context": CONTEXT,
            "max_new_tokens": 24,
            "kv_gib": 0.125,
            "sequences": 32,
            "retries": 1,
            "lora_rank": 8,
        }
        | changes
    )


@pytest.fixture(scope="module")
def started(folders):
    engine = VllmEngine(settings(folders))
    yield engine
    engine.close()


@pytest.fixture
def fast(started, folders):
    """The shared engine, its settings, clock and adapter as they were."""
    kept = started.config, started._now, started._sequences
    yield started
    started.config, started._now, started._sequences = kept
    started.adapt(None)


@pytest.fixture
def greedy(fast, folders):
    fast.config = settings(folders, **GREEDY)
    return fast


@pytest.fixture(scope="module")
def plain(folders):
    engine = HfEngine(settings(folders, **GREEDY))
    yield engine
    engine.close()


def agree(fast, plain):
    """Both engines give the same greedy text, with the same log-probabilities; so for a given text."""
    mine, theirs = fast.sample(asked(), soon()), plain.sample(asked(), soon())
    assert [[one.text for one in own] for own in mine] == [[one.text for one in own] for own in theirs]
    for own, other in zip(chain(*mine), chain(*theirs), strict=True):
        assert (own.tokens, own.finish, own.parents) == (other.tokens, other.finish, other.parents)
        assert own.logprobs == pytest.approx(other.logprobs, abs=CLOSE)
    return score(fast) == pytest.approx(score(plain), abs=CLOSE)


def score(engine):
    return engine.score(ask(SHARED).prompt, "def solve(I): return I")


def test_greedy_text_and_log_probabilities_are_those_of_hf(greedy, plain):
    assert agree(greedy, plain)


@pytest.mark.parametrize("merge", [True, False])
def test_an_adapter_goes_on_is_swapped_and_comes_off(request, greedy, plain, folders, merge):
    """Merged, and as vLLM adds it on an accelerator. Every answer is to a prompt that the prefix cache knows."""
    engine = greedy if merge else request.getfixturevalue("beside")
    base = score(engine)
    seen = [base]
    for name in ("one", "two", "one"):
        engine.adapt(folders[name])
        plain.adapt(folders[name])
        assert engine.adapter == folders[name]
        assert agree(engine, plain)
        seen.append(score(engine))
    engine.adapt(None)
    plain.adapt(None)
    assert engine.adapter is None
    assert agree(engine, plain)
    assert score(engine) == base
    assert seen[1] == seen[3]
    assert max(abs(a - b) for a, b in zip(seen[0], seen[1], strict=True)) > 0.1
    assert max(abs(a - b) for a, b in zip(seen[1], seen[2], strict=True)) > 0.1


@pytest.fixture
def beside(greedy, folders):
    """The shared engine, started again without merging."""
    greedy.config, greedy._merges = settings(folders, merge=False, **GREEDY), False
    greedy._restart()
    yield greedy
    greedy.adapt(None)
    greedy._merges = True
    greedy._restart()


@pytest.fixture
def alone(started):
    """For tests that start an engine of their own: closing it ends whatever vLLM has in this process."""
    yield
    started._restart()


def test_new_content_at_the_same_path_is_loaded(greedy, plain, folders, tmp_path):
    path = tmp_path / "adapter"
    for name in ("one", "two"):
        shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(folders[name], path)
        greedy.adapt(path)
        plain.adapt(folders[name])
        assert agree(greedy, plain)
    plain.adapt(None)


def test_an_adapter_that_does_not_fit_leaves_the_last_one_on(fast, folders, tmp_path):
    fast.adapt(folders["one"])
    before = score(fast)
    for wrong in (folders["foreign"], tmp_path / "missing"):
        with pytest.raises(WeightsError):
            fast.adapt(wrong)
    assert fast.adapter == folders["one"]
    assert score(fast) == before


def test_an_adapter_of_too_high_a_rank_is_refused_where_it_is_not_merged(folders, tmp_path):
    engine = VllmEngine.__new__(VllmEngine)  # nothing is started for a check that comes first
    engine.config, engine.folder, engine._merges = settings(folders), folders["base"], False
    with pytest.raises(WeightsError, match=r"rank 16; raise sample\.lora_rank=8"):
        engine.adapt(tiny_adapter(tmp_path, folders["base"], rank=16))


def test_a_request_gives_the_same_samples_alone_and_in_a_batch(fast):
    def samples(*requests):
        return [[one.tokens for one in own] for own in fast.sample(requests, soon())]

    request = ask(SHARED, 4, seed=5)
    alone = samples(request)[0]
    assert samples(ask("a", 3, seed=1), request, ask("b", 9, seed=2))[1] == alone
    assert samples(ask(SHARED, 2, seed=5))[0] == alone[:2]
    assert len({tuple(tokens) for tokens in alone}) == 4
    assert samples(ask(SHARED, 4, seed=6))[0] != alone


def test_log_probabilities_are_those_of_temperature_one(fast, folders):
    fast.config = settings(folders, temperature=0.5, top_p=0.9, min_p=0.01, max_new_tokens=2)
    made = fast.sample([ask("abc", 32)], soon())[0]
    # bytes that are text survive a round trip, so the same tokens can be scored
    same = [one for one in made if tuple(fast.tokenizer.encode(one.text)) == tuple(one.tokens)]
    assert same
    for one in same:
        assert one.logprobs == pytest.approx(fast.score(ask("abc").prompt, one.text)[:2], abs=CLOSE)


def test_the_end_token_ends_an_answer_and_is_kept(fast, folders):
    fast.config = settings(folders, max_new_tokens=200)
    (made,) = fast.sample([ask("x", 16, seed=3)], soon())
    ended = [one for one in made if one.finish == "stop"]
    assert ended
    assert all(one.tokens[-1] == END and one.tokens.count(END) == 1 for one in ended)
    assert not any("<|im_end|>" in one.text for one in made)


def test_the_deadline_is_honoured_inside_decoding(fast, folders):
    clock = Clock()
    fast.config, fast._now = settings(folders, max_new_tokens=400), ticking(clock)
    made = fast.sample([ask(SHARED, 4), ask("b", 4)], deadline=20.0)
    assert clock.time < 23
    cut = [one for own in made for one in own if one.finish == "deadline"]
    assert cut
    assert all(0 < len(one.tokens) <= 20 and len(one.tokens) == len(one.logprobs) for one in cut)
    assert fast.sample([ask("c")], deadline=clock.time) == [[]]
    # what was cut has left the engine: an adapter goes on, and answers are whole again
    fast.adapt(folders["one"])
    fast.config = settings(folders)
    (later,) = fast.sample([ask("d", 2)], deadline=clock.time + 1000)
    assert {one.finish for one in later} <= {"stop", "length"}


def ticking(clock):
    """A clock that moves on by a second whenever it is read."""

    def read():
        clock.time += 1.0
        return clock.time

    return read


def test_a_request_that_the_deadline_kept_from_beginning_gives_nothing(fast, folders):
    clock = Clock()
    fast.config, fast._now = settings(folders, max_new_tokens=64), ticking(clock)
    made = fast.sample([ask(str(number), 16, seed=number) for number in range(4)], deadline=8.0)
    assert [len(own) for own in made] == [16, 16, 0, 0]  # 32 are decoded together


def test_produced_grows_while_sampling(fast, folders):
    before, seen = fast.produced, []
    clock = Clock()
    read = ticking(clock)

    def now():
        seen.append(fast.produced)
        return read()

    fast._now = now
    (made,) = fast.sample([ask("abc", 4)], deadline=1000.0)
    assert fast.produced - before == sum(len(one.tokens) for one in made)
    assert seen == sorted(seen)
    assert len(set(seen)) > 5


def test_a_prompt_that_leaves_no_room_is_refused_before_anything_is_decoded(fast):
    before = fast.produced
    with pytest.raises(PromptError, match="leaves no room"):
        fast.sample([ask("fine"), ask("x" * CONTEXT, kind="edit")], soon())
    with pytest.raises(PromptError):
        fast.score(ask("x" * (CONTEXT - 60)).prompt, "y" * 60)
    assert fast.produced == before


def test_an_answer_may_fill_the_context_to_its_last_token(fast):
    room = CONTEXT - fast.count(ask("").prompt)
    request = ask("x" * (room - 1))
    assert fast.count(request.prompt) == CONTEXT - 1
    ((made,),) = fast.sample([request], soon())
    assert len(made.tokens) == 1
    assert len(fast.score(request.prompt, "")) == 1


def failing(monkeypatch, engine, *at):
    """The engine's steps of these numbers fail, also after it was started anew."""
    steps = count(1)

    def arm():
        core = engine._llm.llm_engine
        step = core.step

        def stepping():
            if next(steps) in at:
                raise RuntimeError("out of memory, as if")
            return step()

        core.step = stepping

    restart = engine._restart

    def restarting():
        restart()
        arm()

    monkeypatch.setattr(engine, "_restart", restarting)
    arm()


def test_a_failure_keeps_what_is_done_and_repeats_the_rest_in_smaller_batches(monkeypatch, fast, folders):
    fast.config = settings(folders, max_new_tokens=60)
    requests = [ask("a", 8, seed=3), ask(SHARED, 8, seed=4)]
    fast.adapt(folders["one"])
    wanted = fast.sample(requests, soon())
    before = score(fast)
    assert fast._sequences == 32
    failing(monkeypatch, fast, 50)
    assert [[one.tokens for one in own] for own in fast.sample(requests, soon())] == [
        [one.tokens for one in own] for own in wanted
    ]
    assert fast._sequences <= 8
    assert fast.adapter == folders["one"]
    assert score(fast) == before


def test_an_engine_that_goes_on_failing_is_an_error(monkeypatch, fast):
    failing(monkeypatch, fast, 1, 2, 3)
    with pytest.raises(EngineError, match="failed 2 times in one batch, last: RuntimeError: out of memory, as if"):
        fast.sample([ask("a", 4)], soon())
    monkeypatch.undo()
    fast._restart()
    assert fast.sample([ask("a")], soon())[0]


def test_a_cache_that_is_too_small_is_said_at_the_start(alone, folders):
    with pytest.raises(EngineError, match="vLLM does not start"):
        VllmEngine(settings(folders, kv_gib=0.0001))


def test_the_adapter_of_the_models_folder_is_put_on_at_the_start(alone, started, folders, tmp_path):
    base = shutil.copytree(folders["base"], tmp_path / "base")
    adapter = shutil.copytree(folders["one"], base / "adapter")
    plain = score(started)
    engine = VllmEngine(settings(folders, model=str(base), adapter="adapter"))
    try:
        assert engine.adapter == adapter
        assert score(engine) != plain
        assert engine.model.startswith("base, float32, vLLM ")
    finally:
        engine.close()
