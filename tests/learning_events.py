"""Events of learning, made up: what a round looked like and what became of an update."""

from typing import Any


def signs(number: int, adapter: int, reward: float | None, *, answers: int = 32, **more: Any) -> dict[str, Any]:
    """A `signs` event of task "t"."""
    event = {"event": "signs", "task": "t", "round": number, "adapter": adapter, "answers": answers, "valid": 0.71}
    return event | {"distinct": 0.52, "length": 88.2, "reward": reward, "held": None, "best": 0.5, "passers": 0} | more


def adapt(update: int, verdict: str, why: str = "", *, steps: int = 4, **more: Any) -> dict[str, Any]:
    """An `adapt` event of task "t"; without steps nothing was trained."""
    event = {"event": "adapt", "task": "t", "update": update, "kind": "both", "verdict": verdict, "why": why}
    event |= {"lessons": 50, "groups": 12, "steps": steps, "tokens": 9000, "kl": 0.0312, "reduced": ""}
    event |= {"loss": [1.214, 0.833], "seconds": {"train": 3.1, "swap": 0.2, "probe": 0.4}}
    if not steps:
        event |= {"lessons": 0, "groups": 0, "loss": None, "seconds": {"train": 0.0, "swap": 0.0, "probe": 0.0}}
    return event | more


def course() -> list[dict[str, Any]]:
    """One update that stays, a round without fresh answers, one update that is rolled back."""
    return [
        signs(1, 0, 0.04),
        signs(2, 0, 0.06, answers=96),
        adapt(1, "skipped", "all answers to a prompt are worth the same", steps=0),
        signs(3, 0, 0.03),
        adapt(1, "learned"),
        signs(4, 1, 0.09),
        signs(5, 1, None),
        signs(7, 1, 0.12, best=0.75),
        adapt(2, "learned"),
        signs(8, 2, 0.02, best=0.75),
        adapt(2, "rolled back", "valid programs fell to 0.30 of 0.71", steps=0),
        signs(9, 1, 0.15, best=0.75),
    ]
