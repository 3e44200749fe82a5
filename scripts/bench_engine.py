"""Our engines against the raw ones they stand on: tokens a second, CPU, many samples of a prompt, start.

    python scripts/bench_engine.py                                          # weights/small, some three minutes
    python scripts/bench_engine.py --model out/train/base/model --adapter none
    python scripts/bench_engine.py --prompts 32 --tokens 160 --repeats 5    # the sizes of a run
    python scripts/bench_engine.py --ends --engines hf                      # answers end where the model ends them

Sides:  hf, vllm          `HfEngine.sample`, `VllmEngine.sample`
        hf-raw            `model.generate` of transformers: the same batch, padded on the left, own-seeded as a whole
        vllm-raw          `LLM.generate` with the same settings, n answers a request, no seeds, no log-probabilities
        vllm-raw-same     the same, asked for what ours gives: a seed for every answer, and log-probabilities

Every side is a process of its own and keeps its model. All take turns on the same fresh prompts of held-out tasks
(one thread, temperature 1, new views in every repetition, so that no prefix cache has seen them), and end with text. A
ratio is the median over repetitions of two neighbours in time. Work is equal: the model is copied to a temporary folder
without end tokens, so that every answer has the same length; `--ends` takes it as it is and counts the tokens made.

Start is the time from an empty process to a model that can answer: of which libraries, and model.

Left out: an adapter on the raw side; merged into the weights, as ours is on a CPU, it costs nothing per token. Wanted:
ours at least 0.95 of raw, n = 16 of one prompt below 3 times n = 1.

Prints tables and ends with one JSON line.
"""

import argparse
import json
import multiprocessing
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from rich.progress import Progress

sys.path.insert(0, str(Path(__file__).parents[1]))  # the room training, which is not installed

from arc_submit import views
from arc_submit.config import PromptsConfig, SampleConfig
from arc_submit.prompts import Writer
from arc_submit.records import Prompt, View
from arc_submit.sample import Request, checkpoint, request_seed
from training.split import held_out

SIDES = {"hf": ("hf", "hf-raw"), "vllm": ("vllm", "vllm-raw", "vllm-raw-same")}
RATIOS = (("hf", "hf-raw"), ("vllm", "vllm-raw"), ("vllm", "vllm-raw-same"), ("hf", "vllm"), ("hf-raw", "vllm-raw"))
MANY = 16  # answers of one prompt
NEVER = "<|never|>"  # end token of the copy


@dataclass(frozen=True, slots=True)
class Case:
    """One batch."""

    grids: bool
    prompts: int
    n: int
    """Answers of each prompt."""

    @property
    def name(self) -> str:
        """In words, for tables and JSON."""
        return f"{'grids' if self.grids else 'facts'}, {self.prompts} x {self.n}"


@dataclass(frozen=True, slots=True)
class Took:
    """One side, one batch."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds of the process, all its threads."""
    tokens: int
    """Decoded, end tokens included."""


@dataclass(frozen=True, slots=True)
class Start:
    """How long a side took to be ready, seconds."""

    libraries: float
    model: float


Batch = tuple[Sequence[Prompt], int, int]
"""Prompts, answers of each, seed."""
Sampler = Callable[[Batch], int]
"""Answers a batch and returns the tokens that it decoded."""


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="weights/small")
    parser.add_argument("--adapter", default="adapter", help="LoRA folder of our side, none for the base alone")
    parser.add_argument("--engines", default="hf,vllm")
    parser.add_argument("--prompts", type=int, default=8, help="prompts of a batch, each of another task")
    parser.add_argument("--tokens", type=int, default=48, help="new tokens of an answer")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ends", action="store_true", help="let answers end where the model ends them")
    options = parser.parse_args()
    cases = [Case(grids, prompts, n) for grids in (False, True) for prompts in (options.prompts, 1) for n in (1, MANY)]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        model = checkpoint.find_model(options.model)
        adapter = checkpoint.find_adapter(None if options.adapter == "none" else Path(options.adapter), model)
        if not options.ends:
            model = endless(model, Path(folder) / "model")
        config = SampleConfig(model=str(model), adapter=adapter, max_new_tokens=options.tokens)
        sides, skipped = _sides(options.engines.split(","), config, stack)
        if not sides:
            sys.exit("\n".join(skipped.values()))
        took = _measure(sides, list(dict.fromkeys(cases)), options)
        starts = {name: side.start for name, side in sides.items()}
    print(json.dumps(_summary(took, starts, skipped, options)))


