"""Sums by cluster of questions: what a paired test between any two runs needs, small enough to travel with a page.

The test is that of evaluation/statistics.py: a mean over columns is linear in the clusters, so its variance is a sum of
squares. Reads the arrays beside a result: per query as `xbench run` writes them, or already summed as
`xbench leaderboard pack` does. Knows arrays, no page.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from xbench.arrays import Array, Floats, Ints
from xbench.board.summaries import RunSummary
from xbench.evaluation.scores import ScoredEntry
from xbench.evaluation.statistics import ONE_SEED, Sample, SeedPart, cluster_parts, half_interval
from xbench.results.array_checks import CHECKED, POOLED, Expected, expected_of
from xbench.results.array_files import PACKED, ArrayFile, query_arrays
from xbench.results.array_headers import ArrayHeader
from xbench.results.result import Result
from xbench.results.settings import POOL, Setting

PIECE = 1_000_000  # clusters x settings that are looked at at once
PARTS = (PACKED, "cluster_count", "cluster_columns")
STEPS = 65535  # a mean in 16 bits, which moves no mark
CLOSE = 2e-5  # between a mean and that of such means


@dataclass(frozen=True)
class Clusters:
    """One run's primary metric. `columns`: settings such as de-en and de-pool; `mean`, `count` [clusters, columns]."""

    columns: tuple[str, ...]
    mean: Floats
    count: Floats

    @cached_property
    def parts(self) -> Floats:
        """[clusters, columns] each cluster's part in the error of each column's mean."""
        return cluster_parts(self.mean * self.count, self.count)

    @cached_property
    def levels(self) -> Floats:
        """[columns] the mean of each."""
        return np.asarray((self.mean * self.count).sum(axis=0) / self.count.sum(axis=0))

    def halves(self) -> dict[str, float]:
        """Half of the 95 % interval of each column's mean, over clusters."""
        errors = np.sqrt((self.parts**2).sum(axis=0)).tolist()
        clusters = (self.count > 0).sum(axis=0).tolist()
        return {name: half_interval(*part) for name, *part in zip(self.columns, errors, clusters, strict=True)}


def settings(run: RunSummary) -> dict[str, list[str]]:
    """The columns of each macro mean."""
    mono = [f"{code}-{code}" for code in run.queries]
    return {
        "Mo": [name for name in run.pairs if name in mono],
        "Cr": [name for name in run.pairs if name not in mono],
        "Mul": [f"{code}-pool" for code in run.queries if run.languages[code]["Mul"] is not None],
    }


def read_clusters(file: ArrayFile | None, run: RunSummary, result: Result | None = None) -> Clusters | None:
    """The sums of a run from its array file, all columns together; None where there is none. Raises as below."""
    pieces = list(cluster_pieces(file, run, result))
    if not pieces:
        return None
    columns = tuple(name for piece in pieces for name in piece.columns)
    mean, count = ([getattr(piece, part) for piece in pieces] for part in ("mean", "count"))
    return Clusters(columns, np.concatenate(mean, axis=1), np.concatenate(count, axis=1))


def cluster_pieces(file: ArrayFile | None, run: RunSummary, result: Result | None = None) -> Iterator[Clusters]:
    """The same some columns at a time, in the order of the run's languages; nothing where there is no array file.

    Raises DataError where the file is damaged, or holds other values than those of the run; with the `result` behind
    it, every value is looked at, also those that a board does not use.
    """
    if file is None:
        return
    if file.packed:
        yield from _packed(file, run)
    elif result is not None:
        names = CHECKED + tuple(result.metrics) + tuple(f"{name}.{end}" for name in result.metrics for end in POOLED)
        yield from _summed(query_arrays(file, expected_of(result), names), run)
    else:
        used = ("query_language", "group", "document_languages", run.metric, f"{run.metric}.multilingual")
        yield from _summed(query_arrays(file, _expected(run), used), run)


def _expected(run: RunSummary) -> Expected:
    """What the board uses of a run's values: its primary metric."""
    means: dict[Setting, ScoredEntry] = {}
    for query in run.queries:
        pairs = {document: run.pairs.get(f"{query}-{document}") for document in run.documents}
        pool = [run.languages[query]["Mul"], run.languages[query]["n"]]
        for document, entry in [*pairs.items(), (POOL, pool)]:
            if entry is not None and entry[0] is not None and entry[1] is not None:
                means[query, document] = {run.metric: entry[0], "n": entry[1]}
    return Expected(run.queries, run.documents, [run.metric], means)


