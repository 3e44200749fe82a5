"""Work over processes, each with one engine and one sandbox of its own that stay open between jobs.

A job is a function of a module and its arguments. With one process everything happens here, in order; with more, the
others are fresh interpreters (`spawn`: torch does not survive a fork in the middle of work), so a script that asks for
them needs `if __name__ == "__main__":`.

Left out: several GPUs; a process that dies ends the evaluation, which goes on from its journal when asked again.
"""

import math
import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from arc_submit.config import SampleConfig
from arc_submit.errors import EngineError, WeightsError
from arc_submit.records import Ran
from arc_submit.sample import Engine
from arc_submit.sample.build import build
from arc_submit.sample.checkpoint import find_model
from arc_submit.sandbox import Job, Sandbox
from arc_submit.sandbox.config import SandboxConfig

Result = TypeVar("Result")

_open: dict[str, Any] = {}
"""What this process has open: `sample` and `engine`, `sandbox`."""


class Watched(Sandbox):
    """A sandbox that shows what a first run gave: judged candidates no longer say which fault it was."""

    def __init__(self, config: SandboxConfig | None = None) -> None:
        super().__init__(config or SandboxConfig(cache_size=0))
        self.first: list[Ran] | None = None
        """Of the first run since the caller set it to None."""

    def run(self, jobs: Sequence[Job], deadline: float = math.inf, *, recheck: bool = False) -> list[Ran]:
        """As the sandbox's."""
        found = super().run(jobs, deadline, recheck=recheck)
        if self.first is None and not recheck:
            self.first = found
        return found


class Pool:
    """So many processes; 1: none but this."""

    def __init__(self, processes: int) -> None:
        self._processes = processes

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        close()

    def run(self, job: Callable[..., Result], arguments: Sequence[tuple[Any, ...]]) -> Iterator[tuple[int, Result]]:
        """Yield (place among the arguments, result) as they come.

        Raises:
            EngineError: a process died, most likely for want of memory.
        """
        if self._processes == 1 or len(arguments) < 2:
            for number, given in enumerate(arguments):
                yield number, job(*given)
            return
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(self._processes, len(arguments)), context, _begin) as executor:
            waiting = {executor.submit(job, *given): number for number, given in enumerate(arguments)}
            try:
                for done in as_completed(waiting):
                    yield waiting.pop(done), done.result()
            except BrokenProcessPool:
                raise EngineError(
                    "a process of the evaluation died, most likely for want of memory; take fewer --processes"
                ) from None
            finally:
                executor.shutdown(cancel_futures=True)


def _begin() -> None:
    """Ctrl-C ends a process without a word; what it was at is measured again."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def engine(sample: SampleConfig) -> Engine:
    """Return this process's engine for these settings; one for others is closed first."""
    if _open.get("sample") != sample:
        _close_engine()
        _open["engine"], _open["sample"] = build(sample), sample
    found: Engine = _open["engine"]
    return found


def sandbox() -> Watched:
    """Return this process's sandbox. It remembers no results, so that no checkpoint profits from another's runs."""
    if "sandbox" not in _open:
        _open["sandbox"] = Watched().__enter__()
    found: Watched = _open["sandbox"]
    return found


def close() -> None:
    """Close what this process has open."""
    _close_engine()
    opened = _open.pop("sandbox", None)
    if opened is not None:
        opened.__exit__(None, None, None)


def _close_engine() -> None:
    opened = _open.pop("engine", None)
    _open.pop("sample", None)
    if opened is not None:
        opened.close()


def sampling(model: str | Path, adapter: str | Path | None, base: SampleConfig | None = None) -> SampleConfig:
    """Return the settings that sample from a model folder with an adapter on it, or with none.

    Args:
        adapter: a LoRA folder; a relative one is looked for in the working directory, then in the model's folder.

    Raises:
        WeightsError: there is no such folder.
    """
    base = base or SampleConfig(engine="hf")
    if base.engine in ("scripted", "openai"):
        return base.model_copy(update={"model": str(model)})
    folder = find_model(str(model))
    chosen = None if adapter is None else _adapter(Path(adapter), folder)
    return base.model_copy(update={"model": str(folder), "adapter": chosen})


def _adapter(adapter: Path, model: Path) -> Path:
    for place in (adapter, model / adapter):
        if place.is_dir():
            return place.resolve()
    raise WeightsError(f"{adapter}: no such adapter, neither here nor in {model}; name a LoRA folder, or none")
