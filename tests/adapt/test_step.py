"""Gradients into the adapter: the fast ways against the slow ones, the clock, and what happens when memory runs out.

Not here: the losses themselves (test_loss), accelerators (tests/gpu).
"""

import math
import random
import weakref
from dataclasses import replace

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import torch
from helpers import Clock
from sample.tiny import tiny_model

from arc_submit.adapt import step
from arc_submit.adapt.lora import Lora
from arc_submit.adapt.records import Example, divergence
from arc_submit.adapt.step import Trainer, size
from arc_submit.config import AdaptConfig, SampleConfig
from arc_submit.sample.hf import HfEngine

NEVER = math.inf
CONFIG = AdaptConfig(rank=4, alpha=8.0, batch=8, rate=1e-2, policy_rate=1e-2)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    base = tiny_model(tmp_path_factory.mktemp("base") / "model")
    return HfEngine(SampleConfig(model=str(base), adapter=None))


@pytest.fixture(scope="module")
def model(engine):
    return engine.lend()


def make_trainer(model, now=None, halves=False, trained=False, **settings):
    """A trainer; `trained` gives the factors random numbers, `halves` is whether gradients are in bfloat16."""
    config = CONFIG.model_copy(update=settings)
    lora = Lora(model, config, seed=0)
    if trained:
        draw = torch.Generator().manual_seed(1)
        with torch.no_grad():
            for factor in lora.parameters():
                factor.copy_(0.1 * torch.randn(factor.shape, generator=draw))
    trainer = Trainer(lora, config, now or Clock())
    trainer._halves = halves
    return trainer


def make_examples(*lengths, seed=0, **given):
    """One example per (prompt tokens, answer tokens), with prompts of their own."""
    draw = random.Random(seed)
    return [Example(make_ids(draw, prompt), make_ids(draw, answer), **given) for prompt, answer in lengths]


def make_group(count, seed=0, prompt=20, longest=12):
    """Answers of several lengths to one prompt."""
    draw = random.Random(seed)
    asked = make_ids(draw, prompt)
    return [Example(asked, make_ids(draw, draw.randint(1, longest))) for _ in range(count)]


def make_ids(draw, length):
    return tuple(draw.randrange(256) for _ in range(length))


def judged(trainer, examples, advantages):
    """Examples as sampled by the adapter as it is, with these advantages."""
    return [
        replace(example, old=old, advantage=advantage)
        for example, old, advantage in zip(examples, trainer.logprobs(examples), advantages, strict=True)
    ]


def plain(trainer, example):
    """The slow way: one forward pass of the whole model for one answer."""
    with torch.no_grad(), trainer.lora.on():
        ids = torch.tensor([[*example.prompt, *example.answer]])
        logits = trainer.lora.model(input_ids=ids, use_cache=False).logits[0, len(example.prompt) - 1 : -1]
    return logits.log_softmax(-1)[range(len(example.answer)), list(example.answer)].tolist()


def factors(trainer):
    return [factor.detach().clone() for factor in trainer.lora.parameters()]


def gradients(trainer):
    return [factor.grad.clone() for factor in trainer.lora.parameters()]


def apart(ones, others):
    """Largest difference of any number."""
    return max((one - other).abs().max().item() for one, other in zip(ones, others, strict=True))


def total(trainer, example):
    return sum(trainer.logprobs([example])[0])


# Fast and slow. -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("micro", [1, 64, 200, 8192])
@pytest.mark.parametrize("seed", range(3))
def test_logprobs_are_those_of_one_plain_pass_each_in_the_order_asked(model, micro, seed):
    trainer = make_trainer(model, trained=True, micro_tokens=micro)
    draw = random.Random(seed)
    examples = [*make_group(5, seed), *make_group(3, seed + 9, prompt=1), *make_examples((1, 1), (30, 2), (3, 40))]
    examples += [Example(examples[0].prompt[:9], (7, 7, 7)), examples[0]]  # a prompt in a prompt; the same once more
    draw.shuffle(examples)
    for found, example in zip(trainer.logprobs(examples), examples, strict=True):
        assert found == pytest.approx(plain(trainer, example), abs=1e-4)


