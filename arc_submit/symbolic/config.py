"""Settings of the symbolic proposer, with their units. Covers the enumerator only; edits of programs need no settings.

Left out: time. The caller passes a deadline to `Enumerator.advance`; counted in evaluations, the same settings find the
same programs on a slow and on a fast machine.
"""

from pydantic import BaseModel, ConfigDict, Field


class SymbolicConfig(BaseModel):
    """How far and how wide one enumeration goes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    evaluations_per_round: int = Field(default=5_000, ge=1)
    """Evaluations (one expression, all inputs) after which one call of `advance` returns: about half a second."""
    max_cost: int = Field(default=60, ge=1)
    """Cost units: the last level that is enumerated (about 3 to 8 units a primitive, see `grammar`)."""
    level_evaluations: int = Field(default=1500, ge=1)
    """Evaluations (one expression, all inputs) that one production may use per level; the rest of it is skipped."""
    entries_per_level: int = Field(default=1500, ge=1)
    """Values kept per kind and level; later ones of that level are dropped."""
    entries_per_kind: int = Field(default=8000, ge=1)
    """Values kept per kind over all levels."""
    functions_per_kind: int = Field(default=160, ge=1)
    """Function values kept per kind: they multiply everything they are mapped over."""
    memory_bytes: int = Field(default=60_000_000, ge=1_000_000)
    """Bytes, estimated from cells, that kept values may occupy together."""
    objects_limit: int = Field(default=150, ge=1)
    """Objects that one set may hold on one input; larger sets are dropped."""
    cells_limit: int = Field(default=1800, ge=1)
    """Cells that one object or set of places may hold on one input."""
    bases: int = Field(default=24, ge=1)
    """Grids of the output's shape that are kept as canvases for the finishing step."""
    base_scans: int = Field(default=400, ge=1)
    """Times that all places and objects are tried again on a new canvas."""
    partial_finds: int = Field(default=36, ge=0)
    """Programs right on some but not all demonstrations: reported while they enter the best this many."""
    agreeing_finds: int = Field(default=3, ge=1)
    """Different programs reported for one and the same set of outputs that is right on every demonstration."""
    slack: int = Field(default=8, ge=0)
    """Cost units: once a program of cost c passes, only those up to 2 c + slack are reported; dearer ones overfit."""
    prompt_cost: int = Field(default=34, ge=0)
    """Cost units up to which a passing program is reported at once."""
    wait_per_cost: int = Field(default=1_000, ge=0)
    """Evaluations that a passing program is held back for every further cost unit: shorter ones may turn up."""
    patience: int = Field(default=40_000, ge=0)
    """Evaluations that a passing program is held back at most."""
    layers_bytes: int = Field(default=200_000_000, ge=1_000_000)
    """Bytes of the arrays in which the idea `layers` keeps the states that it has reached."""
    layers_cost: int = Field(default=60, ge=1)
    """Cost units: the last level of states that the idea `layers` fills."""
