"""Sums by cluster of questions: what a paired test between any two runs needs, small enough to travel with a page.

The test is the one of `xbench compare` (clusters of questions are drawn with all their languages, seeds where there are
several) in its normal approximation: a mean over columns is linear in the clusters, so its variance is a sum of squares
and needs no drawing. Reads the arrays beside a result: per query as `xbench run` writes them, or already summed as
`xbench leaderboard pack` does. Knows arrays, no page.
"""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from xbench.arrays import Array, Floats, Ints
from xbench.board.summaries import RunSummary
from xbench.evaluation.scores import ScoredEntry
from xbench.results.array_checks import Expected, expected_of
from xbench.results.array_files import PACKED, ArrayFile, query_arrays
from xbench.results.array_headers import ArrayHeader
from xbench.results.result import Result
from xbench.results.settings import POOL, Setting

LARGEST = 200_000  # clusters x settings; a task beyond it has no marks, for a page would carry too much
PARTS = (PACKED, "cluster_count", "cluster_columns")
STEPS = 65535  # a mean in 16 bits, which moves no mark
CLOSE = 2e-5  # between a mean and that of such means
LEVEL = 1.959964  # standard errors of a 95 % interval

Influence: TypeAlias = npt.NDArray[np.float32]
"""[clusters] each cluster's part in the error of a row's ranked mean."""


@dataclass(frozen=True)
class Clusters:
    """One run's primary metric. `columns`: settings such as de-en and de-pool; `mean`, `count` [clusters, columns]."""

    columns: tuple[str, ...]
    mean: Floats
    count: Floats

    @property
    def several(self) -> bool:
        """Whether there is anything to learn of the error: one cluster alone varies with nothing."""
        return len(self.count) > 1

    def influence(self, columns: Sequence[str]) -> Floats | None:
        """[clusters] each cluster's part in the error of a macro mean over `columns`; None where none is scored."""
        chosen = [self.columns.index(name) for name in columns if name in self.columns]
        if not chosen:
            return None
        count, values = self.count[:, chosen], self.mean[:, chosen]
        scored = count.sum(axis=0)
        level = (count * values).sum(axis=0) / scored
        clusters = len(count)
        return np.asarray((count * (values - level) / scored).mean(axis=1) * np.sqrt(clusters / max(1, clusters - 1)))

    def shared(self) -> dict[str, object]:
        """What all runs of a task have in common, JSON-ready; counts as base64 of 16 bits."""
        return {"columns": list(self.columns), "clusters": len(self.count), "count": _base64(self.count)}

    def errors(self) -> dict[str, float]:
        """The standard error of each column's mean."""
        scored = self.count.sum(axis=0)
        level = (self.count * self.mean).sum(axis=0) / scored
        parts = self.count * (self.mean - level) / scored
        clusters = len(self.count)
        errors = np.sqrt((parts**2).sum(axis=0) * clusters / max(1, clusters - 1))
        return dict(zip(self.columns, errors.tolist(), strict=True))


def settings(run: RunSummary) -> dict[str, list[str]]:
    """The columns of each macro mean."""
    mono = [f"{code}-{code}" for code in run.queries]
    return {
        "Mo": [name for name in run.pairs if name in mono],
        "Cr": [name for name in run.pairs if name not in mono],
        "Mul": [f"{code}-pool" for code in run.queries if run.languages[code]["Mul"] is not None],
    }


def read_clusters(file: ArrayFile | None, run: RunSummary, result: Result | None = None) -> Clusters | None:
    """The sums of a run from its array file; None where there is none, or they are too large for a page.

    Raises DataError where the file is damaged, or holds other values than those of the run; with the `result` behind
    it, every value is looked at, also those that a board does not use.
    """
    if file is None:
        return None
    if file.packed:
        sums = _packed(file, run)
    elif result is not None:
        sums = _summed(query_arrays(file, expected_of(result)), run)
    else:
        used = ("query_language", "group", "document_languages", run.metric, f"{run.metric}.multilingual")
        sums = _summed(query_arrays(file, _expected(run), used), run)
    return sums if 0 < sums.mean.size <= LARGEST else None


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


