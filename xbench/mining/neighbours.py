"""The texts of a corpus as vectors on disk, and the passages nearest to its queries: exact, a block of them at a time.

Knows the numbers of a corpus and an encoder; not what becomes of the passages that are found.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from xbench.arrays import Floats, Ints, Numbers, Vectors, blocks
from xbench.encoders.base import Encoder, Role
from xbench.errors import DataError, EncoderError
from xbench.files import digest, whole
from xbench.progress import Reporter
from xbench.training.corpus import Corpus

TEXTS = 20_000  # encoded at a time
PASSAGES = 1 << 16  # searched among at a time
CELLS = 1 << 22  # numbers of vectors held at once to score what was found


@dataclass(frozen=True)
class Side:
    """The distinct texts of the queries, or of the passages, of a corpus that are not blank: their `numbers` [n],
    ascending, and `vectors` [n, dim] as they are scored, mapped from disk."""

    numbers: Numbers
    vectors: Vectors

    def places(self, numbers: npt.NDArray[Any]) -> Ints:
        """Where texts stand among `numbers`; -1 for no text and for a blank one."""
        if not len(self.numbers):
            return np.full(numbers.shape, -1)
        places = np.minimum(np.searchsorted(self.numbers, numbers), len(self.numbers) - 1)
        return np.where(self.numbers[places] == numbers, places, -1)


def encode(corpus: Corpus, role: Role, encoder: Encoder, cache: Path, reporter: Reporter) -> Side:
    """One side of a corpus. Its vectors are kept, so that it is mined again by other rules without encoding it.

    Raises DataError where it has no text, EncoderError for vectors that cannot be scored.
    """
    every = np.unique(np.concatenate([np.unique(column) for column in _columns(corpus, role)]))
    numbers = np.array([number for number in every.tolist() if number >= 0 and corpus.texts[number].strip()], np.int32)
    if not len(numbers):
        raise DataError(f"the corpus has no {role} that is not blank")
    key = digest({"corpus": corpus.digest, "encoder": dict(encoder.identity), "role": role})
    path = cache / "mining" / f"{key[:24]}.npy"
    if not path.is_file():
        with whole(path) as temporary, reporter.bar(f"encode {_plural(role)}", len(numbers), "texts") as bar:
            _encode(corpus, numbers, role, encoder, temporary, bar)
    return Side(numbers, _mapped(path, len(numbers)))


def _columns(corpus: Corpus, role: Role) -> Numbers:
    return corpus.query if role == "query" else corpus.passage


def _plural(role: Role) -> str:
    return "queries" if role == "query" else "passages"


def _encode(corpus: Corpus, numbers: Numbers, role: Role, encoder: Encoder, path: Path, bar: Any) -> None:
    from xbench.evaluation.ranking import exact

    table: Any = None
    for block in blocks(len(numbers), TEXTS):
        texts = [corpus.texts[number] for number in numbers[block].tolist()]
        vectors = exact(encoder.encode(texts, role, bar.advance), 1.0 if encoder.similarity == "dot" else None)
        if table is None:
            shape = (len(numbers), vectors.shape[1])
            table = np.lib.format.open_memmap(path, "w+", np.dtype(np.float32), shape)
        table[block] = vectors
    table.flush()


def _mapped(path: Path, texts: int) -> Vectors:
    try:
        vectors: Vectors = np.load(path, mmap_mode="r")
    except (OSError, ValueError, EOFError) as error:
        raise EncoderError(f"{path}: damaged kept vectors ({error}); delete it, and they are made again") from None
    if vectors.ndim != 2 or len(vectors) != texts:
        raise EncoderError(f"{path}: vectors of other texts; delete it, and they are made again")
    return vectors


def nearest(queries: Vectors, passages: Vectors, places: Ints, depth: int) -> tuple[Ints, Floats]:
    """The best `depth` of the passages at `places` for each query, best first: places and scores [queries, found].

    The search is exact, in float32; what it finds is scored and ordered in float64, and ties by the number of the text.
    """
    import faiss

    index = faiss.IndexFlatIP(passages.shape[1])
    found: Ints = np.empty((len(queries), 0), np.int64)
    score: npt.NDArray[np.float32] = np.empty((len(queries), 0), np.float32)
    for block in blocks(len(places), PASSAGES):
        index.reset()
        index.add(np.ascontiguousarray(passages[places[block]]))
        products, numbers = index.search(np.ascontiguousarray(queries), min(depth, block.stop - block.start))
        found, score = np.hstack([found, places[block][numbers]]), np.hstack([score, products])
        best = np.argsort(-score, axis=1, kind="stable")[:, :depth]
        found, score = np.take_along_axis(found, best, axis=1), np.take_along_axis(score, best, axis=1)
    fine = scores(queries, passages, found)
    order = np.lexsort((found, -fine))
    return np.take_along_axis(found, order, axis=1), np.take_along_axis(fine, order, axis=1)


def scores(queries: Vectors, passages: Vectors, places: Ints) -> Floats:
    """[queries, found] Products in float64 of each query with its own passages."""
    products = np.empty(places.shape)
    for block in blocks(len(queries), max(1, CELLS // max(1, places.shape[1] * passages.shape[1]))):
        wide = queries[block].astype(np.float64)[:, :, None]
        products[block] = (passages[places[block]].astype(np.float64) @ wide)[:, :, 0]
    return products