def test_logprobs_of_nothing_are_nothing(model):
    assert make_trainer(model).logprobs([]) == []


def test_logprobs_are_what_the_engine_says_with_the_saved_adapter_on(engine, tmp_path):
    trainer = make_trainer(engine.lend(), trained=True)
    examples = [*make_group(3), *make_examples((5, 9), (30, 4))]
    trained, start = trainer.logprobs(examples), trainer.logprobs(examples, at_start=True)
    trainer.lora.save(tmp_path)
    for folder, wanted in ((tmp_path, trained), (None, start)):
        engine.adapt(folder)
        for example, logps in zip(examples, wanted, strict=True):
            assert engine.score_ids(example.prompt, example.answer) == pytest.approx(logps, abs=engine.precision / 10)
    assert max(abs(a - b) for a, b in zip(trained[0], start[0], strict=True)) > 0.1


@pytest.mark.parametrize("seed", range(6))
def test_a_pass_has_no_more_tokens_than_asked_padding_included(model, monkeypatch, seed):
    draw = random.Random(seed)
    examples = [
        example
        for _ in range(6)
        for example in make_group(draw.randint(1, 8), draw.random(), draw.randint(1, 60), draw.choice((3, 30)))
    ]
    trainer = make_trainer(model, micro_tokens=128, batch=64)  # the longest example has 90
    seen = Starved(monkeypatch, trainer)
    assert trainer.teach(examples, NEVER).steps == 1
    assert max(seen.sizes) <= 128


@pytest.mark.parametrize("update", ["teach", "reinforce"])
def test_small_passes_give_the_factors_of_one_large_pass(model, update):
    examples = [*make_group(4), *make_examples((5, 9), (30, 4), (3, 17), (12, 1), seed=1)]
    rates = {"rate": 2e-5, "policy_rate": 2e-5}  # AdamW's first step is about this long however small a gradient is
    whole, cut = (make_trainer(model, trained=True, micro_tokens=micro, **rates) for micro in (8192, 64))
    examples = judged(whole, examples, (1.0, -1.0, 0.5, 0.0, 2.0, -0.5, 1.0, -2.0))
    one, other = (getattr(trainer, update)(examples, NEVER) for trainer in (whole, cut))
    assert (one.steps, other.steps) == (1, 1)
    assert one.loss == pytest.approx(other.loss, rel=1e-6)
    assert apart(gradients(whole), gradients(cut)) < 1e-5
    assert apart(factors(whole), factors(cut)) < 1e-5
    assert apart(factors(whole), factors(make_trainer(model, trained=True))) > 1e-5


def test_answers_in_one_row_give_the_gradients_of_a_row_each(model):
    examples = [*make_group(4), *make_group(3, seed=5, prompt=2)]
    shared, alone = (make_trainer(model, trained=True, micro_tokens=micro, clip_norm=1e9) for micro in (8192, 1))
    assert [len(list(trainer._rows(examples))) for trainer in (shared, alone)] == [2, 7]
    for one, other in zip(shared.logprobs(examples), alone.logprobs(examples), strict=True):
        assert one == pytest.approx(other, abs=1e-5)
    for trainer in (shared, alone):
        trainer.teach(examples, NEVER)
    scale = max(gradient.abs().max().item() for gradient in gradients(alone))
    assert apart(gradients(shared), gradients(alone)) < 1e-5 * max(1.0, scale)


def test_gradients_in_halves_are_close_to_exact_ones(model):
    examples = [*make_group(4), *make_examples((5, 9), (30, 4), seed=1)]
    exact, half = (make_trainer(model, trained=True, halves=halves, clip_norm=1e9) for halves in (False, True))
    one, other = (trainer.teach(examples, NEVER) for trainer in (exact, half))
    assert one.loss != other.loss
    assert one.loss[0] == pytest.approx(other.loss[0], abs=0.02)
    wanted, found = (torch.cat([gradient.flatten() for gradient in gradients(trainer)]) for trainer in (exact, half))
    assert torch.cosine_similarity(wanted, found, 0) > 0.995
    assert found.norm().item() == pytest.approx(wanted.norm().item(), rel=0.03)


