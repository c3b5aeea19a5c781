"""Texts that stand where another text should: a query that is its own relevant document, a language that is a copy.

Each makes a score that looks perfect and says nothing. Knows collections; no file and no encoder.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import combinations
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
_BETWEEN = re.compile(
    "[\\s!-/:-@\\[-`{-~\u00a1-\u00bf\u060c\u061b\u061f\u06d4\u0964\u0965\u2000-\u206f\u3000-\u3003\u3008-\u301f]+"
)
"""What two writings of one text may differ in besides case: spaces and punctuation."""


def copied(collection: Collection, grid: Grid) -> Iterator[str]:
    """A note on every share above SAID. Raises DataError where it is REFUSED or more, unless both languages are one:
    of varieties and scripts of a language, many texts may well be the same."""
    if grid.monolingual or grid.multilingual:
        yield from _own_golds(collection, grid)
    yield from _same_texts("queries", collection.queries)
    yield from _same_texts("documents", collection.documents)


def _own_golds(collection: Collection, grid: Grid) -> Iterator[str]:
    """Queries whose text is that of a relevant document in the language that they are asked in."""
    columns = {name: column for column, name in enumerate(collection.document_languages)}
    for language, queries in collection.queries.items():
        if language not in columns:
            continue
        golds, texts = collection.golds[language], collection.documents[language].texts
        rows = np.flatnonzero((golds.language == columns[language]) & (golds.grade > 0) & (golds.document >= 0))
        pairs = zip(golds.query[rows].tolist(), golds.document[rows].tolist(), strict=True)
        same = len({query for query, place in pairs if queries.texts[query].strip() == texts[place].strip()})
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


def _same_texts(name: str, texts: Mapping[str, Texts]) -> Iterator[str]:
    step = max(1, max(map(len, texts.values())) // MOST_LOOKED_AT)
    long = {language: _long_texts(written, step) for language, written in texts.items()}
    for first, second in combinations(texts, 2):
        fewer = min(len(long[first]), len(long[second]))
        same = len(long[first] & long[second])
        if (same < FEWEST and same < max(fewer, 2)) or same / fewer < SAID:
            continue
        words = (
            f"{same / fewer:.0%} of the longer {name} in languages {first!r} and {second!r} are word for word the same"
        )
        if same / fewer >= REFUSED and first.split("-")[0] != second.split("-")[0]:
            raise DataError(f"{words}; is one a copy of the other? mend the files, or leave one of the languages out")
        yield words


def _long_texts(texts: Texts, step: int) -> set[str]:
    """Of a large collection, those whose checksum chooses them, which are the same in every language."""
    chosen = (text for text in texts.texts if step == 1 or crc32(text.strip().casefold().encode()) % step == 0)
    return {_words(text) for text in chosen if sum(map(str.isalpha, text)) >= LETTERS}


def _words(text: str) -> str:
    """A text without what leaves it word for word the same: case, forms of characters, spaces, punctuation."""
    return _BETWEEN.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()
