"""Every setting, one frozen model per stage, gathered in RunConfig. No torch, no devices.

A run's settings are: the defaults below, then a preset (`presets/*.toml`), then `--set a.b=c`, later ones winning. The
models check themselves on arrival; what they refuse becomes a one-line `ConfigError` that names the key.
"""

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from arc_submit.errors import ConfigError
from arc_submit.sandbox.config import SandboxConfig
from arc_submit.symbolic.config import SymbolicConfig
from arc_submit.symbolic.ideas import IDEAS

LANGUAGE = ("fresh", "edit", "recombine", "restart")
"""Proposers that ask a language model; together they are one turn of the loop."""
SYMBOLIC = (*IDEAS, "enumerate", "mutate", "crossover")
"""Proposers without a model: ideas (`arc_submit.symbolic.ideas`), then what never comes to an end."""
PROPOSERS = (*LANGUAGE, *SYMBOLIC, "scripted")
PROPOSER_GROUPS = {"lm": LANGUAGE, "symbolic": SYMBOLIC}

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]


class Stage(BaseModel):
    """Base of every stage's settings: frozen, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class BudgetConfig(Stage):
    """How time is shared out. All of it is wall time."""

    seconds_per_task: Seconds = 20.0
    """Seconds of one worker per task on average: the run may take this times tasks over workers. What solved tasks
    leave goes to the others."""
    minutes: Seconds | None = None
    """Limit of the whole run from the moment its data is loaded, in minutes; the smaller of the two limits binds."""
    first_visit: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """Part of its fair share of the run that a task gets before any task is visited again."""
    growth: Annotated[float, Field(gt=0.0, allow_inf_nan=False)] = 2.0
    """A later visit lasts this times what the task has had before."""
    first_share: Share = 0.6
    """Within a cohort: part of a task's mean time that every task gets before any gets more."""
    max_share: Annotated[float, Field(ge=1.0, allow_inf_nan=False)] = 4.0
    """A task never gets more than this times the mean time, neither of its cohort nor of the run."""
    reserve_seconds: Annotated[float, Field(ge=0.0, allow_inf_nan=False)] = 3.0
    """Kept at the end of the run for writing and checking the submission (at most a tenth of the run)."""
    cohort: Count = 2
    """Tasks that a worker holds at once, each with its search state in memory (some 250 MB with the default bank)."""
    width: Count = 1
    """Tasks in one round. 1 suits search on a CPU; engines with large batches want the whole cohort."""
    load_seconds: Seconds = 1200.0
    """A worker that loads its model may be silent for so long (7B from a network disk, compiled: minutes)."""
    stall_seconds: Seconds = 180.0
    """A worker that says nothing for so long is killed and replaced. While its model decodes, its sandbox runs programs
    or its adapter learns, it says every few seconds that it has got on."""
    least_stall_seconds: Seconds = 60.0
    """Once the run has learnt how long silences are on this machine, ten of the longest are enough, but never less than
    this."""
    least_memory_gib: Annotated[float, Field(ge=0.0, allow_inf_nan=False)] = 0.5
    """When the machine has less memory left, the largest worker is killed and goes on with less; 0: never."""
    max_rounds: Count | None = None
    """Rounds per task, whatever time is left. With a limit that binds before the clock does, a run is repeatable."""


