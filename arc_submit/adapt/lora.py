"""One LoRA beside the linear layers of a resident model: trained in place, reset in place, saved as peft saves it.

The model's own weights are only read, so an engine can lend them: nothing is copied and nothing is loaded twice. The
factors are float32 whatever the model is. Low-rank adaptation: Hu et al., arXiv 2106.09685.

Left out: dropout, DoRA, embeddings, more than one adapter at a time.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from arc_submit.config import AdaptConfig
from arc_submit.sample import checkpoint

ATTENTION = ("q_proj", "k_proj", "v_proj", "o_proj")
State: TypeAlias = dict[str, tuple[Tensor, Tensor]]
"""Module -> (A, B), copies in the computer's memory."""


class Lora:
    """Factors A (rank, inputs) and B (outputs, rank) per module; a layer's output gains scale * B A x while it is on.

    Args:
        model: a transformers causal LM; its weights are frozen here.
        seed: of the first A; B begins at zero, so that the model begins unchanged.
        start: a LoRA folder to begin from instead; its rank, modules and scale are taken over.
        base: the model's folder, which `start` must fit; not read without one.

    Raises:
        WeightsError: `start` is not a plain LoRA for this base.
        ValueError: the model has no layer to adapt.
    """

    def __init__(
        self, model: Any, config: AdaptConfig, seed: int, start: Path | None = None, base: Path | None = None
    ) -> None:
        self.model, self._seed = model, seed
        self._factors: dict[str, tuple[Tensor, Tensor]] = {}
        self._given = start is not None
        model.requires_grad_(False)
        if start is not None and base is not None:
            self._begin_from(start, base)
        else:
            self._begin_anew(config.rank, config.alpha, config.modules)
        self._start = self.snapshot()

    @property
    def rank(self) -> int:
        """Largest rank of a module."""
        return max(int(low.shape[0]) for low, _ in self._factors.values())

    @property
    def size(self) -> int:
        """Trained numbers."""
        return sum(low.numel() + high.numel() for low, high in self._factors.values())

    def parameters(self) -> list[Tensor]:
        """Return the factors, the very tensors that train."""
        return [factor for pair in self._factors.values() for factor in pair]

    @contextmanager
    def on(self) -> Iterator[None]:
        """Have the model's layers add their factors' product."""
        hooks = [
            self.model.get_submodule(module).register_forward_hook(_adding(low, high, self._scale[module]))
            for module, (low, high) in self._factors.items()
        ]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    @contextmanager
    def at_start(self) -> Iterator[None]:
        """Have the layers add the factors that the adapter began with."""
        now = self.snapshot()
        self.restore(self._start)
        try:
            with self.on():
                yield
        finally:
            self.restore(now)

    def reset(self) -> None:
        """Put the factors back to what they began as, in place."""
        self.restore(self._start)

    def snapshot(self) -> State:
        """Return a copy of the factors."""
        return {
            module: (low.detach().to("cpu", copy=True), high.detach().to("cpu", copy=True))
            for module, (low, high) in self._factors.items()
        }

    def restore(self, state: State) -> None:
        """Copy a snapshot back, in place."""
        with torch.no_grad():
            for module, (low, high) in state.items():
                self._factors[module][0].copy_(low)
                self._factors[module][1].copy_(high)

    def fits(self, state: State) -> bool:
        """Return whether a snapshot has this rank."""
        return all(low.shape == self._factors[module][0].shape for module, (low, _) in state.items())

    def shrink(self) -> bool:
        """Begin anew with half the rank; False where it is 1 already, or where it began from a folder."""
        if self.rank == 1 or self._given:
            return False
        scale = max(self._scale.values()) * self.rank
        rank = self.rank // 2
        self._fresh(list(self._factors), rank, scale / rank)
        self._start = self.snapshot()
        return True

    def save(self, folder: Path) -> None:
        """Write adapter_model.safetensors and adapter_config.json.

        Raises:
            OSError: the folder cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {}
        for module, (low, high) in self.snapshot().items():
            tensors[f"base_model.model.{module}.lora_A.weight"] = low
            tensors[f"base_model.model.{module}.lora_B.weight"] = high
        try:
            save_file(tensors, folder / "adapter_model.safetensors")
        except SafetensorError as error:  # what the library makes of a full disk
            raise OSError(f"{folder}: {error}") from error
        scale = next(iter(self._scale.values()))
        settings = {
            "peft_type": "LORA",
            "task_type": "CAUSAL_LM",
            "r": self.rank,
            "lora_alpha": scale * self.rank,
            "lora_dropout": 0.0,
            "bias": "none",
            "use_rslora": False,
            "inference_mode": True,
            "target_modules": sorted({module.rpartition(".")[2] for module in self._factors}),
        }
        (folder / "adapter_config.json").write_text(json.dumps(settings, indent=2) + "\n")

    def _begin_anew(self, rank: int, alpha: float, modules: str) -> None:
        head = self.model.get_output_embeddings()
        found = [
            name
            for name, layer in self.model.named_modules()
            if isinstance(layer, torch.nn.Linear)
            and layer is not head
            and (modules == "all" or name.rpartition(".")[2] in ATTENTION)
        ]
        if not found:
            raise ValueError("the model has no linear layers to adapt; expected q_proj, k_proj, ...")
        self._fresh(found, rank, alpha / rank)

    def _fresh(self, modules: list[str], rank: int, scale: float) -> None:
        random = torch.Generator().manual_seed(self._seed)
        self._scale = dict.fromkeys(modules, scale)
        for module in modules:
            weight = self.model.get_submodule(module).weight
            outputs, inputs = weight.shape
            bound = inputs**-0.5  # as peft: Kaiming with a = sqrt(5)
            low = torch.empty(rank, inputs).uniform_(-bound, bound, generator=random)
            self._put(module, low, torch.zeros(outputs, rank))

    def _begin_from(self, start: Path, base: Path) -> None:
        found = checkpoint.check_adapter(start, base)
        tensors = load_file(found.folder / "adapter_model.safetensors")
        self._scale = dict(found.scale)
        for module in found.modules:
            low, high = (tensors[f"base_model.model.{module}.lora_{side}.weight"].float() for side in "AB")
            self._put(module, low, high)

    def _put(self, module: str, low: Tensor, high: Tensor) -> None:
        device = self.model.get_submodule(module).weight.device
        self._factors[module] = (low.to(device).requires_grad_(), high.to(device).requires_grad_())


def _adding(low: Tensor, high: Tensor, scale: float) -> Any:
    def hook(_: Any, given: tuple[Tensor, ...], out: Tensor) -> Tensor:
        x = given[0]
        return out + (x @ low.T.to(x.dtype)) @ (scale * high.T).to(x.dtype)

    return hook
