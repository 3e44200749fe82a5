"""The losses against plain Python, against themselves in micro-batches, and against trl.

trl is asked with a real `GRPOTrainer` over a random model of one layer: its advantages, its loss, its gradients, its
share of clipped tokens and its divergence are compared with ours on the same rewards, tokens and log-probabilities.
"""

import math
import subprocess
import sys

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import torch
from sample.tiny import VOCABULARY, tiny_model

from arc_submit.adapt.advantage import advantages
from arc_submit.adapt.loss import policy_loss, supervised_loss, token_logps

CLIP = 0.2
REWARDS = [0.1, None, 0.5, 0.9, 0.3, 0.3, 0.3, 0.3, 1.0, 0.0, None, None]  # three groups of four


def make_batch(seed, answers=6, length=9):
    """Random log-probabilities of three models that are not far apart, advantages, and a mask with ragged ends."""
    draw = torch.Generator().manual_seed(seed)
    logps = -3 * torch.rand(answers, length, generator=draw)
    old = logps + 0.3 * torch.randn(answers, length, generator=draw)
    start = logps + 0.3 * torch.randn(answers, length, generator=draw)
    gains = torch.randn(answers, generator=draw)
    lengths = torch.randint(1, length + 1, (answers,), generator=draw)
    mask = torch.arange(length) < lengths.unsqueeze(1)
    return logps, old, gains, mask, start


def by_hand(logps, old, gains, mask, tokens, kl=0.0, start=None):
    """Loss, clipped share and divergence, token by token."""
    loss = clipped = divergence = 0.0
    for s, gain in enumerate(gains.tolist()):
        for n in range(logps.shape[1]):
            if not mask[s, n]:
                continue
            ratio = math.exp(logps[s, n].item() - old[s, n].item())
            bounded = min(max(ratio, 1 - CLIP), 1 + CLIP)
            loss -= min(ratio * gain, bounded * gain) / tokens
            clipped += (ratio > 1 + CLIP if gain > 0 else ratio < 1 - CLIP) / tokens
            if start is not None:
                ahead = start[s, n].item() - logps[s, n].item()
                divergence += (math.exp(ahead) - ahead - 1) / tokens
    return loss + kl * divergence, clipped, divergence


def values(loss):
    return [part.item() for part in loss]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("kl", [0.0, 0.05])
def test_the_policy_loss_is_that_of_plain_python(seed, kl):
    logps, old, gains, mask, start = make_batch(seed)
    got = policy_loss(logps, old, gains, mask, mask.sum().item(), CLIP, kl, start)
    assert values(got) == pytest.approx(by_hand(logps, old, gains, mask, mask.sum().item(), kl, start), abs=1e-5)


def test_bounds_hold_on_the_side_that_the_advantage_pushes_to_only():
    # A = 1:  ratio 1.5 -> 1.2 (clipped); ratio 0.5 -> 0.5.  A = -1: ratio 1.5 -> -1.5; ratio 0.5 -> -0.8 (clipped).
    # -(1.2 + 0.5 - 1.5 - 0.8) / 4 = 0.15
    logps = torch.tensor([[1.5, 0.5], [1.5, 0.5]]).log().requires_grad_()
    got = policy_loss(logps, torch.zeros(2, 2), torch.tensor([1.0, -1.0]), torch.ones(2, 2), 4, CLIP)
    assert values(got) == pytest.approx([0.15, 0.5, 0.0])
    got.loss.backward()  # of -ratio * A / 4 by logp: -A * ratio / 4, and nothing where the bounds hold
    assert logps.grad.flatten().tolist() == pytest.approx([0, -0.125, 0.375, 0])


