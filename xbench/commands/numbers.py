"""Numbers as options take them: in plain digits. Python alone would read 1_0 as 10, and digits of any script.

Knows words on a command line; nothing of what they count.
"""

from __future__ import annotations

import re
from typing import Any

import click
from click.types import FloatParamType

MOST = 10**9
_WHOLE = re.compile(r"[-+]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[-+]?([0-9]{1,18}\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")


class Whole(click.IntRange):
    """A whole number, at most MOST unless another bound is given."""

    def __init__(self, least: int, most: int = MOST) -> None:
        super().__init__(least, most)

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> int:
        """The number. Fails for what is not written in plain digits."""
        if isinstance(value, str) and not _WHOLE.fullmatch(value):
            self.fail(f"found {value[:40]!r}, expected a whole number in plain digits, such as 10", parameter, context)
        number: int = super().convert(value, parameter, context)
        return number


class Decimal(FloatParamType):
    """A number with or without a point; never infinite, never not a number."""

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> float:
        """The number. Fails for what is not written in plain digits, and for what is too large to be one."""
        if isinstance(value, float):
            return value
        number = float(value) if isinstance(value, str) and _DECIMAL.fullmatch(value) else float("inf")
        if number == float("inf"):
            self.fail(f"found {str(value)[:40]!r}, expected a number in plain digits, such as 0.5", parameter, context)
        return number
