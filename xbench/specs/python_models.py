"""An encoder that a program gives, as a model: what is known of it besides what it does."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from xbench.specs.models import ModelBase


class PythonModel(ModelBase):
    """Known by its name and version, for nothing else can be seen of a function: two of one name and version are the
    same encoder. No YAML declares one."""

    format: Literal["python"]
    version: str = Field(min_length=1, max_length=200)

    @field_validator("max_length", "training")
    @classmethod
    def _not_ours_to_set(cls, value: object) -> object:
        if value:
            raise ValueError("nothing: the encoder decides by itself what it reads, and xbench does not train it")
        return value