def endless(model: Path, folder: Path) -> Path:
    """Return a copy of a model folder (weights linked) whose answers never end of themselves."""
    folder.mkdir()
    for file in model.iterdir():
        if file.suffix == ".safetensors":
            (folder / file.name).symlink_to(file)
        elif file.is_file() and file.name != "manifest.json":
            shutil.copy(file, folder)
    for name in ("config.json", "generation_config.json"):
        if (folder / name).is_file():
            _rewrite(folder / name, {"eos_token_id": None})
    size = json.loads((folder / "config.json").read_text("utf-8"))["vocab_size"]
    tokens = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    known = {*tokens["model"]["vocab"].values(), *(token["id"] for token in tokens["added_tokens"])}
    said = json.loads((folder / "tokenizer_config.json").read_text("utf-8"))
    # A tokenizer must name an end: a new token, or where there is no room padding, which answers hardly ever hold.
    _rewrite(folder / "tokenizer_config.json", {"eos_token": NEVER if max(known) + 1 < size else said["pad_token"]})
    return folder


def _rewrite(file: Path, changes: dict[str, Any]) -> None:
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | changes), "utf-8")


class Side:
    """One engine in a process of its own, as this process sees it."""

    def __init__(self, name: str, config: SampleConfig) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._here, there = spawn.Pipe()
        self._process = spawn.Process(target=_serve, args=(name, config, there), daemon=True)
        self._process.start()
        there.close()
        self.start: Start
        said = self._hear()
        if isinstance(said, str):
            raise RuntimeError(said)
        self.start = said

    def answer(self, batch: Batch) -> Took:
        """Answer a batch there."""
        self._here.send(batch)
        took: Took = self._hear()
        return took

    def close(self) -> None:
        """End the process."""
        self._here.close()
        self._process.join(10)
        if self._process.is_alive():
            self._process.kill()

    def _hear(self) -> Any:
        try:
            return self._here.recv()
        except EOFError:
            raise RuntimeError("its process died") from None


def _sides(engines: Sequence[str], config: SampleConfig, stack: ExitStack) -> tuple[dict[str, Side], dict[str, str]]:
    """Start one after the other, so that starts are not in each other's way."""
    sides: dict[str, Side] = {}
    skipped: dict[str, str] = {}
    for engine in engines:
        for name in SIDES[engine]:
            try:
                sides[name] = Side(name, config)
            except RuntimeError as error:
                skipped[name] = f"{name} skipped: {error}"
                print(skipped[name])
            else:
                stack.callback(sides[name].close)
    return sides, skipped


# In a side's process. ------------------------------------------------------------------------------------------------


def _serve(name: str, config: SampleConfig, pipe: Connection) -> None:
    began = time.perf_counter()
    makers = {"hf": _ours, "vllm": _ours, "hf-raw": _hf_raw, "vllm-raw": _vllm_raw, "vllm-raw-same": _vllm_raw}
    try:
        if name.startswith("vllm"):
            import arc_submit.sample.vllm  # its settings of vLLM count for both sides
        else:
            import arc_submit.sample.hf  # noqa: F401
        imported = time.perf_counter()
        sample = makers[name](config, name)
    except Exception as error:  # whatever keeps an engine from starting is the answer
        pipe.send(f"{type(error).__name__}: {' '.join(str(error).split())[:200]}")
        return
    pipe.send(Start(imported - began, time.perf_counter() - imported))
    while True:
        try:
            batch = pipe.recv()
        except EOFError:
            return
        wall, cpu = time.perf_counter(), time.process_time()
        tokens = sample(batch)
        pipe.send(Took(time.perf_counter() - wall, time.process_time() - cpu, tokens))


def _ours(config: SampleConfig, name: str) -> Sampler:
    from arc_submit.sample.build import build

    engine = build(config.model_copy(update={"engine": name}))

    def sample(batch: Batch) -> int:
        prompts, n, seed = batch
        requests = [
            Request(prompt, n, request_seed(seed, prompt.task_id, 0, index)) for index, prompt in enumerate(prompts)
        ]
        answers = engine.sample(requests, time.monotonic() + 3600.0)
        return sum(len(completion.tokens) for completions in answers for completion in completions)

    return sample


