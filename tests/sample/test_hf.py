"""The plain engine against the library's own generation and forward pass, on a random model of two layers.

Not checked here: speed (docs/LOG.md has the numbers) and accelerators (tests/gpu).
"""

import math
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import tiny
import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from arc_submit.config import SampleConfig
from arc_submit.errors import EngineError, PromptError, WeightsError
from arc_submit.records import Completion, Message, Prompt
from arc_submit.sample import Request, chat, hf
from arc_submit.sample.checkpoint import ARCHITECTURES

NEVER = math.inf
TEXTS = ("flip it", "a much longer question, so that the batch has to be padded", "3 4\n5 6")


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    return tiny.tiny_model(tmp_path_factory.mktemp("base") / "model")


@pytest.fixture(scope="module")
def raw(base):
    """The library's model with the library's attention."""
    return AutoModelForCausalLM.from_pretrained(base, local_files_only=True).eval()


@pytest.fixture(scope="module")
def shared(base) -> hf.HfEngine:
    return engine(base)


def engine(base: Path, now=lambda: 0.0, **settings) -> hf.HfEngine:
    return hf.HfEngine(SampleConfig(model=str(base), **{"max_new_tokens": 24} | settings), now)


def ask(text: str, kind: str = "fresh") -> Prompt:
    return Prompt("t1", kind, (Message("system", "ARC"), Message("user", text)), parents=("p0",))


def one(engine: hf.HfEngine, prompt: Prompt, n: int = 1, seed: int = 0) -> list[Completion]:
    return engine.sample([Request(prompt, n, seed)], NEVER)[0]


def tokens(found: list[list[Completion]]) -> list[list[tuple[int, ...]]]:
    return [[completion.tokens for completion in each] for each in found]


def plain_logprobs(model, prompt: list[int], answer: tuple[int, ...]) -> list[float]:
    """The slow way: one forward pass, nothing cached, nothing shared."""
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([[*prompt, *answer]]), use_cache=False).logits[0, len(prompt) - 1 : -1]
    return logits.log_softmax(-1)[range(len(answer)), list(answer)].tolist()


def test_greedy_is_what_the_library_generates(base, raw):
    greedy = engine(base, temperature=0.0)
    found = greedy.sample([Request(ask(text), 2, 7) for text in TEXTS], NEVER)
    for text, answers in zip(TEXTS, found, strict=True):
        ids = torch.tensor([chat.render(greedy.tokenizer, ask(text))])
        wanted = raw.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=24)
        assert [answer.tokens for answer in answers] == [tuple(wanted[0, ids.shape[1] :].tolist())] * 2


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_listed_architecture_decodes_as_the_library_does(architecture, tmp_path):
    config = getattr(transformers, architecture.replace("ForCausalLM", "Config"))(
        vocab_size=tiny.VOCABULARY,
        hidden_size=64,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=16,
        max_position_embeddings=512,
        initializer_range=0.15,
        bos_token_id=None,
        eos_token_id=tiny.END,
        dtype="float32",
    )
    torch.manual_seed(0)
    model = getattr(transformers, architecture)(config).eval()
    model.save_pretrained(tiny.tiny_tokenizer(tmp_path))
    sampled = engine(tmp_path)
    for text, answers in zip(TEXTS, sampled.sample([Request(ask(text), 2, 3) for text in TEXTS], NEVER), strict=True):
        ids = chat.render(sampled.tokenizer, ask(text))
        for answer in answers:
            assert answer.logprobs == pytest.approx(plain_logprobs(model, ids, answer.tokens), abs=1e-4)


def test_logprobs_are_those_of_a_plain_forward_pass(shared, raw):
    found = shared.sample([Request(ask(text), 4, 3) for text in TEXTS], NEVER)
    for text, answers in zip(TEXTS, found, strict=True):
        ids = chat.render(shared.tokenizer, ask(text))
        for answer in answers:
            assert answer.logprobs == pytest.approx(plain_logprobs(raw, ids, answer.tokens), abs=1e-4)