def test_what_is_compared_with_the_engine_is_never_in_halves(model):
    examples = make_group(4)
    exact, half = (make_trainer(model, trained=True, halves=halves) for halves in (False, True))
    assert exact.logprobs(examples) == half.logprobs(examples)
    assert exact.moves(examples) == half.moves(examples)


# What is learnt. ------------------------------------------------------------------------------------------------------


def test_teaching_makes_the_answers_likelier(model):
    trainer, examples = make_trainer(model), make_examples((9, 8), (12, 5), (3, 9))
    before = [total(trainer, example) for example in examples]
    learnt = trainer.teach(examples * 8, NEVER)
    assert (learnt.steps, learnt.examples, learnt.why) == (3, 24, "")  # 24 in batches of 8
    assert learnt.loss[1] < learnt.loss[0]
    assert all(total(trainer, example) > was + 0.5 for example, was in zip(examples, before, strict=True))


def test_the_first_loss_is_the_weighted_mean_over_answer_tokens(model):
    trainer, examples = make_trainer(model), make_examples((9, 8), (12, 5), (3, 1))
    examples = [replace(example, weight=weight) for example, weight in zip(examples, (1.0, 0.5, 3.0), strict=True)]
    logps = [sum(found) for found in trainer.logprobs(examples)]
    # -(1 * sum + 0.5 * sum + 3 * sum) / (1 * 8 + 0.5 * 5 + 3 * 1)
    wanted = -(logps[0] + 0.5 * logps[1] + 3 * logps[2]) / 13.5
    assert trainer.teach(examples, NEVER).loss == pytest.approx((wanted, wanted), abs=1e-5)


def test_an_answer_without_weight_teaches_nothing(model):
    trainer, other = make_trainer(model), make_trainer(model)
    [idle] = make_examples((30, 3), weight=0.0)
    trainer.teach([idle, *make_examples((5, 5), seed=4)], NEVER)
    other.teach(make_examples((5, 5), seed=4), NEVER)
    assert apart(factors(trainer), factors(other)) < 1e-5


def test_reinforcing_makes_good_answers_likelier_and_bad_ones_less_likely(model):
    trainer, group = make_trainer(model), make_group(4)
    examples = judged(trainer, group, (1.0, -1.0, 1.0, -1.0))
    trainer.reinforce(examples, NEVER)
    for example in examples:
        assert (total(trainer, example) - sum(example.old)) * example.advantage > 0.0


def test_a_ratio_is_one_at_first(model):
    trainer = make_trainer(model, trained=True, batch=16)
    examples = judged(trainer, make_group(5), (1.0, -1.5, 0.5, 0.0, 2.0))
    learnt = trainer.reinforce(examples, NEVER)
    tokens = [len(example.answer) for example in examples]
    wanted = -sum(e.advantage * n for e, n in zip(examples, tokens, strict=True)) / sum(tokens)
    assert learnt.loss == pytest.approx((wanted, wanted), abs=1e-4)
    assert learnt.clipped == 0.0


@pytest.mark.parametrize("micro", [8192, 64, 1])
def test_the_clipped_share_is_of_the_whole_step(model, micro):
    trainer = make_trainer(model, micro_tokens=micro)
    group = make_group(4)
    examples = [
        replace(example, old=tuple(logp - 1.0 for logp in example.old)) if number < 2 else example
        for number, example in enumerate(judged(trainer, group, (1.0, 1.0, 1.0, 1.0)))
    ]  # ratios e, e, 1, 1
    lengths = [len(example.answer) for example in group]
    share = sum(lengths[:2]) / sum(lengths)
    assert trainer.reinforce(examples, NEVER).clipped == pytest.approx(share)


def test_every_pass_goes_over_all_answers(model):
    trainer = make_trainer(model, passes=3)
    examples = judged(trainer, make_group(3), (1.0, -1.0, 0.5))
    learnt = trainer.reinforce(examples, NEVER)
    assert (learnt.steps, learnt.examples) == (3, 9)
    trainer.lora.reset()
    once = replace_passes(trainer, 1).reinforce(examples, NEVER)
    assert once.loss[0] == pytest.approx(learnt.loss[0]) and learnt.loss[1] < learnt.loss[0]


