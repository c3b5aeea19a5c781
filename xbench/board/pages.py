"""How values and names read on a page. Knows no result."""

from __future__ import annotations

import hashlib
import math
import re
from functools import cache

from xbench import languages

DASH = "–"
SHADES = 20
NAME_LENGTH = 60
RIGHT_TO_LEFT = frozenset({"Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm", "Rohg", "Mand", "Samr"})


def percent(value: float | None) -> str:
    """0.4567 -> 45.7; an en dash where there is no value, as in all of these."""
    if value is not None and 0.001 <= value <= 1:  # nearly always: no sign, no comma
        return f"{100 * value:.1f}"
    return number(None if value is None else 100 * value, 1)


def signed(value: float | None) -> str:
    """A difference in points: +1.2 or −0.4."""
    text = percent(value)
    return text if text == DASH or text.startswith("−") or not text.strip("0.") else f"+{text}"


def decimal(value: float | None) -> str:
    """A ratio or a correlation: three decimals."""
    return number(value, 3)


def ranks(value: float | None) -> str:
    """A number of ranks or a mean count: one decimal."""
    return number(value, 1)


def whole_ranks(value: float | None) -> str:
    """A number of ranks where room is short."""
    return number(value, 0)


def difference(value: float | None, column: str) -> str:
    """Measured minus printed: ranks or points, with its sign."""
    if column != "distance":
        return signed(value)
    return whole_ranks(value) if value is None or value < 0 else f"+{whole_ranks(value)}"


def number(value: float | None, digits: int | None = None) -> str:
    """1234.56 -> 1,234.6 and 120.0 -> 120, or a fixed number of digits; beyond 1e9 as a power of ten."""
    if value is None:
        return DASH
    if not math.isfinite(value) or abs(value) >= 1e9:
        return f"{value:.1e}".replace("-", "−")
    text = f"{value:,.1f}".removesuffix(".0") if digits is None else f"{value:,.{digits}f}"
    return text.replace("-", "−") if text.strip("-0.,") else text.lstrip("-")


def millions(value: float | None) -> str:
    """A number of parameters: 22.7 M, 1.2 B, 650 k."""
    if value is None:
        return DASH
    for size, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:,.3g} {unit}" if value < 1e12 else number(value)
    return number(value)


def shade(value: float | None, largest: float = 1.0) -> str:
    """The CSS class of a heat map's cell: `h0` for 0 to `h19` for `largest`, `hx` where there is no value."""
    if value is None or not largest or math.isnan(value):
        return "hx"
    return f"h{min(SHADES - 1, max(0, int(min(SHADES * value / largest, SHADES))))}"


def slug(name: str) -> str:
    """The name where it is safe in a path, else its safe part and a hash."""
    if re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,59}", name):
        return name
    safe = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]
    return f"{safe}-{hashlib.sha256(name.encode(errors='surrogatepass')).hexdigest()[:8]}".lstrip("-")


def run_name(page: str) -> str:
    """A run's name, from where its page is."""
    return page.removeprefix("runs/").removesuffix(".html")


@cache
def language_name(code: str) -> str:
    """The language's English name; thousands of cells ask for it."""
    return languages.language_name(code)


def own_name(code: str) -> str:
    """The language's name in itself, in its own script; the English one where CLDR has none."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(code, sep="-").get_display_name() or language_name(code)
    except (UnknownLocaleError, ValueError, TypeError):
        return language_name(code)


def direction(code: str) -> str:
    """`rtl` for a language written from right to left."""
    return "rtl" if languages.script(code) in RIGHT_TO_LEFT else "ltr"
