"""Texts become units under one relation, the same in every language. Knows texts by language; no file, no format.

`next`: a row and the next row of its document. `halves`: the two halves of a text. `translation`: a text and the same
text in another language.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from xbench.data.units import Unit
from xbench.specs import Relation

SHORTEST_HALF = 8  # characters


def related(rows: Iterable[tuple[str, Mapping[str, str]]], relation: Relation) -> Iterator[Unit]:
    """Units of (document, texts by language), which for `next` stand in the order of the document."""
    before: tuple[str, Mapping[str, str]] | None = None
    for document, texts in rows:
        if relation == "halves":
            yield _halves(texts)
        elif relation == "translation":
            yield Unit(texts, texts)
        else:
            if before and before[0] == document:
                yield Unit(before[1], texts)
            before = (document, texts)


def _halves(texts: Mapping[str, str]) -> Unit:
    parts = {language: halve(text) for language, text in texts.items()}
    cut = {language: part for language, part in parts.items() if min(map(len, part)) >= SHORTEST_HALF}
    first, second = ({language: part[side] for language, part in cut.items()} for side in (0, 1))
    return Unit(first, second)


def halve(text: str) -> tuple[str, str]:
    """A text in two, at the space nearest to its middle; at the middle where no space is in its middle half."""
    middle = len(text) // 2
    spaces = [place for place in (text.rfind(" ", 0, middle + 1), text.find(" ", middle)) if place >= 0]
    near = [place for place in spaces if abs(place - middle) * 4 <= len(text)]
    cut = min(near, key=lambda place: abs(place - middle)) if near else middle
    return text[:cut].strip(), text[cut:].strip()
