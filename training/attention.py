"""Attention for training: in float32 on a CPU, whatever the rest of the step is computed in.

Under bfloat16 autocast the backward pass of attention falls back to slow code on a CPU (torch 2.13), so that a step is
slower than it need be; `arc_submit.adapt` found the same at test time. Matrix products stay in bfloat16, which is where
the time of a large model goes. On an accelerator nothing is changed.

    model = fitted(model, "cpu")

Left out: mask shapes of other models than decoders that transformers builds its `sdpa` masks for.
"""

import os

# As in arc_submit.adapt.step: products in bfloat16 are compiled for each shape and kept, 1 GiB and more of them.
os.environ.setdefault("LRU_CACHE_CAPACITY", "64")
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")

from functools import cache
from typing import Any

NAME = "training_float32_on_cpu"
"""In the library's table of attention functions."""


def fitted(model: Any, device: str) -> Any:
    """Return the model, changed in place: on a CPU with the library's `sdpa` attention it gets the one of this file.

    Args:
        model: a transformers causal LM, or one wrapped by peft.
        device: a torch device, e.g. `cpu` or `cuda:0`.
    """
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    if device.startswith("cpu") and inner.config._attn_implementation == "sdpa":
        _register()
        inner.set_attn_implementation(NAME)
    return model


@cache
def _register() -> None:
    import torch
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.integrations.sdpa_attention import sdpa_attention_forward
    from transformers.masking_utils import sdpa_mask

    def attend(module: Any, query: Any, key: Any, value: Any, attention_mask: Any, **rest: Any) -> Any:
        if not torch.is_autocast_enabled("cpu"):
            return sdpa_attention_forward(module, query, key, value, attention_mask, **rest)
        if attention_mask is not None and attention_mask.is_floating_point():
            attention_mask = attention_mask.float()
        with torch.autocast("cpu", enabled=False):
            return sdpa_attention_forward(module, query.float(), key.float(), value.float(), attention_mask, **rest)

    AttentionInterface.register(NAME, attend)
    AttentionMaskInterface.register(NAME, sdpa_mask)
