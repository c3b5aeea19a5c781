"""Language codes: whether one exists and what its speakers call it. Knows CLDR (through Babel), nothing of tasks."""

from __future__ import annotations

import re
from functools import cache

_SHAPE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2}|-[0-9]{3})?")


@cache
def _known() -> frozenset[str]:
    from babel import Locale
    from babel.core import get_global

    subtags = {code.split("_")[0] for code in get_global("likely_subtags")}
    return frozenset(subtags | set(Locale("en").languages) | set(get_global("language_aliases")))


def is_language(code: str) -> bool:
    """True for an ISO 639 code in CLDR with an optional script and region: `de`, `zh-Hant`, `pt-BR`."""
    return bool(_SHAPE.fullmatch(code)) and code.split("-")[0] in _known()


def language_name(code: str) -> str:
    """The language's English name, or the code where CLDR has none."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(code, sep="-").get_display_name("en") or code
    except (UnknownLocaleError, ValueError):
        return str(Locale("en").languages.get(code, code))
