"""Every setting of fine-tuning: frozen, checked on arrival, read from a recipe with `--set group.key=value` on top.

    settings = read("small", ["lora.rank=8", "steps.epochs=1"])

A recipe (`training/recipes/sft/NAME.toml`, or any .toml file) holds what differs from the defaults below.
"""

import difflib
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from arc_submit.config import Count, Share, Stage
from arc_submit.errors import ConfigError

RECIPES = Path(__file__).parents[1] / "recipes" / "sft"

Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
Natural = Annotated[int, Field(ge=0)]


class Lora(Stage):
    """Low-rank adaptation (arXiv 2106.09685)."""

    rank: Natural = 32
    """0: no adapter, all weights are tuned."""
    alpha: Positive = 32.0
    dropout: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0
    """Of the adapter's inputs."""
    rslora: bool = True
    """The adapter counts alpha / sqrt(rank) times (arXiv 2312.03732), else alpha / rank times."""
    dora: bool = False
    """Magnitude and direction apart (arXiv 2402.09353). The solver's engines want such an adapter merged first."""
    modules: Literal["attention", "all"] = "all"
    """Linear layers that get one: those of attention, or all but the head."""


class Hold(Stage):
    """How the base lies in memory."""

    dtype: Literal["auto", "float32", "bfloat16"] = "auto"
    """auto: bfloat16 under an adapter on an accelerator, else float32. Sums of a step are in bfloat16 where the device
    has instructions for it, either way."""
    bits: Literal[4, 16] = 16
    """4: the base in NF4 by bitsandbytes (QLoRA, arXiv 2305.14314); CUDA only, trl driver. 16: not quantised."""
    attention: Literal["auto", "sdpa", "flash_attention_2"] = "auto"
    """auto: the library's choice."""
    checkpointing: bool = False
    """Activations are computed again on the way back: less memory, some 20 to 30 % slower."""
    liger: bool = False
    """Liger's kernels for norms, rotation and gates; CUDA only, trl driver."""
    unsloth: bool = False
    """Load and wrap by unsloth; one CUDA device, trl driver."""


class Steps(Stage):
    """What a step is, and how many there are."""

    epochs: Positive = 2.0
    """Passes over the examples."""
    tokens: Natural = 0
    """Tokens in all, instead of epochs where it is not 0."""
    batch_tokens: Annotated[int, Field(ge=16)] = 4096
    """Tokens of one forward pass and process, padding included; an example longer than that is a pass of its own."""
    accumulate: Count = 1
    """Forward passes of one step and process; more than one: trl driver."""
    packing: bool = False
    """Whole examples share rows of the longest example's length; none is cut, none sees another."""
    rate: Positive = 5e-4
    """Peak learning rate of AdamW; linear warm-up, then a cosine down to a tenth."""
    warmup: Share = 0.03
    """Share of the run."""
    decay: Annotated[float, Field(ge=0.0)] = 0.0
    """Weight decay, on matrices."""
    clip: Positive = 1.0
    """Largest gradient norm."""
    smoothing: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0
    """Label smoothing."""


class Length(Stage):
    """Tokens that an example may have. Longer ones are left out and counted, never cut."""

    percentile: Annotated[float, Field(gt=0.0, le=100.0)] = 100.0
    """Of the dataset's lengths: 99.5 leaves out the longest half per cent, 100 nothing."""
    most: Natural = 0
    """Bound on top of that, in tokens; 0: the model's context alone."""


class Check(Stage):
    """What is measured on the way."""

    times: Count = 4
    """Checkpoints of a run, evenly spaced, each measured; the best one is kept."""
    examples: Natural = 256
    """Examples of the eval split whose loss is measured; 0: none."""
    source: str = "held-out"
    """Where the tasks come from (`training.exercises`); nothing of them may be in the dataset."""
    tasks: Natural = 0
    """Tasks that programs are sampled for, run and voted over; 0: only the loss is measured."""
    programs: Count = 16
    """For each of them."""
    max_new_tokens: Natural = 0
    """Of an answer; 0: as many as the longest answer of the dataset has."""
    before: bool = True
    """Measure the start too."""


