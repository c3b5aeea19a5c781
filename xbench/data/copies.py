"""Texts that stand where another text should: a query that is its own relevant document, a language that is a copy.

Each makes a score that looks perfect and says nothing. Knows collections; no file and no encoder.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import NamedTuple
from zlib import crc32

import numpy as np

from xbench.data.collection import Collection, Texts
from xbench.errors import DataError
from xbench.specs.tasks import Grid

LETTERS = 20  # of a text that is more than a name or a number, which languages share
MOST_LOOKED_AT = 50_000  # texts of a language, about
REFUSED = 0.5  # share of texts
SAID = 0.1
FEWEST = 5  # texts that show anything, unless all are the same
READ, BEGINNING = 80, 12  # signs of a text that are looked at first, and letters of them
_BETWEEN = re.compile(
    "[\\s!-/:-@\\[-`{-~\u00a1-\u00bf\u060c\u061b\u061f\u06d4\u0964\u0965\u2000-\u206f\u3000-\u3003\u3008-\u301f]+"
)
"""What two writings of one text may differ in besides case: spaces and punctuation."""


def copied(collection: Collection, grid: Grid) -> Iterator[str]:
    """A note on every share above SAID, and of short texts from REFUSED. Raises DataError where it is REFUSED or more,
    unless both languages are one: of varieties and scripts of a language, many texts may well be the same."""
    same = _SameAsGolds(collection)
    if grid.monolingual or grid.multilingual:
        yield from _own_golds(same, grid)
    if grid.cross_lingual or grid.multilingual:
        yield from _foreign_golds(same)
    yield from _same_texts("queries", collection.queries)
    yield from _same_texts("documents", collection.documents)


class _SameAsGolds:
    """Finds queries whose text is that of a relevant document; most differ where they begin already."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self._asked = {name: list(map(_beginning, side.texts)) for name, side in collection.queries.items()}
        self._found: dict[str, dict[int, str]] = {name: {} for name in collection.documents}

    def of(self, language: str, other: str) -> tuple[int, int]:
        """How many queries have the text of a relevant document in `other`, and how many have one there."""
        golds, column = self.collection.golds[language], self.collection.document_languages.index(other)
        rows = np.flatnonzero((golds.language == column) & (golds.grade > 0) & (golds.document >= 0))
        queries = golds.query[rows].tolist()
        pairs = zip(queries, golds.document[rows].tolist(), strict=True)
        return len({row for row, place in pairs if self._are_same(language, row, other, place)}), len(set(queries))

    def _are_same(self, language: str, row: int, other: str, place: int) -> bool:
        text, found = self.collection.documents[other].texts[place], self._found[other]
        if place not in found:
            found[place] = _beginning(text)
        if self._asked[language][row] != found[place]:
            return False
        return _words(self.collection.queries[language].texts[row]) == _words(text) != ""


def _own_golds(same_as_golds: _SameAsGolds, grid: Grid) -> Iterator[str]:
    """Queries whose text is that of a relevant document in the language that they are asked in."""
    collection = same_as_golds.collection
    for language, queries in collection.queries.items():
        if language not in collection.documents:
            continue
        same, _ = same_as_golds.of(language, language)
        share = same / len(queries)
        words = f"{same:,} of {len(queries):,} queries in language {language!r} are word for word a relevant document"
        if share >= REFUSED:
            settings = [name for name in ("monolingual", "multilingual") if getattr(grid, name)]
            raise DataError(
                f"{words} of theirs, so that {' and '.join(settings)} scores say nothing; as for any set of "
                f"translations, score across languages alone: grid: {{monolingual: false, multilingual: false}}"
            )
        if share >= SAID:
            yield words


def _foreign_golds(same_as_golds: _SameAsGolds) -> Iterator[str]:
    """Queries whose text is that of a relevant document in another language, from SAID of those that have one there."""
    found = []
    for language in same_as_golds.collection.queries:
        for other in same_as_golds.collection.document_languages:
            same, answered = same_as_golds.of(language, other) if other != language else (0, 0)
            if same >= max(1, min(FEWEST, answered), SAID * answered):
                found.append((same / answered, f"{same:,} of {answered:,} queries in {language}-{other}"))
    if found:
        yield f"{max(found)[1]} are word for word a relevant document{_more(len(found) - 1)}"


def _more(others: int) -> str:
    return f", and the like in {others} other pairs" if others else ""


def _same_texts(name: str, texts: Mapping[str, Texts]) -> Iterator[str]:
    step = max(1, max(map(len, texts.values())) // MOST_LOOKED_AT)
    looked_at = {language: _looked_at(written, step) for language, written in texts.items()}
    short: list[tuple[float, str]] = []
    for first, second in combinations(texts, 2):
        share = _share(looked_at[first].longer, looked_at[second].longer)
        words = f"{share:.0%} of the longer {name} in languages {first!r} and {second!r} are word for word the same"
        varieties = first.split("-")[0] == second.split("-")[0]
        if share >= REFUSED and not varieties:
            raise DataError(f"{words}; is one a copy of the other? mend the files, or leave one of the languages out")
        if share >= SAID:
            yield words
        elif (share := _share(looked_at[first].every, looked_at[second].every)) >= REFUSED:
            short.append((share, f"{share:.0%} of the {name} in languages {first!r} and {second!r}"))
    if short:
        yield f"{max(short)[1]} are word for word the same, as names and numbers may be{_more(len(short) - 1)}"


def _share(first: set[str], second: set[str]) -> float:
    """Of the fewer texts, those that both have; 0 where there are too few to show anything."""
    fewer, same = min(len(first), len(second)), len(first & second)
    return 0.0 if same < FEWEST and same < max(fewer, 2) else same / fewer


class _LookedAt(NamedTuple):
    """Texts of a language without what leaves them the same."""

    every: set[str]
    longer: set[str]


def _looked_at(texts: Texts, step: int) -> _LookedAt:
    """Of a large collection, those whose checksum chooses them, which are the same in every language."""
    chosen = (text for text in texts.texts if step == 1 or crc32(_beginning(text).encode()) % step == 0)
    every = {_words(text) for text in chosen} - {""}
    return _LookedAt(every, {text for text in every if sum(map(str.isalpha, text)) >= LETTERS})


def _beginning(text: str) -> str:
    """The first letters of a text in any writing."""
    return _words(text[:READ]).replace(" ", "")[:BEGINNING]


def _words(text: str) -> str:
    """A text without what leaves it word for word the same: case, forms of characters, spaces, punctuation."""
    return _BETWEEN.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()
