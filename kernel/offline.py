"""The solver's environment: no network, no telemetry, caches where they may be written, no secrets.

The environment is never printed: it holds Kaggle's tokens.
"""

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

_QUIET = {
    "COLUMNS": "140",
    "DO_NOT_TRACK": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "PIP_NO_INDEX": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONNOUSERSITE": "1",
    "PYTHONUNBUFFERED": "1",
    "PYTORCH_CUDA_ALLOC_CONF": "expandable_segments:True",
    "RAY_USAGE_STATS_ENABLED": "0",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_NO_TF": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "UNSLOTH_DISABLE_STATISTICS": "1",
    "USE_FLAX": "0",
    "USE_TF": "0",
    "VLLM_HOST_IP": "127.0.0.1",  # else vLLM asks an address outside for the way
    "VLLM_NO_USAGE_STATS": "1",
    "WANDB_MODE": "disabled",
}
_CACHES = {
    "CUDA_CACHE_PATH": "cuda",
    "FLASHINFER_WORKSPACE_BASE": "flashinfer",
    "HF_HOME": "huggingface",
    "MPLCONFIGDIR": "matplotlib",
    "NUMBA_CACHE_DIR": "numba",
    "TORCHINDUCTOR_CACHE_DIR": "inductor",
    "TRITON_CACHE_DIR": "triton",
    "UNSLOTH_COMPILE_LOCATION": "unsloth",
    "VLLM_CACHE_ROOT": "vllm",
    "XDG_CACHE_HOME": "xdg",
}
_SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|CREDENTIAL|API_?KEY", re.IGNORECASE)
_STEERING = ("PYTHONHOME", "PYTHONSTARTUP", "PYTHONUSERBASE", "PYTHONEXECUTABLE", "VIRTUAL_ENV")
_PTXAS = "lib/python3*/site-packages/triton/backends/nvidia/bin/ptxas"


def environment(given: Mapping[str, str], temp: Path, code: Path, venv: Path | None) -> dict[str, str]:
    """Return the variables for the solver.

    `venv`: its own environment, which keeps the image's paths out; None: this interpreter, whose paths stay.
    """
    kept = {name: value for name, value in given.items() if not _SECRET.search(name) and name not in _STEERING}
    paths = [str(code), *([kept["PYTHONPATH"]] if venv is None and kept.get("PYTHONPATH") else [])]
    changed = {**kept, **_QUIET, "PYTHONPATH": os.pathsep.join(paths)}
    for name, folder in _CACHES.items():
        place = temp / "cache" / folder
        place.mkdir(parents=True, exist_ok=True)
        changed[name] = str(place)
    if venv is not None:
        changed["VIRTUAL_ENV"] = str(venv)
        changed["PATH"] = os.pathsep.join([str(venv / "bin"), kept.get("PATH", os.defpath)])
    if (ptxas := assembler(venv)) is not None:
        changed["TRITON_PTXAS_PATH"] = str(ptxas)
    return changed


def assembler(venv: Path | None, cuda: Path = Path("/usr/local/cuda/bin/ptxas")) -> Path | None:
    """Return the ptxas that triton shall be told of: none where its own can be executed, else the machine's.

    Its own is made for what it writes; but on a read-only mount it has lost its x-bit, and triton dies without a word.
    """
    own = next(iter(venv.glob(_PTXAS)), None) if venv else None
    if own is not None and os.access(own, os.X_OK):
        return None
    if own is not None:
        own.chmod(0o755)
        return own
    if os.access(cuda, os.X_OK):
        return cuda
    found = shutil.which("ptxas")
    return Path(found) if found else None
