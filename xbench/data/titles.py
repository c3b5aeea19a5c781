"""Title and text of a document as one, for rows as BEIR, MIRACL and their like write them. Knows a row; no file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xbench.data.rows import text_of
from xbench.errors import DataError


def title_and_text(row: Mapping[str, object], template: str, where: str, keys: Sequence[str] = ("text",)) -> str:
    """The two as the template joins them, the text alone where there is no title; `keys` are those that the text may
    have, the usual one first. Raises DataError where one of them is no text."""
    title = row.get("title") or ""
    if not isinstance(title, str):
        raise DataError(f"{where}: title: found {title!r:.60}, expected text")
    text = text_of(row, next((key for key in keys if key in row), keys[0]), where)
    return template.replace("{title}", title).replace("{text}", text) if title else text
