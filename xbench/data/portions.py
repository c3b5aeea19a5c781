"""A part of a file's rows and texts, for tasks and corpora that share a file and no document of it. Knows rows only."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

from xbench.data.rows import JsonRow
from xbench.errors import DataError
from xbench.specs.parts import Portion


def portion(rows: Iterator[JsonRow], part: Portion | None) -> Iterator[JsonRow]:
    """The rows of a part, or all. Raises DataError where nothing names a row's document."""
    for where, row in rows:
        try:
            if part is None or part.takes(row):
                yield where, row
        except ValueError as error:
            raise DataError(f"{where}: {error}") from None


def of_length(texts: Mapping[str, str], characters: tuple[int, int] | None) -> dict[str, str]:
    """Those of a row's texts that have so many characters, from and to; all where no numbers are given."""
    shortest, longest = characters or (0, sys.maxsize)
    return {language: text for language, text in texts.items() if shortest <= len(text) <= longest}
