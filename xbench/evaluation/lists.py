"""Ranked lists: the best documents of every query in each setting, best first. For files that others read.

Metrics never come from here: they need counts. Scores are exact float64 numbers, as in ranking.py: products of exact
vectors, or a term ranker's own. Documents that tie are ordered by a hash of the query's and the document's text, so
neither an id nor a language is in the sort key. Knows arrays only.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xbench.arrays import Floats, Hashes, Ints, Vectors, scrambled
from xbench.evaluation.top import TieOrder, Top

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


def query_keys(texts: Sequence[str]) -> Hashes:
    """What stands for each query in the order of ties [Q]."""
    return np.array([_hash("query", text) for text in texts], np.uint64)


def document_keys(texts: Mapping[str, Sequence[str]]) -> dict[str, Hashes]:
    """What stands for each document in the order of ties, by language [N each].

    A text that stands several times needs several keys: which copy it is in its language, and how many languages before
    had as many copies, tell them apart. No position and no name of a language is in a key.
    """
    across: Counter[tuple[str, int]] = Counter()
    keys = {}
    for language, written in texts.items():
        within: Counter[str] = Counter()
        hashes = []
        for text in written:
            copy = (text, within[text])
            hashes.append(_hash("document", f"{copy[1]}\0{across[copy]}\0{text}"))
            within[text] += 1
            across[copy] += 1
        keys[language] = np.array(hashes, np.uint64)
    return keys


def _hash(role: str, text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8, person=role.encode()).digest())


def best(scores: Floats, queries: Hashes, documents: Hashes, depth: int) -> Lists:
    """The best `depth` documents of each query, of a score matrix [Q, N]; documents are numbered by its columns.

    `queries` [Q] and `documents` [N] are their keys.
    """
    top = Top(len(scores), min(depth, scores.shape[1]), tie_order(queries, documents))
    top.add(scores, 0)
    return _lists(top)


def merge(parts: Sequence[Lists], queries: Hashes, documents: Hashes, depth: int) -> Lists:
    """The best of several lists over disjoint documents; `documents` [all] are their keys by number."""
    scores = np.concatenate([part.scores for part in parts], axis=1)
    top = Top(len(scores), min(depth, scores.shape[1]), tie_order(queries, documents))
    top.add(scores, np.concatenate([part.documents for part in parts], axis=1))
    return _lists(top)


def _lists(top: Top) -> Lists:
    scores, documents = top.lists()
    return Lists(documents, scores)


def by_language(
    queries: Vectors,
    documents: Mapping[str, Vectors],
    query: Hashes,
    keys: Mapping[str, Hashes],
    depth: int,
    unit: float,
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
            part = _streamed(wide, vectors, tie_order(query[block], keys[language]), depth)
            lists[language] = Lists(part.documents + offset, part.scores)
        yield block, lists


def _streamed(wide: Floats, vectors: Vectors, ties: TieOrder, depth: int) -> Lists:
    """The best of one language's documents, a block of them at a time."""
    top = Top(len(wide), min(depth, len(vectors)), ties)
    for first in range(0, len(vectors), COLUMNS):
        top.add(wide @ vectors[first : first + COLUMNS].astype(np.float64).T, first)
    return _lists(top)


def tie_order(queries: Hashes, documents: Hashes) -> TieOrder:
    """An order of tied documents that is another one for every query; by the keys of both."""
    return lambda rows, numbers: scrambled(queries[rows] ^ documents[numbers])


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
