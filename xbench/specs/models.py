"""What a model is: where its weights come from and how they are used."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from xbench.errors import near_miss
from xbench.specs.parts import Named
from xbench.specs.recipes import Prompts, Recipe, Training


def _training_keys(value: Mapping[str, Any]) -> Mapping[str, Any]:
    for key in value:
        if key not in Training.model_fields:
            raise ValueError(f"training settings, not {key!r}{near_miss(key, Training.model_fields)}")
    Training.model_validate_json(json.dumps(dict(value)))
    return value


class ModelBase(Named):
    license: str = ""
    prompts: Prompts | None = Field(None, description="none: the prompts of the model's own configuration")
    max_length: int | None = Field(None, ge=8, description="tokens per text; none: the model's own")
    similarity: Literal["cosine", "dot"] = "cosine"
    training: Annotated[Mapping[str, Any], AfterValidator(_training_keys)] = Field(
        {}, description="training settings of this model, over the recipe's"
    )


class SentenceModel(ModelBase):
    """Any sentence-transformers or transformers model: a hub id with its revision, or a local folder."""

    format: Literal["sentence"]
    hub: str = Field("", pattern=r"^$|^[\w.-]+/[\w.-]+$")
    revision: str = ""
    folder: str = ""
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    remote_code: bool = Field(False, description="the model runs code from its repository")
    parameters: int | None = None
    dimension: int | None = None

    @model_validator(mode="after")
    def _one_place(self) -> SentenceModel:
        if bool(self.hub) == bool(self.folder):
            raise ValueError("either `hub` or `folder`")
        return self


class StaticModel(ModelBase):
    """A mean of token embeddings, trained from scratch; its BPE tokenizer is trained once per corpus."""

    format: Literal["static"]
    dimension: int = Field(256, ge=2, le=65_536)
    vocabulary: int = Field(32_000, ge=300)
    alphabet: int = Field(6_000, ge=100, description="characters kept; the rest is unknown")


class RandomModel(ModelBase):
    """A random direction per text: the chance row."""

    format: Literal["random"]
    dimension: int = Field(64, ge=2, le=65_536)


Model = Annotated[SentenceModel | StaticModel | RandomModel, Field(discriminator="format")]


def resolve_training(recipe: Recipe, model: ModelBase, overrides: Mapping[str, Any]) -> Training:
    """The settings of one run: the recipe's, under the model's own, under `--set`."""
    settings = recipe.training.model_dump(mode="json") | dict(model.training)
    prompts = overrides.get("prompts")
    if isinstance(prompts, Mapping):  # one prompt may be set without the other
        overrides = {**overrides, "prompts": {**settings["prompts"], **prompts}}
    return Training.model_validate_json(json.dumps({**settings, **overrides}))
