"""Questions that one side of a comparison wins and loses most clearly, by rank of the gold; and what they say.

Ranks come from the per-query values of the results. Texts come from the task's data, which must be the data that was
scored; they are shown and never stored. Knows comparisons and collections; no model.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from xbench.data.collection import Collection
from xbench.data.download import Storage
from xbench.errors import DataError, SpecError
from xbench.reports.comparison import Comparison, Side, chosen_settings, column_values
from xbench.reports.significance import Floats
from xbench.results.result import Result
from xbench.results.settings import POOL, Setting, scored_settings


@dataclass(frozen=True)
class Example:
    """A query with the rank of its first gold and its score on both sides, means over seeds."""

    query: str
    first_rank: float
    second_rank: float
    first: float
    second: float


def examples(comparison: Comparison, setting: str, count: int) -> list[Example]:
    """The queries that the first side wins by most ranks, then those that it loses by most. Raises SpecError."""
    settings = scored_settings(comparison.first.results[0])
    if setting == "all":
        raise SpecError("--examples: of one setting; name it first, such as --pair de-en")
    (name,) = chosen_settings([setting], list(settings))
    sides = (comparison.first, comparison.second)
    values = [_mean(side, lambda arrays: column_values(arrays, comparison.metric, settings[name])) for side in sides]
    ranks = [_mean(side, lambda arrays: first_rank(arrays, settings[name])) for side in sides]
    ids = comparison.first.arrays[0]["query_id"]
    scored = np.flatnonzero(np.isfinite(ranks[0]) & np.isfinite(ranks[1]))
    order = scored[np.argsort(ranks[0][scored] - ranks[1][scored], kind="stable")]
    chosen = dict.fromkeys([*order[:count].tolist(), *order[::-1][:count].tolist()])
    return [
        Example(str(ids[row]), *(float(part[row]) for part in (*ranks, *values)))
        for row in chosen
        if ranks[0][row] != ranks[1][row]
    ]


def _mean(side: Side, of: Any) -> Floats:
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
    from pydantic import TypeAdapter, ValidationError

    from xbench import specs
    from xbench.data import readers
    from xbench.specs import registry

    base = registry.known("task").get(result.task)
    try:
        spec: specs.Task = TypeAdapter(specs.Task).validate_json(json.dumps(result.task_spec.plain()))
    except ValidationError:
        raise DataError(f"task {result.task}: the result names keys that this version does not know") from None
    folder = base.parent if base else registry.shipped("tasks")
    collection = readers.read(registry.Entry(spec, folder), storage)
    if collection.digest != result.provenance.collection_sha256:
        raise DataError(f"task {result.task}: its data are not those that the result was scored on; run again")
    return collection


def told(comparison: Comparison, setting: str, found: list[Example], collection: Collection) -> Iterator[str]:
    """Each example in lines: the question, its golds, and the document that each side puts first."""
    query, document = scored_settings(comparison.first.results[0])[setting]
    places = {identity: row for row, identity in enumerate(comparison.first.arrays[0]["query_id"].tolist())}
    asked = collection.queries[query]
    names = [identity for part in collection.documents.values() for identity in part.ids]
    texts = [text for part in collection.documents.values() for text in part.texts]
    languages = np.repeat(list(collection.documents), [len(part) for part in collection.documents.values()])
    for one in found:
        ranks = f"rank {one.first_rank:,.1f} against {one.second_rank:,.1f}"
        yield f"{one.query}: {'won' if one.first_rank < one.second_rank else 'lost'} by A, {ranks}"
        yield f"  query  {_line(asked.texts[asked.ids.index(one.query)])}"
        golds = list(_golds(collection, query, document, asked.ids.index(one.query)))
        for gold in golds:
            yield f"  gold   {names[gold]}  {_line(texts[gold])}"
        for letter, side in (("A", comparison.first), ("B", comparison.second)):
            if "top_document" not in side.arrays[0]:
                yield f"  {letter} top  not kept, for no pool is scored"
                continue
            kept = side.arrays[0]["top_document"][places[one.query]].tolist()
            here = [number for number in kept if number >= 0 and document in (POOL, languages[number])]
            seed = f", seed {side.results[0].seed}" if len(side.results) > 1 else ""
            if here:
                mark = " (gold)" if here[0] in golds else ""
                yield f"  {letter} top  {names[here[0]]}{mark}{seed}  {_line(texts[here[0]])}"
            else:
                yield f"  {letter} top  none in {document} among the {len(kept)} documents kept of the pool{seed}"


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
