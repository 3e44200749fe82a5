"""The fast engine: vLLM in this process, on one GPU or, with its CPU build, on a CPU.

Every answer is a request of its own with its own seed; answers to one prompt share its blocks in the prefix cache. The
engine is stepped from here, so that the deadline is looked at between any two tokens. Rendering and detokenising are
ours (`arc_submit.sample.chat`), the same as the other engines'.

How an adapter is put on: on a CPU, where LoRA kernels are slow, it is merged into the weights, which are handed over in
memory; on an accelerator, or with `merge` off, vLLM adds it while decoding. Base and adapter never share a batch, and
the prefix cache, which knows nothing of either change, is emptied.

Left out: structured output, and data parallelism: a run starts one worker per device.
"""

import os

os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"  # weights are handed over in memory; a killed worker leaves nothing
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("VLLM_HOST_IP", "127.0.0.1")  # else asked of the network
os.environ.setdefault("VLLM_LOGGING_LEVEL", "ERROR")
os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")

import gc
import itertools
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import vllm
from safetensors import safe_open
from safetensors.torch import load_file
from vllm.distributed import cleanup_dist_env_and_memory
from vllm.lora.request import LoRARequest
from vllm.platforms import current_platform
from vllm.sampling_params import RequestOutputKind, SamplingParams
from vllm.v1.engine.exceptions import EngineDeadError

from arc_submit.config import SampleConfig
from arc_submit.errors import EngineError, PromptError, WeightsError
from arc_submit.records import Completion, Prompt
from arc_submit.sample import answers, chat, checkpoint, hf
from arc_submit.sample.engine import Request

RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
"""Adapter ranks that vLLM can make room for."""
BLOCK = 32
"""Tokens of a cache block on a CPU, the smallest that suits its kernels: prompts are shared in whole blocks."""
STEP_TOKENS = 8192
"""Tokens of one step on a CPU, at least; a prompt is never cut there, since seeded requests do not survive it."""
GIB = 2**30
FAILURES = (RuntimeError, MemoryError, AssertionError, EngineDeadError)
"""What vLLM and torch raise when a batch goes wrong; out of memory is a RuntimeError."""


@dataclass(slots=True)
class Row:
    """One answer on its way."""

    seed: int
    prompt: list[int]
    limit: int
    """Tokens it may have."""
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    finish: str = ""
    """Empty until it ends."""


