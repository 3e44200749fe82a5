"""Settings of the language-model engine."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class SampleConfig(BaseModel):
    """Model, engine and sampling. Sampling defaults: docs/LOG.md, temperature sweep."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: Literal["auto", "hf", "vllm", "openai", "scripted"] = "auto"
    """`auto`: vllm where it imports and a model is local, else hf."""
    model: str = "weights/small"
    """Checkpoint folder (relative: to the working directory, else to the kit's own folder), or a server's model name."""
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
