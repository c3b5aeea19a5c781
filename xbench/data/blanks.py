"""Queries and documents without a sign that can be read: found by id, an error, or left out where the task says so.

An encoder gives them some vector all the same, so they would be scored. Knows collections; no file and no encoder.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from itertools import chain
from typing import Literal, TypeAlias

import numpy as np

from xbench.arrays import Flags
from xbench.data.collection import Collection, Golds, Queries, Texts
from xbench.errors import BLANK, DataError

Blank: TypeAlias = Literal["error", "drop"]
SHOWN = 5  # ids of blank texts that are named
FILLERS = BLANK + "\u034f"  # letters, a sign and a mark that nobody can see
UNSEEN = ("Zs", "Zl", "Zp", "Cc", "Cf", "Cs")  # spaces, controls, zero-width and other formatting characters
LOST = "\ufffc\ufffd"  # what stands where a character was lost, or something that is no text
MEANT = ("Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No", "Sm", "Sc", "So", "Me", "Co", "Cn")  # not yet known ones too
_SEEN = re.compile(rf"[^\W_{FILLERS}]")  # a letter or a digit, as nearly every text begins with


def is_blank(text: str) -> bool:
    """Whether a text has nothing but spaces, controls, characters that are never seen and what stands for lost ones."""
    if _SEEN.search(text):
        return False
    return all(map(_is_unseen, text))


def is_wordless(text: str) -> bool:
    """Whether a text has no letter, digit or symbol: punctuation, accents and what is never seen alone."""
    if _SEEN.search(text):
        return False
    return not any(unicodedata.category(sign) in MEANT and not _is_unseen(sign) for sign in text)


def without_blanks(collection: Collection, blank: Blank) -> Collection:
    """The collection without its blank texts; as it is where there is none.

    Raises DataError with their number and ids where `blank` is error, and where nothing is left of a language.
    """
    queries = {language: _blank(texts) for language, texts in collection.queries.items()}
    documents = {language: _blank(texts) for language, texts in collection.documents.items()}
    if not any(flags.any() for flags in chain(queries.values(), documents.values())):
        return collection
    notes: list[str] = []
    sides = (("queries", queries, collection.queries), ("documents", documents, collection.documents))
    for name, flagged, texts in sides:
        for language, flags in flagged.items():
            if flags.any() and blank == "error":
                raise DataError(_refusal(name, language, texts[language], flags))
            if flags.any():
                notes.append(f"{language}: {flags.sum()} blank {name} are left out (blank: drop)")
    return _without(collection, queries, documents, notes)


def _is_unseen(sign: str) -> bool:
    return unicodedata.category(sign) in UNSEEN or sign in FILLERS or sign in LOST or _selects(sign) or _is_none(sign)


def _selects(sign: str) -> bool:
    """Whether it is a variation selector, which shapes a sign before it."""
    return "\ufe00" <= sign <= "\ufe0f" or "\U000e0100" <= sign <= "\U000e01ef"


def _is_none(sign: str) -> bool:
    """Whether it is a code that Unicode keeps from ever being a character."""
    return "\ufdd0" <= sign <= "\ufdef" or ord(sign) & 0xFFFE == 0xFFFE


def _blank(texts: Texts) -> Flags:
    return np.fromiter(map(is_blank, texts.texts), bool, len(texts))


def _refusal(name: str, language: str, texts: Texts, flags: Flags) -> str:
    rows = np.flatnonzero(flags)
    shown = ", ".join(f"{texts.ids[row]!r:.60}" for row in rows[:SHOWN]) + (", ..." if len(rows) > SHOWN else "")
    return (
        f"{len(rows):,} of {len(texts):,} {name} in language {language!r} are blank (spaces, controls, characters "
        f"that nobody sees, or lost ones): {shown}; mend the data, or say `blank: drop` in the task"
    )


def _without(
    collection: Collection, queries: Mapping[str, Flags], documents: Mapping[str, Flags], notes: list[str]
) -> Collection:
    kept = {
        language: Texts(*(_rows(part, ~documents[language]) for part in (texts.ids, texts.texts)))
        for language, texts in collection.documents.items()
    }
    asked: dict[str, Queries] = {}
    golds: dict[str, Golds] = {}
    for language, texts in collection.queries.items():
        found = _golds(collection, language, ~queries[language], documents)
        answered = np.zeros(len(texts), bool)
        answered[found.query[found.grade > 0]] = True
        if lost := int((~queries[language] & ~answered).sum()):
            notes.append(f"{language}: {lost} queries without a relevant document are left out")
        rows = answered[found.query]
        number = np.cumsum(answered) - 1
        golds[language] = Golds(number[found.query[rows]], *(part[rows] for part in _parts(found)))
        columns = (texts.ids, texts.texts, texts.questions, texts.groups)
        asked[language] = Queries(*(_rows(column, answered) for column in columns))
    for name, part in (("queries", asked), ("documents", kept)):
        for language, left in part.items():
            if not len(left):
                raise DataError(f"no {name} in language {language!r} is left without those that are blank")
    return Collection(asked, kept, golds, (*collection.notes, *notes))


def _golds(collection: Collection, language: str, kept: Flags, blank: Mapping[str, Flags]) -> Golds:
    """Those of the queries that are kept, at the places of the documents that are kept."""
    golds = collection.golds[language]
    alive, place = kept[golds.query], golds.document.copy()
    for column, name in enumerate(collection.document_languages):
        rows = (golds.language == column) & (golds.document >= 0)
        alive[rows] &= ~blank[name][golds.document[rows]]
        place[rows] = (np.cumsum(~blank[name]) - 1)[golds.document[rows]]
    return Golds(golds.query[alive], golds.language[alive], place[alive], golds.grade[alive])


def _parts(golds: Golds) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return golds.language, golds.document, golds.grade


def _rows(values: tuple[str, ...], kept: Flags) -> tuple[str, ...]:
    return tuple(values[row] for row in np.flatnonzero(kept))
