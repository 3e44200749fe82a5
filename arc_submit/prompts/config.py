"""Settings of the prompt writer."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class PromptsConfig(BaseModel):
    """What a prompt shows. A tuned model wants the settings that it was tuned with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    style: Literal["compact", "chat"] = "compact"
    """`compact`: bare facts, grids and code, for the model that ships. `chat`: prose for instruct models."""
    dialect: Literal["solve", "transform"] = "solve"
    """What the model is asked for: DSL on tuples, or numpy. The compact style always asks for `solve`."""
    tokens: int = Field(default=640, ge=32)
    """Tokens that a prompt may have; above it grid views go first, then demonstrations (`prompts.budget`)."""
    facts: bool = True
    """State what holds for every demonstration (property signature, arXiv 2002.09030)."""
    primitives: int = Field(default=0, ge=0)
    """DSL entries listed in a chat prompt: the most used ones first; 0: none."""
    attempts: int = Field(default=3, ge=0)
    """Earlier attempts shown in a restart prompt, in improving order."""
