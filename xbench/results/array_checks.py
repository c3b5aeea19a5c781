"""Whether per-query arrays are those of their result: kinds, shapes, ranges, counts, and the means that it states.

docs/results.md lists the arrays. Knows numbers; no file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from xbench.arrays import Array, Flags
from xbench.evaluation.scores import ScoredEntry
from xbench.results.array_headers import ArrayHeader
from xbench.results.settings import POOL, ScoredGrid, Setting, scored_settings

BY_QUERY = ("query_language", "query_id", "question", "group")
NEEDED = {"query_language", "query_id", "group", "document_languages"}
CHECKED = ("query_language", "query_id", "group", "document_languages", "pool_rank", "rank_distance", "top_document")
POOLED = ("multilingual", "pooled")  # ends of the names of values in the pool
ROUNDING = 1e-6  # between a mean and that of its values
EDGE = 1e-9  # beyond 0 and 1


@dataclass(frozen=True)
class Expected:
    """What a result says of the arrays beside it: texts by language, by setting every metric's mean with `n`, and by
    query language the mean rank distance."""

    queries: Mapping[str, int]
    documents: Mapping[str, int]
    metrics: Sequence[str]
    means: Mapping[Setting, ScoredEntry]
    distances: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def layout(self) -> dict[str, tuple[str, tuple[int | None, ...]]]:
        """Of every array that is known: numpy's kinds, and the shape, None where it may be of any length."""
        queries, languages = sum(self.queries.values()), len(self.documents)
        documents = sum(self.documents.values())
        return {
            **dict.fromkeys(BY_QUERY, ("U", (queries,))),
            "document_languages": ("U", (languages,)),
            "document_id": ("U", (documents,)),
            "top_document": ("iu", (queries, None)),
            "pool_rank": ("f", (queries, languages)),
            "rank_distance": ("f", (queries,)),
            **dict.fromkeys(self.metrics, ("f", (queries, languages))),
            **{f"{name}.{end}": ("f", (queries,)) for name in self.metrics for end in POOLED},
        }


def expected_of(result: ScoredGrid) -> Expected:
    """What a result says of its arrays."""
    pool = result.scores.multilingual.languages if result.scores.multilingual else {}
    means = {
        setting: pool[setting[0]] if setting[1] == POOL else result.scores.pairs[name]
        for name, setting in scored_settings(result).items()
    }
    distances = {name: one.mean for name, one in result.bias.distance.languages.items() if one.mean is not None}
    return Expected(result.counts.queries, result.counts.documents, result.metrics, means, distances)


def header_faults(headers: Mapping[str, ArrayHeader], expected: Expected) -> Iterator[str]:
    """Arrays of another kind or shape than those of this result, each in a few words."""
    for name, (kinds, shape) in expected.layout.items():
        header = headers.get(name)
        if header is None:
            continue
        if header.kind not in kinds:
            words = {"U": "texts", "iu": "whole numbers", "f": "numbers with a point"}
            yield f"{name}: found dtype kind {header.kind!r}, expected {words[kinds]}"
        elif len(header.shape) != len(shape) or any(
            size not in (None, found) for found, size in zip(header.shape, shape, strict=True)
        ):
            wanted = ", ".join("any" if size is None else str(size) for size in shape)
            yield f"{name}: found shape {header.shape}, expected ({wanted}) by the result's counts"


def value_faults(arrays: Mapping[str, Array], expected: Expected) -> Iterator[str]:
    """Values that no run can give, or that are not those of this result, each in a few words. Arrays fit the layout."""
    asked, names = arrays["query_language"], arrays["document_languages"].tolist()
    if sorted(names) != sorted(expected.documents):
        yield f"document_languages: found {str(names)[:60]}, expected those of the result's counts"
        return
    languages, counts = np.unique(asked, return_counts=True)
    if dict(zip(languages.tolist(), counts.tolist(), strict=True)) != {k: n for k, n in expected.queries.items() if n}:
        yield "query_language: found other numbers of queries by language than the result's counts"
        return
    documents = sum(expected.documents.values())
    yield from _outside(arrays, "pool_rank", 1 - EDGE, documents + EDGE)
    yield from _outside(arrays, "rank_distance", -EDGE, documents + EDGE)
    yield from _outside(arrays, "top_document", -1, documents - 1)
    rows = {language: asked == language for language in expected.queries}
    for metric in expected.metrics:
        for name in (metric, *(f"{metric}.{end}" for end in POOLED)):
            yield from _outside(arrays, name, -EDGE, 1 + EDGE)
        yield from _other_means(arrays, metric, expected, rows, names)
        yield from _unscored(arrays, metric, expected, rows, names)
    yield from _other_distances(arrays, expected, rows)
    ids = arrays.get("query_id", np.array([]))
    if len(np.unique(ids)) != len(ids):
        yield "query_id: an id stands twice, expected each once"


def _outside(arrays: Mapping[str, Array], name: str, low: float, high: float) -> Iterator[str]:
    """A value that is neither NaN nor between the two."""
    values = arrays.get(name)
    if values is None or not values.size:
        return
    with np.errstate(invalid="ignore"):
        bad = (values < low) | (values > high)  # type: ignore[operator]
    if bad.any():
        yield f"{name}: found {values[bad][0]}, expected {low:g} to {high:g}"


def _other_means(
    arrays: Mapping[str, Array], metric: str, expected: Expected, rows: Mapping[str, Flags], names: Sequence[str]
) -> Iterator[str]:
    """Settings whose values are not as many, or not on average, what the result says."""
    for (query, document), entry in expected.means.items():
        name = f"{metric}.{POOLED[0]}" if document == POOL else metric
        if name not in arrays:
            yield f"no array {name}, which {query}-{document} of the result is a mean of"
            return
        values = arrays[name] if document == POOL else arrays[name][:, names.index(document)]
        scores = np.asarray(values[rows[query]], np.float64)
        scores = scores[~np.isnan(scores)]
        if len(scores) != entry["n"]:
            yield f"{name}: found {len(scores):,} values of {query}-{document}, expected {entry['n']}"
        elif abs(float(scores.mean()) - entry[metric]) > ROUNDING:
            yield f"{name}: the mean of {query}-{document} is {scores.mean():.6f}, and {entry[metric]} in the result"


def _unscored(
    arrays: Mapping[str, Array], metric: str, expected: Expected, rows: Mapping[str, Flags], names: Sequence[str]
) -> Iterator[str]:
    """Pairs that have values and stand nowhere in the result: what it leaves out would flatter its means."""
    for query, asked in rows.items():
        for column, document in enumerate(names):
            if (query, document) in expected.means or metric not in arrays:
                continue
            if not np.isnan(arrays[metric][asked, column].astype(np.float64)).all():
                yield f"{metric}: found values of {query}-{document}, which the result does not have"


def _other_distances(arrays: Mapping[str, Array], expected: Expected, rows: Mapping[str, Flags]) -> Iterator[str]:
    for query, mean in expected.distances.items():
        if query not in rows or "rank_distance" not in arrays:
            continue
        values = np.asarray(arrays["rank_distance"][rows[query]], np.float64)
        found = float(values[~np.isnan(values)].sum()) / max(1, int((~np.isnan(values)).sum()))
        if abs(found - mean) > ROUNDING * max(1.0, abs(mean)):
            yield f"rank_distance: the mean of {query} is {found:.6f}, and {mean} in the result"
