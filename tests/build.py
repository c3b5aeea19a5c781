"""What several tests build: rankings from written scores, vectors, collections; and pytrec_eval as a referee."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pytrec_eval

from xbench.arrays import Floats, Ints, Vectors
from xbench.data.collection import Collection, Queries, Texts, collect
from xbench.evaluation.ranking import Blocks, Ranking, exact, rank, tied_with
from xbench.metrics import Metric

Gold = tuple[int, int]  # (number of the document's language, number of the document in it)
METRICS = tuple(
    map(Metric.parse, ("AP", "RR", "AP@3", "AP@10", "nDCG@1", "nDCG@3", "nDCG@10", "R@1", "R@3", "R@10", "S@1", "S@3"))
)


@dataclass(frozen=True)
class Written:
    """A ranking and the vectors it came from."""

    queries: Vectors
    documents: Mapping[str, Vectors]
    golds: Sequence[Sequence[Gold]]
    ranking: Ranking

    @property
    def sizes(self) -> list[int]:
        return [len(vectors) for vectors in self.documents.values()]

    def scores(self) -> Floats:
        """[Q, documents of all languages]: every score, by one product."""
        wide = np.concatenate(list(self.documents.values())).astype(np.float64)
        return np.asarray(self.queries.astype(np.float64) @ wide.T)

    def pool_golds(self, query: int) -> list[int]:
        """The query's golds, numbered through all languages."""
        offsets = np.append(0, np.cumsum(self.sizes))
        return [int(offsets[language]) + document for language, document in self.golds[query]]

    def tied_at(self, rows: Ints, scores: Ints) -> Ints:
        return tied_with(self.queries[rows], scores, self.documents)


def ranked(
    queries: Vectors,
    documents: Mapping[str, Vectors],
    golds: Sequence[Sequence[Gold]],
    top: int = 11,
    blocks: Blocks | None = None,
    grades: Sequence[int] = (),
) -> Written:
    """Rank `documents` for `queries`; `golds[query]` are its relevant documents, `grades` theirs (1 unsaid)."""
    rows = [(query, *gold) for query, found in enumerate(golds) for gold in found]
    query, language, document = np.array(rows, np.int64).reshape(-1, 3).T
    grade = np.array(grades or [1] * len(rows), np.int64)
    return Written(queries, documents, golds, rank(queries, documents, query, language, document, grade, top, blocks))


def written(
    scores: Mapping[str, Sequence[Sequence[int]]],
    golds: Sequence[Sequence[Gold]],
    top: int = 11,
    grades: Sequence[int] = (),
) -> Written:
    """The ranking of small integers: `scores[language]` [queries, documents]; document j is the unit vector j."""
    table = np.concatenate([np.array(part) for part in scores.values()], axis=1)
    units = np.split(np.eye(table.shape[1], dtype=np.float32), np.cumsum([len(part[0]) for part in scores.values()]))
    return ranked((table / 2**12).astype(np.float32), dict(zip(scores, units, strict=False)), golds, top, grades=grades)


def directions(random: np.random.Generator, count: int, dimension: int = 32) -> Vectors:
    """Exact vectors [count, dimension] in random directions: scores without ties."""
    return exact(random.standard_normal((count, dimension)).astype(np.float32))


def coarse(random: np.random.Generator, count: int, dimension: int = 3) -> Vectors:
    """Exact vectors [count, dimension] of -1/4, 0 and 1/4: scores of both signs with many ties."""
    return random.integers(-1, 2, (count, dimension)).astype(np.float32) / 4


def draw_golds(random: np.random.Generator, queries: int, sizes: Sequence[int], most: int = 4) -> list[list[Gold]]:
    """1 to `most` relevant documents for each query, several in one language allowed."""
    every = [(language, document) for language, size in enumerate(sizes) for document in range(size)]
    counts = random.integers(1, min(most, len(every)) + 1, queries)
    return [[every[place] for place in sorted(random.choice(len(every), count, replace=False))] for count in counts]


def small_case(seed: int, documents: int = 6, queries: int = 2) -> Written:
    """A few documents in three languages with scores 0..2, so that most of them tie."""
    random = np.random.default_rng(seed)
    split = sorted(random.choice(range(1, documents), 2, replace=False))
    sizes = np.diff([0, *split, documents]).tolist()
    scores = {f"l{n}": random.integers(0, 3, (queries, size)).tolist() for n, size in enumerate(sizes)}
    return written(scores, draw_golds(random, queries, sizes))


# --- orders of tied documents, and the referee -------------------------------------------------------------------


