"""What every task is: its languages, relevance, grid and metrics, whatever the format of its data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, Self, TypeVar

from pydantic import ConfigDict, Field, ValidationInfo, field_validator, model_validator

from xbench.languages import match_language
from xbench.specs.mteb_names import Mteb
from xbench.specs.parts import Grown, Language, Languages, MetricName, Named, Spec


class Grid(Spec):
    """Which settings are scored. Pairs are [query language, document language]."""

    monolingual: bool = True
    cross_lingual: Literal["all", "en-x", "x-en", False] | tuple[tuple[Language, Language], ...] = Field(
        "all", alias="cross-lingual"
    )
    multilingual: bool = True

    def pairs(self, queries: Sequence[str], documents: Sequence[str]) -> list[tuple[str, str]]:
        """The cross-lingual pairs that are scored on these languages."""
        every = [(query, document) for query in queries for document in documents if query != document]
        chosen = self.cross_lingual
        if chosen == "en-x":
            return [pair for pair in every if pair[0] == "en"]
        if chosen == "x-en":
            return [pair for pair in every if pair[1] == "en"]
        return every if chosen == "all" else [pair for pair in every if chosen and pair in chosen]

    def alone(self, queries: Sequence[str], documents: Sequence[str]) -> list[tuple[str, str]]:
        """The monolingual pairs that are scored on these languages."""
        return [(language, language) for language in queries if self.monolingual and language in documents]

    def scores(self, queries: Sequence[str], documents: Sequence[str]) -> bool:
        """Whether anything is scored on these languages."""
        return self.multilingual or bool(self.alone(queries, documents) or self.pairs(queries, documents))


GROUP = "cluster of queries, a unit of tests"


Relevance = Literal["parallel", "same-language", "explicit"]
BLANK = (
    "a query or document of spaces, controls, characters that nobody sees or lost ones: error; drop (left out, and a "
    "note says how many)"
)
SIDES = ("query_languages", "document_languages")
RELEVANCE = (
    "parallel: the same gold in every language; same-language: judged in the query's language only, so that a pool "
    "punishes good multilingual retrieval; explicit: the qrels cross languages"
)


class TaskBase(Named, Grown):
    """`languages`, or both `query_languages` and `document_languages` where they differ; all three are then filled."""

    LATER: ClassVar[tuple[str, ...]] = ("blank",)
    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["languages"]}, {"required": list(SIDES)}]})

    languages: Languages = ()
    query_languages: Languages = ()
    document_languages: Languages = ()
    instruction: str = Field("", description="the sentence that an instruction-tuned encoder is given with a query")
    relevance: Relevance = Field("parallel", description=RELEVANCE)
    grid: Grid = Field(Grid(), validate_default=True, description="all settings that `relevance` allows, unless said")
    metrics: Annotated[tuple[MetricName, ...], Field(min_length=1)] = ("AP", "nDCG@10", "R@1", "R@10")
    blank: Literal["error", "drop"] = Field("error", description=BLANK)
    derived_from: tuple[str, ...] = ()
    mteb: Mteb | None = None

    @field_validator("metrics")
    @classmethod
    def _distinct_metrics(cls, metrics: tuple[str, ...]) -> tuple[str, ...]:
        if twice := sorted({name for name in metrics if metrics.count(name) > 1}):
            raise ValueError(f"each metric once, not {', '.join(twice)} twice")
        return metrics

    @field_validator("grid")
    @classmethod
    def _grid_fits(cls, grid: Grid, others: ValidationInfo) -> Grid:
        if others.data.get("relevance") == "same-language":
            if "cross_lingual" in grid.model_fields_set and grid.cross_lingual:
                raise ValueError("cross-lingual: false, for relevance same-language judges no other language")
            grid = grid.model_copy(update={"cross_lingual": False})
        queries, documents = (others.data.get(side) or others.data.get("languages", ()) for side in SIDES)
        pairs = grid.cross_lingual
        for query, document in pairs if isinstance(pairs, tuple) else ():
            if query not in queries or document not in documents:
                raise ValueError(f"pairs of the task's query and document languages, not [{query}, {document}]")
            if query == document:
                raise ValueError(
                    f"cross-lingual pairs of two languages, not [{query}, {document}]: that is monolingual"
                )
        if queries and documents and not grid.scores(queries, documents):
            raise ValueError("at least one setting that these languages allow")
        return grid

    @model_validator(mode="after")
    def _fill_languages(self) -> Self:
        """One list of languages stands for both sides, and two lists for their union."""
        queries, documents = self.query_languages or self.languages, self.document_languages or self.languages
        union = tuple(dict.fromkeys([*queries, *documents]))
        if not (queries and documents) or (self.languages and set(self.languages) != set(union)):
            raise ValueError("either `languages`, or both `query_languages` and `document_languages` without it")
        filled = {"languages": self.languages or union, "query_languages": queries, "document_languages": documents}
        for name, value in filled.items():
            object.__setattr__(self, name, value)  # frozen from here on
        return self


TaskT = TypeVar("TaskT", bound=TaskBase)


def restrict(task: TaskT, languages: Sequence[str]) -> TaskT:
    """The same task on some of its languages, by their codes or FLORES' names of them. Raises ValueError where it lacks
    one, or nothing of it is scored."""
    chosen = [match_language(name, task.languages) for name in languages]
    for name, language in zip(languages, chosen, strict=True):
        if language is None:
            raise ValueError(f"task {task.name} lacks {name}; it has {', '.join(task.languages)}")
    sides = (task.languages, task.query_languages, task.document_languages)
    both, queries, documents = (tuple(language for language in side if language in chosen) for side in sides)
    grid = task.grid
    if isinstance(grid.cross_lingual, tuple):
        grid = grid.model_copy(update={"cross_lingual": tuple(grid.pairs(queries, documents)) or False})
    if not queries or not documents or not grid.scores(queries, documents):
        raise ValueError(f"nothing of task {task.name} is scored on {', '.join(both)} alone")
    update = {"languages": both, "query_languages": queries, "document_languages": documents, "grid": grid}
    return task.model_copy(update=update)