class SearchConfig(Stage):
    """Population, parents and proposers. Numbers follow SOAR's REX and FunSearch unless a comment says otherwise."""

    proposers: tuple[str, ...] = PROPOSER_GROUPS["symbolic"]
    """Names, comma-separated in --set. `lm` stands for fresh, edit, recombine and restart, `symbolic` for all
    ideas (`arc_submit.symbolic.ideas`), enumerate, mutate and crossover."""
    prompts: Count = 4
    """Prompts to the language model per task and round, shared out among its kinds."""
    samples: Count = 8
    """Answers per prompt (SOAR edits: 4, ironbar: 8)."""
    floor: Share = 0.1
    """Least share of a proposer, whatever has paid off."""
    restart_prompt_after: Count = 3
    """Rounds without a better program after which restart prompts are asked."""
    overlap: bool | Literal["auto"] = "auto"
    """Symbolic proposers work while the engine decodes. auto: where the engine is not on this CPU; on one core per
    worker the two would only take turns."""
    script: Path | None = None
    """For the `scripted` proposer: JSON lines {"task": id, "text": model text}."""
    islands: Count = 4
    """Populations that do not mix (SOAR: 4)."""
    clusters: Count = 48
    """Behaviours kept per island; the weakest go first."""
    exploitation: Annotated[float, Field(gt=0.0)] = 20.0
    """C in Beta(1 + C h, 1 + C (1 - h) + N), h = fitness, N = times chosen (SOAR: 20)."""
    parents: Count = 12
    """Parents chosen per round."""
    children: Count = 4
    """Children per parent and round (SOAR: 4 completions per prompt)."""
    crossover_share: Share = 0.25
    """Children made from two parents (darwinian_evolver: 25 %)."""
    restart_after: Count = 24
    """Rounds without a better program after which an island starts again from the best of another."""
    scripted_per_round: Count = 32
    """Completions that the scripted proposer hands out per task and round."""
    patience: Annotated[int, Field(ge=0)] = 6
    """Rounds that go on after the one with the first passer, and after the last with an idea's turn, looking for a
    second opinion."""

    @field_validator("proposers", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        names = value.split(",") if isinstance(value, str) else value
        if not isinstance(names, list | tuple):
            return value
        spread = [member for name in names for member in PROPOSER_GROUPS.get(str(name).strip(), (str(name).strip(),))]
        for name in spread:
            if name not in PROPOSERS:
                raise ValueError(
                    f"unknown proposer '{name}'; expected some of {', '.join((*PROPOSERS, *PROPOSER_GROUPS))}"
                )
        if not spread:
            raise ValueError("expected at least one proposer")
        return tuple(dict.fromkeys(spread))


class PromptsConfig(Stage):
    """What a prompt shows. A tuned model wants the settings that it was tuned with."""

    style: Literal["compact", "chat"] = "compact"
    """`compact`: bare facts, grids and code, for the model that ships. `chat`: prose for instruct models."""
    dialect: Literal["solve", "transform"] = "solve"
    """What the model is asked for: DSL on tuples, or numpy. The compact style always asks for `solve`."""
    tokens: int = Field(default=640, ge=32)
    """Tokens that a prompt may have; above it grid views go first, then demonstrations (`prompts.budget`)."""
    grids: bool = True
    """Show grids; False: facts and code alone, some 30 tokens."""
    facts: bool = True
    """State what holds for every demonstration (property signature, arXiv 2002.09030)."""
    primitives: int = Field(default=0, ge=0)
    """DSL entries listed in a chat prompt: the most used ones first; 0: none."""
    attempts: int = Field(default=3, ge=0)
    """Earlier attempts shown in a restart prompt, in improving order."""


class SampleConfig(Stage):
    """Model, engine and sampling. Sampling defaults: docs/LOG.md, temperature sweep."""

    engine: Literal["auto", "hf", "vllm", "openai", "scripted"] = "auto"
    """`auto`: vllm where it imports and a model is local, else hf."""
    model: str = "weights/small"
    """Checkpoint folder (relative: to the working directory, else to the kit itself), or a server's model name."""
    adapter: Path | None = Path("adapter")
    """LoRA folder; relative: to the model's folder. None, or one that the model's folder does not have: base alone."""
    merge: bool = True
    """Merge the adapter into the weights where the engine can: faster on a CPU, the same text."""
    device: str = "auto"
    """torch device of the hf engine: auto, cpu, cuda, cuda:1, mps."""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """auto: float32 on a CPU, what the checkpoint says on an accelerator that can."""
    threads: int = Field(default=1, ge=1)
    """torch threads of one worker on a CPU; one worker per core is faster than more threads (stack notes)."""
    temperature: Annotated[float, Field(ge=0.0, le=2.0)] = 1.0
    """0: greedy."""
    top_p: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    min_p: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    max_new_tokens: int = Field(default=160, ge=1)
    context: int | None = Field(default=None, ge=64)
    """Tokens of prompt and answer together; None: what the checkpoint allows."""
    batch_tokens: int = Field(default=65_536, ge=256)
    """Tokens (prompts and answers) that one hf batch may hold; a CPU is indifferent above some 8,000."""
    sequences: int = Field(default=256, ge=1)
    """Sequences decoded together."""
    server: str = "http://127.0.0.1:8000/v1"
    """Base URL of the OpenAI-compatible server."""
    timeout: float = Field(default=120.0, gt=0)
    """Seconds that a server may take for one answer."""
    retries: int = Field(default=4, ge=0)
    """Times that a failed request or batch is tried again, each time later or smaller."""
    script: Path | None = None
    """For engine `scripted`: JSON lines {"task": id, "text": model text}."""
    gpu_memory: Annotated[float, Field(gt=0.0, le=1.0)] = 0.9
    """vLLM: share of the device's memory."""
    kv_gib: float = Field(default=1.0, gt=0.0)
    """vLLM's CPU build: GiB of its key-value cache."""
    tensor_parallel: int = Field(default=1, ge=1)
    """vLLM: devices that share one model; copies on each device are faster for 8B and below (kaggle notes)."""
    quantization: str | None = None
    """vLLM: e.g. fp8."""
    eager: bool = False
    """vLLM: skip CUDA graphs and compilation; always so on a CPU."""
    lora_rank: int = Field(default=64, ge=1)
    """vLLM: largest rank of an adapter that may be put on."""


class AdaptConfig(Stage):
    """Test-time learning: a LoRA that is tuned on a task during its search. Numbers: docs/LOG.md, or their source."""

    mode: Literal["none", "hindsight", "grpo", "both"] = "none"
    """`hindsight`: programs are right answers to the task of their own outputs. `grpo`: answers that did better than
    the others to the same prompt become likelier. `both`: hindsight first, then GRPO, in every update."""
    scope: Literal["task", "cohort"] = "task"
    """One adapter per task, or one for all tasks that a worker holds: then a round stays one engine call."""
    when: Literal["part", "open"] = "part"
    """`part`: only where some program has a whole pair right and none has all (nothing better than the best program of
    the pool can be learnt: Trelis); `open`: wherever none has all."""
    answers: Count = 128
    """New answers of the model between two updates (ironbar: 128)."""
    updates: Count = 6
    """Updates per adapter at most."""
    share: Share = 0.35
    """Part of a task's time, sampling included, that learning may take."""
    rank: Count = 16
    alpha: Annotated[float, Field(gt=0.0)] = 64.0
    """The adapter counts alpha / rank times (ironbar: 16 and 64)."""
    modules: Literal["attention", "all"] = "all"
    """Linear layers that get one: those of attention (ironbar), or all."""
    rate: Annotated[float, Field(gt=0.0)] = 1e-3
    """Hindsight: learning rate of AdamW. 7B models want 1e-5 (ironbar, lr sweep)."""
    policy_rate: Annotated[float, Field(gt=0.0)] = 2e-4
    """GRPO: the same; lower, since what it follows is noisy (7B: 1e-5 or less, ironbar)."""
    clip_norm: Annotated[float, Field(gt=0.0)] = 1.0
    """Largest gradient norm."""
    batch: Count = 16
    """Examples per optimizer step."""
    micro_tokens: int = Field(default=8192, ge=64)
    """Tokens, padding included, of one forward pass; less when memory runs out."""
    best: Count = 25
    """Hindsight: behaviours taken for their reward (SOAR: 25)."""
    different: Annotated[int, Field(ge=0)] = 25
    """Hindsight: as many more that differ most from those (SOAR: 25)."""
    edits: Share = 0.5
    """Hindsight: share of examples that are edits of another program, the others are fresh (SOAR trains both)."""
    clip: Annotated[float, Field(gt=0.0)] = 0.2
    """GRPO: the ratio of probabilities counts within 1 - clip .. 1 + clip."""
    kl: Annotated[float, Field(ge=0.0)] = 0.0
    """GRPO: weight of the divergence from the adapter's start, nats per token; 0: not computed."""
    scale: bool = True
    """GRPO: divide advantages by the group's standard deviation (Dr. GRPO, arXiv 2503.20783, does not)."""
    passes: Count = 1
    """GRPO: times that an update goes over its answers."""
    leave_out: Share = 0.5
    """GRPO: share of fresh prompts that leave one demonstration out, so that the reward holds a pair not shown."""
    least_valid: Share = 0.5
    """Guard: the share of valid programs may fall to this times what it was before learning."""
    least_distinct: Share = 0.4
    """Guard: the same for the share of distinct programs."""
    longest: Annotated[float, Field(ge=1.0)] = 1.6
    """Guard: mean answer length may grow to this times what it was."""
    most_kl: Annotated[float, Field(gt=0.0)] = 1.0
    """Guard: divergence of the adapter's own answers from its start, nats per token."""
    most_drift: Annotated[float, Field(gt=0.0)] = 2.0
    """Guard: by how much the log-probabilities of what was trained on may have moved, mean over tokens, nats."""
    least_held: Share = 0.5
    """Guard: mean reward on pairs that were left out may fall to this times what it was."""
    folder: Path | None = None
    """Where adapters are written for the engine; None: a temporary folder."""

    @field_validator("mode", mode="before")
    @classmethod
    def _none(cls, value: Any) -> Any:
        return "none" if value is None else value  # as --set reads the word


class VoteConfig(Stage):
    """When distinct programs are enough."""

    quorum: Count = 2
    """Distinct passers that must stand behind every first attempt before a task stops early."""
    probes: Annotated[int, Field(ge=0)] = 4
    """Extra inputs (views of the demonstrations') on which passers are told apart; 0: by the task's own inputs only."""


class TraceConfig(Stage):
    """What the trace holds."""

    candidates: Literal["kept", "all"] = "kept"
    """`kept`: programs that entered the population, and passers. `all`: every program that ran."""


class RunConfig(Stage):
    """All settings of a run."""

    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] = 0
    """Of all randomness; each task's own generator is derived from (seed, task id)."""
    workers: Count | None = None
    """Worker processes; None: one per core this process may use."""
    budget: BudgetConfig = BudgetConfig()
    search: SearchConfig = SearchConfig()
    prompts: PromptsConfig = PromptsConfig()
    sample: SampleConfig = SampleConfig()
    adapt: AdaptConfig = AdaptConfig()
    vote: VoteConfig = VoteConfig()
    trace: TraceConfig = TraceConfig()
    symbolic: SymbolicConfig = SymbolicConfig()
    sandbox: SandboxConfig = SandboxConfig()

    @property
    def worker_count(self) -> int:
        """Workers to start."""
        return self.workers or cores()


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def presets() -> list[str]:
    """Return the names of the presets that ship."""
    return sorted(file.name.removesuffix(".toml") for file in _preset_folder().iterdir() if file.name.endswith(".toml"))


