"""The stream of batches a recipe asks for: a pure function of (corpus, recipe, seed, step). Knows numbers, no text.

Every batch is drawn afresh from its own generator, so any step can be had without the ones before it, and item `step`
is the global batch, of which process r of W trains on rows r::W. A unit, and anything that shares its passage, stands
at most once in a batch, and no row's query is another row's passage: these would be false negatives.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from xbench.errors import TrainingError
from xbench.specs import Mix
from xbench.train.corpus import Corpus, Numbers

Ints: TypeAlias = npt.NDArray[np.int64]
DRAWS = 60  # of 8 units each, before all that are left are looked through


@dataclass(frozen=True)
class Batch:
    """`units`, `query_language`, `passage_language` [batch]; languages are numbers into the corpus's.

    In kind `parallel` several rows hold one unit, its passage in another language each; equal `units` say so, and the
    loss must not take the passage of such a row as a negative. In all other kinds `units` are distinct.
    """

    kind: str
    units: Ints
    query_language: Ints
    passage_language: Ints

    def share(self, process: int, processes: int) -> Batch:
        """The rows that one of several processes trains on."""
        rows = slice(process, None, processes)
        return Batch(self.kind, self.units[rows], self.query_language[rows], self.passage_language[rows])


@dataclass(frozen=True)
class _Taken:
    """What stands in a batch so far: groups, and the numbers of query and passage texts."""

    groups: set[int]
    queries: set[int]
    passages: set[int]

    def fits(self, group: int, query: int, passage: int) -> bool:
        """Whether a row may join: no group and no passage twice, and no text as one row's query and another's passage,
        for a query's own text among the passages would be the hardest of false negatives."""
        if query < 0 or passage < 0 or group in self.groups or passage in self.passages:
            return False
        return passage not in self.queries and query not in self.passages

    def add(self, group: int, query: int, passage: int) -> None:
        self.groups.add(group)
        self.queries.add(query)
        self.passages.add(passage)


class BatchStream:
    """`stream[step]` is a Batch. Raises TrainingError at once where the corpus is plainly too small or has too few
    languages, and at the step where a batch of rarer pairs cannot be filled."""

    def __init__(self, corpus: Corpus, mix: Mix, tau: float, batch_size: int, seed: int) -> None:
        self._corpus, self._size, self._seed = corpus, batch_size, seed
        shares = {kind: share for kind, share in mix.model_dump().items() if share > 0}
        self._kinds, self._kind_edges = list(shares), np.cumsum(list(shares.values()))
        has_query, has_passage = corpus.query >= 0, corpus.passage >= 0
        self._asks = [np.flatnonzero(row).astype(np.int32) for row in has_query]
        self._answers = [np.flatnonzero(row).astype(np.int32) for row in has_passage]
        counts = has_query.astype(np.float32) @ has_passage.T.astype(np.float32)
        self._check(shares, counts)
        weights = np.where(counts > 0, np.maximum(counts, 1.0) ** tau, 0.0)
        off_diagonal = weights * (1 - np.eye(len(counts)))
        self._pairs = {
            "mono": np.diag(np.diag(weights)),
            "mixed": np.diag(np.diag(weights)),
            "cross": off_diagonal,
        }

    def __getitem__(self, step: int) -> Batch:
        if step < 0:
            raise IndexError(step)
        draw = np.random.default_rng((self._seed, step))
        kind = self._kinds[int(np.searchsorted(self._kind_edges[:-1], draw.random(), side="right"))]
        weights = self._pairs[kind].ravel()
        pairs = draw.choice(len(weights), size=1 if kind == "mono" else self._size, p=weights / weights.sum())
        pairs = np.broadcast_to(pairs, self._size)
        query_language, passage_language = np.divmod(pairs, len(self._corpus.languages))
        units = self._draw_units(draw, query_language, passage_language)
        return Batch(kind, units, query_language.astype(np.int64), passage_language.astype(np.int64))

    def digest(self, steps: Iterable[int] = range(20)) -> str:
        """sha256 of the first batches: tells whether two environments draw the same stream."""
        seen = hashlib.sha256()
        for step in steps:
            batch = self[step]
            for array in (batch.units, batch.query_language, batch.passage_language):
                seen.update(array.tobytes())
        return seen.hexdigest()

    def _draw_units(self, draw: np.random.Generator, asks: Ints, answers: Ints) -> Ints:
        """One unit per row by rejection: it must have both languages, and nothing of it may stand in the batch yet."""
        corpus = self._corpus
        units = np.empty(self._size, np.int64)
        taken = _Taken(set(), set(), set())
        for row, (ask, answer) in enumerate(zip(asks.tolist(), answers.tolist(), strict=True)):
            pool = min(self._asks[ask], self._answers[answer], key=len)
            unit = self._try(draw, pool, corpus.query[ask], corpus.passage[answer], taken)
            if unit is None:
                pair = f"{corpus.languages[ask]}-{corpus.languages[answer]}"
                raise TrainingError(
                    f"no further unit of {pair} for a batch of {self._size}; the corpus is too small or its passages "
                    "repeat: lower batch_size (--set batch_size=...)"
                )
            units[row] = unit
            taken.add(int(corpus.group[unit]), int(corpus.query[ask, unit]), int(corpus.passage[answer, unit]))
        return units

    def _try(
        self, draw: np.random.Generator, pool: Numbers, query: Numbers, passage: Numbers, taken: _Taken
    ) -> int | None:
        """A unit of the pool that fits the batch: by drawing, then among all that are left; None where none is."""
        group = self._corpus.group

        def fits(unit: int) -> bool:
            return taken.fits(int(group[unit]), int(query[unit]), int(passage[unit]))

        for _ in range(DRAWS):
            for unit in pool[draw.integers(len(pool), size=8)].tolist():
                if fits(unit):
                    return int(unit)
        left = [unit for unit in pool.tolist() if fits(unit)]
        return int(left[draw.integers(len(left))]) if left else None

    def _check(self, shares: dict[str, float], counts: npt.NDArray[np.float32]) -> None:
        corpus = self._corpus
        if "cross" in shares and not (counts * (1 - np.eye(len(counts)))).any():
            raise TrainingError(
                f"cross batches need units in two languages at once; the corpus has only {', '.join(corpus.languages)}"
            )
        for number, language in enumerate(corpus.languages):
            if "mono" not in shares:
                continue
            both = (corpus.query[number] >= 0) & (corpus.passage[number] >= 0)
            if not both.any():
                raise TrainingError(f"mono batches: no unit has both sides in {language!r}; leave the language out")
            distinct = len(np.unique(corpus.group[both]))
            if distinct < self._size:
                raise TrainingError(
                    f"batch of {self._size} is larger than the {distinct} distinct units of {language!r}; "
                    "lower it with --set batch_size=..."
                )
        if len(np.unique(corpus.group)) < self._size:
            raise TrainingError(f"batch of {self._size} is larger than the corpus; lower it with --set batch_size=...")