@pytest.mark.parametrize("settings", [{"temperature": 0.5}, {"top_p": 0.3}, {"min_p": 0.5}], ids=str)
def test_logprobs_are_of_the_model_as_it_is_whatever_the_sampling(base, raw, settings):
    sampled = engine(base, **settings)
    [answer] = one(sampled, ask(TEXTS[0]), seed=1)
    ids = chat.render(sampled.tokenizer, ask(TEXTS[0]))
    assert answer.logprobs == pytest.approx(plain_logprobs(raw, ids, answer.tokens), abs=1e-4)


def test_a_request_gives_the_same_samples_alone_and_in_a_batch(shared):
    requests = [Request(ask(text), 5, seed) for seed, text in enumerate(TEXTS)]
    together = shared.sample(requests, NEVER)
    assert tokens(together) == [tokens(shared.sample([request], NEVER))[0] for request in requests]
    assert tokens([one(shared, ask(TEXTS[1]), n=2, seed=1)])[0] == tokens(together)[1][:2]  # sample i needs no i + 1
    assert len(set(tokens(together)[0])) == 5


def test_another_seed_gives_other_samples(shared):
    assert one(shared, ask("x"), seed=1)[0].tokens != one(shared, ask("x"), seed=2)[0].tokens


def test_small_batches_give_the_same_samples(base, shared):
    requests = [Request(ask(text), n, 5) for n, text in zip((5, 1, 3), TEXTS, strict=True)]
    whole = tokens(shared.sample(requests, NEVER))
    assert [len(each) for each in whole] == [5, 1, 3]
    assert tokens(engine(base, sequences=2).sample(requests, NEVER)) == whole
    assert tokens(engine(base, batch_tokens=256).sample(requests, NEVER)) == whole


def test_prompts_prefilled_in_parts_give_the_same_samples(shared, monkeypatch):
    requests = [Request(ask(text), 2, 5) for text in TEXTS]
    whole = tokens(shared.sample(requests, NEVER))
    monkeypatch.setattr(hf, "PREFILL_TOKENS", 1)
    assert tokens(shared.sample(requests, NEVER)) == whole


def test_a_prompt_is_prefilled_once_for_all_its_samples(shared, monkeypatch):
    widths = []
    forward = shared._trunk.forward
    monkeypatch.setattr(
        shared._trunk, "forward", lambda **given: widths.append(given["input_ids"].shape) or forward(**given)
    )
    one(shared, ask("x"), n=8)
    assert widths[0][0] == 1 and all(width == 1 for _, width in widths[1:])


def test_answers_end_at_the_end_token_and_leave_the_batch(base):
    wide = engine(base, max_new_tokens=60)
    rows = []
    pack = hf.Batch.pack
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hf.Batch, "pack", lambda batch, keep: rows.append(len(keep)) or pack(batch, keep))
        wide._ends = frozenset(range(200, 259))  # many end tokens: answers of every length
        found = wide.sample([Request(ask(text), 12, 1) for text in TEXTS], NEVER)
    assert rows and rows == sorted(rows, reverse=True)
    answers = [answer for each in found for answer in each]
    assert {answer.finish for answer in answers} == {"stop"}
    assert all(answer.tokens[-1] >= 200 and max(answer.tokens[:-1], default=0) < 200 for answer in answers)
    wide._ends = frozenset()
    free = wide.sample([Request(ask(text), 12, 1) for text in TEXTS], NEVER)
    pairs = [pair for some, all_ in zip(found, free, strict=True) for pair in zip(some, all_, strict=True)]
    assert all(long.tokens[: len(cut.tokens)] == cut.tokens for cut, long in pairs)
    assert {long.finish for _, long in pairs} == {"length"}


def test_a_completion_says_where_it_comes_from(shared):
    found = one(shared, ask("x", kind="edit"), n=30)
    assert {(answer.proposer, answer.parents) for answer in found} == {("edit", ("p0",))}
    assert all("<|" not in answer.text for answer in found)
    assert all((answer.finish == "stop") == (answer.tokens[-1] == tiny.END) for answer in found)


