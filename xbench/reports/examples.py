"""Questions that one side of a comparison wins and loses most clearly, by rank of the gold; and what they say.

Ranks come from the per-query values of the results. Texts come from the task's data, which must be the data that was
scored; they are shown and never stored. Knows comparisons and collections; no model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from xbench.arrays import Floats
from xbench.data.collection import Collection
from xbench.data.download import Storage
from xbench.errors import DataError, SpecError
from xbench.reports.comparison import Comparison, Example, chosen_settings, column_values
from xbench.reports.sides import Side
from xbench.results.result import Result
from xbench.results.run_files import first_documents
from xbench.results.settings import POOL, Setting, scored_settings
from xbench.results.trec import token


def examples(comparison: Comparison, setting: str, count: int) -> list[Example]:
    """The queries that the first side wins by most ranks, then those that it loses by most. Raises SpecError."""
    if setting == "all":
        raise SpecError("--examples: of one setting; name it first, such as --pair de-en")
    _, column = _chosen(comparison, setting)
    sides = (comparison.first, comparison.second)
    values = [_mean(side, lambda arrays: column_values(arrays, comparison.metric, column)) for side in sides]
    ranks = [_mean(side, lambda arrays: first_rank(arrays, column)) for side in sides]
    ids = comparison.first.arrays[0]["query_id"]
    scored = np.flatnonzero(np.isfinite(ranks[0]) & np.isfinite(ranks[1]))
    order = scored[np.argsort(ranks[0][scored] - ranks[1][scored], kind="stable")]
    chosen = dict.fromkeys([*order[:count].tolist(), *order[::-1][:count].tolist()])
    return [
        Example(str(ids[row]), *(float(part[row]) for part in (*ranks, *values)))
        for row in chosen
        if ranks[0][row] != ranks[1][row]
    ]


def _chosen(comparison: Comparison, setting: str) -> tuple[str, Setting]:
    """A setting's name in a result, and its languages. Raises SpecError."""
    settings = scored_settings(comparison.first.results[0])
    (name,) = chosen_settings([setting], list(settings))
    return name, settings[name]


def _mean(side: Side, of: Callable[[dict[str, Any]], Floats]) -> Floats:
    return np.asarray(np.mean([of(arrays) for arrays in side.arrays], axis=0))


def first_rank(arrays: Mapping[str, Any], column: Setting) -> Floats:
    """Rank of the best gold of every query in one setting [queries], NaN where none is scored. Raises SpecError.

    In the pool it is kept. In a pair it is 1/RR, or 1/AP: the rank itself where a query has one gold there and nothing
    ties with it, else a mean (harmonic over ties; with several golds 1/AP is no rank of one of them).
    """
    if column[1] == POOL:
        ranks = np.where(arrays["query_language"] == column[0], np.nanmin(_padded(arrays["pool_rank"]), axis=1), np.nan)
        return np.where(np.isfinite(ranks), ranks, np.nan)
    metric = next((name for name in ("RR", "AP") if name in arrays), None)
    if metric is None:
        raise SpecError(f"--examples: ranks in {'-'.join(column)} need the metric RR or AP; name one in the task")
    values = column_values(dict(arrays), metric, column)
    return np.divide(1.0, values, out=np.full_like(values, np.nan), where=values > 0)


def _padded(ranks: Floats) -> Floats:
    """With a last column of infinity, so that a row without any rank has a minimum."""
    return np.column_stack([ranks, np.full(len(ranks), np.inf)])


def scored_collection(result: Result, storage: Storage) -> Collection:
    """The data that a result was scored on. Raises DataError where they are not here, or are others now."""
    from xbench.data import readers
    from xbench.specs import registry

    base = registry.known("task").get(result.task)
    folder = base.parent if base else registry.shipped("tasks")
    try:
        entry = registry.task_again(result.task_spec.plain(), folder)
    except SpecError as error:
        raise DataError(f"task {result.task}: the result names keys that this version does not know: {error}") from None
    collection = readers.read(entry, storage)
    if collection.digest != result.provenance.collection_sha256:
        raise DataError(f"task {result.task}: its data are not those that the result was scored on; run again")
    return collection


