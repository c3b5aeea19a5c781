"""Sums by cluster of questions: what a paired test between any two runs needs, small enough to travel with a page.

The test is that of evaluation/statistics.py: a mean over columns is linear in the clusters, so its variance is a sum of
squares. Reads the arrays beside a result: per query as `xbench run` writes them, or already summed as
`xbench leaderboard pack` does. Knows arrays, no page.
"""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from xbench.arrays import Array, Floats, Ints
from xbench.board.summaries import RunSummary
from xbench.evaluation.scores import ScoredEntry
from xbench.evaluation.statistics import ONE_SEED, Sample, SeedPart, cluster_parts, half_interval
from xbench.results.array_checks import Expected, expected_of
from xbench.results.array_files import PACKED, ArrayFile, query_arrays
from xbench.results.array_headers import ArrayHeader
from xbench.results.result import Result
from xbench.results.settings import POOL, Setting

LARGEST = 200_000  # clusters x settings that a page carries; beyond it rows are ranked, but pages have no marks
PARTS = (PACKED, "cluster_count", "cluster_columns")
STEPS = 65535  # a mean in 16 bits, which moves no mark
CLOSE = 2e-5  # between a mean and that of such means

Influence: TypeAlias = npt.NDArray[np.float32]
"""[clusters] each cluster's part in the error of one of a run's means."""


@dataclass(frozen=True)
class Clusters:
    """One run's primary metric. `columns`: settings such as de-en and de-pool; `mean`, `count` [clusters, columns]."""

    columns: tuple[str, ...]
    mean: Floats
    count: Floats

    @property
    def portable(self) -> bool:
        """Whether a page may carry them."""
        return self.mean.size <= LARGEST

    @property
    def several(self) -> bool:
        """Whether there is anything to learn of the error: one cluster alone varies with nothing."""
        return len(self.count) > 1

    @cached_property
    def parts(self) -> Floats:
        """[clusters, columns] each cluster's part in the error of each column's mean."""
        return cluster_parts(self.mean * self.count, self.count)

    @cached_property
    def levels(self) -> Floats:
        """[columns] the mean of each."""
        return np.asarray((self.mean * self.count).sum(axis=0) / self.count.sum(axis=0))

    def influence(self, columns: Sequence[str]) -> Floats | None:
        """[clusters that have a query there] each one's part in the error of a macro mean over `columns`; None where
        none is scored."""
        chosen = [self.columns.index(name) for name in columns if name in self.columns]
        present = self.count[:, chosen].any(axis=1)
        return np.asarray(self.parts[present][:, chosen].mean(axis=1)) if chosen else None

    def shared(self) -> dict[str, object]:
        """What all runs of a task have in common, JSON-ready; counts as base64 of 16 bits."""
        return {"columns": list(self.columns), "clusters": len(self.count), "count": _base64(self.count)}

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
    """The sums of a run from its array file; None where there is none, or nothing was scored.

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
    return sums if sums.mean.size else None


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
    """A row's sums for scripts: `mean` in 16 bits as base64; `seeds`: [excess, variance] of the seed parts of Mo, Cr,
    Mul and every column, empty for one seed; `freedom`: seeds less 1."""

    shared: str
    mean: str
    freedom: int
    seeds: dict[str, list[float]]

    def plain(self) -> dict[str, object]:
        """As scripts read it."""
        return {"shared": self.shared, "mean": self.mean, "freedom": self.freedom, "seeds": self.seeds}


def row_sums(mean: Clusters, every: Sequence[Clusters], macros: Mapping[str, Sequence[str]]) -> RowSums:
    """A row's own part: the mean over its seeds, and what these add; `macros`: the columns of each macro mean."""
    settings = {name: list(columns) for name, columns in macros.items()} | {name: [name] for name in mean.columns}
    seeds = {name: seed_part(every, columns) for name, columns in settings.items()} if len(every) > 1 else {}
    return RowSums(
        shared_name(mean),
        _base64(np.round(np.clip(mean.mean, 0, 1) * STEPS)),
        len(every) - 1,
        {name: [float(f"{value:.6g}") for value in (part.excess, part.variance)] for name, part in seeds.items()},
    )


def seed_part(every: Sequence[Clusters], columns: Sequence[str]) -> SeedPart:
    """What the seeds of a row add to the variance of a macro mean over `columns`."""
    chosen = [every[0].columns.index(name) for name in columns if name in every[0].columns]
    if not chosen:
        return ONE_SEED
    levels = np.array([part.levels[chosen].mean() for part in every])
    return Sample(levels, np.stack([part.parts[:, chosen].mean(axis=1) for part in every])).seeds


def shared_name(sums: Clusters) -> str:
    """A name by content for what all runs of a task have in common."""
    return hashlib.sha256(repr(sums.shared()).encode()).hexdigest()[:12]


def _base64(values: Floats) -> str:
    return base64.b64encode(values.astype("<u2").tobytes()).decode()


def encode_influence(values: Floats) -> str:
    """[clusters] as base64 of 32-bit numbers."""
    return base64.b64encode(values.astype("<f4").tobytes()).decode()


def decode_influence(text: str) -> Influence:
    """[clusters], as `encode_influence` packed it."""
    return np.frombuffer(base64.b64decode(text), "<f4")
