"""What a task is: its languages, data, grid and metrics. Every default of a task is written here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from xbench.specs.parts import Language, Languages, MetricName, Named, Source, Spec


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
