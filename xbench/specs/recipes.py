"""What a recipe is: how training batches are composed, and how they are trained on."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from xbench.specs.parts import Named, Spec


class Prompts(Spec):
    """Text put before every query and every document."""

    query: str = ""
    document: str = ""


class Training(Spec):
    """Optimisation. The defaults are the settings of arXiv 2408.10536 where it states them; it leaves `scale`,
    `steps`, `warmup`, `schedule` and `max_length` open, and these are choices of this project."""

    batch_size: int = Field(100, ge=2)
    learning_rate: float = Field(3e-5, gt=0, le=1e38)
    weight_decay: float = Field(0.01, ge=0)
    steps: int = Field(2000, ge=1)
    warmup: float = Field(0.1, ge=0, lt=1, description="share of the steps with rising learning rate")
    schedule: Literal["linear", "constant"] = "linear"
    scale: float = Field(20.0, gt=0, description="inverse temperature of InfoNCE")
    max_length: int | None = Field(None, ge=8, description="tokens per text; none: the model's own")
    prompts: Prompts = Prompts(query="Query: ", document="Passage: ")
    precision: Literal["fp32", "bf16"] = "fp32"


class Mix(Spec):
    """Probability of each kind of batch, drawn once per batch."""

    mono: float = Field(0.0, ge=0, le=1)
    cross: float = Field(0.0, ge=0, le=1)
    mixed: float = Field(0.0, ge=0, le=1)

    @model_validator(mode="after")
    def _sums_to_one(self) -> Mix:
        total = self.mono + self.cross + self.mixed
        if abs(total - 1) > 1e-9:
            raise ValueError(f"mono + cross + mixed = 1, not {total:g}")
        return self


class Recipe(Named):
    """How training batches are composed, plus optimisation settings."""

    mix: Mix
    tau: float = Field(0.0, ge=0, le=1, description="languages drawn in proportion to size^tau; 0 is uniform")
    training: Training = Training()