def _hf_raw(config: SampleConfig, name: str) -> Sampler:
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    from arc_submit.sample import chat

    logging.disable_progress_bar()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device.type == "cpu":
        torch.set_num_threads(config.threads)
    tokenizer = chat.load_tokenizer(Path(config.model))
    dtype = torch.float32 if device.type == "cpu" else "auto"
    model = AutoModelForCausalLM.from_pretrained(config.model, dtype=dtype, local_files_only=True).to(device).eval()
    tokenizer.padding_side, pad = "left", tokenizer.pad_token_id or 0
    ends = model.generation_config.eos_token_id

    def sample(batch: Batch) -> int:
        prompts, n, seed = batch
        ids = [chat.render(tokenizer, prompt) for prompt in prompts]
        given = tokenizer.pad({"input_ids": ids}, return_tensors="pt").to(device)
        torch.manual_seed(seed)
        made = model.generate(
            input_ids=given["input_ids"],
            attention_mask=given["attention_mask"],
            do_sample=True,
            temperature=config.temperature,
            top_p=config.top_p,
            top_k=0,
            num_return_sequences=n,
            max_new_tokens=config.max_new_tokens,
            pad_token_id=pad,
        )[:, given["input_ids"].shape[1] :]
        tokenizer.batch_decode(made, skip_special_tokens=True)
        if ends is None:
            return int(made.numel())
        ended = torch.isin(made, torch.tensor(ends, device=device)).long().cumsum(-1)
        return int((ended.cumsum(-1) <= 1).sum())  # up to the first end token, and it

    return sample


def _vllm_raw(config: SampleConfig, name: str) -> Sampler:
    import vllm
    from vllm.platforms import current_platform

    from arc_submit.sample import chat
    from arc_submit.sample.vllm import BLOCK, GIB, STEP_TOKENS

    found = checkpoint.resolve(config)
    tokenizer = chat.load_tokenizer(found.folder)
    own: dict[str, Any] = {"gpu_memory_utilization": config.gpu_memory / 3}  # three sides share the device
    if current_platform.is_cpu():
        import torch

        torch.set_num_threads(config.threads)
        own = {
            "block_size": BLOCK,
            "dtype": "float32",
            "enable_chunked_prefill": False,
            "enforce_eager": True,
            "kv_cache_memory_bytes": int(config.kv_gib * GIB),
            "max_num_batched_tokens": max(STEP_TOKENS, found.context),
        }
    llm = vllm.LLM(
        config.model,
        skip_tokenizer_init=True,
        max_model_len=found.context,
        max_num_seqs=config.sequences,
        generation_config="vllm",
        disable_log_stats=True,
        use_tqdm_on_load=False,
        **own,
    )
    same = name.endswith("same")
    ends = sorted({*found.ends, tokenizer.eos_token_id})

    def sample(batch: Batch) -> int:
        prompts, n, seed = batch
        rows, params = [], []
        for index, prompt in enumerate(prompts):
            ids = chat.render(tokenizer, prompt)
            for number in range(n if same else 1):
                rows.append({"prompt_token_ids": ids})
                params.append(
                    vllm.SamplingParams(
                        n=1 if same else n,
                        temperature=config.temperature,
                        top_p=config.top_p,
                        max_tokens=config.max_new_tokens,
                        seed=seed + index * n + number if same else None,
                        logprobs=0 if same else None,
                        ignore_eos=True,
                        stop_token_ids=ends,
                        detokenize=False,
                    )
                )
        made = [answer.token_ids for output in llm.generate(rows, params, use_tqdm=False) for answer in output.outputs]
        tokenizer.batch_decode(made, skip_special_tokens=True)
        return sum(map(len, made))

    return sample


# Measuring. ----------------------------------------------------------------------------------------------------------


def _measure(
    sides: dict[str, Side], cases: Sequence[Case], options: argparse.Namespace
) -> dict[Case, dict[str, list[Took]]]:
    """Every side on every batch in turn, the order turning round with the repetitions; the first one is for warmth."""
    took: dict[Case, dict[str, list[Took]]] = {case: {name: [] for name in sides} for case in cases}
    with Progress(disable=not sys.stderr.isatty()) as bar:
        shown = bar.add_task("batches", total=(options.repeats + 1) * len(cases) * len(sides))
        for repeat in range(options.repeats + 1):
            for case in cases:
                batch = _batch(case, repeat, options.seed)
                for name in sorted(sides, reverse=bool(repeat % 2)):
                    done = sides[name].answer(batch)
                    if repeat:
                        took[case][name].append(done)
                    bar.update(shown, advance=1)
    return took


def _batch(case: Case, repeat: int, seed: int) -> Batch:
    """Fresh prompts of `case.prompts` held-out tasks, in views of this repetition."""
    tasks = held_out()
    writer = Writer(PromptsConfig(grids=case.grids))
    prompts = []
    for number in range(case.prompts):
        task = tasks[(repeat * case.prompts + number) % len(tasks)]
        rng = random.Random(f"{seed}/{repeat}/{case.name}/{task.id}")
        prompts.append(writer.fresh(task, views.draw(rng, len(task.train)) if repeat else View()))
    return prompts, case.n, seed + repeat


