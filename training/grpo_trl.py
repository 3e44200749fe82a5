"""GRPO by trl's trainer, for GPUs: the same tasks, prompts and judge as `training.grpo`, the loop is the library's.

    python -m training.grpo --driver trl --generators symmetry --batches 60 --out out/grpo --set sample.model=FOLDER
    accelerate launch --num_processes 4 -m training.grpo --driver trl ...

Settings mean what they mean there: `adapt.batch` answers per step and process, `prompts` x `group` answers per batch of
samples. trl's loss `dapo` is the same sum over tokens; cut answers are masked; an unscored answer has no advantage.
`sample.engine=vllm` samples by vLLM beside the trainer. Checkpoints are trl's, and a stopped run goes on from the last.

Left out, against `training.grpo`: the order of the tasks is fixed beforehand, so what the curriculum hears counts for
the next run in the same folder; answers are not guarded on the way, the guard looks once, at the end; thinking is not
forced. Tried on a CPU only.
"""

import json
import os
import random
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from arc_submit.adapt.guard import signs
from arc_submit.adapt.lora import ATTENTION
from arc_submit.adapt.records import Group
from arc_submit.config import RunConfig
from arc_submit.errors import ConfigError, PromptError
from arc_submit.prompts import Writer
from arc_submit.records import Completion, Prompt, Task
from arc_submit.sample import chat, checkpoint
from arc_submit.sample.engine import Lender
from arc_submit.sandbox import Sandbox
from training import rollouts
from training.curriculum import Curriculum
from training.grpo import Plan, Result, described, gathered, measured, spoilt, write
from training.loop import quiet


class Judge:
    """trl's reward function: answers in, rewards out, None where one could not be judged."""

    def __init__(self, asked: Sequence[tuple[Task, Prompt]], sandbox: Sandbox, curriculum: Curriculum) -> None:
        self.asked, self._sandbox, self._curriculum = asked, sandbox, curriculum
        self.unscored = 0
        self.__name__ = "reward"  # what the trainer's log calls it

    def __call__(
        self, completions: Sequence[Any], completion_ids: Sequence[Sequence[int]], number: Sequence[int], **_: Any
    ) -> list[float | None]:
        """Return the reward of each answer; `number`: place of its prompt among those asked."""
        batch = []
        for answer, ids, place in zip(completions, completion_ids, number, strict=True):
            task, prompt = self.asked[place]
            text = answer if isinstance(answer, str) else answer[0]["content"]
            batch.append((task, prompt, [Completion(text, prompt.kind, tokens=tuple(ids))]))
        rewards = [found.answers[0].reward for found in rollouts.judged(self._sandbox, batch)]
        self.unscored += rewards.count(None)
        for place in dict.fromkeys(number):
            own = [reward for reward, at in zip(rewards, number, strict=True) if at == place]
            self._curriculum.heard(self.asked[place][0].id, own)
        return rewards


def train(plan: Plan, config: RunConfig, out: Path) -> Result:
    """Measure, train, measure again; write adapter, curriculum and result, as `training.grpo` does.

    Raises:
        ConfigError: answers of a batch that do not go evenly into steps, or nothing to learn from.
    """
    if plan.prompts * plan.group % config.adapt.batch:
        raise ConfigError(
            f"{plan.prompts} x {plan.group} answers do not go into steps of adapt.batch={config.adapt.batch}"
        )
    quiet()
    out.mkdir(parents=True, exist_ok=True)
    tasks = gathered(plan, config.seed)
    curriculum = Curriculum({task_id: source.lines for task_id, source in tasks.learn.items()})
    if (out / "curriculum.json").exists():
        curriculum.resume(out / "curriculum.json")
    began = time.monotonic()
    before = _measure(plan, config, tasks.measure, checkpoint.resolve(config.sample).adapter)
    with Sandbox(config.sandbox) as sandbox:
        judge = Judge(_asked(plan, config, tasks, curriculum), sandbox, curriculum)
        kl = _train(plan, config, judge, out)
    after = _measure(plan, config, tasks.measure, out / "adapter")
    why = spoilt(config.adapt, signs(before[1]), signs(after[1]), kl) if before and after else None
    result = Result(
        seed=config.seed,
        before=before[0] if before else None,
        after=after[0] if after else None,
        batches=plan.batches,
        retired=curriculum.retired,
        unscored=judge.unscored,
        kl=kl,
        seconds=round(time.monotonic() - began, 1),
        why=f"guard, at the end: {why}" if why else "",
        guard=tasks.guard,
    )
    if _first():
        curriculum.save(out / "curriculum.json")
        write(out, result, described(plan, config, "trl"))
    return result