class VllmEngine:
    """See `arc_submit.sample.engine.Engine`. `now` is the clock that deadlines are measured on, in seconds.

    One per process: closing it ends what vLLM shares among all engines of a process.

    Raises:
        WeightsError: the checkpoint or the adapter is not usable; found before anything heavy loads.
        EngineError: vLLM does not start; the message says why.
    """

    name = "vllm"

    def __init__(self, config: SampleConfig, now: Callable[[], float] = time.monotonic) -> None:
        found = checkpoint.resolve(config)
        self.config, self._now, self.folder = config, now, found.folder
        self.on_cpu = current_platform.is_cpu()
        self._merges = config.merge and self.on_cpu
        self.tokenizer = chat.load_tokenizer(found.folder)
        self._ends = sorted({*found.ends, self.tokenizer.eos_token_id})
        self.context = min(config.context or found.context, found.context)
        self._sequences = config.sequences
        self._produced = 0
        self._ids = itertools.count(1)
        self._adapter: Path | None = None
        self._lora: LoRARequest | None = None
        self._copy: Any = None
        """The model once more, for training."""
        self._llm = self._start()
        dtype = str(self._llm.model_config.dtype).removeprefix("torch.")
        self.precision = 1e-3 if dtype == "float32" else 0.05
        device = "cpu" if self.on_cpu else current_platform.get_device_name()
        self.model = f"{found.folder.name}, {dtype}, vLLM {vllm.__version__}, {device}"
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
        groups = [self._rows(request) for request in requests]
        waiting = [row for group in groups for row in group]
        failures = 0
        while waiting and self._now() < deadline:
            try:
                self._decode(waiting, deadline)
                break
            except FAILURES as error:
                failures += 1
                if failures > self.config.retries:
                    raise EngineError(f"vLLM failed {failures} times in one batch, last: {_line(error)}") from error
            waiting = [row for row in waiting if not row.finish]
            for row in waiting:
                row.tokens, row.logprobs = [], []
            self._sequences = max(1, min(self._sequences, len(waiting)) // 2)
            self._restart()
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
            EngineError: the engine failed.
        """
        start, wanted = chat.render(self.tokenizer, prompt), chat.answer(self.tokenizer, text)
        if len(start) + len(wanted) > self.context:
            raise PromptError(f"{prompt.task_id}: {len(start)} + {len(wanted)} tokens, context {self.context}")
        return self.score_ids(start, wanted)

    def score_ids(self, prompt: Sequence[int], answer: Sequence[int]) -> tuple[float, ...]:
        """Return the log-probability of each id of the answer.

        Raises:
            EngineError: the engine failed.
        """
        start, wanted = list(prompt), list(answer)
        # The last token is asked for as the next one: vLLM wants room for one token after any prompt.
        ids = [*start, *wanted[:-1]]
        params = SamplingParams(
            max_tokens=1, temperature=0.0, prompt_logprobs=0, logprob_token_ids=[wanted[-1]], detokenize=False
        )
        try:
            (output,) = self._llm.generate([{"prompt_token_ids": ids}], params, use_tqdm=False, lora_request=self._lora)
        except (*FAILURES, ValueError) as error:
            self._restart()
            raise EngineError(f"vLLM failed while scoring {len(ids)} tokens: {_line(error)}") from error
        places = zip(output.prompt_logprobs[len(start) :], wanted[:-1], strict=True)
        before = [place[token].logprob for place, token in places]
        return (*before, output.outputs[0].logprobs[0][wanted[-1]].logprob)

    def adapt(self, folder: Path | None) -> None:
        """Put a LoRA folder on, swap it for another (also one at the same path with new content), or take it off.

        Raises:
            WeightsError: not a LoRA folder, or one for another base; the adapter stays as it was.
            EngineError: the engine failed while it took the weights.
        """
        lora = None if folder is None else checkpoint.check_adapter(folder, self.folder)
        if lora is not None and not self._merges and lora.rank > self.config.lora_rank:
            raise WeightsError(f"{folder}: rank {lora.rank}; raise sample.lora_rank={self.config.lora_rank} to it")
        if lora is None and self._adapter is None:
            return
        self._put(lora)
        self._adapter = None if lora is None else lora.folder

    def lend(self) -> Any:
        """Return a second copy of the model, on vLLM's device; loaded at the first call and kept.

        Raises:
            EngineError: there is no memory left for it beside vLLM; lower sample.gpu_memory.
        """
        if self._copy is None:
            device = "cpu" if self.on_cpu else current_platform.device_type
            self._copy = hf.load(checkpoint.resolve(self.config), self._llm.model_config.dtype, device)
        return self._copy

    def close(self) -> None:
        """Give back memory and processes; nothing may be called afterwards."""
        self._copy = None
        self._stop()

    def _start(self) -> Any:
        """Return a vllm.LLM on the base weights."""
        config = self.config
        if self.on_cpu:
            torch.set_num_threads(config.threads)
            own: dict[str, Any] = {
                "block_size": BLOCK,
                "distributed_executor_backend": "uni" if config.tensor_parallel == 1 else "mp",
                "enable_chunked_prefill": False,
                "kv_cache_memory_bytes": int(config.kv_gib * GIB),
                "max_num_batched_tokens": max(STEP_TOKENS, self.context, self._sequences),
            }
        else:
            own = {"gpu_memory_utilization": config.gpu_memory}
        if not self._merges:
            room = min(rank for rank in RANKS if rank >= min(config.lora_rank, RANKS[-1]))
            own |= {"enable_lora": True, "max_loras": 1, "max_lora_rank": room}
        try:
            return vllm.LLM(
                str(self.folder),
                skip_tokenizer_init=True,
                dtype=self._dtype(),
                quantization=config.quantization,
                tensor_parallel_size=config.tensor_parallel,
                max_model_len=self.context,
                max_num_seqs=self._sequences,
                enforce_eager=config.eager or self.on_cpu,
                enable_prefix_caching=True,
                logprobs_mode="raw_logprobs",
                generation_config="vllm",  # sampling is the settings' word, not the checkpoint's
                load_format="safetensors",
                trust_remote_code=False,
                use_tqdm_on_load=False,
                disable_log_stats=True,
                **own,
            )
        except (*FAILURES, ValueError) as error:
            raise EngineError(f"{self.folder}: vLLM does not start: {_line(error)}") from error

    def _dtype(self) -> str:
        if self.config.dtype != "auto":
            return self.config.dtype
        if self.on_cpu:
            return "float32"
        said = json.loads((self.folder / "config.json").read_text("utf-8"))
        wanted = str(said.get("dtype") or said.get("torch_dtype") or "auto")
        half = wanted == "bfloat16" and torch.bfloat16 not in current_platform.supported_dtypes
        return "float16" if half else wanted

    def _stop(self) -> None:
        """Safe to call twice, and on an engine that failed."""
        llm, self._llm = self._llm, None
        if llm is not None:
            llm.llm_engine.engine_core.shutdown()
            del llm
            gc.collect()
            cleanup_dist_env_and_memory()

    def _restart(self) -> None:
        """Begin anew after a failure, with the adapter that was on: the state of a failed step cannot be trusted."""
        self._stop()
        self._llm, self._lora = self._start(), None
        if self._adapter is not None:
            self._put(checkpoint.check_adapter(self._adapter, self.folder))

    def _put(self, lora: checkpoint.Lora | None) -> None:
        """Put an adapter that passed its checks on, None: take it off; the prefix cache is emptied."""
        engine = self._llm.llm_engine
        try:
            if self._merges:
                engine.collective_rpc("reload_weights", kwargs={"weights_iterator": self._weights(lora)})
            else:
                self._swap(lora)
            emptied = engine.reset_prefix_cache()
            if not emptied:
                raise RuntimeError("it did not empty its prefix cache; answers would be the old adapter's")
        except (*FAILURES, OSError) as error:
            where = "the base" if lora is None else lora.folder
            self._adapter = None  # which weights it holds now nobody knows
            self._restart()
            raise EngineError(f"vLLM did not take the weights of {where}: {_line(error)}") from error

    def _swap(self, lora: checkpoint.Lora | None) -> None:
        """Have vLLM load an adapter under a new id, since a known one keeps its old content, and forget the last."""
        before, after = self._lora, None
        if lora is not None:
            number = next(self._ids)
            after = LoRARequest(f"adapter-{number}", number, str(lora.folder))
            try:
                self._llm.llm_engine.add_lora(after)
            except ValueError as error:
                raise WeightsError(f"{lora.folder}: vLLM cannot use it: {_line(error)}") from None
        if before is not None:
            self._llm.llm_engine.remove_lora(before.lora_int_id)
        self._lora = after

    def _weights(self, lora: checkpoint.Lora | None) -> Iterator[tuple[str, torch.Tensor]]:
        """Every tensor of the base as its files name it, W or W + scale * B @ A, float32 sums."""
        scales = {} if lora is None else lora.scale
        factors = {} if lora is None else load_file(lora.folder / "adapter_model.safetensors")
        for file in checkpoint.shards(self.folder):
            with safe_open(file, "pt") as opened:
                for name in opened.keys():  # noqa: SIM118 - not a mapping
                    weight = opened.get_tensor(name)
                    module = name.removesuffix(".weight")
                    if module in scales:
                        low, high = (factors[f"base_model.model.{module}.lora_{side}.weight"].float() for side in "AB")
                        weight = (weight.float() + high * scales[module] @ low).to(weight.dtype)
                    yield name, weight

    def _rows(self, request: Request) -> list[Row]:
        ids = [*chat.render(self.tokenizer, request.prompt), *request.prefix]
        limit = answers.room(request.prompt, len(ids), answers.limit(request, self.config), self.context)
        return [Row(answers.sample_seed(request.seed, i), ids, limit) for i in range(request.n)]

    def _decode(self, rows: Sequence[Row], deadline: float) -> None:
        """Answer all rows, as many together as the engine holds; at the deadline the others stay without a finish."""
        engine = self._llm.llm_engine
        live: dict[str, Row] = {}
        try:
            for row in rows:
                name = str(next(self._ids))
                engine.add_request(name, {"prompt_token_ids": row.prompt}, self._params(row), lora_request=self._lora)
                live[name] = row
            while live and self._now() < deadline:
                for output in engine.step():
                    row, made = live[output.request_id], output.outputs[0]
                    row.tokens += made.token_ids
                    row.logprobs += [
                        place[token].logprob for place, token in zip(made.logprobs, made.token_ids, strict=True)
                    ]
                    self._produced += len(made.token_ids)
                    if output.finished:
                        if made.finish_reason not in ("stop", "length"):
                            raise RuntimeError(f"a request ended with {made.finish_reason}")
                        row.finish = made.finish_reason
                        del live[output.request_id]
        finally:
            if live:
                engine.abort_request(list(live))

    def _params(self, row: Row) -> SamplingParams:
        config = self.config
        return SamplingParams(
            temperature=config.temperature,
            top_p=config.top_p,
            min_p=config.min_p,
            seed=row.seed,
            max_tokens=row.limit,
            ignore_eos=True,  # the ends are ours to name
            stop_token_ids=self._ends,
            logprobs=0,  # of the chosen token
            detokenize=False,
            output_kind=RequestOutputKind.DELTA,
        )


def knows_this_machine() -> bool:
    """Return whether vLLM found a kind of device that it can decode on; its CUDA wheel on a CPU finds none."""
    return not current_platform.is_unspecified()


def _line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
