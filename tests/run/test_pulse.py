"""The worker's word on tokens while its model decodes."""

import threading
from types import SimpleNamespace
from typing import Any

from arc_submit.worker import pulse


def kit(*models: object) -> Any:
    """What a worker keeps, as far as the pulse looks at it."""
    return SimpleNamespace(proposers=models, sandbox=SimpleNamespace(looks=0), learner=None)


def test_tokens_are_told_while_they_grow_and_only_then() -> None:
    told: list[dict[str, Any]] = []
    heard, model = threading.Event(), SimpleNamespace(produced=0)

    def emit(event: dict[str, Any]) -> None:
        told.append(event)
        heard.set()

    produced = pulse(kit(model, SimpleNamespace(produced=0)), emit, seconds=0.01)
    assert not heard.wait(0.1), "nothing decoded, nothing said"
    model.produced = 7
    assert heard.wait(10) and produced() == 7
    heard.clear()
    assert not heard.wait(0.1)
    assert told == [{"event": "tokens", "produced": 7}]


def test_a_supervisor_that_is_gone_ends_the_pulse() -> None:
    tries: list[int] = []
    tried = threading.Event()

    def emit(event: dict[str, Any]) -> None:
        tries.append(event["produced"])
        tried.set()
        raise BrokenPipeError

    model = SimpleNamespace(produced=1)
    ended = threading.Event()
    pulse(kit(model), emit, seconds=0.01, gone=ended.set)
    assert tried.wait(10) and ended.wait(10)
    model.produced = 2
    tried.clear()
    assert not tried.wait(0.1) and tries == [1]