def _summary(
    took: dict[Case, dict[str, list[Took]]],
    starts: dict[str, Start],
    skipped: dict[str, str],
    options: argparse.Namespace,
) -> dict[str, Any]:
    names = list(starts)
    print(f"{'tokens per second (per CPU-second)':36}" + "".join(f"{name:>18}" for name in names))
    for case, found in took.items():
        cells = [f"{_rate(found[name], 'wall'):.0f} ({_rate(found[name], 'cpu'):.0f})" for name in names]
        print(f"{case.name:36}" + "".join(f"{cell:>18}" for cell in cells))
    pairs = [(one, other) for one, other in RATIOS if one in names and other in names]
    ratios = {f"{one}/{other}": {c.name: _ratio(f[one], f[other]) for c, f in took.items()} for one, other in pairs}
    print(f"{'tokens per second, ratio (CPU)':36}" + "".join(f"{name:>20}" for name in ratios))
    for case in took:
        cells = [f"{by_case[case.name][0]:.2f} ({by_case[case.name][1]:.2f})" for by_case in ratios.values()]
        print(f"{case.name:36}" + "".join(f"{cell:>20}" for cell in cells))
    many = {name: _many(took, name) for name in names}
    for index, kind in enumerate(("one prompt", f"{options.prompts} prompts")):
        cells = [f"{many[name][0][index]:.2f} / {many[name][1][index]:.2f}" for name in names]
        print(f"{f'n={MANY} over n=1, {kind}: facts / grids':44}" + "".join(f"{cell:>18}" for cell in cells))
    cells = [f"{start.libraries:.1f} + {start.model:.1f}" for start in starts.values()]
    print(f"{'start, seconds: libraries + model':36}" + "".join(f"{cell:>18}" for cell in cells))
    return {
        "bench": "engine",
        "model": options.model,
        "adapter": options.adapter,
        "prompts": options.prompts,
        "tokens": options.tokens,
        "repeats": options.repeats,
        "ends": options.ends,
        "tokens_per_second": {c.name: {n: round(_rate(f[n], "wall")) for n in names} for c, f in took.items()},
        "tokens_per_cpu_second": {c.name: {n: round(_rate(f[n], "cpu")) for n in names} for c, f in took.items()},
        "ratios_wall": {pair: {c: round(r[0], 3) for c, r in by_case.items()} for pair, by_case in ratios.items()},
        "ratios_cpu": {pair: {c: round(r[1], 3) for c, r in by_case.items()} for pair, by_case in ratios.items()},
        f"n{MANY}_over_n1_one_prompt": {
            n: {"facts": round(f[0], 2), "grids": round(g[0], 2)} for n, (f, g) in many.items()
        },
        f"n{MANY}_over_n1_batch": {n: {"facts": round(f[1], 2), "grids": round(g[1], 2)} for n, (f, g) in many.items()},
        "start_seconds": {name: [round(s.libraries, 1), round(s.model, 1)] for name, s in starts.items()},
        "skipped": skipped,
        "load": round(os.getloadavg()[0], 1),
    }


def _rate(runs: Sequence[Took], clock: str) -> float:
    return statistics.median(run.tokens / (run.wall if clock == "wall" else run.cpu) for run in runs)


def _ratio(ours: Sequence[Took], theirs: Sequence[Took]) -> tuple[float, float]:
    """Tokens per second of wall and of CPU, ours over theirs, batch by batch."""
    pairs = list(zip(ours, theirs, strict=True))
    wall = statistics.median((a.tokens / a.wall) / (b.tokens / b.wall) for a, b in pairs)
    return wall, statistics.median((a.tokens / a.cpu) / (b.tokens / b.cpu) for a, b in pairs)


def _many(took: dict[Case, dict[str, list[Took]]], name: str) -> list[tuple[float, float]]:
    """CPU-seconds of MANY answers over those of one: (one prompt, the whole batch), without grids and with them."""
    found = []
    for grids in (False, True):
        sizes = sorted({case.prompts for case in took if case.grids == grids})
        seconds = [
            tuple(statistics.median(run.cpu for run in took[Case(grids, size, n)][name]) for n in (MANY, 1))
            for size in (sizes[0], sizes[-1])
        ]
        found.append((seconds[0][0] / seconds[0][1], seconds[1][0] / seconds[1][1]))
    return found


if __name__ == "__main__":
    main()
