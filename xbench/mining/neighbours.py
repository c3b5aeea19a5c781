"""The texts of a corpus as vectors on disk, and the passages nearest to its queries: exact, a block of them at a time.

Knows the numbers of a corpus and an encoder; not what becomes of the passages that are nearest.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xbench.arrays import Floats, Ints, Numbers, Vectors, blocks
from xbench.encoders.base import Encoder, Role
from xbench.encoders.vector_store import VectorStore, text_digests
from xbench.errors import DataError, XbenchError
from xbench.evaluation.ranking import exact
from xbench.evaluation.top import Top
from xbench.files import make_folder
from xbench.progress import Bar, Reporter
from xbench.training.corpus import Corpus

TEXTS = 20_000  # encoded at a time
PASSAGES = 1 << 16  # searched among at a time
CELLS = 1 << 22  # numbers of vectors held at once to score the nearest


@dataclass(frozen=True)
class TextSide:
    """The distinct texts of the queries, or of the passages, of a corpus that are not blank: their `numbers` [n],
    ascending, and `vectors` [n, dim] as they are scored, mapped from disk."""

    numbers: Numbers
    vectors: Vectors

    def places(self, numbers: Numbers) -> Ints:
        """Where texts stand among `numbers`; -1 for no text and for a blank one."""
        if not len(self.numbers):
            return np.full(numbers.shape, -1)
        places = np.minimum(np.searchsorted(self.numbers, numbers), len(self.numbers) - 1)
        return np.where(self.numbers[places] == numbers, places, -1)


def encode(corpus: Corpus, role: Role, encoder: Encoder, cache: Path, reporter: Reporter) -> TextSide:
    """One side of a corpus. Its vectors are kept as those of all texts are, so that it is mined again by other rules
    without encoding it.

    Raises DataError where it has no text, EncoderError for vectors that cannot be scored, XbenchError for a full disk.
    """
    numbers = _numbers(corpus, role)
    store = VectorStore(cache, encoder.role_identity(role))
    label = "encode queries" if role == "query" else "encode passages"
    with reporter.bar(label, len(numbers), "texts") as bar:
        scale = 1.0 if encoder.similarity == "dot" else None
        parts = _encoded(corpus, numbers, role, encoder, store, bar)
        return TextSide(numbers, _on_disk((exact(part, scale) for part in parts), len(numbers), cache))


def _numbers(corpus: Corpus, role: Role) -> Numbers:
    columns = corpus.query if role == "query" else corpus.passage
    every = np.unique(np.concatenate([np.unique(column) for column in columns]))
    numbers = np.array([number for number in every.tolist() if number >= 0 and corpus.texts[number].strip()], np.int32)
    if not len(numbers):
        raise DataError(f"the corpus has no {role} that is not blank")
    return numbers


def _encoded(
    corpus: Corpus, numbers: Numbers, role: Role, encoder: Encoder, store: VectorStore, bar: Bar
) -> Iterator[Vectors]:
    """The vectors of a block of texts after the other; those that are not kept are encoded now."""
    for block in blocks(len(numbers), TEXTS):
        texts = [corpus.texts[number] for number in numbers[block].tolist()]
        keys = text_digests(texts)
        todo = store.missing(keys)
        bar.advance(len(texts) - len(todo))
        if len(todo):
            missing = [texts[number] for number in todo]
            store.add(keys[todo], encoder.encode(missing, role, bar.advance), encoder.tokens(missing, role))
        yield store.take(keys)[0]


def _on_disk(parts: Iterator[Vectors], texts: int, folder: Path) -> Vectors:
    """Rows [texts, dim] mapped from a file without a name, which is gone when nothing refers to them any more: any
    number of them takes the memory of one part."""
    with ExitStack() as stack:
        with _room(folder):
            stream = stack.enter_context(tempfile.TemporaryFile(dir=make_folder(folder)))
        for part in parts:
            with _room(folder):
                stream.write(np.ascontiguousarray(part).data)
                stream.flush()
        return np.memmap(stream, np.float32, "r", shape=(texts, part.shape[1])).view(np.ndarray)


@contextmanager
def _room(folder: Path) -> Iterator[None]:
    """One line where there is none."""
    try:
        yield
    except OSError as error:
        needed = "vectors that are searched are put there, 4 bytes a dimension for each text"
        raise XbenchError(f"cannot write to {folder}: {error.strerror}; {needed}") from None


def nearest(queries: Vectors, passages: Vectors, places: Ints, depth: int) -> tuple[Ints, Floats]:
    """The best `depth` of the passages at `places` for each query, best first: places and scores [queries, depth].

    The search is exact, in float32; what it gives is scored and ordered in float64, and ties by the number of the text.
    """
    import faiss

    index = faiss.IndexFlatIP(passages.shape[1])
    top = Top(len(queries), min(depth, len(places)))
    for block in blocks(len(places), PASSAGES):
        index.reset()
        index.add(np.ascontiguousarray(passages[places[block]]))
        products, numbers = index.search(np.ascontiguousarray(queries), min(depth, block.stop - block.start))
        top.add(products.astype(np.float64), places[block][numbers])
    _, nearby = top.lists()
    fine = scores(queries, passages, nearby)
    order = np.lexsort((nearby, -fine))
    return np.take_along_axis(nearby, order, axis=1), np.take_along_axis(fine, order, axis=1)


def scores(queries: Vectors, passages: Vectors, places: Ints) -> Floats:
    """[queries, depth] Products in float64 of each query with its own passages."""
    products = np.empty(places.shape)
    for block in blocks(len(queries), max(1, CELLS // max(1, places.shape[1] * passages.shape[1]))):
        wide = queries[block].astype(np.float64)[:, :, None]
        products[block] = (passages[places[block]].astype(np.float64) @ wide)[:, :, 0]
    return products
