"""Ranked lists: the best documents of every query in each setting, best first. For files that others read.

Metrics never come from here: they need counts. Scores are exact float64 numbers, as in ranking.py: products of exact
vectors. Documents that tie are ordered by a hash of the query's and the document's text, so neither an id
nor a language is in the sort key. A scorer without vectors calls `best` with its own scores. Knows arrays only.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from xbench.arrays import Floats, Ints, Vectors

Keys: TypeAlias = npt.NDArray[np.uint64]

LISTED = 2**22  # documents listed at once over all queries of a block: what bounds memory
ROWS = 256
COLUMNS = 2**15
FINEST = 2**24  # float32 holds every whole number up to here
SMALLEST = 2.0**-60  # below, the steps of a list would leave the normal numbers of float32


@dataclass(frozen=True)
class Lists:
    """The best documents of Q queries: `documents` [Q, K], numbered as the caller does; `scores` [Q, K] float64."""

    documents: Ints
    scores: Floats


def query_keys(texts: Sequence[str]) -> Keys:
    """What stands for each query in the order of ties [Q]."""
    return np.array([_hash("query", text) for text in texts], np.uint64)


def document_keys(texts: Mapping[str, Sequence[str]]) -> dict[str, Keys]:
    """What stands for each document in the order of ties, by language [N each].

    A text that stands several times needs several keys: which copy it is in its language, and how many languages before
    had as many copies, tell them apart. No position and no name of a language is in a key.
    """
    across: Counter[tuple[str, int]] = Counter()
    keys = {}
    for language, written in texts.items():
        within: Counter[str] = Counter()
        found = []
        for text in written:
            copy = (text, within[text])
            found.append(_hash("document", f"{copy[1]}\0{across[copy]}\0{text}"))
            within[text] += 1
            across[copy] += 1
        keys[language] = np.array(found, np.uint64)
    return keys


def _hash(role: str, text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8, person=role.encode()).digest())


def best(scores: Floats, queries: Keys, documents: Keys, depth: int) -> Lists:
    """The best `depth` documents of each query, of a score matrix [Q, N]; documents are numbered by its columns."""
    numbers = np.broadcast_to(np.arange(scores.shape[1]), scores.shape)
    return _best(scores, numbers, queries, documents, depth)


def merge(parts: Sequence[Lists], queries: Keys, documents: Keys, depth: int) -> Lists:
    """The best of several lists over disjoint documents; `documents` [all] are their keys by number."""
    scores = np.concatenate([part.scores for part in parts], axis=1)
    numbers = np.concatenate([part.documents for part in parts], axis=1)
    return _best(scores, numbers, queries, documents, depth)


def by_language(
    queries: Vectors, documents: Mapping[str, Vectors], query: Keys, keys: Mapping[str, Keys], depth: int, unit: float
) -> Iterator[tuple[slice, dict[str, Lists]]]:
    """(rows, lists per document language) for one block of queries after another. Vectors are exact.

    `unit` brings a product of vectors to the score that the model means (1 for a cosine), a power of two. Documents are
    numbered through all languages in order. Memory is O(LISTED + block); the score matrix is never held.
    """
    sizes = [len(vectors) for vectors in documents.values()]
    offsets = np.append(0, np.cumsum(sizes))
    rows = max(1, min(ROWS, LISTED // sum(min(depth, size) for size in sizes)))
    for first in range(0, len(queries), rows):
        block = slice(first, min(first + rows, len(queries)))
        wide = queries[block].astype(np.float64) * unit
        lists = {}
        for offset, (language, vectors) in zip(offsets, documents.items(), strict=False):
            found = _streamed(wide, vectors, query[block], keys[language], depth)
            lists[language] = Lists(found.documents + offset, found.scores)
        yield block, lists


def _streamed(wide: Floats, vectors: Vectors, query: Keys, keys: Keys, depth: int) -> Lists:
    """The best of one language's documents, a block of them at a time."""
    kept: Lists | None = None
    for first in range(0, len(vectors), COLUMNS):
        part = slice(first, first + COLUMNS)
        found = best(wide @ vectors[part].astype(np.float64).T, query, keys[part], depth)
        found = Lists(found.documents + first, found.scores)
        kept = found if kept is None else merge([kept, found], query, keys, depth)
    assert kept is not None
    return kept


def _best(scores: Floats, numbers: Ints, queries: Keys, documents: Keys, depth: int) -> Lists:
    kept = min(depth, scores.shape[1])
    threshold = np.partition(scores, scores.shape[1] - kept, axis=1)[:, scores.shape[1] - kept]
    chosen, values = np.empty((len(scores), kept), np.int64), np.empty((len(scores), kept))
    for row, lowest in enumerate(threshold):
        places = np.flatnonzero(scores[row] >= lowest)  # more than `kept` where a tie crosses the cut
        ties = _mixed(queries[row] ^ documents[numbers[row, places]])
        order = places[np.lexsort((ties, -scores[row, places]))[:kept]]
        chosen[row], values[row] = numbers[row, order], scores[row, order]
    return Lists(chosen, values)


def _mixed(keys: Keys) -> Keys:
    """A permutation of 64-bit numbers that looks random (the finaliser of SplitMix64, Steele et al., OOPSLA 2014)."""
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))


def strictly_falling(scores: Floats) -> Floats:
    """One list's scores [K] as numbers that fall strictly and that float32 holds exactly, for readers that sort anew.

    Each is its score on a grid of 2^-24 of the list's largest magnitude (rounded up to a power of two), moved down by
    as many steps as ties and near ties before it need. At most 2^25 documents; the order is the list's own.
    """
    largest = float(np.abs(scores).max(initial=0.0))
    scale = 2.0 ** np.ceil(np.log2(max(largest, SMALLEST))) if largest else 1.0
    places = np.arange(len(scores))
    steps = np.minimum(np.rint(scores / scale * FINEST), FINEST)
    steps = np.minimum.accumulate(steps + places) - places
    steps = np.maximum(steps, places[::-1] - FINEST)  # a long tie at the bottom end is moved up instead
    return np.asarray(steps / FINEST * scale)