def test_the_divergence_is_reported_without_a_weight_and_does_not_move_the_loss_then():
    # start - logp = log 2: exp(log 2) - log 2 - 1 = 0.306853
    logps = torch.zeros(1, 3, requires_grad=True)
    batch = (logps, torch.zeros(1, 3), torch.zeros(1), torch.ones(1, 3), 3, CLIP)
    free = policy_loss(*batch, start_S_N=torch.full((1, 3), math.log(2)))
    assert values(free) == pytest.approx([0.0, 0.0, 0.306853], abs=1e-6)
    held = policy_loss(*batch, 0.5, torch.full((1, 3), math.log(2)))
    assert values(held) == pytest.approx([0.153426, 0.0, 0.306853], abs=1e-6)
    held.loss.backward()  # by logp: 0.5 * (1 - exp(start - logp)) / 3 = -1 / 6: towards the start, which gives it more
    assert logps.grad.flatten().tolist() == pytest.approx([-1 / 6] * 3)


@pytest.mark.parametrize("cuts", [(6,), (3, 3), (1, 2, 3), (1, 1, 1, 1, 1, 1)])
def test_cutting_a_batch_into_micro_batches_changes_neither_loss_nor_gradient(cuts):
    logps, old, gains, mask, start = make_batch(7)
    whole = logps.clone().requires_grad_()
    wanted = policy_loss(whole, old, gains, mask, mask.sum().item(), CLIP, 0.05, start)
    wanted.loss.backward()
    parts = logps.clone().requires_grad_()
    sums = [0.0, 0.0, 0.0]
    for rows in torch.arange(len(gains)).split(cuts):
        longest = int(mask[rows].sum(1).max())  # a micro-batch is padded to its own longest answer
        cut = [tensor[rows, :longest] for tensor in (parts, old, mask, start)]
        loss = policy_loss(cut[0], cut[1], gains[rows], cut[2], mask.sum().item(), CLIP, 0.05, cut[3])
        loss.loss.backward()
        sums = [total + part for total, part in zip(sums, values(loss), strict=True)]
    assert sums == pytest.approx(values(wanted), abs=1e-6)
    torch.testing.assert_close(parts.grad, whole.grad, rtol=0, atol=1e-7)


@pytest.mark.parametrize("cuts", [(6,), (1, 2, 3)])
def test_the_same_holds_for_the_supervised_loss(cuts):
    logps, _, weights, mask, _ = make_batch(8)
    # By hand: sum over tokens that bear loss of -w * logp, over their sum of w.
    weights = weights.abs()
    total = (weights.unsqueeze(1) * mask).sum().item()
    wanted = sum(-weights[s].item() * logps[s, n].item() for s, n in mask.nonzero().tolist()) / total
    got = sum(supervised_loss(logps[rows], weights[rows], mask[rows], total) for rows in torch.arange(6).split(cuts))
    assert got.item() == pytest.approx(wanted, abs=1e-6)


def test_a_truncated_answer_that_is_masked_is_as_good_as_not_there():
    logps, old, gains, mask, start = make_batch(9)
    mask[2] = False
    there = logps.clone().requires_grad_()
    got = policy_loss(there, old, gains, mask, mask.sum().item(), CLIP, 0.05, start)
    rest = torch.tensor([0, 1, 3, 4, 5])
    gone = policy_loss(logps[rest], old[rest], gains[rest], mask[rest], mask.sum().item(), CLIP, 0.05, start[rest])
    assert values(got) == pytest.approx(values(gone), abs=1e-6)
    got.loss.backward()
    assert not there.grad[2].any()


@pytest.mark.parametrize("rubbish", [1e4, -1e4, math.inf, -math.inf, math.nan])
def test_what_stands_under_the_mask_is_never_read(rubbish):
    logps, old, gains, mask, start = make_batch(10)
    assert not mask.all()
    wanted = policy_loss(logps, old, gains, mask, mask.sum().item(), CLIP, 0.05, start)
    for which in range(3):
        batch = [logps.clone(), old.clone(), start.clone()]
        batch[which][~mask] = rubbish
        batch[0].requires_grad_()
        got = policy_loss(batch[0], batch[1], gains, mask, mask.sum().item(), CLIP, 0.05, batch[2])
        assert values(got) == values(wanted)
        got.loss.backward()
        assert batch[0].grad.isfinite().all() and not batch[0].grad[~mask].any()
    logps[~mask] = rubbish
    assert supervised_loss(logps, gains, mask, 1.0).isfinite()


