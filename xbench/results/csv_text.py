"""Rows as CSV: the same bytes for the same rows, and no cell that a spreadsheet would run. Knows no result."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_text(headings: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """A line of headings and one for each row; None is an empty cell.

    Text that a spreadsheet would take for a formula has an apostrophe in front; numbers stay numbers.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str) and value.lstrip(" \n\u00a0\ufeff").startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value
