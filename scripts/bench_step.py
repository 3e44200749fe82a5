"""Seconds of an optimizer step of test-time GRPO: ours (`Trainer.reinforce`) against trl's GRPOTrainer, same batch.

    python scripts/bench_step.py                            # weights/small on a CPU: a minute or two
    python scripts/bench_step.py --shape 7b                 # random weights, built on the device; nothing is downloaded
    python scripts/bench_step.py --prompts 4 --answers 16 --prompt-tokens 700 --answer-tokens 200
    python scripts/bench_step.py --model out/train/base/model --dtype float32

Both sides have the same base weights (once in memory), the same LoRA on all linear layers, prompts, answers,
advantages, old log-probabilities and clip. Timed is what makes new factors of them: loss, backward, gradient norm,
AdamW. trl's side is the library's own `training_step` with peft, autocast and its default AdamW; its gradient
checkpointing, which saves memory for time, is off, since ours has none. Answers are random and of one length, so trl
pads nothing. Two settings: facts as on a laptop, and grids.

Before anything is timed both must have the same loss and gradient, else the bench ends there. Then they take turns; the
ratio is the median over repeats of two neighbours in time. Seconds are CPU-seconds on a CPU, wall elsewhere.

    tokens/s   of prompts and answers, a prompt counted with each of its answers on both sides
    ops        matrix products of a step, 10^9 operations, as torch counts them while it runs: forward, and backward to
               inputs and factors; padding, prompts as often as a side computes them, attention to all of a row
    of peak    ops a second over those of large matrix products on this device (`training.flops`)
    GiB        memory that a step takes on top of what stands before it; on CUDA only

Left out: sampling, swap and probe (`bench_adapt.py --cohort`), more than one device, float16, quantised weights.

Prints a table and ends with one JSON line.
"""

import argparse
import copy
import json
import math
import os
import random
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from rich.progress import Progress
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode, sdpa_backward_flop_count, sdpa_flop_count

sys.path.insert(0, str(Path(__file__).parents[1]))  # the room training, which is not installed

from arc_submit.adapt.lora import Lora
from arc_submit.adapt.records import Example
from arc_submit.adapt.step import Trainer
from arc_submit.config import AdaptConfig, SampleConfig
from arc_submit.devices import cpu_halves
from arc_submit.sample import chat, checkpoint, hf
from training.flops import matmul_flops

