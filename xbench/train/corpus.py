"""Text to train on: units (one meaning in several languages) with a query side and a passage side, under one relation.

Knows the corpus formats; nothing of recipes, models or tasks. A unit's query and passage are related in the same way in
every language, so a recipe that mixes languages changes the language and nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from xbench import specs
from xbench.download import Storage, find_local, locate, read_text
from xbench.errors import DataError, SpecError
from xbench.readers.parallel import json_rows
from xbench.registry import Entry

Numbers: TypeAlias = npt.NDArray[np.int32]
SHORTEST_HALF = 8  # characters


@dataclass(frozen=True)
class Unit:
    """One row: what is asked and what answers it, by language."""

    query: Mapping[str, str]
    passage: Mapping[str, str]


@dataclass(frozen=True)
class Negatives:
    """Hard negatives, where the corpus has them. Negative n of unit u is row `start[u] + n` of `text`.

    `start` [units + 1]; `text` [negatives, languages] int32: the number of a negative's text in a language, -1 where it
    has none.
    """

    start: npt.NDArray[np.int64]
    text: Numbers


@dataclass(frozen=True)
class Corpus:
    """Units as numbers into one table of distinct texts.

    `query`, `passage` [languages, units] int32: the text of a unit in a language, -1 where it has none. `group` [units]
    int32: units that share a passage text in any language, or are joined by others that do; one of each in a batch.
    `negatives`: none where the corpus has no hard negatives; `negative_texts` gives those of one unit.
    """

    languages: tuple[str, ...]
    texts: tuple[str, ...]
    query: Numbers
    passage: Numbers
    group: Numbers
    digest: str
    negatives: Negatives | None = None

    def __len__(self) -> int:
        return len(self.group)

    def negative_texts(self, unit: int, language: int) -> list[int]:
        """Numbers (into `texts`) of the hard negatives that a unit has in a language, by the language's number; empty
        where it has none. None of them is the unit's own passage. They are passages: the document prompt goes before
        them."""
        if self.negatives is None:
            return []
        first, last = self.negatives.start[unit : unit + 2]
        found = self.negatives.text[int(first) : int(last), language]
        return [int(text) for text in found if text >= 0]


def load_corpus(entry: Entry[specs.Corpus], storage: Storage) -> Corpus:
    """Read a corpus. Raises DataError or SpecError."""
    corpus = entry.spec
    units: Iterable[Unit]
    if isinstance(corpus, specs.FactsCorpus):
        units = _facts(corpus)
    elif isinstance(corpus, specs.AlignedCorpus):
        units = _aligned(corpus, entry, storage)
    else:
        units = _squad(corpus, entry, storage)
    return _number(corpus, units)


def _number(corpus: specs.Corpus, units: Iterable[Unit]) -> Corpus:
    table: dict[str, int] = {}
    rows: list[tuple[list[int], list[int]]] = []
    for unit in units:
        query, passage = (
            [table.setdefault(side[language], len(table)) if language in side else -1 for language in corpus.languages]
            for side in (unit.query, unit.passage)
        )
        if max(query) >= 0 and max(passage) >= 0:
            rows.append((query, passage))
    if not rows:
        raise DataError(f"corpus {corpus.name} is empty: no unit with text in {', '.join(corpus.languages)}")
    query_array, passage_array = (np.array([row[side] for row in rows], np.int32).T for side in (0, 1))
    for number, language in enumerate(corpus.languages):
        if query_array[number].max() < 0 and passage_array[number].max() < 0:
            raise DataError(f"corpus {corpus.name}: no unit has text in {language!r}; take it out of `languages`")
    group_array = _groups(passage_array, len(table))
    try:
        seen = hashlib.sha256(json.dumps([corpus.languages, list(table)], ensure_ascii=False).encode())
    except UnicodeEncodeError:
        raise DataError(f"corpus {corpus.name}: a text holds half a surrogate pair (\\ud800...)") from None
    for array in (query_array, passage_array, group_array):
        seen.update(np.ascontiguousarray(array).tobytes())
    return Corpus(corpus.languages, tuple(table), query_array, passage_array, group_array, seen.hexdigest())


def _groups(passage: Numbers, texts: int) -> Numbers:
    """Connected components of units and the passage texts they have in any language."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    _, unit = np.nonzero(passage >= 0)
    text = passage[passage >= 0]
    units = passage.shape[1]
    edges = coo_array((np.ones(len(unit), np.int8), (unit, units + text)), shape=(units + texts, units + texts))
    _, labels = connected_components(edges, directed=False)
    return np.unique(labels[:units], return_inverse=True)[1].astype(np.int32)


