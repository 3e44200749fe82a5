"""What a person may set about the sandbox. Units are in the names."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Grade = Literal["A", "B", "C"]
Layer = Literal["seccomp", "landlock", "uid", "netns", "rlimits", "hook"]


class SandboxConfig(BaseModel):
    """One frozen model; the defaults suit hundreds of thousands of short programs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cpu_seconds: float = Field(default=0.25, gt=0, le=3600)
    """CPU time of one program over all its inputs, compilation included."""
    wall_factor: float = Field(default=10.0, ge=2)
    """Wall limit of one program = cpu_seconds x wall_factor; only for sleepers and dead-locks, so keep it large."""
    memory_mb: int = Field(default=512, ge=64)
    """Address space of a program above the size of the zygote it is forked from."""
    max_source_bytes: int = Field(default=65_536, ge=1)
    """Longer programs are a syntax fault and never run."""
    batch: int = Field(default=64, ge=1, le=4096)
    """Programs that may share one forked runner."""
    canary_every: int = Field(default=8, ge=1)
    """Programs between two looks at the shared state of a runner."""
    require: Grade = "C"
    """Lowest grade accepted; below it the sandbox refuses to start. C: accept what there is and report it."""
    lanes: int = Field(default=1, ge=1, le=256)
    """Zygotes that work at the same time; physical cores - 1 is a good number."""
    strict_language: bool = True
    """Programs that pass the bytecode audit share a runner. False: no audit, every program in a process of its own."""
    preload: tuple[str, ...] = ()
    """Further modules to import before the zygote is locked, e.g. `scipy.ndimage`; must be installed."""
    cache_size: int = Field(default=4096, ge=0)
    """Results remembered across calls; 0: none. Lost results are never remembered."""
    start_seconds: float = Field(default=30.0, gt=0)
    """Wall time that a zygote may take to report itself ready."""
    disable_layers: tuple[Layer, ...] = ()
    """Layers to leave off, to see what the others hold. For tests and diagnosis."""

    @property
    def wall_seconds(self) -> float:
        return self.cpu_seconds * self.wall_factor
