"""The plain engine: a transformers model with a decode loop of our own, on any torch device.

A batch holds P prompts and S answers, several per prompt. Each prompt is prefilled once, padded on the right, where a
causal model needs no mask. Its keys and values are then kept once, however many answers are drawn: every step, the
answers' queries are laid out by prompt and attend to it together, and each answer's own tokens live in a cache of fixed
size beside it. Answers that are done leave the batch when they are a quarter of it.

Left out: continuous batching, beam search, quantised weights. Random numbers come from one stream per answer, so an
answer does not depend on its neighbours (up to the last bits of float arithmetic, which other shapes round otherwise).

Letters in shapes: P prompts, S answers (sequences), W most answers of one prompt, H key heads, R query heads per key
head, T prompt tokens, N answer tokens, D head size, V vocabulary.
"""

import gc
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import torch
import transformers
from safetensors.torch import load_file
from torch import Tensor
from transformers import AttentionInterface, DynamicCache
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from arc_submit.config import SampleConfig
from arc_submit.errors import NO_MEMORY, EngineError, PromptError, WeightsError
from arc_submit.records import Completion, Prompt
from arc_submit.sample import answers, chat, checkpoint
from arc_submit.sample.engine import Request

SHARED = "arc_submit_shared"
"""Our name in the library's table of attention functions."""
PREFILL_TOKENS = 4096
"""Prompt tokens of one forward pass; more does not go faster (docs/LOG.md) and takes more memory."""
DONE = 0.75
"""The batch is packed when no more than this share of its rows is still being decoded."""

"""What torch and the drivers say when there is none left; an illegal access to memory is something else."""

KeysValues: TypeAlias = list[tuple[Tensor, Tensor]]
"""Keys and values of each layer."""


@dataclass(slots=True)
class Row:
    """One answer on its way."""

    request: int
    """Index of its request."""
    seed: int
    prompt: list[int]
    limit: int
    """Tokens it may have."""
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    finish: str = ""
    """Empty until it ends."""


