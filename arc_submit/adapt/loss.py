"""The losses of test-time learning: imitation of right answers, and GRPO's clipped surrogate.

Every loss is a sum over tokens divided by a number that the caller gives for the whole optimizer step. So a batch may
be cut into micro-batches, and answers may be masked, without a change in what any other token counts (DAPO's
token-level loss, arXiv 2503.14476). A mean per answer or per micro-batch would let short answers, or whatever shares a
micro-batch with truncated ones, count more.

Left out: ratios of whole sequences (GSPO), bounds that differ above and below, an entropy bonus, and weighing the
divergence by the ratio (DeepSeek-V3.2, trl's default), which rights its gradient. Only methods of tensors are used, so
that this imports without torch. Letters in names of shapes: see `records`.
"""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor


class PolicyLoss(NamedTuple):
    """GRPO's loss of a micro-batch. Each is a sum over its tokens / `tokens`, so a step's micro-batches add up."""

    loss: "Tensor"
    """Scalar to call `backward` on, the divergence term included."""
    clipped: "Tensor"
    """Share of tokens that the bounds kept from being learnt: the ratio is out of bounds on the side where its
    advantage pushes it. Detached scalar."""
    kl: "Tensor"
    """Divergence from the start, nats per token, not weighted; 0 when no start was given. Detached scalar."""


def policy_loss(
    logps_S_N: "Tensor",
    old_S_N: "Tensor",
    advantages_S: "Tensor",
    mask_S_N: "Tensor",
    tokens: float,
    clip: float,
    kl: float = 0.0,
    start_S_N: "Tensor | None" = None,
) -> PolicyLoss:
    """Return GRPO's loss (arXiv 2402.03300) of some answers, one ratio per token.

    Each token costs -min(ratio * A, clip(ratio, 1 - clip, 1 + clip) * A) with ratio = exp(logp - old), plus `kl` times
    the divergence from the start, exp(start - logp) - (start - logp) - 1: never negative, and right on average over
    what the model samples (Schulman's k3).

    Args:
        logps_S_N: log-probabilities of the answers' tokens under the model in training.
        old_S_N: the same when the answers were sampled; at temperature 1, as `logps_S_N`.
        advantages_S: of each answer.
        mask_S_N: true or 1 where a token bears loss; what stands elsewhere is never read.
        tokens: tokens that bear loss in all micro-batches of the optimizer step.
        clip: how far from 1 a ratio counts.
        kl: weight of the divergence.
        start_S_N: log-probabilities under the adapter's start; without them the divergence is not computed.

    Raises:
        ValueError: shapes differ, no tokens, or a weight for the divergence without the start's log-probabilities.
    """
    _check(logps_S_N, mask_S_N, tokens, old_S_N=old_S_N, start_S_N=start_S_N)
    _check_rows(logps_S_N, advantages_S=advantages_S)
    if kl and start_S_N is None:
        raise ValueError(f"kl is {kl}, but start_S_N is not given")
    mask = mask_S_N.bool()
    gain_S_1 = advantages_S.detach().unsqueeze(-1)

    # Masked before exp: a huge number under the mask would come back as inf * 0 in the gradient.
    ratio_S_N = (logps_S_N - old_S_N.detach()).where(mask, 0.0).exp()
    bounded_S_N = ratio_S_N.clamp(1 - clip, 1 + clip)
    cost_S_N = -(ratio_S_N * gain_S_1).minimum(bounded_S_N * gain_S_1)
    out_S_N = ((ratio_S_N < 1 - clip) & (gain_S_1 < 0)) | ((ratio_S_N > 1 + clip) & (gain_S_1 > 0))
    clipped = (out_S_N & mask).float().sum() / tokens

    divergence = clipped.new_zeros(())
    if start_S_N is not None:
        ahead_S_N = (start_S_N.detach() - logps_S_N).where(mask, 0.0)
        divergence_S_N = ahead_S_N.exp() - ahead_S_N - 1
        divergence = divergence_S_N.detach().sum() / tokens
        if kl:
            cost_S_N = cost_S_N + kl * divergence_S_N
    return PolicyLoss(cost_S_N.where(mask, 0.0).sum() / tokens, clipped, divergence)


def supervised_loss(logps_S_N: "Tensor", weights_S: "Tensor", mask_S_N: "Tensor", total: float) -> "Tensor":
    """Return the weighted negative log-likelihood of the answers' tokens, -sum(w * logp) / total.

    `weights_S` counts for each token of an answer; `total` is the sum of weights over the tokens that bear loss in all
    micro-batches of the optimizer step (with weights of 1, their number).

    Raises:
        ValueError: shapes differ, or total is not positive.
    """
    _check(logps_S_N, mask_S_N, total)
    _check_rows(logps_S_N, weights_S=weights_S)
    return -(logps_S_N.where(mask_S_N.bool(), 0.0) * weights_S.unsqueeze(-1)).sum() / total


def token_logps(logits_S_N_V: "Tensor", tokens_S_N: "Tensor") -> "Tensor":
    """Return the log-probability of each token at temperature 1, in float32 whatever the logits are.

    `logits_S_N_V[s, n]` is the model's prediction of `tokens_S_N[s, n]`, so it was computed one position before it.

    Raises:
        ValueError: shapes differ.
    """
    if logits_S_N_V.shape[:-1] != tokens_S_N.shape:
        raise ValueError(f"logits {tuple(logits_S_N_V.shape)} do not fit tokens {tuple(tokens_S_N.shape)}")
    logits_S_N_V = logits_S_N_V.float()
    return logits_S_N_V.gather(-1, tokens_S_N.unsqueeze(-1)).squeeze(-1) - logits_S_N_V.logsumexp(-1)


def _check(logps_S_N: "Tensor", mask_S_N: "Tensor", total: float, **others_S_N: "Tensor | None") -> None:
    """Raise where what belongs to each token has another shape, or there is nothing to divide by."""
    for name, tensor in {"mask_S_N": mask_S_N, **others_S_N}.items():
        if tensor is not None and tensor.shape != logps_S_N.shape:
            raise ValueError(f"{name} is {tuple(tensor.shape)}, logps_S_N {tuple(logps_S_N.shape)}")
    if not total > 0:
        raise ValueError(f"a step divides by what bears loss, which must be more than 0, got {total}")


def _check_rows(logps_S_N: "Tensor", **others_S: "Tensor") -> None:
    """Raise where what belongs to each answer has another length."""
    for name, tensor in others_S.items():
        if tensor.shape != logps_S_N.shape[:1]:
            raise ValueError(f"{name} is {tuple(tensor.shape)}, logps_S_N {tuple(logps_S_N.shape)}")