def orders(scores: Sequence[float] | Floats) -> Iterator[list[int]]:
    """Every order of the documents, best first, that their scores allow: all permutations of every tie block."""
    values = list(map(float, scores))
    blocks = [
        [number for number, value in enumerate(values) if value == level] for level in sorted(set(values), reverse=True)
    ]
    for parts in itertools.product(*map(itertools.permutations, blocks)):
        yield [document for part in parts for document in part]


def positions(order: Sequence[int], golds: Iterable[int]) -> list[int]:
    """Ranks of the golds, from 1, best first."""
    return sorted(order.index(gold) + 1 for gold in golds)


def gold_blocks(scores: Floats, golds: Sequence[int]) -> list[tuple[int, int, int]]:
    """(documents above, documents in it, golds in it) of each tie block that holds a gold; scores [documents]."""
    levels, counts = np.unique(scores[golds], return_counts=True)
    return [
        (int((scores > level).sum()), int((scores == level).sum()), int(count))
        for level, count in zip(levels, counts, strict=True)
    ]


def possible_positions(blocks: Sequence[tuple[int, int, int]]) -> Iterator[list[int]]:
    """The equally likely sets of gold ranks over all orders of the tied documents."""
    choices = [itertools.combinations(range(above + 1, above + tied + 1), golds) for above, tied, golds in blocks]
    for chosen in itertools.product(*choices):
        yield sorted(itertools.chain(*chosen))


def ways(blocks: Sequence[tuple[int, int, int]]) -> int:
    """How many sets of gold ranks are possible."""
    return math.prod(math.comb(tied, golds) for _, tied, golds in blocks)


def referee(ranks: Sequence[Sequence[int]], documents: int, metrics: Sequence[Metric] = METRICS) -> Floats:
    """pytrec_eval's scores [lists, metrics] of lists of `documents`, given the ranks of each list's golds.

    A document is named by its rank and scored by minus its rank: pytrec_eval casts scores to float32.
    """
    run = {str(position): -float(position) for position in range(1, documents + 1)}
    judged = {str(number): {str(position): 1 for position in golds} for number, golds in enumerate(ranks)}
    names = {metric: _trec_name(metric) for metric in metrics}
    asked = {re.sub(r"_(\d+)$", r".\1", name) for name in names.values()}
    found = pytrec_eval.RelevanceEvaluator(judged, asked).evaluate(dict.fromkeys(judged, run))
    scores = np.array([[found[str(number)][names[metric]] for metric in metrics] for number in range(len(ranks))])
    return scores * [[_divisor(metric, len(golds)) for metric in metrics] for golds in ranks]


def _divisor(metric: Metric, golds: int) -> float:
    """trec_eval's map_cut divides by R, AP@k by min(R, k)."""
    return golds / min(golds, metric.cutoff) if metric.name == "AP" and metric.cutoff else 1.0


def _trec_name(metric: Metric) -> str:
    names = {"RR": "recip_rank", "nDCG": "ndcg_cut_{}", "R": "recall_{}", "S": "success_{}"}
    if metric.name == "AP":
        return f"map_cut_{metric.cutoff}" if metric.cutoff else "map"
    return names[metric.name].format(metric.cutoff)


# --- collections -------------------------------------------------------------------------------------------------


def collection(
    questions: Mapping[str, Sequence[str]], distractors: int = 2, golds: Callable[[str, str], int] = lambda *_: 1
) -> Collection:
    """Each language has its questions, `golds(language, question)` relevant documents for each, and distractors."""
    queries, documents, relevant = {}, {}, {}
    for language, asked in questions.items():
        owners = [question for question in asked for _ in range(golds(language, question))]
        ids = tuple(f"{language}-d{number}" for number in range(len(owners) + distractors))
        documents[language] = Texts(ids, ids)
        names = tuple(f"{language}-{question}" for question in asked)
        queries[language] = Queries(names, names, tuple(asked), tuple(asked))
        relevant[language] = {
            question: [place for place, owner in enumerate(owners) if owner == question] for question in asked
        }
    return collect(queries, documents, relevant)


def one_point(texts: Mapping[str, Sequence[Any] | Texts]) -> dict[str, Vectors]:
    """The encoder that maps every text to one point."""
    return {language: np.ones((len(part), 1), np.float32) for language, part in texts.items()}


def encoded(texts: Mapping[str, Texts], seed: int, make: Callable[..., Vectors] = coarse) -> dict[str, Vectors]:
    """Random vectors per language."""
    random = np.random.default_rng(seed)
    return {language: make(random, len(part)) for language, part in texts.items()}


def flat(value: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], npt.ArrayLike]:
    """The numbers of nested dicts by path."""
    if isinstance(value, Mapping):
        return {key: leaf for name, inner in value.items() for key, leaf in flat(inner, (*path, name)).items()}
    return {path: value}