SMALL = "weights/small"
QWEN = {  # hidden, inner, layers, heads, key heads, vocabulary, tied embeddings: config.json of Qwen2.5
    "0.5b": (896, 4864, 24, 14, 2, 151_936, True),
    "1.5b": (1536, 8960, 28, 12, 2, 151_936, True),
    "3b": (2048, 11_008, 36, 16, 2, 151_936, True),
    "7b": (3584, 18_944, 28, 28, 4, 152_064, False),
}
OFF = (-0.5, -0.1, 0.1, 0.5)  # present log-probabilities minus old: some ratios out of bounds, none near them
UNCLIPPED = 1e9  # gradient norm: the norm is computed, but does not hide a wrong scale from the comparison
RATE = 1e-12  # too small to change a float32: the policy stays what it is however many steps are made
APART = {"float32": (1e-4, 1e-3), "bfloat16": (0.02, 0.1)}
"""Largest difference of loss, and of gradient over gradient; advantages are about 1."""
FLASH = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
FLASH_BACKWARD = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward
UNKNOWN = {  # to torch's counter
    FLASH: lambda query, key, value, *_, **__: sdpa_flop_count(query, key, value),
    FLASH_BACKWARD: lambda out, query, key, value, *_, **__: sdpa_backward_flop_count(out, query, key, value),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One batch."""

    prompts: int
    answers: int
    """Of each prompt."""
    prompt_tokens: int
    answer_tokens: int

    @property
    def name(self) -> str:
        """In words, for tables and JSON."""
        return f"{self.prompts} x {self.answers}, {self.prompt_tokens} + {self.answer_tokens} tokens"

    @property
    def tokens(self) -> int:
        """Tokens, a prompt counted with each of its answers."""
        return self.prompts * self.answers * (self.prompt_tokens + self.answer_tokens)


SHORT, LONG = Case(2, 8, 55, 30), Case(1, 8, 1000, 150)


@dataclass(frozen=True, slots=True)
class Took:
    """One step of one side."""

    seconds: float
    memory: int | None = None
    """Bytes on top of what stood before; None: not known."""


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=("small", *QWEN), default="small", help=f"small: {SMALL} itself")
    parser.add_argument("--model", help="a checkpoint folder instead")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--dtype", choices=("auto", *APART), default="auto", help="auto: float32 on a CPU")
    parser.add_argument("--threads", type=int, default=1, help="on a CPU")
    parser.add_argument("--rank", type=int, default=16)
    for name in ("prompts", "answers", "prompt-tokens", "answer-tokens"):
        parser.add_argument(f"--{name}", type=int, help="one setting instead of two, the rest as in the short one")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    name = options.device
    device = torch.device(("cuda" if torch.cuda.is_available() else "cpu") if name == "auto" else name)
    if device.type == "cpu":
        torch.set_num_threads(options.threads)
    warnings.filterwarnings("ignore")
    with tempfile.TemporaryDirectory() as folder:
        summary = measure(device, Path(folder), options)
    print(json.dumps(summary))


def measure(device: torch.device, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Measure every setting, print the table, return what the JSON line says."""
    given = "float32" if device.type == "cpu" else "bfloat16"
    dtype = given if options.dtype == "auto" else options.dtype
    # On a CPU that can, ours computes gradients in bfloat16 whatever the weights are; so does trl's side then.
    computed = "bfloat16" if device.type == "cpu" and cpu_halves() else dtype
    model = load(options, getattr(torch, dtype), device)
    ours = Ours(model, options)
    theirs = Theirs(ours, computed, folder)
    top = matmul_flops(1, computed, str(device))
    names = ("prompts", "answers", "prompt_tokens", "answer_tokens")
    asked = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    found = {}
    print(f"{'prompts x answers, lengths':40}{'s/step':>9}{'tokens/s':>10}{'ops':>10}{'of peak':>9}{'GiB':>7}")
    for case in [replace(SHORT, **asked)] if asked else [SHORT, LONG]:
        batch = make_batch(case, ours, random.Random(options.seed))
        alike = compare(case, batch, ours, theirs, APART[computed])
        sides: dict[str, Ours | Theirs] = {"ours": ours, "trl": theirs}
        ops = {name: operations(side, batch) for name, side in sides.items()}
        took = take_turns(sides, batch, device, options.repeats)
        found[case.name] = summarise(case, took, ops, top) | alike
        show(case, found[case.name])
    return {
        "bench": "step",
        "model": options.model or options.shape,
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "dtype": dtype,
        "computed_in": computed,
        "rank": options.rank,
        "repeats": options.repeats,
        "seconds_are": "cpu" if device.type == "cpu" else "wall",
        "peak_ops": float(f"{top:.4g}"),
        "settings": found,
        "load": round(os.getloadavg()[0], 1),
    }


def load(options: argparse.Namespace, dtype: torch.dtype, device: torch.device) -> Any:
    """Return the model of a folder, or one of random numbers."""
    folder = SMALL if options.model is None and options.shape == "small" else options.model
    if folder:
        return hf.load(checkpoint.resolve(SampleConfig(model=folder, adapter=None)), dtype, device)
    from transformers import AutoModelForCausalLM, Qwen2Config

    hidden, inner, layers, heads, key_heads, vocabulary, tied = QWEN[options.shape]
    config = Qwen2Config(
        vocab_size=vocabulary,
        hidden_size=hidden,
        intermediate_size=inner,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=key_heads,
        max_position_embeddings=32_768,
        rms_norm_eps=1e-6,
        rope_parameters={"rope_theta": 1e6, "rope_type": "default"},
        tie_word_embeddings=tied,
    )
    torch.manual_seed(options.seed)
    with device:
        return AutoModelForCausalLM.from_config(config, dtype=dtype, attn_implementation=hf.SHARED).eval()


# The two sides. -------------------------------------------------------------------------------------------------------


class Ours:
    """The product's trainer. Neither factor is zero, so that each has a gradient."""

    def __init__(self, model: Any, options: argparse.Namespace) -> None:
        self.model = model
        self.config = AdaptConfig(rank=options.rank, batch=10_000, policy_rate=RATE, clip_norm=UNCLIPPED)
        self.lora = Lora(model, self.config, options.seed)
        draw = torch.Generator().manual_seed(options.seed)
        self.factors = {
            module: (low, 0.01 * torch.randn(high.shape, generator=draw))
            for module, (low, high) in self.lora.snapshot().items()
        }
        self.lora.restore(self.factors)
        self.trainer = Trainer(self.lora, self.config, time.monotonic)

    def ready(self, batch: Sequence[Example]) -> Any:
        """Return what a step is given."""
        return batch

    def step(self, batch: Any) -> float:
        """Make one optimizer step; return its loss."""
        learnt = self.trainer.reinforce(batch, math.inf)
        if learnt.steps != 1 or learnt.loss is None or self.trainer.reduced:
            sys.exit(f"ours made {learnt.steps} steps: {learnt.why or self.trainer.reduced}; take a smaller batch")
        return learnt.loss[0]

    def gradients(self) -> list[Tensor]:
        """Return the factors' gradients: A, B, A, B, ... in the order of `factors`."""
        return [factor.grad for factor in self.lora.parameters() if factor.grad is not None]

    def forget(self) -> None:
        """Let go of gradients."""
        for factor in self.lora.parameters():
            factor.grad = None


class Theirs:
    """trl's trainer over the same base weights and the same factors."""

    def __init__(self, ours: Ours, computed: str, folder: Path) -> None:
        try:
            import datasets
            import peft
            import transformers
            import trl
        except ImportError as error:
            sys.exit(f"{error}: the bench needs trl, peft and datasets, as requirements/ pins them")
        transformers.utils.logging.set_verbosity_error()
        config = ours.config
        # The parameters stand in the copy themselves: weights are in memory once.
        model = copy.deepcopy(ours.model, {id(weight): weight for weight in ours.model.parameters()})
        model.set_attn_implementation("sdpa")  # the library's default
        args = trl.GRPOConfig(
            output_dir=str(folder),
            use_cpu=ours.model.device.type == "cpu",
            bf16=computed == "bfloat16",
            gradient_checkpointing=False,
            per_device_train_batch_size=2,
            num_generations=2,
            learning_rate=RATE,
            max_grad_norm=UNCLIPPED,
            epsilon=config.clip,
            beta=0.0,
            report_to="none",
        )
        self.trainer = trl.GRPOTrainer(
            model=model,
            reward_funcs=lambda completions, **_: [0.0] * len(completions),
            args=args,
            train_dataset=datasets.Dataset.from_list([{"prompt": "a"}] * 2),
            processing_class=chat.load_tokenizer(checkpoint.find_model(SMALL)),  # asked for, but nothing is text here
            peft_config=peft.LoraConfig(r=config.rank, lora_alpha=config.alpha, target_modules="all-linear"),
        )
        self.trainer._prepare_inputs = lambda inputs: inputs  # it would sample
        self.trainer.current_gradient_accumulation_steps = 1
        trained = {name: weight for name, weight in self.trainer.model.named_parameters() if weight.requires_grad}
        self.factors = []
        with torch.no_grad():
            for module, pair in ours.factors.items():
                for side, factor in zip("AB", pair, strict=True):
                    weight = trained.pop(f"base_model.model.{module}.lora_{side}.default.weight")
                    self.factors.append(weight.copy_(factor))
        if trained:
            sys.exit(f"trl trains what ours does not: {', '.join(trained)}")
        optimizer = self.trainer.create_optimizer()
        self.model, self.optimizer = self.trainer.accelerator.prepare(self.trainer.model, optimizer)

    def ready(self, batch: Sequence[Example]) -> Any:
        """Return what trl has in hand after sampling and scoring."""
        device = self.model.device
        prompts = torch.tensor([example.prompt for example in batch], device=device)
        answers = torch.tensor([example.answer for example in batch], device=device)
        return {
            "prompt_ids": prompts,
            "prompt_mask": torch.ones_like(prompts),
            "completion_ids": answers,
            "completion_mask": torch.ones_like(answers),
            "advantages": torch.tensor([example.advantage for example in batch], device=device),
            "old_per_token_logps": torch.tensor([example.old for example in batch], device=device),
            "num_items_in_batch": torch.tensor(answers.numel(), device=device),
        }

    def step(self, batch: Any) -> float:
        """Make one optimizer step; return its loss."""
        self.optimizer.zero_grad()
        loss = self.trainer.training_step(self.model, batch, batch["num_items_in_batch"])
        self.trainer.accelerator.clip_grad_norm_(self.model.parameters(), UNCLIPPED)
        self.optimizer.step()
        return float(loss)

    def gradients(self) -> list[Tensor]:
        """Return the factors' gradients in the order of ours."""
        return [factor.grad for factor in self.factors if factor.grad is not None]

    def forget(self) -> None:
        """Let go of gradients."""
        self.optimizer.zero_grad()


# Measuring. -----------------------------------------------------------------------------------------------------------


def make_batch(case: Case, ours: Ours, draw: random.Random) -> list[Example]:
    """Return random prompts and answers with random advantages, sampled by a policy a little off the present one."""
    ids = range(ours.model.config.vocab_size)
    prompts = [tuple(draw.choices(ids, k=case.prompt_tokens)) for _ in range(case.prompts)]
    bare = [
        Example(prompt, tuple(draw.choices(ids, k=case.answer_tokens)), advantage=draw.gauss(0.0, 1.0))
        for prompt in prompts
        for _ in range(case.answers)
    ]
    return [
        replace(example, old=tuple(logp - draw.choice(OFF) for logp in logps))
        for example, logps in zip(bare, ours.trainer.logprobs(bare), strict=True)
    ]


def compare(
    case: Case, batch: Sequence[Example], ours: Ours, theirs: Theirs, most: tuple[float, float]
) -> dict[str, Any]:
    """Make one step on each side; end the bench where losses or gradients are more than `most` apart."""
    one, other = ours.step(ours.ready(batch)), theirs.step(theirs.ready(batch))
    norm = math.hypot(*(float(gradient.norm()) for gradient in theirs.gradients()))
    pairs = zip(ours.gradients(), theirs.gradients(), strict=True)
    apart = math.hypot(*(float((mine - his.to(mine.dtype)).norm()) for mine, his in pairs)) / norm
    ours.forget()
    theirs.forget()
    if not (abs(one - other) <= most[0] and apart <= most[1]):
        sys.exit(
            f"{case.name}: the sides do not compute the same, nothing was timed: loss {one:.5f} against trl's"
            f" {other:.5f} (may be {most[0]} apart), gradients {apart:.2g} of their norm apart (may be {most[1]})"
        )
    return {"loss": [round(one, 5), round(other, 5)], "gradients_apart": float(f"{apart:.2g}")}


def operations(side: Ours | Theirs, batch: Sequence[Example]) -> int:
    """Return the floating-point operations of the matrix products of one step."""
    with FlopCounterMode(display=False, custom_mapping=UNKNOWN) as counter:
        side.step(side.ready(batch))
    side.forget()
    return counter.get_total_flops()


def take_turns(
    sides: dict[str, Ours | Theirs], batch: Sequence[Example], device: torch.device, repeats: int
) -> dict[str, list[Took]]:
    """Time one step of each side in turn, the order turning round with the repeats."""
    took: dict[str, list[Took]] = {name: [] for name in sides}
    given = {name: side.ready(batch) for name, side in sides.items()}
    with Progress(disable=not sys.stderr.isatty(), transient=True) as bar:
        for repeat in bar.track(range(repeats)):
            for name in sorted(sides, reverse=bool(repeat % 2)):
                took[name].append(timed(sides[name], given[name], device))
    return took


def timed(side: Ours | Theirs, given: Any, device: torch.device) -> Took:
    """Make one step and say what it took."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        torch.cuda.reset_peak_memory_stats(device)
        stood, began = torch.cuda.memory_allocated(device), time.perf_counter()
        side.step(given)
        torch.cuda.synchronize(device)
        took = Took(time.perf_counter() - began, torch.cuda.max_memory_allocated(device) - stood)
    else:
        clock = time.process_time if device.type == "cpu" else time.perf_counter
        began = clock()
        side.step(given)  # its loss comes back as a number, so the device is done
        took = Took(clock() - began)
    side.forget()
    return took


def summarise(case: Case, took: dict[str, list[Took]], ops: dict[str, int], top: float) -> dict[str, Any]:
    """Return the numbers of a setting; `top` is operations per second that would be a share of 1."""
    found: dict[str, Any] = {}
    for name, runs in took.items():
        seconds = statistics.median(run.seconds for run in runs)
        found[name] = {
            "seconds": float(f"{seconds:.4g}"),
            "tokens_per_second": round(case.tokens / seconds),
            "giga_ops": round(ops[name] / 1e9, 1),
            "of_peak": round(ops[name] / seconds / top, 3),
            "gib": None if runs[0].memory is None else round(max(run.memory or 0 for run in runs) / 2**30, 2),
        }
    ratios = [his.seconds / mine.seconds for mine, his in zip(took["ours"], took["trl"], strict=True)]
    return {"times_as_fast": round(statistics.median(ratios), 3), "each": [round(r, 3) for r in ratios], **found}


def show(case: Case, found: dict[str, Any]) -> None:
    """Print a setting's rows of the table."""
    for name in ("ours", "trl"):
        side = found[name]
        last = f"{found['times_as_fast']:.2f} times as fast" if name == "ours" else ""
        memory = "-" if side["gib"] is None else f"{side['gib']:.2f}"
        print(
            f"{case.name:34}{name:6}{side['seconds']:>9.3f}{side['tokens_per_second']:>10,}{side['giga_ops']:>10,.1f}"
            f"{side['of_peak']:>9.0%}{memory:>7}  {last}"
        )


if __name__ == "__main__":
    main()
