"""Fine-tune a model on a dataset folder, or (as the shipped recipes call it) on token shards.

    arc-train sft out/dataset --model weights/small --out out/tuned --recipe small-lora
    arc-train sft out/dataset --model models/qwen-7b --out out/tuned --recipe qwen-7b --driver trl
    accelerate launch --num_processes 4 -m training.sft out/dataset --model ... --out ... --recipe qwen-7b
    python -m training.sft out/train/base/model out/train/tuning out/train/adapter --shards 12 --tokens 1500000

    dataset -> checked and encoded (`tuning.data`) -> base with a fresh adapter, or all weights (`tuning.model`)
      -> a driver: `training.loop` here, or trl's trainer (`sft_trl`) -> measured at every checkpoint (`tuning.probe`)
      -> the best one as `adapter/` or `model/`

Both drivers have the same examples, the same batches by tokens and the same loss (`training.loss`). Stopped, the same
command goes on where it was. The own driver needs torch, transformers and peft only, several processes included; it
leaves out gradient accumulation, 4 bits, liger and unsloth, which trl's has.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from training.data import shards
from training.exercises import Exercise, gather
from training.loop import LoopConfig, State, quiet, train
from training.tuning import data, folder
from training.tuning import model as models
from training.tuning.data import Material
from training.tuning.memory import advised
from training.tuning.memory import check as check_memory
from training.tuning.probe import Probe, best
from training.tuning.settings import Settings

DEFAULTS = LoopConfig(tokens=1_500_000, rate=5e-4, decay=0.0)


@dataclass(frozen=True, slots=True)
class Tuned:
    """What a run came to; `report.json`."""

    out: str
    result: str
    """Folder of the adapter or model."""
    driver: str
    examples: int
    dropped: int
    """Examples longer than the limit."""
    limit: int
    """Tokens that an example might have."""
    tokens: int
    """Trained on, repetitions counted, padding not."""
    steps: int
    loss: float
    """Mean of the last steps, nats per answer token."""
    trained_parameters: int
    seconds: float
    """Of this call, measuring and loading included."""
    before: dict[str, float]
    """The start's measurements."""
    best: dict[str, float]
    """Those of the checkpoint that was kept."""
    curves: dict[str, list[tuple[int, float]]]
    """Measurement -> (tokens, value)."""


def tune(dataset: Path, model: str, out: Path, settings: Settings) -> Tuned | None:
    """Fine-tune; return what came of it, None in every process but the first.

    Raises:
        UserError: model, dataset, settings or folder that cannot be used; nothing heavy was done by then.
        EngineError: memory ran out; the message says what to change.
    """
    models.check(settings)
    found = models.resolve(model)
    began = time.monotonic()
    accelerator = models.on_accelerator(settings)
    check_memory(found.folder, settings, accelerator)
    quiet()
    from arc_submit.sample import chat

    tokenizer = chat.load_tokenizer(found.folder)
    material = data.read(dataset, found.folder, tokenizer, found.context, settings)
    _told(material.notices)
    told = {"settings": settings.model_dump(mode="json"), "base": found.folder.name, "dataset": material.told}
    if first():
        folder.begin(out, told)
    if (out / "report.json").is_file():  # finished before
        return Tuned(**json.loads((out / "report.json").read_text("utf-8"))) if first() else None
    exercises = _exercises(dataset, settings)
    with advised(settings, accelerator):
        tuned = models.build(found.folder, settings, material.longest)
        probe = _probe(found.folder, out, material, settings, exercises)
        before = _before(tuned, probe, out, settings)
        if settings.driver == "trl":
            from training.sft_trl import run
        else:
            run = own
        state = run(tuned, tokenizer, material, out, settings, probe)
    if not first():
        return None
    if not state.losses:
        raise AssertionError("a run without a step")
    models.save(tuned, out / "last", found.folder)
    kept = best(out) or {}
    card = {**told, "tokens": state.tokens, "steps": state.steps, "measured": kept}
    result = folder.finish(out, "adapter" if settings.lora.rank else "model", card)
    report = Tuned(
        out=str(out),
        result=str(result),
        driver=settings.driver,
        examples=len(material.train),
        dropped=material.dropped,
        limit=material.limit,
        tokens=state.tokens,
        steps=state.steps,
        loss=state.losses[-1][1],
        trained_parameters=_trained(tuned),
        seconds=round(time.monotonic() - began, 1),
        before=before,
        best=kept,
        curves=state.checks,
    )
    folder.write(out / "report.json", asdict(report))
    return report


def first() -> bool:
    """Return whether this is the process, of several, that measures and writes."""
    return os.environ.get("RANK", "0") == "0"


def planned(material: Material, settings: Settings) -> int:
    """Return the tokens of the whole run."""
    return settings.steps.tokens or max(1, round(settings.steps.epochs * material.tokens))