def load(
    preset: str = "laptop", settings: Iterable[str] = (), *, base: RunConfig | None = None, **overrides: Any
) -> RunConfig:
    """Return the settings of a preset, or `base`, with `settings` ("a.b=c") and then `overrides` ("a.b": value) on top.

    Raises:
        ConfigError: unknown preset, key or value; the message names it and what was expected.
    """
    values = _read_preset(preset) if base is None else base.model_dump(mode="json")
    for setting in settings:
        name, given, text = setting.partition("=")
        if not given:
            raise ConfigError(f"--set {setting}: expected key=value, e.g. budget.cohort=4")
        _assign(values, name.strip(), _value(text.strip()), f"--set {setting}")
    for name, value in overrides.items():
        if value is not None:
            _assign(values, name.replace("__", "."), value, name.replace("__", "."))
    try:
        return RunConfig.model_validate(values)
    except ValidationError as error:
        raise ConfigError(_explain(error)) from None


def _read_preset(name: str) -> dict[str, Any]:
    if name not in presets():
        raise ConfigError(f"unknown preset '{name}'; expected one of {', '.join(presets())}")
    return tomllib.loads((_preset_folder() / f"{name}.toml").read_text("utf-8"))


def _preset_folder() -> Any:
    return resources.files("arc_submit") / "presets"