def test_neither_the_sampler_nor_the_start_is_trained():
    logps, old, gains, mask, start = (part.requires_grad_(part.is_floating_point()) for part in make_batch(11))
    got = policy_loss(logps, old, gains, mask, mask.sum().item(), CLIP, 0.05, start)
    got.loss.backward()
    assert logps.grad is not None
    assert old.grad is None and start.grad is None and gains.grad is None
    assert not got.clipped.requires_grad and not got.kl.requires_grad


def test_log_probabilities_are_float32_whatever_the_logits_are():
    draw = torch.Generator().manual_seed(0)
    logits = 5 * torch.randn(2, 3, 50, generator=draw)
    tokens = torch.randint(50, (2, 3), generator=draw)
    wanted = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    torch.testing.assert_close(token_logps(logits, tokens), wanted, rtol=0, atol=1e-5)
    half = token_logps(logits.bfloat16(), tokens)
    assert half.dtype == torch.float32
    torch.testing.assert_close(half, token_logps(logits.bfloat16().float(), tokens), rtol=0, atol=0)


def test_shapes_that_do_not_fit_are_named():
    logps, old, gains, mask, start = make_batch(12)
    with pytest.raises(ValueError, match=r"old_S_N is \(6, 8\), logps_S_N \(6, 9\)"):
        policy_loss(logps, old[:, 1:], gains, mask, 1, CLIP)
    with pytest.raises(ValueError, match="start_S_N"):
        policy_loss(logps, old, gains, mask, 1, CLIP, start_S_N=start[1:])
    with pytest.raises(ValueError, match=r"advantages_S is \(6, 1\)"):
        policy_loss(logps, old, gains.unsqueeze(1), mask, 1, CLIP)
    with pytest.raises(ValueError, match="mask_S_N"):
        supervised_loss(logps, gains, mask[0], 1)
    with pytest.raises(ValueError, match="weights_S"):
        supervised_loss(logps, gains[1:], mask, 1)
    with pytest.raises(ValueError, match="logits"):
        token_logps(torch.zeros(2, 3, 5), torch.zeros(2, 4, dtype=torch.long))


@pytest.mark.parametrize("tokens", [0, -1, math.nan])
def test_a_step_in_which_nothing_bears_loss_is_refused(tokens):
    logps, old, gains, mask, _ = make_batch(13)
    with pytest.raises(ValueError, match="more than 0"):
        policy_loss(logps, old, gains, mask, tokens, CLIP)
    with pytest.raises(ValueError, match="more than 0"):
        supervised_loss(logps, gains, mask, tokens)


def test_a_weight_for_a_divergence_that_cannot_be_computed_is_refused():
    logps, old, gains, mask, _ = make_batch(14)
    with pytest.raises(ValueError, match="start_S_N is not given"):
        policy_loss(logps, old, gains, mask, 1, CLIP, 0.05)


@pytest.fixture(scope="module")
def make_trainer(tmp_path_factory):
    """A function that returns trl's trainer over the tiny model, whose reward function says REWARDS."""
    import accelerate
    import datasets
    import transformers
    import trl

    folder = tiny_model(tmp_path_factory.mktemp("trl") / "model", layers=1)

    def make(**settings):
        args = trl.GRPOConfig(
            output_dir=str(folder.parent / "out"),
            use_cpu=True,
            bf16=False,
            per_device_train_batch_size=12,
            num_generations=4,
            max_completion_length=8,
            epsilon=CLIP,
            report_to="none",
            **settings,
        )
        trainer = trl.GRPOTrainer(
            model=transformers.AutoModelForCausalLM.from_pretrained(folder, local_files_only=True),
            reward_funcs=lambda completions, **_: REWARDS,
            args=args,
            train_dataset=datasets.Dataset.from_list([{"prompt": "a"}] * 12),
            processing_class=transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True),
        )
        trainer.current_gradient_accumulation_steps = 1
        return trainer

    yield make
    # trl settles the process's device and precision for whoever asks accelerate next; others have other wishes.
    accelerate.state.AcceleratorState._reset_state(reset_partial_state=True)