class Settings(Stage):
    """All settings of a run."""

    driver: Literal["own", "trl"] = "own"
    """own: `training.loop`. trl: trl's SFTTrainer. The loss is the same."""
    style: Literal["compact", "chat"] | None = None
    """Style of prompts that the dataset must have; None: whatever it has."""
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    threads: Count = 1
    """torch threads of a process on a CPU."""
    device: Literal["auto", "cpu"] = "auto"
    lora: Lora = Lora()
    hold: Hold = Hold()
    steps: Steps = Steps()
    length: Length = Length()
    check: Check = Check()

    @model_validator(mode="after")
    def _together(self) -> Self:
        """Refuse what does not go together."""
        for group, key, why in (
            ("hold", "liger", "liger kernels are applied by its trainer"),
            ("hold", "unsloth", "unsloth is a front of its trainer"),
        ):
            if self.driver != "trl" and getattr(getattr(self, group), key):
                raise ValueError(f"{group}.{key} needs the trl driver ({why}); add --driver trl")
        if self.driver != "trl" and self.steps.accumulate > 1:
            raise ValueError("steps.accumulate above 1 needs the trl driver; raise steps.batch_tokens, or --driver trl")
        if self.driver != "trl" and self.hold.bits == 4:
            raise ValueError("hold.bits=4 needs the trl driver; take hold.bits=16, or add --driver trl")
        if self.driver != "trl" and self.steps.packing and self.hold.attention == "flash_attention_2":
            raise ValueError(
                "steps.packing with hold.attention=flash_attention_2 needs the trl driver, which lays rows end to end "
                "for it; take hold.attention=sdpa, or add --driver trl"
            )
        if self.hold.bits == 4 and not self.lora.rank:
            raise ValueError("hold.bits=4 needs an adapter, since weights of 4 bits cannot be tuned; set lora.rank")
        if self.lora.dora and not self.lora.rank:
            raise ValueError("lora.dora needs an adapter; set lora.rank")
        return self


def recipes() -> list[str]:
    """Return the names of the recipes that ship."""
    return sorted(file.stem for file in RECIPES.glob("*.toml"))


def read(recipe: str = "small-lora", given: Iterable[str] = (), **overrides: Any) -> Settings:
    """Return a recipe's settings, with `given` ("group.key=value") and then `overrides` on top, where not None.

    Raises:
        ConfigError: unknown recipe, key or value; the message names it.
    """
    values = _file(recipe)
    for one in given:
        name, equals, text = one.partition("=")
        if not equals:
            raise ConfigError(f"--set {one}: expected key=value, e.g. lora.rank=16")
        _put(values, name.strip(), _value(text.strip()), f"--set {one}")
    values |= {name: value for name, value in overrides.items() if value is not None}
    return checked(values)


def checked(values: dict[str, Any]) -> Settings:
    """Return the settings that some JSON values mean.

    Raises:
        ConfigError: an unknown key, or a value out of its range.
    """
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        said = f"{place}={first['input']}: " if place else ""
        raise ConfigError(f"{said}{first['msg'].removeprefix('Value error, ')}") from None


def _file(recipe: str) -> dict[str, Any]:
    path = Path(recipe) if recipe.endswith(".toml") else RECIPES / f"{recipe}.toml"
    if not path.is_file():
        raise ConfigError(f"no recipe '{recipe}'; expected one of {', '.join(recipes())}, or a .toml file")
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: no TOML ({error})") from None


def _value(text: str) -> Any:
    """A TOML value where it is one, else the text itself."""
    try:
        return tomllib.loads(f"x = {text}")["x"]
    except tomllib.TOMLDecodeError:
        return None if text.lower() == "none" else text


def _put(values: dict[str, Any], name: str, value: Any, said: str) -> None:
    group, _, key = name.rpartition(".")
    fields: dict[str, Any] = dict(Settings.model_fields)
    if group:
        if group not in fields or not isinstance(fields[group].default, Stage):
            raise ConfigError(f"{said}: no group of settings '{group}'; {_near(group, fields)}")
        fields, values = dict(type(fields[group].default).model_fields), values.setdefault(group, {})
        if not isinstance(values, dict):
            raise ConfigError(f"{said}: the recipe has {group} = {values!r}; expected a table [{group}]")
    if key not in fields:
        raise ConfigError(f"{said}: no setting '{key}'; {_near(key, fields)}")
    values[key] = value


def _near(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), 1)
    return f"did you mean '{close[0]}'?" if close else f"expected one of {', '.join(known)}"
