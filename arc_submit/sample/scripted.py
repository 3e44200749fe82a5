"""The engine that replays a list: the whole loop without a model, and the fake of the tests.

Every task has its texts, handed out in their order, each once; when they are spent its requests come back short. Token
ids are the text's UTF-8 bytes with an end token of 256, and every token is certain (log-probability 0). Seeds,
temperature and token limits do nothing.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from arc_submit.errors import ConfigError, WeightsError
from arc_submit.records import Completion, Prompt
from arc_submit.sample.engine import Request

END = 256
"""Id of the end token; the bytes come before it."""
CONTEXT = 1_000_000
"""Bytes of prompt and answer; nothing is ever too long."""


class ScriptedEngine:
    """See `arc_submit.sample.engine.Engine`. `texts`: task id -> model texts."""

    name = "scripted"
    on_cpu = True

    def __init__(self, texts: Mapping[str, Sequence[str]], now: Callable[[], float] = time.monotonic) -> None:
        self._texts = {task_id: tuple(own) for task_id, own in texts.items()}
        self._now = now
        self._used: dict[str, int] = {}
        self._produced = 0
        self._adapter: Path | None = None
        self.context = CONTEXT
        self.model = f"script of {sum(map(len, self._texts.values()))} texts for {len(self._texts)} tasks"

    @property
    def produced(self) -> int:
        """Bytes and end tokens handed out since the start."""
        return self._produced

    @property
    def adapter(self) -> Path | None:
        """The folder that was put on; it changes nothing."""
        return self._adapter

    def count(self, prompt: Prompt) -> int:
        """Return the bytes of a prompt's messages."""
        return sum(len(message.content.encode()) for message in prompt.messages)

    def sample(self, requests: Sequence[Request], deadline: float) -> list[list[Completion]]:
        """Return the next texts of each request's task, at most n; nothing from the deadline on."""
        return [
            [self._completion(request.prompt, text) for text in self._next(request, deadline)] for request in requests
        ]

    def score(self, prompt: Prompt, text: str) -> tuple[float, ...]:
        """Return 0 for each byte and for the end token: a script is certain."""
        return (0.0,) * len(_tokens(text))

    def adapt(self, folder: Path | None) -> None:
        """Remember a LoRA folder, None: forget it.

        Raises:
            WeightsError: no adapter_config.json in it; the adapter stays as it was.
        """
        if folder is not None and not (folder / "adapter_config.json").is_file():
            raise WeightsError(f"{folder}/adapter_config.json: missing; name a LoRA folder as peft saves it")
        self._adapter = folder

    def close(self) -> None:
        """Forget the script."""
        self._texts = {}

    def _next(self, request: Request, deadline: float) -> Sequence[str]:
        if self._now() >= deadline:
            return ()
        task_id = request.prompt.task_id
        start = self._used.get(task_id, 0)
        chosen = self._texts.get(task_id, ())[start : start + request.n]
        self._used[task_id] = start + len(chosen)
        return chosen

    def _completion(self, prompt: Prompt, text: str) -> Completion:
        tokens = _tokens(text)
        self._produced += len(tokens)
        return Completion(text, prompt.kind, prompt.parents, tokens, (0.0,) * len(tokens))


def read_script(path: Path | None, setting: str = "sample.script") -> dict[str, list[str]]:
    """Return task id -> model texts from JSON lines {"task": id, "text": text}; `setting` is named in errors.

    Raises:
        ConfigError: no path, an unreadable file, or a line of another form.
    """
    if path is None:
        raise ConfigError(f"{setting}=none: expected a file of lines {{task, text}}")
    texts: dict[str, list[str]] = {}
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise ConfigError(f"{setting}={path}: cannot be read ({error.strerror})") from None
    for number, line in enumerate(lines, start=1):
        entry = _entry(line, f"{setting}={path}: line {number}")
        texts.setdefault(entry["task"], []).append(entry["text"])
    return texts


def _entry(line: bytes, where: str) -> dict[str, Any]:
    try:
        entry = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ConfigError(f"{where}: not JSON: {error.msg}") from None
    if not isinstance(entry, dict) or not isinstance(entry.get("task"), str) or not isinstance(entry.get("text"), str):
        raise ConfigError(f'{where}: expected {{"task": id, "text": model text}}')
    return entry


def _tokens(text: str) -> tuple[int, ...]:
    return (*text.encode("utf-8", "surrogatepass"), END)