def replace_passes(trainer, passes):
    trainer.config = trainer.config.model_copy(update={"passes": passes})
    return trainer


def test_divergence_pulls_back_to_the_start(model):
    group = make_group(4)
    found = []
    for kl in (0.0, 1.0):
        trainer = make_trainer(model, kl=kl, rate=3e-2)
        trainer.teach(group, NEVER)
        before = divergence(trainer.moves(group))
        kept = factors(trainer)
        trainer.reinforce(judged(trainer, group, (0.0,) * 4), NEVER)
        found.append((before, divergence(trainer.moves(group)), apart(factors(trainer), kept)))
    (free, still, moved), (bound, back, _) = found
    assert free == bound > 0.01
    assert (still, moved) == (free, 0.0)  # no advantage, nothing to follow
    assert back < 0.9 * bound


def test_moves_are_measured_from_the_start(model):
    trainer, examples = make_trainer(model), make_group(3)
    assert [move.size for move in trainer.moves(examples)] == [0.0] * 3
    start = trainer.logprobs(examples)
    trainer.teach(examples, NEVER)
    moves = trainer.moves(examples)
    assert [move.start for move in moves] == start
    assert [move.now for move in moves] == trainer.logprobs(examples) != start
    assert divergence(moves) > 0.0


def test_nothing_to_learn_is_no_step(model):
    trainer = make_trainer(model)
    assert trainer.teach([], NEVER).loss is None
    assert trainer.reinforce([], NEVER).steps == 0


def test_a_prompt_that_is_shared_counts_once():
    group, other = make_group(3, prompt=20), make_examples((5, 2))
    assert size([*group, *other]) == 20 + sum(len(example.answer) for example in group) + 7


# The clock. -----------------------------------------------------------------------------------------------------------


class Ticking(Clock):
    """Moves on by a second whenever it is read."""

    def __call__(self):
        self.time += 1.0
        return self.time


EVEN = ((10, 6),) * 6  # three steps of two


def test_the_deadline_keeps_a_step_from_being_made(model):
    trainer = make_trainer(model, Ticking(), batch=2)
    learnt = trainer.teach(make_examples(*EVEN), 7.0)
    # 1 begin; 2, 3 step one, 1 s measured; 4 + 1.5 < 7, 5 step two; 6 + 1.5 >= 7: stop
    assert (learnt.steps, learnt.examples, learnt.tokens, learnt.why) == (2, 4, 64, "deadline")
    assert learnt.seconds == 6.0  # 7 - 1
    other = make_trainer(model, batch=2)
    assert other.teach(make_examples(*EVEN)[:4], NEVER).why == ""
    assert apart(factors(trainer), factors(other)) == 0.0


def test_the_deadline_inside_a_step_leaves_the_last_whole_step(model):
    trainer = make_trainer(model, Ticking(), batch=2, micro_tokens=16)  # two passes a step
    learnt = trainer.teach(make_examples(*EVEN), 9.5)
    # 1 begin; 2, 3 and 4, 5 step one; 6 + 1.5 < 9.5, 7 half of step two; 8 + 1.5 >= 9.5: stop
    assert (learnt.steps, learnt.why) == (1, "deadline")
    other = make_trainer(model, batch=2, micro_tokens=16)
    other.teach(make_examples(*EVEN)[:2], NEVER)
    assert apart(factors(trainer), factors(other)) == 0.0
    rest = trainer.teach(make_examples(*EVEN)[2:4], NEVER)  # what the cut step left behind is not in the next one
    assert rest.steps == other.teach(make_examples(*EVEN)[2:4], NEVER).steps == 1
    assert apart(factors(trainer), factors(other)) == 0.0


def test_a_deadline_that_is_past_changes_nothing(model):
    trainer = make_trainer(model)
    kept = factors(trainer)
    learnt = trainer.teach(make_examples(*EVEN), 0.0)
    assert (learnt.steps, learnt.loss, learnt.why) == (0, None, "deadline")
    assert apart(factors(trainer), kept) == 0.0