def test_produced_counts_every_token(base):
    counting = engine(base)
    found = one(counting, ask("x"), n=6)
    assert counting.produced == sum(len(answer.tokens) for answer in found)


def test_the_deadline_cuts_what_runs_and_leaves_out_what_never_began(base):
    ticks = iter(range(1000))
    cut = engine(base, now=lambda: next(ticks), sequences=2)
    cut._ends = frozenset()
    first, second = cut.sample([Request(ask("a"), 2, 0), Request(ask("later"), 2, 0)], 7.0)
    # 0: begin the batch, 1: prefill, 2 to 6: a token each, 7: stop
    assert [(len(answer.tokens), answer.finish) for answer in first] == [(5, "deadline")] * 2
    assert second == []


def test_a_deadline_that_is_past_costs_nothing(shared):
    before = shared.produced
    assert shared.sample([Request(ask("a"), 2, 0)], -1.0) == [[]]
    assert shared.produced == before


def test_no_requests_and_none_wanted_are_answered(shared):
    assert shared.sample([], NEVER) == []
    assert shared.sample([Request(ask("a"), 0, 0)], NEVER) == [[]]


class Starved:
    """A forward pass that fails above some rows, as a full device does."""

    def __init__(self, engine: hf.HfEngine, most: int, step: int = 0) -> None:
        self.forward, self.most, self.step, self.seen = engine._trunk.forward, most, step, []

    def __call__(self, **given):
        cache, rows = given.get("shared"), given["input_ids"].shape[0]
        if cache is not None:
            self.seen.append(rows)
            if rows > self.most and cache.step >= self.step:
                raise torch.OutOfMemoryError("CUDA out of memory")
        return self.forward(**given)


def test_out_of_memory_halves_the_batch_and_is_remembered(base, shared, monkeypatch):
    requests = [Request(ask(text), 4, 2) for text in TEXTS]
    hungry = engine(base)
    starved = Starved(hungry, most=3)
    monkeypatch.setattr(hungry._trunk, "forward", starved)
    assert tokens(hungry.sample(requests, NEVER)) == tokens(shared.sample(requests, NEVER))
    assert [rows for rows in starved.seen if rows > 3] == [12, 4]  # half is 6, one prompt's 4 go together; then 2
    starved.seen.clear()
    hungry.sample(requests, NEVER)
    assert max(starved.seen) == 2


def test_out_of_memory_keeps_what_was_finished(base, monkeypatch):
    request = Request(ask("x"), 8, 2)
    hungry = engine(base)
    hungry._ends = frozenset(range(20))
    wanted = hungry.sample([request], NEVER)
    lengths = [len(answer.tokens) for answer in wanted[0]]
    ended = sum(length <= 4 for length in lengths)  # four tokens are there before the forward pass that fails
    assert 0 < ended < 4
    started = []
    streams = hungry._streams
    monkeypatch.setattr(hungry, "_streams", lambda rows: started.append(len(rows)) or streams(rows))
    monkeypatch.setattr(hungry._trunk, "forward", Starved(hungry, most=4, step=3))
    assert tokens(hungry.sample([request], NEVER)) == tokens(wanted)
    assert started == [8, 4, 4 - ended]


def test_out_of_memory_with_one_sequence_is_the_end(base, monkeypatch):
    hungry = engine(base)
    monkeypatch.setattr(hungry._trunk, "forward", Starved(hungry, most=0))
    with pytest.raises(EngineError, match="out of memory on cpu with one sequence"):
        one(hungry, ask("x"), n=8)


def test_another_failure_is_not_taken_for_memory(base, monkeypatch):
    broken = engine(base)

    def fail(**_):
        raise RuntimeError("shapes do not match")

    monkeypatch.setattr(broken._trunk, "forward", fail)
    with pytest.raises(RuntimeError, match="shapes"):
        one(broken, ask("x"))


def test_a_prompt_longer_than_the_context_is_refused(base):
    short = engine(base, context=64)
    assert short.context == 64
    with pytest.raises(PromptError, match="t1: a fresh prompt of"):
        one(short, ask("x" * 64))
    with pytest.raises(PromptError):
        short.score(ask("x"), "y" * 64)