def _facts(corpus: specs.FactsCorpus) -> Iterator[Unit]:
    from xbench.facts import load_facts

    try:
        facts = load_facts(corpus.kinds, corpus.languages)
    except ValueError as error:
        raise SpecError(f"corpus {corpus.name}: {error}") from None
    for fact in facts:
        yield Unit(fact.question, fact.answer)


def _aligned(corpus: specs.AlignedCorpus, entry: Entry[specs.Corpus], storage: Storage) -> Iterator[Unit]:
    for file in corpus.files:
        path = find_local(storage, file.path, entry.base)
        if path is None:
            raise DataError(
                f"corpus {corpus.name}: missing data file {file.path}; "
                "put it beside the YAML or in a folder named by --data-dir or XBENCH_DATA"
            )
        rows = json_rows(path)
        if corpus.relation == "qa":
            yield from _qa(rows, corpus.languages)
        elif corpus.relation == "halves":
            yield from _halves(rows, corpus.languages)
        else:
            yield from _next(rows, corpus.languages, file.document)


def _texts(where: str, row: Mapping[str, Any], key: str, languages: Sequence[str]) -> dict[str, str]:
    """A row's texts in the chosen languages. Raises DataError where they are not texts by language."""
    side = row.get(key)
    if not isinstance(side, dict) or not all(isinstance(text, str) for text in side.values()):
        raise DataError(f"{where}: {key}: found {side!r:.60}, expected texts by language")
    return {language: side[language] for language in languages if side.get(language, "").strip()}


def _qa(rows: Iterable[tuple[str, dict[str, Any]]], languages: Sequence[str]) -> Iterator[Unit]:
    for where, row in rows:
        yield Unit(_texts(where, row, "query", languages), _texts(where, row, "positive", languages))


def _halves(rows: Iterable[tuple[str, dict[str, Any]]], languages: Sequence[str]) -> Iterator[Unit]:
    for where, row in rows:
        parts = {language: halve(text) for language, text in _texts(where, row, "texts", languages).items()}
        cut = {language: part for language, part in parts.items() if min(map(len, part)) >= SHORTEST_HALF}
        sides = ({language: part[side] for language, part in cut.items()} for side in (0, 1))
        yield Unit(*sides)


def halve(text: str) -> tuple[str, str]:
    """A text in two, at the space nearest to its middle; at the middle where no space is in its middle half."""
    middle = len(text) // 2
    spaces = [place for place in (text.rfind(" ", 0, middle + 1), text.find(" ", middle)) if place >= 0]
    near = [place for place in spaces if abs(place - middle) * 4 <= len(text)]
    cut = min(near, key=lambda place: abs(place - middle)) if near else middle
    return text[:cut].strip(), text[cut:].strip()


def _next(rows: Iterable[tuple[str, dict[str, Any]]], languages: Sequence[str], document: str) -> Iterator[Unit]:
    before: tuple[str, dict[str, str]] | None = None
    for where, row in rows:
        key = str(row.get("id", "")).split("#")[0] if document == "id#" else row.get(document)
        if not isinstance(key, str) or not key:
            raise DataError(f"{where}: {document}: found {key!r}, expected the row's document")
        texts = _texts(where, row, "texts", languages)
        if before and before[0] == key:
            yield Unit(before[1], texts)
        before = (key, texts)


def _squad(corpus: specs.SquadCorpus, entry: Entry[specs.Corpus], storage: Storage) -> Iterator[Unit]:
    """Question -> paragraph, joined over languages by question id."""
    queries: dict[str, dict[str, str]] = {}
    passages: dict[str, dict[str, str]] = {}
    for language in corpus.languages:
        source = corpus.english if language == "en" and corpus.english else corpus.source
        path = locate(storage, source, language, entry.base)
        try:
            articles = json.loads(read_text(path))["data"]
            for article in articles:
                for paragraph in article["paragraphs"]:
                    for item in paragraph["qas"]:
                        queries.setdefault(item["id"], {})[language] = item["question"]
                        passages.setdefault(item["id"], {})[language] = paragraph["context"]
        except (json.JSONDecodeError, RecursionError) as error:
            raise DataError(f"{path}: not valid JSON ({error}); truncated? fetch it again") from None
        except (KeyError, TypeError) as error:
            fault = f"no key {error}" if isinstance(error, KeyError) else str(error)
            raise DataError(f"{path}: not SQuAD's layout, data[].paragraphs[].qas[]: {fault}") from None
    for identity, query in queries.items():
        yield Unit(query, passages[identity])
