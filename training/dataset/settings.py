"""Every number of the dataset builder, with its default."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from arc_submit.errors import ConfigError

SPLITS = ("train", "eval")
SPLIT_BY = ("task", "generator")
FROM_EDITS = ("auto", "yes", "no")


@dataclass(frozen=True, slots=True)
class Settings:
    """What is kept, and in how many views."""

    seed: int = 0
    """Of views, sides, fresh examples and the order of rows."""
    eval_share: float = 0.1
    """Share of the tasks on the eval side, 0..0.9."""
    split_by: str = "task"
    """`task`: tasks that share a pair stay together. `generator`: tasks of one generator do too."""
    views: int = 4
    """Examples made of one trace at most, the task as it stands among them."""
    colours: bool = True
    """Views rename colours."""
    turns: bool = True
    """Views turn and mirror."""
    least_gain: float = 0.0
    """An edit's reward gain must be above it, 0..1.2."""
    fresh_from_edits: str = "auto"
    """A right child of an edit is an answer to the fresh prompt too, without its thinking. auto: where the style has
    no thinking."""
    strict: bool = False
    """Edits whose child passes the demonstrations but is wrong elsewhere go as well; else they only are no fresh
    answers."""
    reviewed: bool = False
    """Only traces that a person accepted (`review.jsonl`). Rejected ones are left out in any case."""
    prune: bool = True
    """Take out program lines that change nothing."""
    similar: float = 0.8
    """Share of words in common from which two thoughts are the same, 0..1."""
    think_tokens: int = 512
    """Thinking of one example at most, in the student's tokens."""
    fresh_examples: int = 4
    """Pairs drawn from a task's generator, or taken from the folder of examples, that its programs are tried on."""
    longest: float = 3.0
    """Times the shortest passing program of the task that a program may be long."""
    best: int = 64
    """Traces of one task and kind that are kept by value ..."""
    shortest: int = 32
    """... then by length ..."""
    different: int = 8
    """... then by difference."""
    max_tokens: int = 4096
    """Prompt and answer together; longer examples are left out."""
    difficulty_power: float = 0.0
    """Weights are multiplied by difficulty (1 / mean reward) to this power; 0: every task the same."""
    pairs: int = 4
    """Preference pairs of one parent at most; 0: none."""
    margin: float = 0.05
    """Least difference in reward between the better and the worse child, 0..1.2."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense.

        Raises:
            ConfigError: naming the option.
        """
        for name, low, high in (
            ("eval_share", 0.0, 0.9), ("similar", 0.0, 1.0), ("least_gain", 0.0, 1.2), ("longest", 1.0, 1e9),
            ("views", 1, 1000), ("think_tokens", 0, 10**9), ("fresh_examples", 0, 1000), ("best", 1, 10**9),
            ("shortest", 1, 10**9), ("different", 1, 10**9), ("max_tokens", 32, 10**9), ("pairs", 0, 10**6),
            ("margin", 0.0, 1.2), ("difficulty_power", 0.0, 4.0),
        ):  # fmt: skip
            if not low <= getattr(self, name) <= high:
                option = name.replace("_", "-")
                raise ConfigError(f"--{option} {getattr(self, name)}: expected {low:g} to {high:g}")
        for name, known in (("split_by", SPLIT_BY), ("fresh_from_edits", FROM_EDITS)):
            if getattr(self, name) not in known:
                option = name.replace("_", "-")
                raise ConfigError(f"--{option} {getattr(self, name)}: expected {', '.join(known)}")

    def described(self) -> dict[str, Any]:
        """Return the settings as JSON has them."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Place:
    """What is read and written: paths of this machine, which no record keeps."""

    folders: tuple[Path, ...]
    """Traces folders, and datasets to join."""
    out: Path
    model: Path
    """Folder with the student's tokenizer."""
    evaluation: tuple[Path, ...] = ()
    """Traces folders whose tasks make the eval side; then nothing else does."""
    examples: Path | None = None
    """Folder of `<task id>.json`, lists of {"input", "output"}."""
    processes: int = 1
    fresh: bool = False
    """An existing dataset in `out` is replaced."""
