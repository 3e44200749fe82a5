"""Numbers of one machine and one model, each with its source. Profiles ship as `profiles/*.toml`; a measured one is
saved in the same form.

A number is `measured` (by the kit, on the machine that it is of), `reported` (by others, on such a machine), `derived`
from reported ones, or `assumed`. What nobody measured is never shown without that word.
"""

import difflib
import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from arc_submit.errors import ConfigError, OutputError

Known = Literal["measured", "reported", "derived", "assumed"]


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Number(_Closed):
    """A value and why one should believe it."""

    value: Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
    known: Known
    source: str


class Positive(Number):
    """A number that something is divided by."""

    value: Annotated[float, Field(gt=0.0, allow_inf_nan=False)]


class Share(Number):
    """A part of a whole."""

    value: Annotated[float, Field(ge=0.0, le=1.0)]


class Profile(_Closed):
    """One machine with one model. Rates are per worker, at the batches that the preset makes."""

    about: str
    preset: str
    """The preset that the rates were taken with."""
    workers: Annotated[int, Field(ge=1)]
    install_seconds: Number
    """From the session's start until the solver begins: wheels, checks."""
    startup_seconds: Number
    """From a worker's start until its first task: imports, weights, compilation."""
    overrun_seconds: Number
    """By which a visit outlasts its time on average: what cannot be cut short."""
    deaths_per_hour: Number
    """Workers that die per worker and hour; each costs its start-up and its visit."""
    decode_tokens_per_second: Positive | None = None
    """None: no language model. Where `prompt_tokens_per_second` is None it includes reading the prompts."""
    prompt_tokens_per_second: Positive | None = None
    prompt_tokens: Number | None = None
    answer_tokens: Positive | None = None
    programs_per_answer: Share | None = None
    """New programs that run, per answer: the others are cut, no program, or known already."""
    sandbox_programs_per_second: Positive
    """Programs run on all grids of a task and judged."""
    symbolic_programs_per_second: Positive | None = None
    """Programs that symbolic proposers hand in per second of their own. None: not counted."""
    symbolic_share: Share
    """Part of the search time that symbolic proposers have to themselves, their programs' runs included. 0 where they
    work while the engine decodes."""
    loop_share: Share
    """Part of the search time outside proposers and sandbox."""
    step_seconds: Positive | None = None
    """One optimizer step of test-time learning."""
    train_tokens_per_second: Positive | None = None
    """Tokens of an optimizer step per second, padding left out."""
    swap_seconds: Number | None = None
    """Writing an adapter and putting it on the engine."""
    task_spread: Positive
    """Standard deviation of the logarithm of how long a search wants to go on."""

    def numbers(self) -> dict[str, Number]:
        """Return what is known, by name."""
        found = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: value for name, value in found.items() if isinstance(value, Number)}


def names() -> list[str]:
    """Return the profiles that ship."""
    return sorted(file.name.removesuffix(".toml") for file in _folder().iterdir() if file.name.endswith(".toml"))


def load(name: str) -> Profile:
    """Return a profile by its name or the beginning of it (`4xL4`), or from a file.

    Raises:
        ConfigError: no such profile or file, or one that does not say what a profile says.
    """
    begun = [known for known in names() if known.startswith(name.lower())]
    if len(begun) == 1:
        text, said = (_folder() / f"{begun[0]}.toml").read_text("utf-8"), f"profile {begun[0]}"
    elif Path(name).is_file():
        text, said = _read(Path(name)), name
    else:
        close = difflib.get_close_matches(name.lower(), names(), 1, 0.4)
        hint = f"did you mean '{close[0]}'? " if close else ""
        raise ConfigError(f"--profile {name}: no such file or profile; {hint}expected one of {', '.join(names())}")
    try:
        return Profile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{said}: not TOML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ConfigError(f"{said}: {place}: {first['msg']}; see the profiles that ship for the form") from None


def of_preset(preset: str) -> Profile | None:
    """Return the profile that ships for a preset, None where there is none."""
    return next((found for found in map(load, names()) if found.preset == preset), None)


def save(profile: Profile, path: Path) -> None:
    """Write a profile that `load` reads.

    Raises:
        OutputError: it cannot be written.
    """
    lines = [f"{name} = {_toml(value)}" for name, value in profile.model_dump(exclude_none=True).items()]
    try:
        path.write_text("\n".join(lines) + "\n", "utf-8")
    except OSError as error:
        raise OutputError(f"{path}: cannot write there ({error.strerror})") from None


def _toml(value: Any) -> str:
    """Strings, numbers and flat tables as TOML; JSON's strings are TOML's."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_toml(each)}" for name, each in value.items()) + " }"
    return orjson.dumps(value).decode()


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--profile {path}: cannot be read ({error})") from None


def _folder() -> Any:
    return resources.files("arc_submit") / "plan" / "profiles"
