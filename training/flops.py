"""How much of this machine a training run uses: operations that training takes over operations that the machine can do.

    share = training_flops(...) / seconds / matmul_flops(threads)

The top of the scale is measured, not looked up: a shared CPU has no data sheet. It is the best of several square
matrix products, so a share of 1.0 is out of reach, and a small model on a CPU stays well below it. Counted are matrix
products only; norms, activations, the optimiser and reading data are the loss that the share shows.
"""

import time

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
        left, right = (torch.randn(SIDE, SIDE, device=device).to(kind) for _ in range(2))
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
