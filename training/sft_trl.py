"""Fine-tuning by trl's SFTTrainer, for accelerators: the same examples, batches and loss as `training.sft`.

    arc-train sft out/dataset --model models/qwen-7b --out out/tuned --recipe qwen-7b
    accelerate launch --num_processes 4 -m training.sft out/dataset --model ... --out ... --recipe qwen-7b

The trainer brings several devices, accumulation, 4-bit weights, liger's kernels and its own checkpoints. Ours stay:

    examples   encoded beforehand; one item is one batch by tokens, so that padding stays small, and nothing is cut
    weights    ride in the batch: columns are not pruned, the collator keeps them, the model's forward takes them
    loss       `training.loss.answer_loss`, divided by the answer tokens of the whole step over all processes
    packing    whole examples in rows of one length; attention is kept apart by their positions

Left out: FSDP and DeepSpeed (each process holds the base), context parallelism, the trainer's own evaluation (the first
process measures, the others wait). Its checkpoints hold pickled optimizer state of this machine, read back as weights
only; results are safetensors. A checkpoint counts when its `place.json` is there, which is written last; those before
it go then, and not sooner. Run on a CPU, one and two processes; on CUDA, with 4 bits, liger, flash attention or unsloth
not yet.
"""

import functools
import os
import random
import re
import shutil
import types
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from training import loop
from training.attention import fitted
from training.batch import IGNORED, packed, padded, shuffled
from training.data.shards import Encoded
from training.flops import step_flops
from training.loop import State
from training.loss import answer_loss
from training.meter import Meter
from training.tuning.data import Material
from training.tuning.folder import write
from training.tuning.model import on_accelerator
from training.tuning.probe import Probe
from training.tuning.settings import Settings

PLACE = "place.json"  # in each of the trainer's checkpoints: curves and tokens so far
STATE = "trainer_state.json"
CHECKPOINT = re.compile(r"checkpoint-(\d+)")


def run(tuned: Any, tokenizer: Any, material: Material, out: Path, settings: Settings, probe: Probe) -> State:
    """Train, or go on from the last checkpoint; the model is changed in place."""
    trainer = build(tuned, tokenizer, material, out, settings)
    last = newest(out / "trl")
    if trainer.is_world_process_zero():
        clear(out / "trl", last)
    if last is not None:
        trainer.place = loop.read_state(last / PLACE)
    trainer.add_callback(_callback(trainer, probe, out))
    with trainer.shown():
        trainer.train(resume_from_checkpoint=None if last is None else str(last))
    place: State = trainer.place
    place.steps = trainer.state.global_step
    return place


def newest(folder: Path) -> Path | None:
    """Return the newest of the trainer's checkpoints that is whole; None: there is none."""
    whole = [path for path in _checkpoints(folder) if (path / STATE).is_file() and (path / PLACE).is_file()]
    return max(whole, key=_step, default=None)


def clear(folder: Path, kept: Path | None) -> None:
    """Remove all of the trainer's checkpoints but one: older ones, and those whose writing was broken off."""
    for path in _checkpoints(folder):
        if path != kept:
            shutil.rmtree(path, ignore_errors=True)


def _checkpoints(folder: Path) -> list[Path]:
    return [path for path in folder.glob("checkpoint-*") if path.is_dir() and CHECKPOINT.fullmatch(path.name)]


def _step(path: Path) -> int:
    return int(path.name.rpartition("-")[2])