def _packed(file: ArrayFile, run: RunSummary) -> Iterator[Clusters]:
    """The sums of `pack`. Raises DataError where they are not those of the run."""
    expected = {f"{query}-{document}": entry for (query, document), entry in _expected(run).means.items()}
    for fault in _header_faults(file.headers, len(expected)):
        raise file.refuse(fault)
    mean, count, names = file.read(PARTS).values()
    columns = names.tolist()
    if sorted(columns) != sorted(expected):
        found = ", ".join(columns)[:60]
        raise file.refuse(f"cluster_columns: found {found!r}, expected the scored settings of the result")
    places = {name: place for place, name in enumerate(columns)}
    for chosen in _batched(list(expected), max(1, PIECE // max(1, len(mean)))):
        where = [places[name] for name in chosen]
        piece = Clusters(tuple(chosen), mean[:, where].astype(np.float64) / STEPS, count[:, where].astype(np.float64))
        for fault in _sum_faults(piece, expected, run.metric):
            raise file.refuse(fault)
        yield piece


def _batched(names: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for first in range(0, len(names), size):
        yield names[first : first + size]


def _header_faults(headers: Mapping[str, ArrayHeader], columns: int) -> Iterator[str]:
    if lacking := set(PARTS) - headers.keys():
        yield f"they lack {', '.join(sorted(lacking))}"
        return
    clusters = headers[PACKED].shape[:1]
    for name, kind, shape in zip(PARTS, "uuU", ((*clusters, columns),) * 2 + ((columns,),), strict=True):
        if (headers[name].kind, headers[name].shape) != (kind, shape):
            found = f"{headers[name].kind!r} {headers[name].shape}"
            yield f"{name}: found dtype kind and shape {found}, expected {kind!r} {shape}"


def _sum_faults(sums: Clusters, expected: Mapping[str, ScoredEntry], metric: str) -> Iterator[str]:
    scored = sums.count.sum(axis=0)
    level = (sums.count * sums.mean).sum(axis=0) / np.maximum(scored, 1)
    for name, n, value in zip(sums.columns, scored.tolist(), level.tolist(), strict=True):
        if n != expected[name]["n"]:
            yield f"cluster_count: found {n:,.0f} queries of {name}, expected {expected[name]['n']:,.0f}"
        elif abs(value - expected[name][metric]) > CLOSE:
            yield f"{name}: the result says {expected[name][metric]}, its arrays {value:.6f}"


def _summed(arrays: Mapping[str, Array], run: RunSummary) -> Iterator[Clusters]:
    """Cluster sums of per-query values that fit the run, query language by query language."""
    cluster = _numbered(arrays["group"])
    clusters = int(cluster.max()) + 1
    documents = arrays["document_languages"].tolist()
    settings = _expected(run).means
    for query in run.queries:
        rows = np.flatnonzero(arrays["query_language"] == query)
        columns, means, counts = [], [], []
        for document in (*run.documents, POOL):
            if (query, document) not in settings:
                continue
            pooled = document == POOL
            values = arrays[f"{run.metric}.multilingual" if pooled else run.metric][rows]
            scores = np.asarray(values if pooled else values[:, documents.index(document)], np.float64)
            scored = np.isfinite(scores)
            count = np.bincount(cluster[rows][scored], minlength=clusters)
            total = np.bincount(cluster[rows][scored], scores[scored], minlength=clusters)
            columns.append(f"{query}-{document}")
            counts.append(count)
            means.append(np.divide(total, count, out=np.zeros(clusters), where=count > 0))
        if columns:
            yield Clusters(tuple(columns), np.stack(means, axis=1), np.stack(counts, axis=1).astype(np.float64))


def _numbered(groups: Array) -> Ints:
    return _numbers(groups.tobytes(), groups.dtype.str)


@lru_cache(maxsize=8)
def _numbers(content: bytes, kind: str) -> Ints:
    """Runs of one task share their groups."""
    return np.asarray(np.unique(np.frombuffer(content, kind), return_inverse=True)[1], np.int64)


def pack(sums: Clusters) -> bytes:
    """An array file with the sums alone: a twentieth of the per-query values."""
    stream = io.BytesIO()
    np.savez_compressed(
        stream,
        cluster_mean=np.round(np.clip(sums.mean, 0, 1) * STEPS).astype(np.uint16),
        cluster_count=sums.count.astype(np.uint16 if sums.count.max() <= STEPS else np.uint32),
        cluster_columns=np.array(sums.columns),
    )
    return stream.getvalue()


def average(every: Sequence[Clusters]) -> Clusters | None:
    """The mean over seeds; None where they do not score the same questions."""
    first = every[0]
    same = all(part.columns == first.columns and np.array_equal(part.count, first.count) for part in every)
    return Clusters(first.columns, np.mean([part.mean for part in every], axis=0), first.count) if same else None


def seed_part(every: Sequence[Clusters], columns: Sequence[str]) -> SeedPart:
    """What the seeds of a row add to the variance of a macro mean over `columns`."""
    chosen = [every[0].columns.index(name) for name in columns if name in every[0].columns]
    if not chosen:
        return ONE_SEED
    levels = np.array([part.levels[chosen].mean() for part in every])
    return Sample(levels, np.stack([part.parts[:, chosen].mean(axis=1) for part in every])).seeds