class HfEngine:
    """See `arc_submit.sample.engine.Engine`. `now` is the clock that deadlines are measured on, in seconds.

    Raises:
        WeightsError: the checkpoint or the adapter is not usable; found before anything heavy loads.
        EngineError: the model does not fit in memory.
    """

    name = "hf"

    def __init__(self, config: SampleConfig, now: Callable[[], float] = time.monotonic) -> None:
        found = checkpoint.resolve(config)
        self.config, self._now, self.folder = config, now, found.folder
        self._device = _device(config.device)
        self.on_cpu = self._device.type == "cpu"
        if self._device.type == "cpu":
            torch.set_num_threads(config.threads)
        self.tokenizer = chat.load_tokenizer(found.folder)
        self._ends = frozenset({*found.ends, self.tokenizer.eos_token_id})
        self._model = load(found, _dtype(config.dtype, self._device), self._device)
        self._trunk, self._head = self._model.base_model, self._model.get_output_embeddings()
        self.context = min(config.context or found.context, found.context)
        size = sum(weight.numel() for weight in self._model.parameters())
        dtype = str(self._model.dtype).removeprefix("torch.")
        self.precision = 1e-3 if dtype == "float32" else 0.05
        self.model = f"{found.folder.name}, {size / 1e6:.1f}M parameters, {dtype}, {self._device}"
        self._sequences = config.sequences
        self._produced = 0
        self._adapter: Path | None = None
        self._base: dict[str, Tensor] = {}
        self._hooks: list[Any] = []
        if found.adapter is not None:
            self.adapt(found.adapter)

    @property
    def produced(self) -> int:
        """Tokens decoded since the start."""
        return self._produced

    @property
    def adapter(self) -> Path | None:
        """The LoRA folder that is on."""
        return self._adapter

    def count(self, prompt: Prompt) -> int:
        """Return the tokens of a prompt, generation prompt included."""
        return len(chat.render(self.tokenizer, prompt))

    def sample(self, requests: Sequence[Request], deadline: float) -> list[list[Completion]]:
        """Return the completions of each request, same order; see the protocol for the deadline and the errors."""
        groups = [self._rows(index, request) for index, request in enumerate(requests)]
        waiting = deque(sorted((group for group in groups if group), key=lambda group: len(group[0].prompt)))
        while waiting and self._now() < deadline:
            batch = self._take(waiting)
            if not self._fits(batch, deadline):
                self._walk_down(batch)
                left = [row for row in batch if not row.finish]
                for row in left:
                    row.tokens, row.logprobs = [], []
                again = [list(rows) for _, rows in groupby(left, key=lambda row: row.request)]
                waiting.extendleft(reversed(again))
        return [
            [
                answers.completion(self.tokenizer, request.prompt, row.tokens, row.logprobs, row.finish)
                for row in group
                if row.tokens
            ]
            for request, group in zip(requests, groups, strict=True)
        ]

    def score(self, prompt: Prompt, text: str) -> tuple[float, ...]:
        """Return the log-probability of each token of `text`, end token included, as an answer to the prompt.

        Raises:
            PromptError: prompt and text together are longer than the context.
        """
        start, wanted = chat.render(self.tokenizer, prompt), chat.answer(self.tokenizer, text)
        if len(start) + len(wanted) > self.context:
            raise PromptError(f"{prompt.task_id}: {len(start)} + {len(wanted)} tokens, context {self.context}")
        return self.score_ids(start, wanted)

    def score_ids(self, prompt: Sequence[int], answer: Sequence[int]) -> tuple[float, ...]:
        """Return the log-probability of each id of the answer."""
        start, wanted = list(prompt), list(answer)
        with torch.inference_mode():
            ids = torch.tensor([start + wanted], device=self._device)
            hidden = self._trunk(input_ids=ids, use_cache=False).last_hidden_state[0, len(start) - 1 : -1]
            logp = self._head(hidden).float().log_softmax(-1)
            return tuple(logp.gather(1, ids[0, len(start) :, None])[:, 0].tolist())

    def adapt(self, folder: Path | None) -> None:
        """Put a LoRA folder on, swap it for another (also one at the same path with new content), or take it off.

        The base tensors that an adapter is merged into are kept in the computer's memory, so taking it off is exact.
        `merge` off adds the adapter's product beside each layer instead: slower, and nothing is kept.

        Raises:
            WeightsError: not a LoRA folder, or one for another base; the adapter stays as it was.
        """
        lora = None if folder is None else checkpoint.check_adapter(folder, self.folder)
        factors = {} if lora is None else load_file(lora.folder / "adapter_model.safetensors")
        self._take_off()
        if lora is None:
            return
        try:
            with torch.no_grad():
                for module, scale in lora.scale.items():
                    low, high = (factors[f"base_model.model.{module}.lora_{side}.weight"] for side in "AB")
                    self._put(module, low.float(), high.float() * scale)
        except BaseException:  # half an adapter is none
            self._take_off()
            raise
        self._adapter = lora.folder

    def lend(self) -> Any:
        """Take the adapter off and return the model, to be trained beside; the caller puts an adapter on again.

        The weights are the engine's own and may only be read.
        """
        self.adapt(None)
        return self._model

    def close(self) -> None:
        """Give back the memory; nothing may be called afterwards."""
        self._hooks, self._base = [], {}
        self._model = self._trunk = self._head = None
        free_memory()

    def _take_off(self) -> None:
        """Put the base's own weights back."""
        for hook in self._hooks:
            hook.remove()
        self._hooks, self._adapter = [], None
        with torch.no_grad():
            for module, kept in self._base.items():
                self._model.get_submodule(module).weight.copy_(kept)

    def _put(self, module: str, low: Tensor, high: Tensor) -> None:
        """Add high @ low, (outputs, rank) @ (rank, inputs), to a module's weight or beside it."""
        layer = self._model.get_submodule(module)
        low, high = low.to(self._device), high.to(self._device)
        if self.config.merge:
            self._base.setdefault(module, layer.weight.detach().to("cpu", copy=True))
            layer.weight.copy_(layer.weight.float() + high @ low)
            return
        down, up = (side.T.to(self._device, layer.weight.dtype).contiguous() for side in (low, high))
        self._hooks.append(layer.register_forward_hook(lambda _, given, out: out + (given[0] @ down) @ up))

    def _rows(self, index: int, request: Request) -> list[Row]:
        ids = [*chat.render(self.tokenizer, request.prompt), *request.prefix]
        limit = answers.room(request.prompt, len(ids), answers.limit(request, self.config), self.context)
        return [Row(index, answers.sample_seed(request.seed, i), ids, limit) for i in range(request.n)]

    def _take(self, waiting: deque[list[Row]]) -> list[Row]:
        """Take whole groups while they fit; a group larger than any batch is taken in parts."""
        batch: list[Row] = []
        prompts = 0
        while waiting:
            group = waiting[0]
            room, width = self._sequences - len(batch), len(group[0].prompt)
            answers = sum(row.limit for row in batch)
            spare = self.config.batch_tokens - (prompts + 1) * width - answers
            fitting = min(len(group), room, max(spare // group[0].limit, 0))
            if batch and fitting < len(group):
                break
            fitting = max(fitting, 1)
            batch += group[:fitting]
            prompts += 1
            if fitting == len(group):
                waiting.popleft()
            else:
                waiting[0] = group[fitting:]
        return batch

    def _fits(self, batch: list[Row], deadline: float) -> bool:
        """Decode a batch; False when memory ran out, and its unfinished rows are to be decoded again."""
        try:
            with torch.inference_mode():
                self._decode(batch, deadline)
        except (RuntimeError, MemoryError) as error:
            if not out_of_memory(error):
                raise
            return False
        return True

    def _walk_down(self, batch: list[Row]) -> None:
        """Halve the sequences of every later batch."""
        free_memory()
        if len(batch) == 1:
            raise EngineError(
                f"out of memory on {self._device} with one sequence of {len(batch[0].prompt)} + {batch[0].limit}"
                " tokens; lower sample.context or take a smaller model"
            )
        self._sequences = max(1, len(batch) // 2)

    def _decode(self, live: list[Row], deadline: float) -> None:
        """Answer a batch. Every row of `live` that ends gets its finish; at the deadline the others stay without."""
        prompts = [next(group) for _, group in groupby(live, key=lambda row: row.request)]
        place = {row.request: number for number, row in enumerate(prompts)}
        owners = torch.tensor([place[row.request] for row in live], device=self._device)
        filled = self._prefill([row.prompt for row in prompts], deadline)
        if filled is None:
            return
        layers, hidden = filled
        lengths = torch.tensor([len(row.prompt) for row in prompts], device=self._device)
        cache = Batch(layers, lengths, owners, max(row.limit for row in live))
        uniform = self._streams(live)
        hidden = hidden[owners]
        rows: list[Row] = list(live)
        while self._now() < deadline:
            logp = self._head(hidden).float().log_softmax(-1)
            chosen = self._choose(logp, None if uniform is None else uniform[:, cache.step])
            for row, token, value in zip(
                rows, chosen.tolist(), logp.gather(1, chosen[:, None])[:, 0].tolist(), strict=True
            ):
                if not row.finish:
                    self._append(row, token, value)
            alive = [number for number, row in enumerate(rows) if not row.finish]
            if not alive:
                return
            if len(alive) <= DONE * len(rows):
                keep = torch.tensor(alive, device=self._device)
                rows, chosen = [rows[number] for number in alive], chosen[keep]
                uniform = None if uniform is None else uniform[keep]
                cache.pack(keep)
            out = self._trunk(
                input_ids=chosen[:, None],
                position_ids=cache.positions()[:, None],
                attention_mask=cache.mask,
                past_key_values=cache,
                use_cache=True,
                shared=cache,
            )
            cache.step += 1
            hidden = out.last_hidden_state[:, -1]

    def _append(self, row: Row, token: int, value: float) -> None:
        row.tokens.append(token)
        row.logprobs.append(value)
        self._produced += 1
        if token in self._ends:
            row.finish = "stop"
        elif len(row.tokens) == row.limit:
            row.finish = "length"

    def _prefill(self, prompts: Sequence[list[int]], deadline: float) -> tuple[KeysValues, Tensor] | None:
        """Return keys and values per layer, (P, H, T, D) each, and the hidden state of each last token, (P, hidden).

        None when the deadline came before all were in.
        """
        widest = max(map(len, prompts))
        together = max(1, PREFILL_TOKENS // widest)
        layers: KeysValues = []
        lasts = []
        for start in range(0, len(prompts), together):
            if self._now() >= deadline:
                return None
            part = prompts[start : start + together]
            ids = torch.zeros(len(part), widest, dtype=torch.long)
            for number, prompt in enumerate(part):
                ids[number, : len(prompt)] = torch.tensor(prompt)
            cache = DynamicCache()
            out = self._trunk(input_ids=ids.to(self._device), past_key_values=cache, use_cache=True)
            ends = torch.tensor([len(prompt) - 1 for prompt in part], device=self._device)
            lasts.append(out.last_hidden_state[torch.arange(len(part), device=self._device), ends])
            made = [(layer.keys, layer.values) for layer in cache.layers]
            if len(part) == len(prompts):
                return made, lasts[0]
            if not layers:
                layers = [(_room(keys, len(prompts)), _room(values, len(prompts))) for keys, values in made]
            for (all_keys, all_values), (keys, values) in zip(layers, made, strict=True):
                all_keys[start : start + len(part)] = keys
                all_values[start : start + len(part)] = values
        return layers, torch.cat(lasts)

    def _streams(self, rows: Sequence[Row]) -> Tensor | None:
        """Return the uniform numbers of each row, (S, limit), 0 <= u < 1; None when greedy."""
        if self.config.temperature == 0:
            return None
        longest = max(row.limit for row in rows)
        drawn = [torch.rand(longest, generator=torch.Generator().manual_seed(row.seed)) for row in rows]
        return torch.stack(drawn).to(self._device)

    def _choose(self, logp: Tensor, uniform: Tensor | None) -> Tensor:
        """Return one token per row, (S,), by inverse CDF over the vocabulary; greedy without numbers."""
        config = self.config
        if uniform is None:
            return logp.argmax(-1)
        p = logp.exp() if config.temperature == 1 else (logp / config.temperature).softmax(-1)
        if config.top_p < 1:
            ordered, where = p.sort(-1, descending=True)
            beyond = ordered.cumsum(-1) - ordered >= config.top_p  # the mass before it is enough already
            p = p.masked_fill(torch.zeros_like(beyond).scatter(-1, where, beyond), 0.0)
        if config.min_p > 0:
            p = p.masked_fill(p < config.min_p * p.amax(-1, keepdim=True), 0.0)
        cdf = p.cumsum(-1)
        aim = (uniform[:, None] * cdf[:, -1:]).minimum(cdf[:, -1:] * (1 - 1e-6))  # never past the last possible token
        return torch.searchsorted(cdf, aim, right=True)[:, 0]


class Shared(Protocol):
    """Answers that share their prompts, while they are decoded or trained on."""

    def attend(self, layer: int, query: Tensor, keys: Tensor, values: Tensor, scaling: float) -> Tensor:
        """Return the attention of every query, its places before its heads."""
        ...


class Batch:
    """Keys and values while a batch is decoded: prompts once each, answers in rows of fixed size.

    Stands where the model expects its cache (`update`), and is what `attend` computes with. All rows began together, so
    one `step` serves all: tokens in the answers' cache so far.
    """

    def __init__(self, prompts: KeysValues, lengths: Tensor, owners: Tensor, steps: int) -> None:
        self.prompts, self.lengths, self.owners, self.steps = prompts, lengths, owners, steps
        self.step = 0
        self.answers = [
            (_slots(keys, len(owners), steps), _slots(values, len(owners), steps)) for keys, values in prompts
        ]
        self._lay_out()

    def update(self, keys: Tensor, values: Tensor, layer: int, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        """Store one token's keys and values, (S, H, 1, D); return those so far, (S, H, N, D)."""
        for kept, new in zip(self.answers[layer], (keys, values), strict=True):
            kept[:, :, self.step] = new[:, :, 0]
        now = self.step + 1
        return self.answers[layer][0][:, :, :now], self.answers[layer][1][:, :, :now]

    def positions(self) -> Tensor:
        """Return the place of the token that is fed next, (S,)."""
        return self.lengths[self.owners] + self.step

    def attend(self, layer: int, query: Tensor, keys: Tensor, values: Tensor, scaling: float) -> Tensor:
        """Return the attention of one query per row, (S, 1, H * R, D).

        The prompt enters the softmax over an answer's own tokens as one token more: its score is the log of the sum
        over the prompt, its value the attention over the prompt alone.
        """
        many, heads, size = keys.shape[0], keys.shape[1], keys.shape[3]
        rows = query.reshape(many, heads, -1, size) * scaling  # (S, H, R, D)
        prompt_keys, prompt_values = self.prompts[layer]
        grid = rows.new_zeros(len(self.lengths) * self.width, *rows.shape[1:]).index_copy_(0, self.slots, rows)
        grid = grid.unflatten(0, (-1, self.width)).transpose(1, 2).flatten(2, 3)  # (P, H, W * R, D)
        scores = (grid @ prompt_keys.transpose(2, 3)).float()  # (P, H, W * R, T)
        if self.ragged:
            scores += self.mask
        total = scores.logsumexp(-1, keepdim=True)
        alone = (scores.sub_(total).exp_()).to(rows.dtype) @ prompt_values  # (P, H, W * R, D)
        own = (rows @ keys.transpose(2, 3)).float()  # (S, H, R, N)
        weights = torch.cat([self._by_row(total), own], -1).softmax(-1).to(rows.dtype)
        mixed = weights[..., :1] * self._by_row(alone) + weights[..., 1:] @ values  # (S, H, R, D)
        return mixed.reshape(many, 1, -1, size)

    def pack(self, keep: Tensor) -> None:
        """Keep these rows, and the prompts that they belong to."""
        self.answers = [(self._kept(keys, keep), self._kept(values, keep)) for keys, values in self.answers]
        alive, self.owners = self.owners[keep].unique(return_inverse=True)
        if len(alive) < len(self.lengths):
            self.prompts = [(keys[alive], values[alive]) for keys, values in self.prompts]
            self.lengths = self.lengths[alive]
        self._lay_out()

    def _kept(self, tensor: Tensor, keep: Tensor) -> Tensor:
        packed = tensor.new_empty(len(keep), *tensor.shape[1:])
        packed[:, :, : self.step] = tensor[keep, :, : self.step]
        return packed

    def _lay_out(self) -> None:
        """Give every row its place in the grid of prompts by answers; rows of one prompt stand together."""
        counts = torch.bincount(self.owners, minlength=len(self.lengths))
        self.width = int(counts.max())
        first = counts.cumsum(0) - counts  # row at which a prompt's answers begin
        within = torch.arange(len(self.owners), device=self.owners.device) - first[self.owners]
        self.slots = self.owners * self.width + within
        longest = self.prompts[0][0].shape[2]
        outside = torch.arange(longest, device=self.lengths.device) >= self.lengths[:, None]
        self.ragged = bool(outside.any())
        self.mask = torch.zeros(outside.shape, device=outside.device).masked_fill(outside, -torch.inf)[:, None, None]

    def _by_row(self, grid: Tensor) -> Tensor:
        """(P, H, W * R, X) -> (S, H, R, X)."""
        return grid.unflatten(2, (self.width, -1)).transpose(1, 2).flatten(0, 1).index_select(0, self.slots)


def attend(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float,
    shared: Shared | None = None,
    **rest: Any,
) -> tuple[Tensor, None]:
    """Attention as the model calls it: over prompts that answers share, else the library's causal one."""
    if query.is_cpu and torch.is_autocast_enabled("cpu"):  # its gradient in bfloat16 is slow: 0.4 of a step
        with torch.autocast("cpu", enabled=False):
            return attend(module, query.float(), key.float(), value.float(), attention_mask, scaling, shared, **rest)
    if shared is not None:
        return shared.attend(module.layer_idx, query, key, value, scaling), None
    out: Tensor = sdpa_attention_forward(module, query, key, value, attention_mask, scaling=scaling, **rest)[0]
    return out, None


AttentionInterface.register(SHARED, attend)


def load(found: checkpoint.Checkpoint, dtype: Any, device: Any) -> Any:
    """Return the model in evaluation mode; the architecture is one of a list, so its class has that name.

    Raises:
        WeightsError: weights and config.json do not belong together.
        EngineError: it does not fit in memory.
    """
    transformers.utils.logging.disable_progress_bar()
    try:
        model, report = getattr(transformers, found.architecture).from_pretrained(
            found.folder,
            dtype=dtype,
            attn_implementation=SHARED,
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=True,
            output_loading_info=True,
        )
    except (RuntimeError, MemoryError, OSError, ValueError, KeyError, TypeError) as error:
        line = " ".join(str(error).split())[:200]
        if out_of_memory(error):
            raise EngineError(f"{found.folder}: does not fit in memory ({line})") from None
        raise WeightsError(f"{found.folder}: weights and config.json do not belong together ({line})") from None
    missing = sorted(report["missing_keys"])
    if missing:  # the library would make them up at random
        raise WeightsError(f"{found.folder}: the weights lack {missing[0]} (of {len(missing)}); copy the folder again")
    try:
        return model.to(device).eval()
    except (RuntimeError, MemoryError) as error:
        raise EngineError(f"{found.folder}: does not go to {device} ({' '.join(str(error).split())[:200]})") from None


def _device(name: str) -> Any:
    if name != "auto":
        device = torch.device(name)
        if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
            raise EngineError(f"sample.device={name}: torch sees {torch.cuda.device_count()} CUDA devices; take auto")
        return device
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def _dtype(name: str, device: Any) -> Any:
    if name != "auto":
        return getattr(torch, name)
    if device.type == "cpu":
        return torch.float32
    if device.type == "cuda" and not torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.float16
    return "auto"


def _room(like: Tensor, prompts: int) -> Tensor:
    made: Tensor = like.new_zeros(prompts, *like.shape[1:])
    return made


def _slots(like: Tensor, rows: int, steps: int) -> Tensor:
    made: Tensor = like.new_empty(rows, like.shape[1], steps, like.shape[3])
    return made


def out_of_memory(error: BaseException) -> bool:
    """Return whether the device or the computer ran out of memory; torch says so in several ways."""
    said = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or any(words in said for words in NO_MEMORY)


def free_memory() -> None:
    """Let go of what torch holds and nothing uses."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
