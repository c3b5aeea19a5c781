"""A part of a file's rows, for tasks and corpora that share a file and no document of it. Knows rows only."""

from __future__ import annotations

from collections.abc import Iterator

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
