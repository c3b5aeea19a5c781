"""What made a result: the resolved specs of its task, model, recipe and corpus, as they were then.

Specs of other formats and other versions have other keys, so only those that somebody reads are named here; all are
kept, and written again in the order in which they stand in the file. Knows no spec of today.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self, TypeAlias

from pydantic import (
    Field,
    JsonValue,
    ModelWrapValidatorHandler,
    PrivateAttr,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from xbench.evaluation.scores import Amount, Dimension, OpenPart, Size

SpecKeys: TypeAlias = dict[str, JsonValue]


class SpecRecord(OpenPart):
    """A spec as it was resolved, without the folders of its machine."""

    name: str | None = None
    title: str | None = None
    description: str | None = None
    cite: str | None = None
    license: str | None = None

    _keys: tuple[str, ...] = PrivateAttr(())

    @model_validator(mode="wrap")
    @classmethod
    def _remember_order(cls, value: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        made = handler(value)
        if isinstance(value, Mapping):
            made._keys = tuple(value)
        return made

    @model_serializer(mode="wrap")
    def _in_order(self, handler: SerializerFunctionWrapHandler) -> SpecKeys:
        written: SpecKeys = handler(self)
        return {key: written[key] for key in self._keys if key in written} | written


class TaskRecord(SpecRecord):
    """A task; `group` names the clusters of questions that a test draws."""

    group: str | None = None
    relevance: str | None = None
    source: SpecKeys | None = Field(None, description="where its files are from, with licence and digests")
    mteb: SpecKeys | None = Field(None, description="the mteb task of the same data")

    @property
    def source_license(self) -> str:
        """The licence of its files; empty where none is stated."""
        license = (self.source or {}).get("license")
        return license if isinstance(license, str) else ""


class ModelRecord(SpecRecord):
    """A model as it is before any recipe."""

    format: str | None = None
    hub: str | None = None
    revision: str | None = None
    parameters: Size | None = None
    non_embedding_parameters: Size | None = None
    dimension: Dimension | None = None
    similarity: str | None = None
    prompts: dict[str, str] | None = Field(None, description="what stands before a text, by role")
    post: str | None = Field(None, description="what is taken from its vectors")


class RecipeRecord(SpecRecord):
    """A recipe: how batches were composed."""

    mix: dict[str, Amount | SpecKeys | None] = Field({}, description="share of each kind of batch")

    def share(self, kind: str) -> float:
        """The share of batches of one kind; 0 where there are none."""
        share = self.mix.get(kind)
        return float(share) if isinstance(share, int | float) else 0.0


class ResolvedSpecs(OpenPart):
    """The specs behind a result; null where there is none, as the recipe of a model as it is."""

    task: TaskRecord | None = None
    model: ModelRecord | None = None
    recipe: RecipeRecord | None = None
    training: SpecKeys | None = Field(None, description="the settings of training, overrides included")
    corpus: SpecRecord | None = None
