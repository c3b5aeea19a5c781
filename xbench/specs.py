"""What a task, model, recipe and corpus are: values checked by pydantic, exported as JSON Schema.

Knows the keys and their bounds; not where the YAML lies (registry), nor how anything is read, encoded or trained.
Every default of the project is written here, once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from xbench.errors import near_miss
from xbench.spec_parts import Language, Languages, MetricName, Named, Source, Spec

# ---------------------------------------------------------------- tasks


class Grid(Spec):
    """Which settings are scored. Pairs are [query language, document language]."""

    monolingual: bool = True
    cross_lingual: Literal["all", "en-x", "x-en", False] | tuple[tuple[Language, Language], ...] = Field(
        "all", alias="cross-lingual"
    )
    multilingual: bool = True

    def scores(self, languages: Sequence[str]) -> bool:
        """Whether anything is scored on these languages."""
        chosen = self.cross_lingual
        pairs = chosen if isinstance(chosen, tuple) else chosen and (chosen == "all" or "en" in languages)
        return self.monolingual or self.multilingual or (bool(pairs) and len(languages) > 1)


GROUP = "cluster of queries for resampling"


class TaskBase(Named):
    languages: Languages
    relevance: Literal["parallel"] = Field("parallel", description="the same gold in every language")
    grid: Grid = Grid()
    metrics: Annotated[tuple[MetricName, ...], Field(min_length=1)] = ("AP", "nDCG@10", "R@1", "R@10")
    derived_from: tuple[str, ...] = ()

    @field_validator("grid")
    @classmethod
    def _grid_fits_languages(cls, grid: Grid, others: ValidationInfo) -> Grid:
        languages = others.data.get("languages", ())
        pairs = grid.cross_lingual
        for language in [language for pair in pairs for language in pair] if isinstance(pairs, tuple) else []:
            if language not in languages:
                raise ValueError(f"pairs of the task's languages, not {language!r}")
        if not grid.scores(languages):
            raise ValueError("at least one setting that these languages allow")
        return grid


class LareqaOptions(Spec):
    candidate: Literal["sentence", "sentence+context"] = "sentence"


class LareqaTask(TaskBase):
    """SQuAD-like files with sentence breaks, one per language (XQuAD-R, MLQA-R)."""

    format: Literal["lareqa"]
    source: Source
    group: Literal["question", "paragraph", "article"] = Field("question", description=GROUP)
    options: LareqaOptions = LareqaOptions()


class ParallelOptions(Spec):
    query: str = Field("query", description="key of the row's queries by language")
    document: str = Field("positive", description="key of the row's documents by language")


class ParallelTask(TaskBase):
    """Aligned rows: one jsonl file of `{id, query: {lang: text}, positive: {lang: text}}`, or, where the path holds
    `{lang}`, one text file per language with aligned lines (a line is query and document at once)."""

    format: Literal["parallel"]
    source: Source
    group: Literal["question"] = Field("question", description=GROUP)
    options: ParallelOptions = ParallelOptions()


class FactsOptions(Spec):
    kinds: Annotated[tuple[str, ...], Field(min_length=1)]
    distractors: tuple[str, ...] = Field((), description="kinds whose answers stand among the documents only")


class FactsTask(TaskBase):
    """Embedded: questions and answers made from CLDR names."""

    format: Literal["facts"]
    options: FactsOptions
    group: Literal["question", "entity"] = Field("entity", description=GROUP)


Task = Annotated[LareqaTask | ParallelTask | FactsTask, Field(discriminator="format")]

# ---------------------------------------------------------------- recipes


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


# ---------------------------------------------------------------- models


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

# ---------------------------------------------------------------- corpora

Relation = Literal["qa", "next", "halves"]


class CorpusBase(Named):
    languages: Languages
    license: str = ""
    derived_from: tuple[str, ...] = ()
    notice: str = Field("", description="said before every run that trains on it")


class FactsCorpus(CorpusBase):
    """Embedded: other kinds of questions than the task asks, over the same entities."""

    format: Literal["facts"]
    kinds: Annotated[tuple[str, ...], Field(min_length=1)]
    relation: Literal["qa"] = "qa"


class AlignedFile(Spec):
    path: str = Field(description="jsonl or jsonl.gz; relative to the YAML or to a data folder")
    document: str = Field("", description="for `next`: the key that names a row's document; `id#` is the id before '#'")


class AlignedCorpus(CorpusBase):
    """Rows `{id, texts: {lang: text}}` (relations next, halves) or `{id, query: {..}, positive: {..}}` (qa)."""

    format: Literal["aligned-jsonl"]
    files: Annotated[tuple[AlignedFile, ...], Field(min_length=1)]
    relation: Relation

    @model_validator(mode="after")
    def _next_needs_documents(self) -> AlignedCorpus:
        for file in self.files:
            if self.relation == "next" and not file.document:
                raise ValueError(f"`document` for {file.path}: relation next pairs neighbours of one document")
        return self


class SquadCorpus(CorpusBase):
    """SQuAD files, one per language, joined by question id: question -> paragraph."""

    format: Literal["squad"]
    source: Source
    english: Source | None = Field(None, description="where English has another address than the translations")
    relation: Literal["qa"] = "qa"


Corpus = Annotated[FactsCorpus | AlignedCorpus | SquadCorpus, Field(discriminator="format")]


def resolve_training(recipe: Recipe, model: ModelBase, overrides: Mapping[str, Any]) -> Training:
    """The settings of one run: the recipe's, under the model's own, under `--set`."""
    settings = recipe.training.model_dump(mode="json") | dict(model.training)
    prompts = overrides.get("prompts")
    if isinstance(prompts, Mapping):  # one prompt may be set without the other
        overrides = {**overrides, "prompts": {**settings["prompts"], **prompts}}
    return Training.model_validate_json(json.dumps({**settings, **overrides}))
