"""Language codes: whether one exists, what its speakers call it, and which one a name of FLORES stands for.

Knows CLDR (through Babel), nothing of tasks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from xbench.errors import SpecError

_SHAPE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2}|-[0-9]{3})?")
_FLORES = re.compile(r"\b([a-z]{3})_([A-Z][a-z]{3})\b")
# FLORES keeps Akan and Twi, North and South Levantine Arabic apart, which CLDR counts as one; its Pashto is the only
# one; and it leaves out the Chinese characters of Korean's script.
_OWN = {"twi_Latn": "tw", "ajp_Arab": "ajp", "pbt_Arab": "ps", "kor_Hang": "ko"}
# Berber as a whole is in ISO 639 and in Tatoeba, but not in CLDR.
_COLLECTIVE = {"ber"}
# Codes of writing systems that hold the same characters, and the script that they share.
_SCRIPTS = {"Hans": "Hani", "Hant": "Hani", "Jpan": "Hani", "Kore": "Hang"}


@cache
def _known() -> frozenset[str]:
    from babel import Locale
    from babel.core import get_global

    subtags = {code.split("_")[0] for code in get_global("likely_subtags")}
    return frozenset(subtags | set(Locale("en").languages) | set(get_global("language_aliases")) | _COLLECTIVE)


def is_language(code: str) -> bool:
    """True for an ISO 639 code in CLDR with an optional script and region: `de`, `zh-Hant`, `pt-BR`."""
    return bool(_SHAPE.fullmatch(code)) and code.split("-")[0] in _known()


def canonical(code: str) -> str:
    """The code for a name in the way of FLORES: `zho_Hans` is `zh`, `zho_Hant` is `zh-Hant`, `pes_Arab` is `fa`.

    The language is written as in CLDR, the script only where it is not the usual one. What is no such name comes back
    as it is, and so does one whose language or script CLDR does not know.
    """
    match = _FLORES.fullmatch(code)
    return _OWN.get(code) or _from_flores(*match.groups()) if match else code


@cache
def _from_flores(language: str, script: str) -> str:
    from babel import Locale
    from babel.core import get_global

    alias = get_global("language_aliases").get(language, language)
    if not is_language(alias.split("_")[0]) or script not in Locale("en").scripts:
        return f"{language}_{script}"
    base, *region = alias.split("_")
    return _shortest("-".join([base, script, *region]))


@cache
def _shortest(code: str) -> str:
    """CLDR's own name of the language, and the script only where it says something: `fa-Arab-AF` is `fa-AF`."""
    from babel.core import get_global

    base, *rest = code.split("-")
    alias = get_global("language_aliases").get(base, base)
    base = base if "_" in alias else alias
    usual = get_global("likely_subtags").get(base, "").split("_")[1:2]
    return "-".join([base, *(part for part in rest if [part] != usual)])


def canonical_names(text: str) -> str:
    """A text with every name in the way of FLORES written as its code: `deu_Latn-eng_Latn` is `de-en`."""
    return _FLORES.sub(lambda match: canonical(match[0]), text)


@cache
def row_language(key: str, among: tuple[str, ...]) -> str | None:
    """Which of these codes a key of a row names, as a code or as FLORES does; None for another language.

    Raises ValueError for what differs from one of them in case or in its dash alone.
    """
    code = key if key in among else canonical(key)
    if code in among:
        return code
    plain = key.lower().replace("_", "-")
    if meant := next((name for name in among if name.lower().replace("_", "-") == plain), None):
        raise ValueError(f"found language {key!r}, expected {meant!r}")
    return None


def match_language(name: str, among: Iterable[str]) -> str | None:
    """Which of these codes a user means: the very code, or the only one of the same language and script."""
    code, choices = canonical(name), list(among)
    if code in choices:
        return code
    same = [choice for choice in choices if _shortest(choice) == _shortest(code)]
    return same[0] if len(same) == 1 else None


def listed_languages(parts: Iterable[str], what: str) -> tuple[str, ...]:
    """Languages as users list them, `de,en`. Raises SpecError, opening with `what`, where a name between commas is
    empty."""
    names = tuple(code.strip() for part in parts for code in part.split(","))
    if "" in names:
        raise SpecError(f"{what}: found an empty name, expected codes with commas between, such as de,en")
    return names


@cache
def script(code: str) -> str:
    """The script of a language: what its code says (`sr-Latn`), else the usual one by CLDR; "" where CLDR has none.

    Chinese of either kind and Japanese share Han characters and are of one script, `Hani`; Korean is `Hang`.
    """
    from babel.core import get_global

    base, *rest = code.split("-")
    usual = get_global("likely_subtags")
    likely = usual.get(base) or usual.get(get_global("language_aliases").get(base, ""), "")
    written = next((part for part in (*rest, *likely.split("_")) if len(part) == 4), "")
    return _SCRIPTS.get(written, written)


def language_name(code: str) -> str:
    """The language's English name, or the code where CLDR has none."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(code, sep="-").get_display_name("en") or code
    except (UnknownLocaleError, ValueError):
        return str(Locale("en").languages.get(code, code))