def test_the_cost_is_known_after_the_first_pass(model):
    trainer, examples = make_trainer(model, Ticking()), make_examples(*EVEN)
    assert trainer.cost(examples) is None
    trainer.teach(examples, NEVER)  # 96 tokens in 1 s
    assert trainer.cost(examples) == pytest.approx(1.0)
    assert trainer.cost(examples[:3]) == pytest.approx(0.5)


def test_the_last_examples_are_those_that_fit(model):
    trainer, examples = make_trainer(model, Ticking()), make_examples(*EVEN)
    assert trainer.fitting(examples, 0.001) == examples  # the speed is not known
    trainer.teach(examples, NEVER)  # 96 tokens in 1 s, so 0.25 s for an example of 16 with its slack of 1.5
    assert trainer.fitting(examples, 1.6) == examples
    assert trainer.fitting(examples, 0.8) == examples[3:]
    assert list(trainer.fitting(examples, 0.2)) == []
    assert list(trainer.fitting(examples, -1.0)) == []


# What goes wrong. -----------------------------------------------------------------------------------------------------


def spoilt(example, value):
    return replace(example, old=(value, *example.old[1:]))


@pytest.mark.parametrize("value", [math.nan, -math.inf])
def test_an_old_logprob_that_is_no_number_stops_before_the_step(model, value):
    trainer = make_trainer(model, batch=2)
    examples = judged(trainer, make_group(4), (1.0, -1.0, 1.0, -1.0))
    learnt = trainer.reinforce([*examples[:2], spoilt(examples[2], value), examples[3]], NEVER)
    assert learnt.why.startswith("not finite")
    other = make_trainer(model, batch=2)
    assert learnt.steps == other.reinforce(examples[:2], NEVER).steps == 1
    assert apart(factors(trainer), factors(other)) == 0.0


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("field", ["weight", "advantage"])
def test_a_weight_or_an_advantage_that_is_no_number_stops_before_the_step(model, field, value):
    trainer = make_trainer(model)
    examples = judged(trainer, make_group(3), (1.0, -1.0, 1.0))
    examples[1] = replace(examples[1], **{field: value})
    kept = factors(trainer)
    learnt = trainer.teach(examples, NEVER) if field == "weight" else trainer.reinforce(examples, NEVER)
    assert learnt.why.startswith("not finite") and learnt.steps == 0
    assert apart(factors(trainer), kept) == 0.0


def test_a_gradient_without_bounds_stops_before_the_step(model, monkeypatch):
    trainer, examples = make_trainer(model), make_group(3)
    kept = factors(trainer)
    logps = trainer._logps
    monkeypatch.setattr(trainer, "_logps", lambda made: (logps(made) * 1e30).tanh() + 1e38 * logps(made))
    assert trainer.teach(examples, NEVER).why.startswith("not finite")
    assert apart(factors(trainer), kept) == 0.0


class Starved:
    """Log-probabilities for which memory runs out at some passes, counted from 1; keeps how large passes were."""

    def __init__(self, monkeypatch, trainer, *at):
        self.logps, self.at, self.sizes = trainer._logps, at, []
        self.failed = None
        monkeypatch.setattr(trainer, "_logps", self)
        monkeypatch.setattr(step, "free_memory", lambda: None)  # a fifth of a second each

    def __call__(self, made, **given):
        self.sizes.append(made.ids_R_T.numel())
        if len(self.sizes) in self.at:
            self.failed = weakref.ref(made.ids_R_T)
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return self.logps(made, **given)


MIXED = ((30, 10), (8, 4), (30, 10), (8, 4))  # 40 and 12 tokens
LADDER = (
    "",
    "passes of 128 tokens",
    "passes of 64 tokens",
    "no examples above 20 tokens",  # 32 would be less than the longest
    "passes of 32 tokens",
    "passes of 16 tokens",
    "rank 2",
    "rank 1",
)


