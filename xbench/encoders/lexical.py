"""BM25 over a collection: texts in, exact integer scores out, one sparse index per set of document languages.

Inverse document frequencies and mean lengths belong to the documents of a setting, so each setting is indexed on its
own (bm25s), on first use. What a term adds to a document's score is rounded to a multiple of 2^-32 before any sum:
scores are integers in that unit, the same in any order and for any block, and equal exactly where their parts are. A
term that stands twice in a query counts twice. Knows texts and terms; no relevance and no metric.
"""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from xbench.arrays import Flags, Ints
from xbench.encoders.base import TokenCounts
from xbench.encoders.terms import Vocabulary, load_tokenizer, splitter
from xbench.specs import LexicalModel

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Rows: TypeAlias = slice | Ints
Texts: TypeAlias = Mapping[str, Sequence[str]]
Advance: TypeAlias = Callable[[int], None]

UNIT = 2.0**-32  # of every score
RULES = 1  # raised whenever the same text would give other terms
LIBRARIES = ("bm25s", "scipy", "tokenizers")


def lexical_origin(spec: LexicalModel) -> dict[str, object]:
    """Everything that changes a score, JSON-ready; a tokenizer by its content. Raises EncoderError where it is none."""
    parameters = spec.model_dump(mode="json", include={"format", "method", "k1", "b"})
    return {**parameters, "unit": UNIT, "tokens": _tokens_origin(spec)}


def _tokens_origin(spec: LexicalModel) -> dict[str, object]:
    if spec.tokens.kind == "words":
        return {"kind": "words", "characters": spec.tokens.characters, "rules": RULES}
    require_tokenizer(spec)
    return {"kind": "subwords", "sha256": sha256(Path(spec.tokens.tokenizer).read_bytes()).hexdigest()}


def require_tokenizer(spec: LexicalModel) -> None:
    """Raise EncoderError where the model names a tokenizer file that cannot be used, before anything is read."""
    if spec.tokens.tokenizer:
        load_tokenizer(Path(spec.tokens.tokenizer))


def lexical_identity(spec: LexicalModel) -> dict[str, object]:
    """What stands in the result: the origin, and what runs it here."""
    libraries = {name: version(name) for name in LIBRARIES}
    return {**lexical_origin(spec), "libraries": libraries, "unicode": unicodedata.unidata_version}


class LexicalCollection:
    """Queries and documents as terms. `query_tokens`, `document_tokens`: [n, 2] int32 of each language, terms of each
    text and how many of them stand in no document of that language (of any, where the language has none)."""

    def __init__(self, spec: LexicalModel, queries: Texts, documents: Texts, advance: Advance = lambda texts: None):
        self._spec = spec
        self._vocabulary = Vocabulary()
        self._indexes: dict[tuple[int, ...], csr_array] = {}
        split = splitter(spec.tokens)
        self._documents: list[list[array[int]]] = []
        self.document_tokens: dict[str, TokenCounts] = {}
        for language, texts in documents.items():
            terms, lengths = [], []
            for parts in split(texts):
                terms.append(self._vocabulary.add(parts))
                lengths.append((len(parts), len(parts) - len(terms[-1])))
                advance(1)
            self._documents.append(terms)
            self.document_tokens[language] = np.array(lengths, np.int32).reshape(-1, 2)
        self._queries: dict[str, csr_array] = {}
        self.query_tokens: dict[str, TokenCounts] = {}
        for language, texts in queries.items():
            own = [list(documents).index(language)] if language in documents else range(len(documents))
            self._add_queries(language, split(texts), self._present(own), advance)

    def _add_queries(self, language: str, texts: Iterable[list[str]], present: Flags, advance: Advance) -> None:
        numbers, lengths = [], []
        for terms in texts:
            numbers.append(self._vocabulary.known(terms))
            lengths.append((len(terms), len(terms) - int(present[np.asarray(numbers[-1])].sum())))
            advance(1)
        self._queries[language] = _matrix(numbers, len(self._vocabulary))
        self.query_tokens[language] = np.array(lengths, np.int32).reshape(-1, 2)

    def _present(self, languages: Iterable[int]) -> Flags:
        """[terms] bool: whether a document of these languages holds each term."""
        present = np.zeros(len(self._vocabulary), bool)
        for number in languages:
            for terms in self._documents[number]:
                present[np.asarray(terms)] = True
        return present

    def scores(self, query: str, documents: Sequence[int], rows: Rows) -> Ints:
        """[rows, documents of these languages in order]: scores in units of 2^-32, 0 where no term is shared."""
        return np.asarray((self._queries[query][rows] @ self._index(tuple(documents))).toarray())

    def _index(self, documents: tuple[int, ...]) -> csr_array:
        if documents not in self._indexes:
            texts = [terms for number in documents for terms in self._documents[number]]
            self._indexes[documents] = build_index(self._spec, texts, self._vocabulary.numbers)
        return self._indexes[documents]


def _matrix(texts: Sequence[array[int]], terms: int) -> csr_array:
    """[texts, terms] sparse int64: how often each term stands in each text."""
    from scipy.sparse import csr_array

    starts = np.append(0, np.cumsum([len(numbers) for numbers in texts]))
    columns = np.concatenate([np.asarray(numbers, np.int64) for numbers in texts])
    matrix = csr_array((np.ones(len(columns), np.int64), columns, starts), shape=(len(texts), terms))
    matrix.sum_duplicates()
    return matrix


def build_index(spec: LexicalModel, texts: list[array[int]], vocabulary: dict[str, int]) -> csr_array:
    """[terms, texts] sparse int64: what each term contributes to the score of each text."""
    from bm25s import BM25
    from scipy.sparse import csr_array

    shape = (len(vocabulary), len(texts))
    if not any(texts):  # no term at all, so no mean length either
        return csr_array(shape, dtype=np.int64)
    model = BM25(k1=spec.k1, b=spec.b, method=spec.method, dtype="float64", backend="numpy")
    model.index((texts, vocabulary), create_empty_token=False, show_progress=False)
    parts = (model.scores[name] for name in ("data", "indices", "indptr"))
    contributions, places, starts = map(np.asarray, parts)
    return csr_array((np.rint(contributions / UNIT).astype(np.int64), places, starts), shape=shape)