@pytest.mark.parametrize("scale", [True, False])
def test_advantages_are_those_of_trl(make_trainer, scale):
    trainer = make_trainer(scale_rewards="group" if scale else "none")
    theirs = trainer._generate_and_score_completions([{"prompt": letter} for letter in "aaaabbbbcccc"])["advantages"]
    ours = [advantages(REWARDS[first : first + 4], scale) for first in (0, 4, 8)]
    assert ours[1] is None
    flat = [gain for group in ours for gain in group or [None] * 4]  # trl has 0 for those that we leave out
    assert theirs.tolist() == pytest.approx([gain or 0.0 for gain in flat], abs=1e-5)


@pytest.mark.parametrize("kind", ["dapo", "bnpo"])
@pytest.mark.parametrize("beta", [0.0, 0.05])
@pytest.mark.parametrize("seed", range(3))
def test_the_policy_loss_and_its_gradient_are_those_of_trl(make_trainer, kind, beta, seed):
    # use_bias_correction_kl weighs the divergence by the ratio (as DeepSeek-V3.2 does), which ours leaves out.
    trainer = make_trainer(loss_type=kind, beta=beta, importance_sampling_level="token", use_bias_correction_kl=False)
    model = trainer.model
    draw = torch.Generator().manual_seed(seed)
    prompts = torch.randint(VOCABULARY, (6, 5), generator=draw)
    answers = torch.randint(VOCABULARY, (6, 8), generator=draw)
    mask = torch.arange(8) < torch.tensor([8, 3, 1, 8, 0, 5]).unsqueeze(1)  # answer 4 was truncated, and is masked
    gains = torch.randn(6, generator=draw)

    def ours(model):
        whole = torch.cat([prompts, answers], 1)
        return token_logps(model(input_ids=whole, use_cache=False).logits[:, 4:-1], answers)

    with torch.no_grad():
        now = ours(model)
        old = now + 0.3 * torch.randn(now.shape, generator=draw)
        start = now + 0.3 * torch.randn(now.shape, generator=draw)
    model.train()
    theirs = trainer._compute_loss(
        model,
        {
            "prompt_ids": prompts,
            "prompt_mask": torch.ones_like(prompts),
            "completion_ids": answers,
            "completion_mask": mask.long(),
            "advantages": gains,
            "old_per_token_logps": old,
            "ref_per_token_logps": start,
            "num_items_in_batch": mask.sum(),
        },
    )
    theirs.backward()
    wanted = [weight.grad.clone() for weight in model.parameters()]
    said = trainer._metrics["train"]
    model.zero_grad()
    got = policy_loss(ours(model), old, gains, mask, mask.sum().item(), CLIP, beta, start if beta else None)
    got.loss.backward()

    assert got.loss.item() == pytest.approx(theirs.item(), abs=1e-5)
    assert got.clipped.item() == pytest.approx(said["clip_ratio/region_mean"][-1], abs=1e-6)
    assert 0 < got.clipped.item() < 1
    assert got.kl.item() == pytest.approx(said["kl"][-1] if beta else 0.0, abs=1e-5)
    assert max(gradient.abs().max().item() for gradient in wanted) > 0.01
    for weight, gradient in zip(model.parameters(), wanted, strict=True):
        torch.testing.assert_close(weight.grad, gradient, rtol=1e-4, atol=1e-5)


def test_loss_and_guard_import_without_torch():
    code = "import sys; sys.modules['torch'] = None; import arc_submit.adapt.loss, arc_submit.adapt.guard"
    subprocess.run([sys.executable, "-c", code], check=True)
