"""JSON as its standard has it: a key of an object stands there once, and NaN and infinity are no numbers.

Python reads more: of a key that stands twice the last one wins unsaid. Knows text; nothing of what it means.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


def strict_json(
    text: str,
    parse_float: Callable[[str], float] | None = None,
    parse_int: Callable[[str], int] | None = None,
    parse_constant: Callable[[str], Any] | None = None,
) -> Any:
    """The value of a text; numbers as the first two functions read them, or as Python does.

    `parse_constant` reads NaN and infinity in the files of programs that write them all the same.

    Raises ValueError, with one line, for what is no JSON, or nested too deeply.
    """
    try:
        return json.loads(
            text,
            object_pairs_hook=_distinct,
            parse_constant=parse_constant or _refuse_constant,
            parse_float=parse_float,
            parse_int=parse_int,
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"key {twice!r:.60} stands twice in an object; keep one")
    return made


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
