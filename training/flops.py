"""How much of this machine a training run uses: operations that training takes over operations that the machine can do.

    share = training_flops(...) / seconds / matmul_flops(threads)

The top of the scale is measured, not looked up: a shared CPU has no data sheet. It is the best of several square
matrix products, so a share of 1.0 is out of reach, and a small model on a CPU stays well below it. Counted are matrix
products only; norms, activations, the optimiser and reading data are the loss that the share shows.
"""

import time
from collections.abc import Callable
from typing import Any

SIDE = 1024  # of the square matrices: large enough that the product, not the call, takes the time
_WARM_UP = 2  # products before the clock starts: pages, caches, kernel choice


def training_flops(parameters_without_embedding: int, tokens: int, layers: int, hidden: int, context: int) -> float:
    """Return the floating-point operations of training on `tokens`, forward and backward: (6 N + 12 L H C) per token.

    N weights each multiply and add once forward and twice backward; attention's two products with C positions come on
    top, uncut by the causal mask, as PaLM counts (arXiv 2204.02311, appendix B).

    Args:
        parameters_without_embedding: N. Leave the embedding out, which is looked up; count the output head, which is
            multiplied, also when it is tied to the embedding.
        tokens: padding counts when the device computes it.
        layers: L.
        hidden: H, heads times head width.
        context: C, positions that a token could attend to: the sequence length, or the mean one.

    >>> training_flops(1_000_000, 10, layers=2, hidden=100, context=50)
    61200000.0
    """
    return tokens * (6.0 * parameters_without_embedding + 12.0 * layers * hidden * context)


def step_flops(model: Any) -> Callable[[tuple[int, int], int], float]:
    """Return ((rows, columns), answers) -> floating-point operations of one training step of this model.

    The head counts for the answers' tokens alone, as `training.loss` applies it. A frozen weight costs four operations
    of six: nobody needs its gradient, only the gradient of what comes before it.

    Args:
        model: a transformers causal LM, or one wrapped by peft.
    """
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    config, head = inner.config, inner.get_output_embeddings().weight
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    apart = {id(head), id(inner.get_input_embeddings().weight)}
    trunk = sum(_counted(weight) for weight in model.parameters() if id(weight) not in apart)
    layers, hidden = config.num_hidden_layers, config.num_attention_heads * width

    def flops(shape: tuple[int, int], answers: int) -> float:
        rows, columns = shape
        return training_flops(trunk, rows * columns, layers, hidden, columns) + 6.0 * _counted(head) * answers

    return flops


def _counted(weight: Any) -> int:
    size: int = weight.numel()
    return size if weight.requires_grad else round(size * 4 / 6)


def matmul_flops(threads: int = 1, dtype: str = "float32", device: str = "cpu", seconds: float = 1.0) -> float:
    """Return the floating-point operations per second of matrix products of this size on this machine.

    Args:
        threads: of torch on a CPU; without effect on an accelerator. The process's own number is put back.
        dtype: a torch dtype by name, e.g. `bfloat16`.
        device: a torch device, e.g. `cuda`.
        seconds: spent measuring, about; at least one product is timed.

    Raises:
        ValueError: no such dtype.
    """
    import torch

    kind = getattr(torch, dtype, None)
    if not isinstance(kind, torch.dtype):
        raise ValueError(f"{dtype}: no torch dtype; expected e.g. float32 or bfloat16")
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        own = torch.Generator().manual_seed(0)  # whoever measures keeps its random numbers
        left, right = (torch.randn(SIDE, SIDE, generator=own).to(device, kind) for _ in range(2))
        batch = 1 if torch.device(device).type == "cpu" else 64  # products between two looks at the clock

        def timed(products: int) -> float:
            started = time.perf_counter()
            for _ in range(products):
                made = left @ right
            made[0, 0].item()  # waits for the device
            return (time.perf_counter() - started) / products

        timed(_WARM_UP)
        best, end = timed(batch), time.perf_counter() + seconds
        while time.perf_counter() < end:
            best = min(best, timed(batch))
    finally:
        torch.set_num_threads(before)
    return 2.0 * SIDE**3 / best