def _asked(plan: Plan, config: RunConfig, tasks: rollouts.Tasks, curriculum: Curriculum) -> list[tuple[Task, Prompt]]:
    """The prompts of all batches, in their order."""
    writer, tokenizer = Writer(config.prompts), chat.load_tokenizer(checkpoint.resolve(config.sample).folder)
    room = (config.sample.context or checkpoint.resolve(config.sample).context) - config.sample.max_new_tokens
    rng = random.Random(f"{config.seed}/grpo/trl")
    found: list[tuple[Task, Prompt]] = []
    misses = 0
    while len(found) < plan.batches * plan.prompts and misses < len(tasks.learn):
        picks = curriculum.draw(1, rng)
        if not picks:
            break
        task = tasks.learn[picks[0].task_id].task
        try:
            prompt = rollouts.fresh(writer, task, rng, augmented=picks[0].augmented, leave_out=config.adapt.leave_out)
        except PromptError:
            misses += 1
            continue
        if len(chat.render(tokenizer, prompt)) > room:
            misses += 1
            continue
        found.append((task, prompt))
    if not found:
        raise ConfigError("no task to learn from has a prompt that fits the model")
    return found


def _train(plan: Plan, config: RunConfig, judge: Judge, out: Path) -> float:
    """Run the trainer, leave the adapter in the folder; return the divergence from the start where it is computed."""
    import torch
    from peft import LoraConfig, PeftModel
    from transformers import AutoModelForCausalLM
    from transformers.trainer_utils import get_last_checkpoint

    trl: Any = import_module("trl")
    datasets: Any = import_module("datasets")
    adapt, sample = config.adapt, config.sample
    found = checkpoint.resolve(sample)
    gpu = torch.cuda.is_available()
    steps = plan.prompts * plan.group // adapt.batch * adapt.passes
    model = AutoModelForCausalLM.from_pretrained(found.folder, use_safetensors=True, dtype="auto" if gpu else "float32")
    lora = LoraConfig(
        r=adapt.rank,
        lora_alpha=cast(int, adapt.alpha),
        target_modules="all-linear" if adapt.modules == "all" else list(ATTENTION),
        task_type="CAUSAL_LM",
    )
    if found.adapter is not None:
        model, lora = PeftModel.from_pretrained(model, found.adapter, is_trainable=True), None
    settings = trl.GRPOConfig(
        output_dir=str(out / "trl"),
        seed=config.seed,
        max_steps=plan.batches * steps,
        learning_rate=adapt.policy_rate,
        lr_scheduler_type="constant",
        adam_beta2=0.99,
        max_grad_norm=adapt.clip_norm,
        per_device_train_batch_size=adapt.batch,
        generation_batch_size=plan.prompts * plan.group * int(os.environ.get("WORLD_SIZE", "1")),
        num_generations=plan.group,
        num_iterations=adapt.passes,
        max_completion_length=sample.max_new_tokens,
        temperature=sample.temperature,
        top_p=sample.top_p,
        epsilon=adapt.clip,
        beta=adapt.kl,
        loss_type="dapo",
        scale_rewards="group" if adapt.scale else "none",
        mask_truncated_completions=True,
        shuffle_dataset=False,
        use_vllm=sample.engine == "vllm",
        vllm_mode="colocate",
        use_cpu=not gpu,
        bf16=gpu and torch.cuda.is_bf16_supported(),
        gradient_checkpointing=gpu,
        save_steps=plan.save_every * steps,
        save_total_limit=1,
        logging_steps=steps,
        report_to="none",
    )
    rows = datasets.Dataset.from_list(
        [
            {
                "prompt": [{"role": message.role, "content": message.content} for message in prompt.messages],
                "number": number,
            }
            for number, (_, prompt) in enumerate(judge.asked)
        ]
    )
    trainer = trl.GRPOTrainer(
        model,
        judge,
        settings,
        rows,
        processing_class=chat.load_tokenizer(found.folder),
        peft_config=lora,
    )
    last = get_last_checkpoint(settings.output_dir) if Path(settings.output_dir).is_dir() else None
    trainer.train(resume_from_checkpoint=last)
    history = trainer.state.log_history
    if _first():
        trainer.accelerator.unwrap_model(trainer.model).save_pretrained(out / "adapter")
        (out / "curves.json").write_text(json.dumps(history))
    return next((float(entry["kl"]) for entry in reversed(history) if "kl" in entry), 0.0)


def _measure(
    plan: Plan, config: RunConfig, tasks: Sequence[Task], adapter: Path | None
) -> tuple[float | None, list[Group]] | None:
    """The mean reward under an adapter, by the kit's own engine."""
    if not tasks or not _first():
        return None
    from arc_submit.sample.build import build

    engine = cast(Lender, build(config.sample.model_copy(update={"adapter": adapter, "engine": "hf"})))
    try:
        with Sandbox(config.sandbox) as sandbox:
            return measured(engine, sandbox, Writer(config.prompts), tasks, plan.answers)[:2]
    finally:
        engine.close()


def _first() -> bool:
    """This is the process, of several, that measures and writes."""
    return os.environ.get("RANK", "0") == "0"