def _value(text: str) -> Any:
    """A TOML value where it is one, else the text itself: `--set search.proposers=symbolic` needs no quotes."""
    try:
        return tomllib.loads(f"x = {text}")["x"]
    except tomllib.TOMLDecodeError:
        return None if text.lower() == "none" else text


def _assign(values: dict[str, Any], name: str, value: Any, said: str) -> None:
    *stages, key = name.split(".")
    model: type[BaseModel] = RunConfig
    for stage in stages:
        model = _stage(model, stage, said)
        values = values.setdefault(stage, {})
    if key not in model.model_fields:
        raise ConfigError(f"{said}: no setting '{key}'; {_nearest(key, model.model_fields)}")
    if _is_stage(model, key):
        raise ConfigError(f"{said}: '{key}' is a group of settings; expected a key in it: {key}.<name>=<value>")
    values[key] = value


def _stage(model: type[BaseModel], name: str, said: str) -> type[BaseModel]:
    if name not in model.model_fields or not _is_stage(model, name):
        raise ConfigError(f"{said}: no group of settings '{name}'; {_nearest(name, model.model_fields)}")
    found: type[BaseModel] = model.model_fields[name].annotation  # type: ignore[assignment]
    return found


def _is_stage(model: type[BaseModel], name: str) -> bool:
    annotation = model.model_fields[name].annotation
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(name, known, 1)
    return f"did you mean '{close[0]}'?" if close else f"expected one of {', '.join(known)}"


def _explain(error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}={first['input']}: {first['msg'].removeprefix('Value error, ')}"