def _packed(file: ArrayFile, run: RunSummary) -> Clusters:
    """The sums of `pack`. Raises DataError where they are not those of the run."""
    expected = {f"{query}-{document}": entry for (query, document), entry in _expected(run).means.items()}
    for fault in _header_faults(file.headers, len(expected)):
        raise file.refuse(fault)
    mean, count, columns = file.read(PARTS).values()
    sums = Clusters(tuple(map(str, columns.tolist())), mean.astype(np.float64) / STEPS, count.astype(np.float64))
    for fault in _sum_faults(sums, expected, run.metric):
        raise file.refuse(fault)
    return sums


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
    if set(sums.columns) != set(expected):
        yield f"cluster_columns: found {', '.join(sums.columns)[:60]!r}, expected the scored settings of the result"
        return
    scored = sums.count.sum(axis=0)
    level = (sums.count * sums.mean).sum(axis=0) / np.maximum(scored, 1)
    for name, n, value in zip(sums.columns, scored.tolist(), level.tolist(), strict=True):
        if n != expected[name]["n"]:
            yield f"cluster_count: found {n:,.0f} queries of {name}, expected {expected[name]['n']:,.0f}"
        elif abs(value - expected[name][metric]) > CLOSE:
            yield f"{name}: the result says {expected[name][metric]}, its arrays {value:.6f}"


def _summed(arrays: Mapping[str, Array], run: RunSummary) -> Clusters:
    """Cluster sums of per-query values that fit the run."""
    cluster = _numbered(arrays["group"])
    clusters = int(cluster.max()) + 1
    asked, documents = arrays["query_language"], arrays["document_languages"].tolist()
    names = {name for part in settings(run).values() for name in part}
    columns, means, counts = [], [], []
    for query in run.queries:
        rows = np.flatnonzero(asked == query)
        for place, document in [*enumerate(documents), (-1, POOL)]:
            if (name := f"{query}-{document}") in names:
                values = arrays[f"{run.metric}.multilingual"] if document == POOL else arrays[run.metric][:, place]
                scores = np.asarray(values[rows], np.float64)
                scored = np.isfinite(scores)
                count = np.bincount(cluster[rows][scored], minlength=clusters)
                total = np.bincount(cluster[rows][scored], scores[scored], minlength=clusters)
                columns.append(name)
                counts.append(count)
                means.append(np.divide(total, count, out=np.zeros(clusters), where=count > 0))
    return Clusters(tuple(columns), np.stack(means, axis=1), np.stack(counts, axis=1).astype(np.float64))


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


@dataclass(frozen=True)
class RowSums:
    """A row's sums for scripts: `mean` in 16 bits as base64, and the mean of every column by seed."""

    shared: str
    mean: str
    seeds: list[list[float]]

    def plain(self) -> dict[str, object]:
        """As scripts read it."""
        return {"shared": self.shared, "mean": self.mean, "seeds": self.seeds}


def row_sums(mean: Clusters, every: Sequence[Clusters]) -> RowSums:
    """A row's own part: the mean over its seeds, and each seed's means."""
    means = [(part.mean * part.count).sum(axis=0) / part.count.sum(axis=0) for part in every]
    return RowSums(
        shared_name(mean),
        _base64(np.round(np.clip(mean.mean, 0, 1) * STEPS)),
        [[float(f"{value:.6g}") for value in values] for values in means],
    )


def shared_name(sums: Clusters) -> str:
    """A name by content for what all runs of a task have in common."""
    return hashlib.sha256(repr(sums.shared()).encode()).hexdigest()[:12]


def _base64(values: Floats) -> str:
    return base64.b64encode(values.astype("<u2").tobytes()).decode()


def encode_influence(values: Floats | None) -> str:
    """[clusters] as base64 of 32-bit numbers; empty for none."""
    return "" if values is None else base64.b64encode(values.astype("<f4").tobytes()).decode()


def decode_influence(text: str) -> Influence:
    """[clusters], as `encode_influence` packed it."""
    return np.frombuffer(base64.b64decode(text), "<f4")
