"""Pick and start the engine that the settings name; what is heavy comes in here, inside functions.

`auto` is vllm where it can be imported and knows this machine, else hf. A broken installation of vllm is passed over by
`auto` and reported when vllm is asked for by name.
"""

import importlib.util
import socket
import time
import urllib.parse
import urllib.request
from collections.abc import Callable

from arc_submit import devices
from arc_submit.config import SampleConfig
from arc_submit.errors import ConfigError, EngineError
from arc_submit.sample import checkpoint
from arc_submit.sample.engine import Engine
from arc_submit.sample.scripted import ScriptedEngine, read_script

Clock = Callable[[], float]
"""Seconds; what deadlines are measured on."""
NEEDS = {
    "hf": ("torch", "transformers", "safetensors"),
    "vllm": ("vllm", "torch", "transformers", "safetensors"),
    "openai": ("openai",),
}
"""Engine -> what has to be installed for it."""
ADVICE = {
    "hf": "pip install 'arc-submit[cpu]', or [gpu] on an accelerator",
    "vllm": "pip install 'arc-submit[cpu]', or [gpu] on an accelerator; or take sample.engine=hf",
    "openai": "pip install openai",
}
_KNOCK = 5.0  # seconds that a server has to open its port


def build(config: SampleConfig, now: Clock = time.monotonic) -> Engine:
    """Return the started engine.

    Raises:
        EngineError: its libraries are missing or broken, or it does not start; the message says what to do.
        WeightsError: the checkpoint or the adapter is not usable.
        ConfigError: engine `scripted` without a readable script.
    """
    makers: dict[str, Callable[[SampleConfig, Clock], Engine]] = {
        "hf": _hf,
        "vllm": _vllm,
        "openai": _openai,
        "scripted": _scripted,
    }
    name = choose() if config.engine == "auto" else config.engine
    missing = [module for module in NEEDS.get(name, ()) if not _found(module)]
    if missing:
        raise EngineError(f"sample.engine={name}: {', '.join(missing)} not installed; {ADVICE[name]}")
    try:
        return makers[name](config, now)
    except ImportError as error:
        line = " ".join(str(error).split())[:200]
        raise EngineError(f"sample.engine={name}: its libraries do not import ({line}); {ADVICE[name]}") from error


def check(config: SampleConfig) -> None:
    """Make sure, without loading anything heavy, that `build` has what it needs.

    Raises:
        ConfigError: libraries that are not installed, no server at `sample.server`, or engine `scripted` without a
            readable script.
        WeightsError: a checkpoint or adapter that is not usable.
    """
    name = config.engine
    missing = [module for module in NEEDS.get("hf" if name == "auto" else name, ()) if not _found(module)]
    if missing:
        advice = ADVICE["hf" if name == "auto" else name]
        raise ConfigError(f"sample.engine={name}: {', '.join(missing)} not installed; {advice}")
    if name == "scripted":
        read_script(config.script)
    elif name == "openai":
        _knock(config.server)
    else:
        if config.device.startswith("cuda") and not devices.visible():
            raise ConfigError(f"sample.device={config.device}: this machine shows no CUDA device; take auto or cpu")
        checkpoint.resolve(config)


def choose() -> str:
    """Return what `auto` stands for here: `vllm` or `hf`."""
    if not all(map(_found, NEEDS["vllm"])):
        return "hf"
    try:
        from arc_submit.sample.vllm import knows_this_machine
    except (ImportError, OSError, RuntimeError):  # a wheel for another torch, GPU or CPU
        return "hf"
    return "vllm" if knows_this_machine() else "hf"


def _found(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _knock(server: str) -> None:
    """Make sure that somebody listens there; what is reached through a proxy is left to the engine."""
    url = urllib.parse.urlsplit(server)
    try:
        host, port = url.hostname, url.port or (443 if url.scheme == "https" else 80)
    except ValueError:  # a port that is no number
        host, port = None, 0
    if url.scheme not in ("http", "https") or not host:
        raise ConfigError(f"sample.server={server}: expected a URL, e.g. http://127.0.0.1:8000/v1")
    if url.scheme in urllib.request.getproxies() and not urllib.request.proxy_bypass(host):
        return
    try:
        socket.create_connection((host, port), _KNOCK).close()
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(f"sample.server={server}: nobody answers ({reason}); is it running?") from None


def _hf(config: SampleConfig, now: Clock) -> Engine:
    from arc_submit.sample.hf import HfEngine

    return HfEngine(config, now)


def _vllm(config: SampleConfig, now: Clock) -> Engine:
    from arc_submit.sample.vllm import VllmEngine

    return VllmEngine(config, now)


def _openai(config: SampleConfig, now: Clock) -> Engine:
    from arc_submit.sample.openai import OpenAIEngine

    return OpenAIEngine(config, now)


def _scripted(config: SampleConfig, now: Clock) -> Engine:
    return ScriptedEngine(read_script(config.script), now)
