"""What ranks a collection for one run: vectors of an encoder, or the terms of a lexical model.

The main job asks a scorer to read a collection, then for its rankings, and files what it says of itself; whether there
are vectors in between is known here alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from xbench import specs
from xbench.arrays import Vectors
from xbench.data.collection import Collection
from xbench.encoders.base import Encoder, Role, TokenCounts
from xbench.encoders.post import Post
from xbench.progress import Reporter
from xbench.results.run_files import Exact, Lister, Scored, exact_vectors

if TYPE_CHECKING:
    from xbench.encoders.lexical import LexicalCollection
    from xbench.encoders.vectors import Encoded
    from xbench.evaluation.indexed import IndexedRankings
    from xbench.evaluation.rankings import Rankings

Advance: TypeAlias = Callable[[int], None]
ByLanguage: TypeAlias = Mapping[str, Vectors]
Texts: TypeAlias = Mapping[str, Sequence[str]]
Tokens: TypeAlias = Mapping[str, TokenCounts]


class Read(Protocol):
    """A collection as the scorer sees it.

    `query_tokens`, `document_tokens`: [n, 2] of each language, tokens of each text and unknown ones among them.
    `encoded`: texts worked on, by role; the others were kept. `rankings` are what is scored, `lister` what is saved.
    """

    @property
    def query_tokens(self) -> Tokens: ...
    @property
    def document_tokens(self) -> Tokens: ...
    @property
    def encoded(self) -> Mapping[str, int]: ...

    def rankings(self, advance: Advance) -> Rankings: ...
    def lister(self) -> Lister: ...


class Scorer(Protocol):
    """`identity`: everything that changes its scores, and what it runs on. `max_length`: tokens read per text."""

    @property
    def identity(self) -> Mapping[str, Any]: ...
    @property
    def max_length(self) -> int | None: ...

    def read(self, collection: Collection) -> Read: ...


class VectorScorer:
    """Scores are products of an encoder's vectors, which are kept, after what the model's `post` takes from them."""

    def __init__(self, encoder: Encoder, post: Post | None, cache: Path, reporter: Reporter) -> None:
        self._encoder, self._post, self._cache, self._reporter = encoder, post, cache, reporter
        self.identity, self.max_length = encoder.identity, encoder.max_length

    def read(self, collection: Collection) -> VectorRead:
        asked, answers = _texts(collection)
        queries, documents = self._encoded(asked, "query"), self._encoded(answers, "document")
        vectors = (self._scored(queries.vectors, "query"), self._scored(documents.vectors, "document"))
        return VectorRead(collection, self._encoder.similarity, queries, documents, *vectors)

    def _encoded(self, texts: Texts, role: Role) -> Encoded:
        from xbench.encoders.vectors import encode_all

        return encode_all(self._encoder, texts, role, self._cache, self._reporter)

    def _scored(self, vectors: ByLanguage, role: Role) -> ByLanguage:
        if self._post is None:
            return vectors
        return self._post.applied(self._encoder, vectors, role, self._cache, self._reporter)


class VectorRead:
    """The vectors of a collection's texts, as they are scored."""

    def __init__(
        self,
        collection: Collection,
        similarity: str,
        queries: Encoded,
        documents: Encoded,
        asked: ByLanguage,
        answers: ByLanguage,
    ) -> None:
        self._collection, self._similarity = collection, similarity
        self._asked, self._answers = asked, answers
        self.query_tokens, self.document_tokens = queries.tokens, documents.tokens
        self.encoded = {"queries": queries.encoded, "documents": documents.encoded}

    def rankings(self, advance: Advance) -> Rankings:
        from xbench.evaluation.rankings import DenseRankings

        exact = self.lister()
        return DenseRankings(self._collection, exact.queries, exact.documents, advance=advance)

    def lister(self) -> Exact:
        return exact_vectors(self._asked, self._answers, self._similarity)


class LexicalScorer:
    """Scores are sums over common terms; nothing is kept between runs."""

    max_length = None

    def __init__(self, spec: specs.LexicalModel, reporter: Reporter) -> None:
        from xbench.encoders.lexical import lexical_identity

        self._spec, self._reporter = spec, reporter
        self.identity: Mapping[str, Any] = lexical_identity(spec)

    def read(self, collection: Collection) -> LexicalRead:
        from xbench.encoders.lexical import LexicalCollection

        sides = _texts(collection)
        total = sum(len(texts) for side in sides for texts in side.values())
        with self._reporter.bar("split into terms", total, "texts") as bar:
            return LexicalRead(collection, LexicalCollection(self._spec, *sides, bar.advance))


class LexicalRead:
    """The terms of a collection's texts."""

    def __init__(self, collection: Collection, terms: LexicalCollection) -> None:
        self._collection, self._terms = collection, terms
        self.query_tokens, self.document_tokens = terms.query_tokens, terms.document_tokens
        counts = (collection.queries, collection.documents)
        self.encoded = {
            role: sum(map(len, side.values())) for role, side in zip(("queries", "documents"), counts, strict=True)
        }

    def rankings(self, advance: Advance) -> IndexedRankings:
        from xbench.encoders.lexical import UNIT
        from xbench.evaluation.indexed import IndexedRankings

        return IndexedRankings(self._collection, self._terms.scores, UNIT, advance=advance)

    def lister(self) -> Scored:
        return Scored(self.rankings(lambda queries: None).scores)


def _texts(collection: Collection) -> tuple[Texts, Texts]:
    """(query texts, document texts) by language."""
    asked = {language: queries.texts for language, queries in collection.queries.items()}
    return asked, {language: texts.texts for language, texts in collection.documents.items()}
