"""Systems: what answers and tables compare, measured here or published elsewhere, with what is known of each.

A system answers one question per setting: queries in a language (or any), documents in a language, in other languages
than the query's, in its own, or in all of them pooled. Measured systems are ranked by tests; published ones among
themselves, within one source, for they have no values per question and so no interval. Knows boards; no page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from xbench.board.ranks import Rank
from xbench.board.standings import Board, Standing
from xbench.board.summaries import WITHOUT_OWN, RunSummary
from xbench.board.twins import PrintedRow
from xbench.evaluation.scores import Number
from xbench.published.papers import PublishedColumn

ANY, OTHER, SAME, POOL, WITHOUT = "any", "other", "same", "pool", "pool-without-own"
DOCUMENTS = {
    "Cr": OTHER,
    "Mo": SAME,
    "Mul": POOL,
    WITHOUT_OWN: WITHOUT,
}  # where documents are, by the mean that says so
LANGUAGE_VALUES = {"asked": OTHER, "Mul": POOL, "without own": WITHOUT}  # by their name in a summary's languages
PRINTED_MEANS: dict[PublishedColumn, str] = {"Mo": SAME, "Cr": OTHER, "Mul": POOL}

Mark: TypeAlias = Literal["measured", "published"]
Setting: TypeAlias = tuple[str, str]
"""(queries in, documents in): codes, or ANY and one of DOCUMENTS' values."""


@dataclass(frozen=True)
class Spread:
    """Rank distance of one query language, or of any; `normalised`: 0 perfect, 1 chance, None where it is not known."""

    distance: float
    normalised: Number = None


@dataclass(frozen=True)
class System:
    """One system on one task.

    `key`: unique on the task. `note`: what tells it from others of its name. `source`: of published numbers, "" for
    measured ones. `values`, `halves` (of 95 % intervals) by setting, as shares of 1. `ranks` by document setting; empty
    for published ones. `spreads` by query language or ANY. `page`: of the measured run, from the top of the site, or
    where the numbers were published. `differences`: a measured twin's minus these, by column.
    """

    key: str
    title: str
    recipe: str
    mark: Mark
    task: str
    metric: str
    values: Mapping[Setting, float]
    source: str = ""
    note: str = ""
    page: str = ""
    parameters: Number = None
    halves: Mapping[Setting, float] = field(default_factory=dict)
    ranks: Mapping[str, Rank] = field(default_factory=dict)
    spreads: Mapping[str, Spread] = field(default_factory=dict)
    differences: Mapping[str, float] = field(default_factory=dict)

    def column(self, name: str) -> Number:
        """The value of a table's column: a mean over all languages, or rank distance."""
        if name == "distance":
            return self.spreads[ANY].distance if ANY in self.spreads else None
        return self.values.get((ANY, DOCUMENTS[name])) if name in DOCUMENTS else None


@dataclass(frozen=True)
class TaskSystems:
    """All systems of one task. `ranked`: the documents of the mean that it is ranked by; `page`: the task's own, or "".
    `bounds`: (perfect, chance) of rank distance, where they are known. `queries`, `documents`: codes."""

    name: str
    title: str
    metric: str
    ranked: str
    queries: tuple[str, ...]
    documents: tuple[str, ...]
    systems: tuple[System, ...]
    page: str = ""
    bounds: tuple[float, float] | None = None


def task_systems(boards: Sequence[Board], published: Mapping[str, Sequence[PrintedRow]]) -> list[TaskSystems]:
    """The systems of every board, measured ones in its order, published ones after them."""
    return [_on_board(board, published.get(board.name, ())) for board in boards]


def _on_board(board: Board, printed: Sequence[PrintedRow]) -> TaskSystems:
    run = board.reference
    bounds = (run.values.get("perfect"), run.values.get("chance"))
    measured = [measured_system(board, key) for key in board.standings]
    return TaskSystems(
        name=board.name,
        title=board.title,
        metric=run.metric,
        ranked=DOCUMENTS[board.setting],
        queries=tuple(run.queries),
        documents=tuple(run.documents),
        systems=(*measured, *map(printed_system, printed)),
        page=f"tasks/{board.name}.html",
        bounds=None if bounds[0] is None or bounds[1] is None else (bounds[0], bounds[1]),
    )


def measured_system(board: Board, key: str) -> System:
    """A row of a board."""
    standing = board.standings[key]
    run = standing.first
    halves = {(ANY, documents): standing.interval(name) for name, documents in DOCUMENTS.items()}
    return System(
        key=standing.page,
        title=run.model,
        recipe=run.recipe,
        mark="measured",
        task=board.name,
        metric=run.metric,
        values={setting: value for setting, value in _measured_values(standing) if value is not None},
        note=standing.note,
        page=f"runs/{standing.page}.html",
        parameters=run.parameters,
        halves={setting: half for setting, half in halves.items() if half is not None},
        ranks={DOCUMENTS[name]: ranks[key] for name, ranks in board.ranks.items()},
        spreads=dict(_measured_spreads(standing)),
    )


def _measured_values(standing: Standing) -> Iterator[tuple[Setting, Number]]:
    run = standing.first
    for name, documents in DOCUMENTS.items():
        yield (ANY, documents), standing.values[name]
    for query in run.queries:
        for document in run.documents:
            yield (query, document), standing.pairs.get(f"{query}-{document}", [None])[0]
        for name, documents in LANGUAGE_VALUES.items():
            yield (query, documents), standing.languages[query].get(name)
    for document in run.documents:
        yield (ANY, document), standing.languages[document].get("answered")


def _measured_spreads(standing: Standing) -> Iterator[tuple[str, Spread]]:
    every = {ANY: standing.values, **{code: standing.languages[code] for code in standing.first.queries}}
    for code, values in every.items():
        if (distance := values.get("distance")) is not None:
            yield code, Spread(distance, values.get("normalised"))


def printed_system(printed: PrintedRow) -> System:
    """A row of a paper."""
    paper, row = printed.paper, printed.row
    values = {(ANY, documents): row.scores.get(name) for name, documents in PRINTED_MEANS.items()}
    for code, scores in row.languages.items():
        for name, documents in PRINTED_MEANS.items():
            values[code, code if documents == SAME else documents] = scores.get(name)
    distances = {
        ANY: row.scores.get("distance"),
        **{code: part.get("distance") for code, part in row.languages.items()},
    }
    twins = {name: printed.difference(name, printed.twins[0]) for name in row.scores} if printed.twins else {}
    return System(
        key=f"{paper.name}/{row.model}/{row.recipe}",
        title=row.model,
        recipe=row.recipe,
        mark="published",
        task=row.task,
        metric=row.metric,
        values={setting: value for setting, value in values.items() if value is not None},
        source=paper.title,
        page=paper.url,
        spreads={code: Spread(distance) for code, distance in distances.items() if distance is not None},
        differences={name: value for name, value in twins.items() if value is not None},
    )


def language_means(run: RunSummary) -> dict[str, list[str]]:
    """The columns of the means that belong to one language: of its queries over the other languages' documents
    (`de-other`), and of its documents over the other languages' queries (`any-de`)."""
    pairs = [(query, document) for query in run.queries for document in run.documents if query != document]
    scored = [pair for pair in pairs if f"{pair[0]}-{pair[1]}" in run.pairs]
    asked = {f"{code}-{OTHER}": [f"{code}-{other}" for query, other in scored if query == code] for code in run.queries}
    answered = {
        f"{ANY}-{code}": [f"{other}-{code}" for other, document in scored if document == code] for code in run.documents
    }
    return {name: columns for name, columns in (asked | answered).items() if columns}
