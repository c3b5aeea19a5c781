"""Texts of punctuation alone, as where every letter was lost; an encoder gives them some vector all the same.

A few among many documents are ordinary where texts were cut into sentences. Knows collections; no file and no encoder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from xbench.arrays import Flags
from xbench.data.blanks import is_wordless
from xbench.data.collection import Collection, Texts
from xbench.errors import DataError

REFUSED = 0.5  # share of a language's texts
SAID = 0.1


def wordless(collection: Collection) -> Iterator[str]:
    """A note on queries and relevant documents without a letter, digit or symbol, and where many documents are.

    Raises DataError where half of a language's queries or documents are.
    """
    flags = {language: _wordless(texts) for language, texts in collection.documents.items()}
    for language, queries in collection.queries.items():
        asked = _wordless(queries)
        if asked.any():
            yield _words("queries", language, queries, asked)
    relevant = _relevant(collection, flags)
    for language, texts in collection.documents.items():
        if flags[language].mean() >= SAID:
            yield _words("documents", language, texts, flags[language])
        elif relevant[language].any():
            yield _words("relevant documents", language, texts, relevant[language])


def _wordless(texts: Texts) -> Flags:
    return np.fromiter(map(is_wordless, texts.texts), bool, len(texts))


def _relevant(collection: Collection, flags: Mapping[str, Flags]) -> dict[str, Flags]:
    """Those of the documents flagged that are relevant to a query."""
    found = {language: np.zeros(len(flagged), bool) for language, flagged in flags.items()}
    for golds in collection.golds.values():
        for column, language in enumerate(collection.document_languages):
            rows = (golds.language == column) & (golds.grade > 0) & (golds.document >= 0)
            found[language][golds.document[rows]] = flags[language][golds.document[rows]]
    return found


def _words(name: str, language: str, texts: Texts, flags: Flags) -> str:
    first = int(np.flatnonzero(flags)[0])
    named = f"{name} in language {language!r} have no letter, digit or symbol, such as {texts.ids[first]!r:.60}"
    words = f"{flags.sum():,} {named}"
    if flags.mean() >= REFUSED:
        raise DataError(f"{words}: {flags.mean():.0%} of all; were letters lost where the data were converted?")
    return words
