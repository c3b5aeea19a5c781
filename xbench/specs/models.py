"""What a model is: where its weights come from and how they are used."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    field_validator,
    model_serializer,
    model_validator,
)

from xbench.errors import near_miss
from xbench.specs.parts import Grown, Named, Spec
from xbench.specs.recipes import Prompts, Recipe, Training

Dtype = Literal["float32", "bfloat16", "float16"]
PROVENANCE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(:(\?|[a-z0-9]+(-[a-z0-9]+)*))?")


def _training_keys(value: Mapping[str, object]) -> Mapping[str, object]:
    for key in value:
        if key not in Training.model_fields:
            raise ValueError(f"training settings, not {key!r}{near_miss(key, Training.model_fields)}")
    Training.model_validate_json(json.dumps(dict(value)))
    return value


def _provenance(value: str) -> str:
    if not PROVENANCE.fullmatch(value):
        raise ValueError("a data set such as 'squad:train' or 'wikipedia': lower-case letters, digits and dashes")
    return value


class TrainingSource(Spec):
    """Where it is written that a model was trained on some of the data sets of `trained_on`."""

    of: tuple[Annotated[str, AfterValidator(_provenance)], ...] = Field(description="names in trained_on")
    source: str = Field(min_length=1, description="a paper, a model card, a listing with its commit")
    section: str = Field("", description="section, table or lines there")
    certainty: Literal["read", "secondhand", "memory"] = Field("read", description="how this entry is known")


class Card(Named):
    """What is known of a model besides how it is run: shown, and judged by the zero-shot verdict; changes no score."""

    license: str = ""
    parameters: int | None = Field(None, ge=0, description="of the whole model, rounded")
    non_embedding_parameters: int | None = Field(None, ge=0, description="without the token embeddings, rounded")
    pooling: str = Field("", description="from token vectors to the vector of a text, in words")
    base: str = Field("", description="the model that it was fine-tuned from")
    trained_on: tuple[Annotated[str, AfterValidator(_provenance)], ...] = Field(
        (), description="data sets; squad:train: one split of it; squad:?: a split of it that is not known"
    )
    training_data: Literal["declared", "partly", "undisclosed"] = Field(
        "undisclosed", description="whether trained_on is everything, a part, or nothing of what it was trained on"
    )
    training_data_source: str = Field("", description="what is to know of all of it, in words")
    training_sources: tuple[TrainingSource, ...] = Field((), description="where each of trained_on is written")
    certainty: Mapping[str, Literal["secondhand", "memory"]] = Field(
        {}, description="keys whose value was not read in the model's own files or a primary listing"
    )

    @model_validator(mode="after")
    def _certainty_is_about_keys(self) -> Card:
        for key in self.certainty:
            if key not in type(self).model_fields:
                raise ValueError(f"certainty about keys of the model, not {key!r}")
        return self

    @model_validator(mode="after")
    def _sources_are_of_training_data(self) -> Card:
        for name in (name for source in self.training_sources for name in source.of):
            if name not in self.trained_on:
                raise ValueError(f"training_sources of names in trained_on, not {name!r}")
        return self


class ModelBase(Card):
    """How a model is used, whatever its format: what changes its vectors stands here."""

    prompts: Prompts | None = Field(None, description="none: the prompts of the model's own configuration")
    instruction: str = Field("", description="fills {instruction} in the prompts where the task has no sentence")
    max_length: int | None = Field(None, ge=8, description="tokens per text; none: the model's own")
    similarity: Literal["cosine", "dot"] = "cosine"
    post: Literal["center-by-language", "lir"] | None = Field(
        None, description="what is taken from the vectors of each language after encoding, fitted on a corpus"
    )
    post_rank: int = Field(1, ge=1, description="for lir: components removed per language")
    post_texts: int = Field(10_000, ge=2, description="texts per language and role that `post` is fitted on, at most")
    post_corpus: str = Field("", description="corpus that `post` is fitted on; none: the corpus of the run")
    training: Annotated[Mapping[str, object], AfterValidator(_training_keys)] = Field(
        {}, description="training settings of this model, over the recipe's"
    )

    @field_validator("prompts")
    @classmethod
    def _placeholders(cls, prompts: Prompts | None) -> Prompts | None:
        for text in prompts.model_dump().values() if prompts else ():
            for name in re.findall(r"\{(\w*)\}", text):
                if name != "instruction":
                    raise ValueError(f"no braces but {{instruction}}, not {{{name}}}")
        return prompts

    @model_validator(mode="after")
    def _keys_are_used(self) -> Self:
        for key in ("post_rank", "post_texts", "post_corpus"):
            if self._says(key) and (not self.post or (key == "post_rank" and self.post != "lir")):
                needed = "post: lir" if key == "post_rank" else "`post`"
                raise ValueError(f"{needed} with `{key}`: without it, it changes nothing")
        if self.instruction and not any("{instruction}" in text for text in self._prompts()):
            raise ValueError("prompts with {instruction} in them, for `instruction` fills it and is not used otherwise")
        return self

    def _says(self, key: str) -> bool:
        """Whether a key has another value than by default."""
        return bool(getattr(self, key) != type(self).model_fields[key].default)

    def _prompts(self) -> tuple[str, ...]:
        return (self.prompts.query, self.prompts.document) if self.prompts else ()


class SentenceModel(ModelBase):
    """Any sentence-transformers or transformers model: a hub id with its revision, or a local folder."""

    format: Literal["sentence"]
    hub: str = Field("", pattern=r"^$|^[\w.-]+/[\w.-]+$")
    revision: str = ""
    folder: str = ""
    gated: bool = Field(False, description="the hub asks for a licence to be accepted first")
    unsupported_dtypes: tuple[Dtype, ...] = Field((), description="precisions in which its vectors are wrong")
    dtype: Dtype = "float32"
    remote_code: bool = Field(False, description="the model runs code from its repository")
    packages: tuple[str, ...] = Field((), description="packages that this code imports and xbench does not install")
    encode_arguments: Mapping[Literal["query", "document"], Mapping[str, str | int | bool]] = Field(
        {}, description="arguments that the model's own encode() takes beside the prompt, by role"
    )
    dimension: int | None = None

    @field_validator("dtype")
    @classmethod
    def _supported(cls, dtype: str, others: ValidationInfo) -> str:
        if dtype in others.data.get("unsupported_dtypes", ()):
            raise ValueError("another precision: in this one the model gives wrong vectors (unsupported_dtypes)")
        return dtype

    @model_validator(mode="after")
    def _one_place(self) -> SentenceModel:
        if bool(self.hub) == bool(self.folder):
            raise ValueError("either `hub` or `folder`")
        if self.folder and self.revision:
            raise ValueError("no `revision` with `folder`: a folder is read as it is")
        return self


class StaticModel(ModelBase, Grown):
    """A mean of token embeddings, trained from scratch; its BPE tokenizer is trained once per corpus."""

    LATER: ClassVar[tuple[str, ...]] = ("init",)
    format: Literal["static"]
    dimension: int = Field(256, ge=2, le=65_536)
    vocabulary: int = Field(32_000, ge=300)
    alphabet: int = Field(6_000, ge=100, description="characters kept; the rest is unknown")
    init: Literal["random", "idf"] = Field(
        "random",
        description="token vectors before any training: random, or random times the token's idf in the corpus's texts",
    )
    training_data: Literal["declared", "partly", "undisclosed"] = "declared"  # nothing, before the run

    @field_validator("max_length")
    @classmethod
    def _reads_all(cls, length: int | None) -> int | None:
        if length is not None:
            raise ValueError("nothing: a static model reads texts of any length; leave max_length out")
        return length


class RandomModel(ModelBase):
    """A random direction per text: the chance row."""

    format: Literal["random"]
    dimension: int = Field(64, ge=2, le=65_536)
    training_data: Literal["declared", "partly", "undisclosed"] = "declared"  # nothing

    @model_validator(mode="after")
    def _reads_nothing(self) -> Self:
        for key in ("prompts", "instruction", "max_length", "similarity", "training"):
            if getattr(self, key) != RandomModel.model_fields[key].default:
                raise ValueError(f"no `{key}`: random draws a direction for every text, whatever stands in it")
        return self


class Tokens(Spec):
    """What a lexical model counts. Words: runs of letters, marks and digits after NFKC and case folding; text in a
    script that is written without spaces gives n-grams of characters instead. Subwords: what a tokenizer makes."""

    kind: Literal["words", "subwords"] = "words"
    characters: int = Field(2, ge=1, le=8, description="words: length of the n-grams in scripts without spaces")
    tokenizer: str = Field("", description="subwords: a file of the tokenizers library (tokenizer.json)")

    @model_validator(mode="after")
    def _one_kind(self) -> Tokens:
        if (self.kind == "subwords") != bool(self.tokenizer):
            raise ValueError("a `tokenizer` file with `kind: subwords`, and only there")
        if self.kind == "subwords" and "characters" in self.model_fields_set:
            raise ValueError("no `characters` with `kind: subwords`; the tokenizer splits every script")
        return self


ENCODING = ModelBase.model_fields.keys() - Card.model_fields.keys()


class LexicalModel(ModelBase):
    """BM25 over each setting's documents: nothing is learnt, no stemming, no stop words."""

    format: Literal["bm25"]
    k1: float = Field(0.9, ge=0, le=100, description="how slowly repetition of a term saturates")
    b: float = Field(0.4, ge=0, le=1, description="how far the length of a document counts")
    method: Literal["lucene", "robertson", "atire"] = "lucene"
    tokens: Tokens = Tokens()

    @model_validator(mode="after")
    def _keys_are_used(self) -> Self:
        for key in ENCODING:
            if key in self.model_fields_set:
                raise ValueError(f"no `{key}`: bm25 reads whole texts as they are and is not trained")
        return self

    @model_serializer(mode="wrap")
    def _without_what_it_refuses(self, write: SerializerFunctionWrapHandler) -> dict[str, object]:
        return {key: value for key, value in write(self).items() if key not in ENCODING}


Model = Annotated[SentenceModel | StaticModel | RandomModel | LexicalModel, Field(discriminator="format")]


def resolve_training(recipe: Recipe, model: ModelBase, overrides: Mapping[str, object]) -> Training:
    """The settings of one run: the recipe's, under the model's own, under `--set`."""
    settings = recipe.training.model_dump(mode="json") | dict(model.training)
    for key, value in overrides.items():
        within = settings.get(key)  # one prompt may be set without the other
        settings[key] = {**within, **value} if isinstance(value, Mapping) and isinstance(within, Mapping) else value
    return Training.model_validate_json(json.dumps(settings))
