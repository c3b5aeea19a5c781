"""The choice and preparation of what ranks a collection for one run: an encoder's vectors, or the terms of texts.

The main job asks a preparation for a collection's ranker, once, and files what it says of itself; whether there are
vectors in between is known here alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np

from xbench import specs
from xbench.arrays import Ints, Vectors
from xbench.data.collection import Collection, Texts
from xbench.encoders.base import Encoder, Identity, Role, TokenCounts
from xbench.encoders.lexical import UNIT, LexicalCollection, lexical_identity
from xbench.encoders.post import Post
from xbench.encoders.task_vectors import TaskVectors
from xbench.encoders.vectors import Encoded, encode_all
from xbench.errors import SpecError
from xbench.evaluation.ranker import Ranker, TermRanker, VectorRanker
from xbench.progress import Reporter

VectorsByLanguage: TypeAlias = Mapping[str, Vectors]
TextsByLanguage: TypeAlias = Mapping[str, Sequence[str]]
Tokens: TypeAlias = Mapping[str, TokenCounts]
Rows: TypeAlias = Mapping[str, Ints]


@dataclass(frozen=True)
class PreparedRanker:
    """A collection as it is ranked: the ranker serves counts and lists alike.

    `query_tokens`, `document_tokens`: [n, 2] of each language, tokens of each text and unknown ones among them.
    `encoded`: texts worked on, by role; the others were kept, or stand in the other role with the same vector.
    """

    ranker: Ranker
    query_tokens: Tokens
    document_tokens: Tokens
    encoded: Mapping[str, int]


class Preparation(Protocol):
    """`identity`: everything that changes the scores, and what they run on. `max_length`: tokens read per text.
    `vectors`: those of some texts of a collection, by language and [rows] their places; kept ones are not made again.
    """

    @property
    def identity(self) -> Identity: ...
    @property
    def max_length(self) -> int | None: ...

    def prepare(self, collection: Collection) -> PreparedRanker: ...
    def vectors(self, collection: Collection, role: Role, rows: Rows) -> VectorsByLanguage: ...


class VectorPreparation:
    """Scores are products of an encoder's vectors, which are kept, after what the model's `post` takes from them."""

    def __init__(self, encoder: Encoder, post: Post | None, cache: Path, reporter: Reporter) -> None:
        self._encoder, self._post, self._cache, self._reporter = encoder, post, cache, reporter
        self.identity, self.max_length = encoder.identity, encoder.max_length

    def prepare(self, collection: Collection) -> PreparedRanker:
        """Encode what is not kept. Raises EncoderError for vectors that cannot be scored."""
        query_texts, document_texts = _texts(collection)
        queries, documents = self._encoded(query_texts, "query"), self._encoded(document_texts, "document")
        vectors = (self._controlled(queries.vectors, "query"), self._controlled(documents.vectors, "document"))
        ranker = VectorRanker.of(collection, *vectors, self._encoder.similarity)
        encoded = {"queries": queries.encoded, "documents": documents.encoded}
        return PreparedRanker(ranker, queries.tokens, documents.tokens, encoded)

    def vectors(self, collection: Collection, role: Role, rows: Rows) -> VectorsByLanguage:
        """Encode what is not kept. Raises EncoderError."""
        side = _texts(collection)[role == "document"]
        texts = {language: [side[language][place] for place in places] for language, places in rows.items()}
        return self._controlled(self._encoded(texts, role).vectors, role)

    def _encoded(self, texts: TextsByLanguage, role: Role) -> Encoded:
        return encode_all(self._encoder, texts, role, self._cache, self._reporter)

    def _controlled(self, vectors: VectorsByLanguage, role: Role) -> VectorsByLanguage:
        """The vectors after `post`, where the model has one."""
        if self._post is None:
            return vectors
        return self._post.applied(self._encoder, vectors, role, self._cache, self._reporter)


class TaskVectorsPreparation:
    """Scores are products of vectors that are there already. Tokens are not known and count as none."""

    max_length: int | None = None

    def __init__(self, spec: specs.PythonModel, vectors: TaskVectors) -> None:
        self._spec, self._vectors = spec, vectors
        named = {"format": spec.format, "name": spec.name, "version": spec.version}
        self.identity: Identity = {**named, "similarity": spec.similarity}

    def prepare(self, collection: Collection) -> PreparedRanker:
        """Raises EncoderError for vectors that are not those of the collection."""
        vectors = self._vectors.checked(collection, self._spec.name, self._spec.similarity)
        ranker = VectorRanker.of(collection, *vectors, self._spec.similarity)
        tokens = (_no_tokens(collection.queries), _no_tokens(collection.documents))
        return PreparedRanker(ranker, *tokens, {"queries": 0, "documents": 0})

    def vectors(self, collection: Collection, role: Role, rows: Rows) -> VectorsByLanguage:
        """Raises EncoderError for vectors that are not those of the collection."""
        side = self._vectors.checked(collection, self._spec.name, self._spec.similarity)[role == "document"]
        return {language: side[language][places] for language, places in rows.items()}


class TermPreparation:
    """Scores are sums over common terms; nothing is kept between runs."""

    max_length = None

    def __init__(self, spec: specs.LexicalModel, reporter: Reporter) -> None:
        self._spec, self._reporter = spec, reporter
        self.identity: Identity = lexical_identity(spec)

    def prepare(self, collection: Collection) -> PreparedRanker:
        """Split all texts into terms."""
        sides = _texts(collection)
        counts = [sum(map(len, side.values())) for side in sides]
        with self._reporter.bar("split into terms", sum(counts), "texts") as bar:
            terms = LexicalCollection(self._spec, *sides, bar.advance)
        ranker = TermRanker(collection, terms.scores, UNIT)
        encoded = dict(zip(("queries", "documents"), counts, strict=True))
        return PreparedRanker(ranker, terms.query_tokens, terms.document_tokens, encoded)

    def vectors(self, collection: Collection, role: Role, rows: Rows) -> VectorsByLanguage:
        """Raises SpecError: there are none."""
        raise SpecError(f"model {self._spec.name} is lexical and has no vectors; name a model that encodes texts")


def _texts(collection: Collection) -> tuple[TextsByLanguage, TextsByLanguage]:
    """(query texts, document texts) by language."""
    queries = {language: part.texts for language, part in collection.queries.items()}
    return queries, {language: part.texts for language, part in collection.documents.items()}


def _no_tokens(texts: Mapping[str, Texts]) -> Tokens:
    return {language: np.zeros((len(part), 2), np.int32) for language, part in texts.items()}
