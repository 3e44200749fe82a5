"""Completion-only loss: cross-entropy at the places that have a label, and logits only there.

Both drivers of fine-tuning compute it here, so that they mean the same by a weight and by a mean. Weights are not
divided out again: an example that weighs 2 pulls twice as hard as one that weighs 1, also where it is alone in a step.
Their mean over a dataset is 1, which `tuning.data` sees to, so that a learning rate means the same with and without.

Left out: loss on prompts, auxiliary losses of mixtures of experts.
"""

from typing import Any

from training.batch import IGNORED, Batch

LOGITS = 2**26
"""Logits held at once: 256 MiB in float32. With more answer tokens than that the head is applied in parts, each
computed again on the way back."""


def completion_loss(model: Any, batch: Batch, smoothing: float = 0.0, total: Any = None) -> Any:
    """Return the mean loss in nats per answer token, weighted by example.

    The head is applied to the answers' places alone: with prompts two thirds of the tokens and a vocabulary larger
    than the width, that is a third of a small model's step.

    Args:
        model: a transformers causal LM, or one wrapped by peft.
        smoothing: label smoothing, 0..1 (Szegedy et al., arXiv 1512.00567).
        total: what the weighted sum is divided by: answer tokens of the step over all its passes, a number or a tensor;
            None: those of this batch.
    """
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    extra = {} if batch.positions is None else {"position_ids": batch.positions}
    hidden = inner.model(input_ids=batch.ids, use_cache=False, **extra).last_hidden_state
    return answer_loss(hidden, inner.lm_head, batch.labels, batch.weights, smoothing, total)


def answer_loss(hidden: Any, head: Any, labels: Any, weights: Any, smoothing: float = 0.0, total: Any = None) -> Any:
    """Return the sum over answer tokens of weight times loss, divided by `total` (see `completion_loss`).

    Args:
        hidden: (rows, columns, width), before the head.
        head: the output layer.
        labels: (rows, columns), what is to be predicted at each place, IGNORED where nothing is.
        weights: (rows, columns) float32.
    """
    import torch
    from torch.utils.checkpoint import checkpoint

    def part(hidden: Any, labels: Any, weights: Any) -> Any:
        logits = head(hidden).float()  # (answer tokens, vocabulary)
        losses = torch.nn.functional.cross_entropy(logits, labels, reduction="none", label_smoothing=smoothing)
        return (losses * weights).sum()

    wanted = labels != IGNORED
    hidden, labels, weights = hidden[wanted], labels[wanted], weights[wanted]
    divisor = max(1, len(labels)) if total is None else total
    many = max(1, LOGITS // head.weight.shape[0])
    if len(labels) <= many:
        return part(hidden, labels, weights) / divisor
    cut = zip(hidden.split(many), labels.split(many), weights.split(many), strict=True)
    return sum(checkpoint(part, *one, use_reentrant=False) for one in cut) / divisor