def build(tuned: Any, tokenizer: Any, material: Material, out: Path, settings: Settings) -> Any:
    """Return the trainer, ready to train."""
    import torch
    import transformers

    trl: Any = import_module("trl")
    steps, cuda = settings.steps, on_accelerator(settings)
    if not cuda:
        torch.set_num_threads(settings.threads)
        fitted(tuned, "cpu")
    groups = grouped(material, settings)
    epoch = -(-len(groups) // (steps.accumulate * int(os.environ.get("WORLD_SIZE", "1"))))  # steps
    planned = max(1, round(epoch * (steps.tokens / material.tokens if steps.tokens else steps.epochs)))
    columns = material.longest if steps.packing else 0
    flat = tuned.config._attn_implementation.startswith("flash")
    arguments = trl.SFTConfig(
        output_dir=str(out / "trl"),
        seed=settings.seed,
        data_seed=settings.seed,
        per_device_train_batch_size=1,  # an item is a batch already
        gradient_accumulation_steps=steps.accumulate,
        max_steps=planned,
        learning_rate=steps.rate,
        lr_scheduler_type="cosine_with_min_lr",
        lr_scheduler_kwargs={"min_lr_rate": 0.1},
        warmup_steps=round(steps.warmup * planned),
        weight_decay=steps.decay,
        max_grad_norm=steps.clip,
        adam_beta2=0.98,
        loss_type="nll",
        max_length=None,  # what is too long was left out, and the rest is whole
        packing=False,  # done here, by whole examples
        use_cpu=not cuda,
        bf16=loop.precision() == "bf16",
        gradient_checkpointing=settings.hold.checkpointing and not settings.hold.unsloth,
        gradient_checkpointing_kwargs={"use_reentrant": False} if settings.hold.checkpointing else None,
        use_liger_kernel=settings.hold.liger,
        # the loss is ours: liger's fused one knows no weights
        liger_kernel_config={"fused_linear_cross_entropy": False, "cross_entropy": False},
        remove_unused_columns=False,
        dataset_kwargs={"skip_prepare_dataset": True},
        save_strategy="steps",
        save_steps=-(-planned // settings.check.times),
        save_total_limit=None,  # the one before goes when the new one is whole, see `Watch`
        logging_strategy="no",
        disable_tqdm=True,
        report_to="none",
        ddp_timeout=round(3600 * loop.WAIT),
        ddp_find_unused_parameters=False,
        dataloader_pin_memory=cuda,
    )
    trainer = _trainer_class()(
        tuned,
        arguments,
        data_collator=functools.partial(collated, columns=columns, flat=flat),
        train_dataset=dataset(groups),
        processing_class=tokenizer,
    )
    trainer.remove_callback(transformers.PrinterCallback)  # standard output ends with our one line
    trainer.prepare(planned / epoch * material.tokens, settings.threads)
    speak_weighted(tuned, steps.smoothing)
    return trainer


def grouped(material: Material, settings: Settings) -> list[list[Encoded]]:
    """Return the batches: examples of about one length together, as many as fit in the tokens of a pass."""
    rng = random.Random(f"{settings.seed}/trl")
    if not settings.steps.packing:
        return list(shuffled(material.train, rng, settings.steps.batch_tokens))
    order = list(material.train)
    rng.shuffle(order)
    rows = max(1, settings.steps.batch_tokens // material.longest)
    return _filled(order, rows, material.longest)


def _filled(order: Sequence[Encoded], rows: int, columns: int) -> list[list[Encoded]]:
    """Batches of whole examples that first fit puts into `rows` rows of `columns` places."""
    groups: list[list[Encoded]] = []
    current: list[Encoded] = []
    room = [columns] * rows
    for example in order:
        size = len(example.ids)
        place = next((index for index, free in enumerate(room) if free >= size), None)
        if place is None:
            groups.append(current)
            current, room, place = [], [columns] * rows, 0
        current.append(example)
        room[place] -= size
    return [*groups, current]


def dataset(groups: Sequence[Sequence[Encoded]]) -> Any:
    datasets: Any = import_module("datasets")
    return datasets.Dataset.from_dict(
        {
            "ids": [[example.ids.tolist() for example in group] for group in groups],
            "prompts": [[example.prompt for example in group] for group in groups],
            "weights": [[float(example.weight) for example in group] for group in groups],
        }
    )


def collated(items: Sequence[dict[str, Any]], columns: int = 0, flat: bool = False) -> dict[str, Any]:
    """Return the one item's examples as a batch, weights included.

    Args:
        items: rows of `dataset`; one.
        columns: places of a row that several examples share; 0: one example a row.
        flat: all rows behind each other in one, as flash attention wants what is packed.
    """
    import torch

    (item,) = items
    examples = [
        Encoded(np.asarray(ids, dtype=np.int32), prompt, weight)
        for ids, prompt, weight in zip(item["ids"], item["prompts"], item["weights"], strict=True)
    ]
    batch = packed(examples, columns) if columns else padded(examples)
    found = {"input_ids": batch.ids, "shift_labels": batch.labels, "weights": batch.weights}
    if columns:
        found["position_ids"] = batch.positions
    if columns and flat:
        found = {name: tensor.reshape(1, -1) for name, tensor in found.items()}
    return {**found, "tokens": torch.tensor(batch.tokens)}


def speak_weighted(model: Any, smoothing: float) -> None:
    """Have the causal LM's forward take `weights` and `total`, and return our loss. Wrappers (peft, DDP) pass them on.

    Without `shift_labels` the forward is what it was: generation goes on working.
    """
    from transformers.modeling_outputs import CausalLMOutputWithPast

    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    plain = inner.forward

    def forward(
        self: Any,
        input_ids: Any = None,
        shift_labels: Any = None,
        weights: Any = None,
        total: Any = None,
        **rest: Any,
    ) -> Any:
        if shift_labels is None:
            return plain(input_ids=input_ids, **rest)
        given = {name: rest[name] for name in ("position_ids", "attention_mask") if rest.get(name) is not None}
        hidden = self.model(input_ids=input_ids, use_cache=False, **given).last_hidden_state
        return CausalLMOutputWithPast(loss=answer_loss(hidden, self.lm_head, shift_labels, weights, smoothing, total))

    inner.forward = types.MethodType(forward, inner)


@functools.cache
def _trainer_class() -> Any:
    """trl's trainer with our loss and our meter; made here, since the library takes ten seconds to import."""
    trl: Any = import_module("trl")

    class WeightedTrainer(trl.SFTTrainer):  # type: ignore[misc]
        """See the head of the file."""

        def prepare(self, planned: float, threads: int) -> None:
            """Set what the library would find out by looking, and what the meter shows.

            Args:
                planned: tokens of the whole run, about.
                threads: of torch on a CPU.
            """
            self.model_accepts_loss_kwargs = True  # the loss is divided by the answer tokens of the whole step
            self.label_names = ["shift_labels"]
            self.place, self._planned = State(), round(planned)
            self._flops = step_flops(self.model)
            self._loss, self._tokens, self._work = 0.0, 0, 0.0
            halves = "bf16" if self.args.bf16 else "no"
            main = self.is_world_process_zero()
            self._top = loop.top_speed(threads, halves, str(self.args.device)) if main else 0.0

        def shown(self) -> Meter:
            """Return the meter, as a context."""
            place = self.place
            self.meter = Meter(place.losses, place.tokens, self._planned, self._top, self.is_world_process_zero())
            return self.meter

        def _get_num_items_in_batch(self, batch_samples: list[Any], device: Any) -> Any:
            """Return how many answer tokens a step has, over all its passes and processes."""
            if not batch_samples:
                return None
            found = sum(map(answers, batch_samples)).to(device)
            return self.accelerator.reduce(found) if self.args.world_size > 1 else found

        def compute_loss(
            self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
        ) -> Any:
            """Return our loss; times the processes, since their gradients are averaged."""
            given = {name: value for name, value in inputs.items() if name != "tokens"}
            total = answers(inputs) if num_items_in_batch is None else num_items_in_batch
            outputs = model(**given, total=total)
            loss = outputs.loss * (1 if num_items_in_batch is None else self.accelerator.num_processes)
            return (loss, outputs) if return_outputs else loss

        def training_step(self, model: Any, inputs: Any, num_items_in_batch: Any = None) -> Any:
            """Train on one pass; have the meter hear of it when its step is whole."""
            import torch

            self._work += self._flops(tuple(inputs["input_ids"].shape), int(answers(inputs)))
            self._tokens += int(inputs["tokens"])
            loss = super().training_step(model, inputs, num_items_in_batch)
            self._loss += loop.finite(float(loss), self.place.tokens) / self.accelerator.num_processes
            if self.accelerator.sync_gradients:
                sums = self.accelerator.reduce(
                    torch.tensor([self._loss, float(self._tokens)], dtype=torch.float64, device=loss.device)
                ).tolist()
                self.place.tokens += int(sums[1])
                self.meter.step(self.place.tokens, sums[0], self._work)
                self._loss, self._tokens, self._work = 0.0, 0, 0.0
            return loss

    return WeightedTrainer


def answers(inputs: Any) -> Any:
    """Return how many answer tokens a batch has."""
    return (inputs["shift_labels"] != IGNORED).sum()


def _callback(trainer: Any, probe: Probe, out: Path) -> Any:
    """What happens at each of the trainer's checkpoints: measure, keep the best, draw, note the place."""
    from transformers import TrainerCallback

    class Watch(TrainerCallback):  # type: ignore[misc]
        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            """Measure what the call before was stopped in the middle of measuring."""
            if state.global_step and not trainer.place.measured():
                self.on_save(args, state, control)

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            trainer.meter.flush()
            trainer.accelerator.wait_for_everyone()  # each writes a part of the checkpoint
            if trainer.is_world_process_zero():
                folder, place = out / "trl" / f"checkpoint-{state.global_step}", trainer.place
                place.steps = state.global_step
                write(folder / PLACE, asdict(place))
                clear(out / "trl", folder)
                loop.measure(trainer.model, probe, place)
                loop.draw(place, out)
                write(folder / PLACE, asdict(place))
            trainer.accelerator.wait_for_everyone()
            trainer.meter.go_on()

    return Watch()