@pytest.mark.parametrize("failures", range(len(LADDER)))
def test_out_of_memory_takes_one_rung_after_another(model, monkeypatch, failures):
    trainer = make_trainer(model, micro_tokens=256)
    starved = Starved(monkeypatch, trainer, *range(1, failures + 1))
    learnt = trainer.teach(make_examples(*MIXED), NEVER)
    assert (trainer.reduced, learnt.why, learnt.steps) == (LADDER[failures], "", 1)
    assert learnt.examples == (4 if failures < 3 else 2)
    rank = {6: 2, 7: 1}.get(failures, 4)
    assert trainer.lora.rank == rank
    # remembered, also when memory would do
    starved.sizes.clear()
    starved.at = ()
    assert trainer.teach(make_examples(*MIXED, seed=1), NEVER).examples == learnt.examples
    assert max(starved.sizes) <= (256, 128, 64, 64, 32, 16, 16, 16)[failures]
    assert (trainer.reduced, trainer.lora.rank) == (LADDER[failures], rank)


def test_below_the_last_rung_there_is_no_learning(model, monkeypatch):
    trainer = make_trainer(model, micro_tokens=256)
    Starved(monkeypatch, trainer, *range(1, 100))
    learnt = trainer.teach(make_examples(*MIXED), NEVER)
    assert learnt.why == "memory: not even 12 tokens at rank 1"
    assert (learnt.steps, learnt.loss) == (0, None)
    assert not any(high.any() for _, high in trainer.lora.snapshot().values())


def test_a_step_that_ran_out_of_memory_is_made_in_smaller_passes(model, monkeypatch):
    examples = make_examples(*MIXED, *MIXED, seed=3)
    trainer, other = (make_trainer(model, micro_tokens=256, batch=4, rate=1e-4) for _ in range(2))
    Starved(monkeypatch, trainer, 2)  # the second step
    learnt, wanted = trainer.teach(examples, NEVER), other.teach(examples, NEVER)
    assert trainer.reduced == "passes of 128 tokens"
    assert (learnt.steps, learnt.examples, learnt.tokens) == (wanted.steps, wanted.examples, wanted.tokens)
    assert apart(factors(trainer), factors(other)) < 1e-5


def test_steps_that_a_lower_rank_undid_are_not_counted(model, monkeypatch):
    trainer = make_trainer(model, micro_tokens=32, batch=2)
    examples = make_examples(*((8, 4),) * 4)
    # step one in one pass; step two in one, which fails: passes of 16, none above 6, which leaves no example
    Starved(monkeypatch, trainer, 2, 3)
    assert trainer.teach(examples, NEVER).steps == 1
    trainer = make_trainer(model, micro_tokens=16, batch=2)
    trainer._longest = 12
    Starved(monkeypatch, trainer, 4)  # two passes a step; the second of step two, where only the rank is left to halve
    learnt = trainer.teach(examples, NEVER)
    assert (trainer.reduced, learnt.steps, learnt.examples) == ("rank 2", 1, 2)
    other = make_trainer(model, micro_tokens=16, batch=2, rank=2)
    other.teach(examples[2:], NEVER)
    assert apart(factors(trainer), factors(other)) == 0.0


def test_memory_is_freed_once_nothing_holds_the_failed_pass(model, monkeypatch):
    trainer = make_trainer(model, micro_tokens=256)
    starved = Starved(monkeypatch, trainer, 1)
    seen = []
    monkeypatch.setattr(step, "free_memory", lambda: seen.append(starved.failed()))
    trainer.teach(make_examples(*MIXED), NEVER)
    assert seen == [None]


def test_another_failure_is_not_taken_for_memory_and_leaves_the_layers_alone(model, monkeypatch):
    trainer, examples = make_trainer(model, trained=True), make_group(2)
    bare = trainer.logprobs(examples, at_start=True)

    def fail(made):
        raise RuntimeError("shapes do not match")

    with monkeypatch.context() as patch:
        patch.setattr(trainer, "_logps", fail)
        with pytest.raises(RuntimeError, match="shapes"):
            trainer.teach(examples, NEVER)
    assert not trainer.reduced
    assert make_trainer(model).logprobs(examples) == bare


def test_the_models_own_weights_stay(model):
    kept = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    trainer = make_trainer(model, kl=0.1)
    trainer.teach(make_group(4), NEVER)
    trainer.reinforce(judged(trainer, make_group(4), (1.0, -1.0, 1.0, -1.0)), NEVER)
    now = model.state_dict()
    assert all(torch.equal(now[name], kept[name]) for name in kept)
    assert all(weight.grad is None and not weight.requires_grad for weight in model.parameters())
