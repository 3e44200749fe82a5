"""Completion-only loss: cross-entropy at the places that have a label, and logits only there."""

from typing import Any

from training.batch import IGNORED, Batch


def completion_loss(model: Any, batch: Batch, smoothing: float = 0.0) -> Any:
    """Return the mean loss in nats per answer token, weighted by example.

    The head is applied to the answers' places alone: with prompts two thirds of the tokens and a vocabulary larger
    than the width, that is a third of a small model's step.

    Args:
        model: a transformers causal LM, or one wrapped by peft.
        smoothing: label smoothing, 0..1 (Szegedy et al., arXiv 1512.00567).
    """
    import torch.nn.functional as F

    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    extra = {} if batch.mask is None else {"attention_mask": batch.mask, "position_ids": batch.positions}
    hidden = inner.model(input_ids=batch.ids, use_cache=False, **extra).last_hidden_state  # (rows, columns, width)
    wanted = batch.labels != IGNORED
    logits = inner.lm_head(hidden[wanted]).float()  # (answer tokens, vocabulary)
    losses = F.cross_entropy(logits, batch.labels[wanted], reduction="none", label_smoothing=smoothing)
    weights = batch.weights[wanted]
    return (losses * weights).sum() / weights.sum()