def test_an_answer_stops_at_the_end_of_the_context(base):
    short = engine(base, context=64, max_new_tokens=60)
    short._ends = frozenset()
    room = 64 - short.count(ask("x"))
    assert 0 < room < 60
    assert [(len(answer.tokens), answer.finish) for answer in one(short, ask("x"))] == [(room, "length")]


def test_count_is_the_length_of_the_rendered_prompt(shared):
    # <|im_start|>system\nARC<|im_end|>\n is 1+6+1+3+1+1, <|im_start|>user\nabc<|im_end|>\n 1+4+1+3+1+1, then 1+9+1
    assert shared.count(ask("abc")) == 13 + 11 + 11


def test_score_is_the_logprob_of_the_text_and_its_end(shared, raw):
    ids = chat.render(shared.tokenizer, ask("x"))
    wanted = chat.answer(shared.tokenizer, "def solve(I):\n")
    assert len(wanted) == 15 and wanted[-1] == tiny.END
    assert shared.score(ask("x"), "def solve(I):\n") == pytest.approx(plain_logprobs(raw, ids, tuple(wanted)), abs=1e-4)


def test_min_p_and_top_p_keep_the_likely_tokens(base):
    careful, nucleus = engine(base, min_p=1.0), engine(base, top_p=1e-6)
    greedy = one(engine(base, temperature=0.0), ask("x"))
    assert one(careful, ask("x"), seed=4) == one(nucleus, ask("x"), seed=9) == greedy


def test_tokens_come_as_often_as_their_probability(shared):
    logp = torch.tensor([[0.5, 0.25, 0.0, 0.25]]).log().repeat(2000, 1)
    uniform = torch.rand(2000, generator=torch.Generator().manual_seed(0))
    share = torch.bincount(shared._choose(logp, uniform), minlength=4) / 2000
    assert share.tolist() == pytest.approx([0.5, 0.25, 0.0, 0.25], abs=0.03)
    ends = torch.tensor([0.0, 1.0])  # the edges of the interval never give an impossible token
    impossible = torch.tensor([[0.0, 1.0, 0.0]]).log().repeat(2, 1)
    assert shared._choose(impossible, ends).tolist() == [1, 1]


def test_top_p_keeps_the_least_set_that_reaches_it(base):
    logp = torch.tensor([[0.2, 0.5, 0.3]]).log().repeat(1000, 1)
    uniform = torch.linspace(0, 0.999, 1000)
    assert set(engine(base, top_p=0.6)._choose(logp, uniform).tolist()) == {1, 2}
    assert set(engine(base, top_p=0.9)._choose(logp, uniform).tolist()) == {0, 1, 2}
    assert set(engine(base, min_p=0.5)._choose(logp, uniform).tolist()) == {1, 2}  # 0.2 < 0.5 * 0.5


@pytest.mark.parametrize("merge", [True, False], ids=["merged", "beside"])
def test_an_adapter_goes_on_is_swapped_and_comes_off_exactly(base, tmp_path, merge):
    first = tiny.tiny_adapter(tmp_path / "a", base, seed=1)
    other = tiny.tiny_adapter(tmp_path / "b", base, seed=2, targets=("q_proj", "gate_proj"))
    changed = engine(base, merge=merge)
    assert changed.adapter is None
    scores = []
    for folder in (None, first, other, first, None):
        changed.adapt(folder)
        assert changed.adapter == folder
        scores.append(changed.score(ask("x"), "answer"))
    bare, one_, two, again, off = scores
    assert off == bare and again == one_
    assert (
        min(
            max(abs(a - b) for a, b in zip(left, right, strict=True))
            for left, right in ((bare, one_), (bare, two), (one_, two))
        )
        > 1e-2
    )


def test_merged_and_beside_are_the_same_model(base, tmp_path):
    folder = tiny.tiny_adapter(tmp_path / "a", base, seed=1, use_rslora=True)
    both = [engine(base, merge=merge, adapter=folder) for merge in (True, False)]
    assert both[0].score(ask("x"), "answer") == pytest.approx(both[1].score(ask("x"), "answer"), abs=1e-4)
    assert one(both[0], ask("x"), n=3)[0].tokens == one(both[1], ask("x"), n=3)[0].tokens