def rank_note(comparison: Comparison, setting: str, chosen: Sequence[Example]) -> str:
    """Why some of the ranks have a fraction, in one line; empty where none has."""
    if all(rank.is_integer() for example in chosen for rank in (example.first_rank, example.second_rank)):
        return ""
    reasons = []
    if max(len(side.results) for side in (comparison.first, comparison.second)) > 1:
        reasons.append("it is a mean over seeds")
    if _chosen(comparison, setting)[1][1] == POOL:
        reasons.append("other documents tie with the relevant one, and it is the mean over their orders")
    elif "RR" in comparison.first.arrays[0]:
        reasons.append("other documents tie with the relevant one, and it is 1/RR, a harmonic mean over their orders")
    else:
        reasons.append(
            "it is 1/AP: other documents tie with the relevant one, or there are several, whose precisions it averages"
        )
    return f"A rank has a fraction where {', or '.join(reasons)}."


def example_lines(
    comparison: Comparison, setting: str, chosen: Sequence[Example], collection: Collection
) -> Iterator[str]:
    """Each example in lines: the question, its golds, and the document that each side puts first."""
    setting, (query, document) = _chosen(comparison, setting)
    documents = _Documents(collection)
    asked = collection.queries[query]
    sides = (("A", comparison.first), ("B", comparison.second))
    firsts = {letter: _saved_firsts(side, setting, [example.query for example in chosen]) for letter, side in sides}
    for example in chosen:
        ranks = f"rank {example.first_rank:,.1f} against {example.second_rank:,.1f}"
        yield f"{example.query}: {'won' if example.first_rank < example.second_rank else 'lost'} by A, {ranks}"
        row = asked.ids.index(example.query)
        yield f"  query  {_line(asked.texts[row])}"
        golds = list(_golds(collection, query, document, row))
        for gold in golds:
            yield f"  gold   {documents.names[gold]}  {_line(documents.texts[gold])}"
        for letter, side in sides:
            first = documents.numbers.get(firsts[letter].get(token(example.query), ""))
            if first is None:
                first = _first_of_pool(side, example.query, document, documents)
            seed = f", seed {side.results[0].seed}" if len(side.results) > 1 else ""
            if first is None:
                absent = _absent(side, document)
                yield f"  {letter} top  {absent}: the run's command with --save-run {setting} keeps it{seed}"
            else:
                mark = " (gold)" if first in golds else ""
                yield f"  {letter} top  {documents.names[first]}{mark}{seed}  {_line(documents.texts[first])}"


class _Documents:
    """All documents of a collection, numbered through its languages; `numbers` by the name that run files give them."""

    def __init__(self, collection: Collection) -> None:
        parts = collection.documents
        self.names = [identity for part in parts.values() for identity in part.ids]
        self.texts = [text for part in parts.values() for text in part.texts]
        self.languages = [language for language, part in parts.items() for _ in range(len(part))]
        self.numbers = {token(name): number for number, name in enumerate(self.names)}


def _saved_firsts(side: Side, setting: str, queries: Sequence[str]) -> dict[str, str]:
    """The first document of each query in the run that was saved beside the first result, by their names there."""
    return first_documents(side.results[0].path, setting, {token(query) for query in queries})


def _first_of_pool(side: Side, query: str, document: str, documents: _Documents) -> int | None:
    """The first of the documents that a result keeps of the pool that a setting has too."""
    arrays = side.arrays[0]
    if "top_document" not in arrays:
        return None
    row = arrays["query_id"].tolist().index(query)
    best = [number for number in arrays["top_document"][row].tolist() if number >= 0]
    return next((number for number in best if document in (POOL, documents.languages[number])), None)


def _absent(side: Side, document: str) -> str:
    arrays = side.arrays[0]
    if "top_document" not in arrays:
        return "not kept, for no pool is scored"
    return f"not kept, for none of the first {arrays['top_document'].shape[1]} of the pool is in {document}"


def _golds(collection: Collection, query: str, document: str, row: int) -> Iterator[int]:
    """Numbers, through all languages, of a query's relevant documents in one language, or in all."""
    golds, languages = collection.golds[query], collection.document_languages
    offsets = np.append(0, np.cumsum([len(part) for part in collection.documents.values()]))
    for place in np.flatnonzero((golds.query == row) & (golds.grade > 0)).tolist():
        number = int(golds.language[place])
        if document in (POOL, languages[number]) and golds.document[place] >= 0:
            yield int(offsets[number] + golds.document[place])


def _line(text: str) -> str:
    return " ".join(text.split())