def own(tuned: Any, tokenizer: Any, material: Material, out: Path, settings: Settings, probe: Probe) -> State:
    """Train by `training.loop`; the model is changed in place."""
    count = _shards(out / "tokens", material.train)
    tokens, steps = planned(material, settings), settings.steps
    config = LoopConfig(
        tokens=tokens,
        batch_tokens=steps.batch_tokens,
        rate=steps.rate,
        warmup=steps.warmup,
        decay=steps.decay,
        clip=steps.clip,
        smoothing=steps.smoothing,
        columns=material.longest if steps.packing else 0,
        seed=settings.seed,
        save_every=-(-tokens // settings.check.times),
        threads=settings.threads,
        device=settings.device,
    )
    return train(tuned, out / "tokens", count, out, config, probe)


def _shards(where: Path, examples: Sequence[shards.Encoded]) -> int:
    """Write the examples as token shards unless they are there; return their number. Other processes wait for them.

    Shards are of one size: of a short one at the end several processes would get no batch each.
    """
    many = len(examples)
    count = -(-many // data.SHARD)
    if first():
        where.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            path = shards.path(where, number)
            if not path.exists():
                shards.write(path, examples[number * many // count : (number + 1) * many // count])
    return count


def _exercises(dataset: Path, settings: Settings) -> list[Exercise]:
    """The tasks that programs are sampled for on the way; none of them is learnt from."""
    check = settings.check
    if not check.tasks or not first():
        return []
    found = [one for one in gather(check.source, check.tasks, settings.seed) if one.answers]
    data.check_apart(dataset, found, check.source)
    return found


def _probe(base: Path, out: Path, material: Material, settings: Settings, exercises: Sequence[Exercise]) -> Probe:
    check = settings.check
    apart = max(1, len(material.evaluation) // max(1, check.examples))
    return Probe(
        base=base,
        out=out,
        prompts=material.prompts,
        examples=material.evaluation[::apart][: check.examples] if first() else (),
        exercises=exercises,
        programs=check.programs,
        max_new_tokens=check.max_new_tokens or material.answer,
        batch_tokens=settings.steps.batch_tokens,
        seed=settings.seed,
        device=settings.device,
    )


def _before(tuned: Any, probe: Probe, out: Path, settings: Settings) -> dict[str, float]:
    """Measure the start, once a run."""
    file = out / "before.json"
    if not settings.check.before or not first():
        return {}
    if file.is_file():
        found: dict[str, float] = json.loads(file.read_text("utf-8"))
        return found
    models.placed(tuned, settings).eval()
    found = probe.measure(tuned)
    folder.write(file, found)
    return found


def _trained(model: Any) -> int:
    return sum(weight.numel() for weight in model.parameters() if weight.requires_grad)


def _told(notices: Sequence[str]) -> None:
    if first():
        for notice in notices:
            sys.stderr.write(f"notice: {notice}\n")


# On token shards. -----------------------------------------------------------------------------------------------------


def adapted(base: Path, rank: int, alpha: int, seed: int) -> Any:
    """Return the base with a fresh adapter; only the adapter trains.

    Args:
        alpha: the adapter counts alpha / sqrt(rank) times.
    """
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_pretrained(base, use_safetensors=True, dtype="auto")
    settings = LoraConfig(r=rank, lora_alpha=alpha, target_modules="all-linear", use_rslora=True, task_type="CAUSAL_LM")
    return get_peft_model(model, settings)


def main() -> None:
    """Token shards by three folders, as recipes call it; with --model or --recipe the same as `arc-train sft`."""
    if any(word.split("=")[0] in ("--model", "--recipe") for word in sys.argv[1:]):
        import training.cli.sft  # noqa: F401 - hangs itself on the application
        from training.cli.app import main as run

        sys.argv.insert(1, "sft")
        run()
        return
    from training.cli.app import spoken

    spoken(_on_shards)


def _on_shards() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", type=Path, help="model folder")
    parser.add_argument("folder", type=Path, help="token shards of training.data.make")
    parser.add_argument("out", type=Path, help="checkpoint, curves, and at the end the adapter")
    parser.add_argument("--shards", type=int, default=12)
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--alpha", type=int, default=32)
    for name, value in asdict(DEFAULTS).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    options = parser.parse_args()
    config = LoopConfig(**{name: getattr(options, name) for name in asdict(DEFAULTS)})
    quiet()
    model = adapted(options.base, options.rank, options.alpha, config.seed)
    state = train(model, options.folder, options.shards, options.out, config)
    if not first():
        return
    model.save_pretrained(options.out / "adapter")
    report = {"command": "sft", "out": str(options.out), "tokens": state.tokens, "steps": state.steps}
    print(json.dumps({**report, "trained_parameters": _trained(model), "loss": state.losses[-1][1]}))


if __name__ == "__main__":
    main()