def test_new_content_at_the_same_path_is_read_again(base, tmp_path):
    folder = tiny.tiny_adapter(tmp_path / "a", base, seed=1)
    changed = engine(base, adapter=folder)
    before = changed.score(ask("x"), "answer")
    tiny.tiny_adapter(folder, base, seed=2)
    changed.adapt(folder)
    assert changed.score(ask("x"), "answer") != before


def test_a_bad_adapter_leaves_the_one_that_is_on(base, tmp_path):
    folder = tiny.tiny_adapter(tmp_path / "a", base, seed=1)
    wrong = tiny.tiny_adapter(tmp_path / "b", tiny.tiny_model(tmp_path / "wide", hidden=128))
    changed = engine(base, adapter=folder)
    before = changed.score(ask("x"), "answer")
    with pytest.raises(WeightsError, match="another base"):
        changed.adapt(wrong)
    assert changed.adapter == folder and changed.score(ask("x"), "answer") == before


def test_an_adapter_means_what_peft_makes_of_it(base, tmp_path):
    peft = pytest.importorskip("peft")
    folder = tiny.tiny_adapter(tmp_path / "a", base, seed=1, use_rslora=True)
    ours = engine(base, adapter=folder)
    theirs = peft.PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), folder).eval()
    wanted = tuple(chat.answer(ours.tokenizer, "answer"))
    ids = chat.render(ours.tokenizer, ask("x"))
    assert ours.score(ask("x"), "answer") == pytest.approx(plain_logprobs(theirs, ids, wanted), abs=1e-4)


def test_weights_that_lack_a_tensor_are_refused(tmp_path):
    folder = tiny.tiny_model(tmp_path / "model")
    weights = load_file(folder / "model.safetensors")
    del weights["model.norm.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(WeightsError, match=r"lack model\.norm\.weight"):
        engine(folder)


def test_weights_of_other_shapes_are_refused(tmp_path):
    folder = tiny.tiny_model(tmp_path / "model")
    weights = load_file(folder / "model.safetensors")
    weights["model.norm.weight"] = torch.ones(3)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(WeightsError, match="do not belong together"):
        engine(folder)


def test_the_tokenizer_splits_as_its_file_says(tmp_path):
    """The library's automatic choice would split digits apart, as the model's family does."""
    folder = tiny.tiny_tokenizer(tmp_path / "tokenizer")
    kept = chat.load_tokenizer(folder).backend_tokenizer
    assert [piece for piece, _ in kept.pre_tokenizer.pre_tokenize_str("1234")] == ["1234"]


def test_a_damaged_tokenizer_is_refused(base, tmp_path):
    (tmp_path / "tokenizer.json").write_text("{}", "utf-8")
    (tmp_path / "tokenizer_config.json").write_text("{}", "utf-8")
    with pytest.raises(WeightsError, match=r"tokenizer\.json: cannot be read"):
        chat.load_tokenizer(tmp_path)


def test_closing_gives_the_model_back(base):
    done = engine(base)
    done.close()
    assert done._model is None


@pytest.mark.parametrize("merge", [True, False], ids=["merged", "beside"])
def test_an_adapter_that_fails_halfway_leaves_the_base(base, tmp_path, monkeypatch, merge):
    lora = tiny.tiny_adapter(tmp_path / "a", base, seed=1)
    changed = engine(base, merge=merge)
    before = changed.score(ask("x"), "answer")
    changed.adapt(lora)
    put, calls = hf.HfEngine._put, []

    def failing(self, *given):
        calls.append(given)
        if len(calls) == 3:
            raise torch.OutOfMemoryError("CUDA out of memory")
        put(self, *given)

    monkeypatch.setattr(hf.HfEngine, "_put", failing)
    with pytest.raises(torch.OutOfMemoryError):
        changed.adapt(lora)
    assert changed.adapter is None
    assert changed.score(ask("x"), "answer") == before
