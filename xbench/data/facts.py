"""Facts about territories and languages: questions and answers in 16 languages, without a download.

The names are Babel's CLDR data; the sentences are ours (facts_templates.yaml). A fact that lacks a name in
any of LANGUAGES is left out, so fewer languages never mean other facts. A pinned digest notices any change.

This module knows nothing of tasks, splits, models or training: which kinds are held out is decided elsewhere.
Nor does it state any fact itself: where Babel has no data, there is no kind.
"""

import datetime
import functools
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PINNED_BABEL = "2.18.0"
PINNED_DIGEST = "fee454bdc72ecca09e8b5ba7f28baa6dfd3e9424327baa4be159ff1b761a028d"
TEMPLATES = Path(__file__).with_name("facts_templates.yaml")
LANGUAGES = ("ar", "de", "el", "en", "es", "fr", "hi", "it", "ja", "ko", "pt", "ru", "th", "tr", "vi", "zh")
NOT_IN_LATIN_SCRIPT = frozenset({"ar", "el", "hi", "ja", "ko", "ru", "th", "zh"})
# One day, within what this CLDR knows, or the facts would change with the calendar.
CURRENCIES_AS_OF = datetime.date(2025, 1, 1)
# The areas of the time zone database under CLDR's code of the region; its oceans are no continents.
AREAS = {"Africa": "002", "America": "019", "Asia": "142", "Europe": "150", "Pacific": "009"}
LIST_SEPARATORS = {"ar": "، ", "ja": "、", "zh": "、"}

Names = Mapping[str, Mapping[str, str]]
Codes = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Fact:
    """A question and its answer, each by language code; the id is the kind and the entity: "currency/CH"."""

    id: str
    kind: str
    question: Mapping[str, str]
    answer: Mapping[str, str]


@dataclass(frozen=True)
class Kind:
    """A question type: the CLDR tables that name its entities and values, and Babel's entity -> values."""

    entities: str
    values: str
    read: Callable[[], Codes]


def _territories() -> list[str]:
    """Codes of the countries and areas CLDR describes: no unions, no continents, not ZZ ("unknown")."""
    from babel.core import get_global

    return sorted(set(get_global("territory_languages")) - {"ZZ"})


def _currencies() -> Codes:
    """Territories with exactly one legal tender: where there are two, neither is the answer."""
    from babel.numbers import get_territory_currencies

    found = {code: get_territory_currencies(code, CURRENCIES_AS_OF) for code in _territories()}
    return {code: tuple(currencies) for code, currencies in found.items() if len(currencies) == 1}


def _continents() -> Codes:
    """Territories whose time zones all lie in one area of the time zone database."""
    from babel.core import get_global

    zones = get_global("territory_zones")
    areas = {code: {zone.split("/")[0] for zone in zones.get(code, ())} for code in _territories()}
    regions = {code: {AREAS.get(area, "") for area in found} for code, found in areas.items()}
    return {code: tuple(found) for code, found in regions.items() if len(found) == 1 and "" not in found}


def _first_days() -> Codes:
    """Territories for which CLDR states a first day; the worldwide default is no fact about a territory."""
    from babel import localedata

    territories = set(_territories())
    identifiers = [i for i in sorted(localedata.locale_identifiers()) if i.split("_")[-1] in territories]
    weeks = {i: localedata.load(i, merge_inherited=False).get("week_data", {}) for i in identifiers}
    return {i.split("_")[-1]: (str(week["first_day"]),) for i, week in weeks.items() if "first_day" in week}


def _official_languages() -> Codes:
    """Official languages of territories, most spoken first; one language in two scripts counts once."""
    from babel.languages import get_official_languages

    found = {code: [tag.split("_")[0] for tag in get_official_languages(code)] for code in _territories()}
    return {code: tuple(dict.fromkeys(languages)) for code, languages in found.items() if languages}


def _likely_subtag(position: int) -> Codes:
    """Languages with their likely script (position 1) or territory (position 2), not the world (001)."""
    from babel.core import get_global

    likely = {tag: subtags.split("_") for tag, subtags in get_global("likely_subtags").items()}
    languages = sorted(tag for tag in likely if "_" not in tag and tag != "und")
    return {tag: (likely[tag][position],) for tag in languages if not likely[tag][position].isdigit()}


_KINDS = {
    "currency": Kind("territories", "currencies", _currencies),
    "script": Kind("languages", "scripts", lambda: _likely_subtag(1)),
    "continent": Kind("territories", "territories", _continents),
    "first-day": Kind("territories", "days", _first_days),
    "official-language": Kind("territories", "languages", _official_languages),
    "home-territory": Kind("languages", "territories", lambda: _likely_subtag(2)),
}
KINDS: tuple[str, ...] = tuple(_KINDS)


def load_facts(kinds: Sequence[str], languages: Sequence[str]) -> list[Fact]:
    """All facts of these kinds, each in all these languages; in the order of KINDS, then of entity codes.

    Raises ValueError for a kind that is not in KINDS, a language that is not in LANGUAGES, or where this Babel's CLDR
    gives other facts than those that carry the name.
    """
    _check("kind", kinds, KINDS)
    _check("language", languages, LANGUAGES)
    if digest() != PINNED_DIGEST:
        from babel import __version__

        raise ValueError(
            f"Babel {__version__} gives other facts than Babel {PINNED_BABEL}, whose facts these are; "
            f"install Babel=={PINNED_BABEL}"
        )

    def asked(texts: Mapping[str, str]) -> dict[str, str]:
        return {language: texts[language] for language in languages}

    facts = [fact for fact in _all_facts() if fact.kind in kinds]
    return [Fact(fact.id, fact.kind, asked(fact.question), asked(fact.answer)) for fact in facts]


@functools.cache
def digest() -> str:
    """The sha256 of all facts in all languages: PINNED_DIGEST, unless CLDR or a template changed."""
    facts = [[fact.id, fact.kind, fact.question, fact.answer] for fact in _all_facts()]
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _check(what: str, asked: Sequence[str], known: Sequence[str]) -> None:
    if unknown := [name for name in asked if name not in known]:
        raise ValueError(f"unknown {what} of facts: {', '.join(unknown)}; there are: {', '.join(known)}")


@functools.cache
def _all_facts() -> tuple[Fact, ...]:
    import yaml

    templates = yaml.safe_load(TEMPLATES.read_text(encoding="utf-8"))
    names = {language: _cldr_names(language) for language in LANGUAGES}
    return tuple(fact for kind in KINDS for fact in _facts_of(kind, templates[kind], names))


def _facts_of(kind: str, templates: Names, names: Mapping[str, Names]) -> Iterator[Fact]:
    tables = _KINDS[kind]
    for code, values in sorted(tables.read().items()):
        wanted = [(tables.entities, code), *((tables.values, value) for value in values)]
        if not all(_is_named(table, wanted_code, names) for table, wanted_code in wanted):
            continue
        texts: dict[str, dict[str, str]] = {"question": {}, "answer": {}}
        for language in LANGUAGES:
            entity, *value_names = (names[language][table][wanted_code] for table, wanted_code in wanted)
            value = LIST_SEPARATORS.get(language, ", ").join(value_names)
            for part, text in texts.items():
                text[language] = templates[language][part].format(entity=entity, value=value)
        yield Fact(f"{kind}/{code}", kind, texts["question"], texts["answer"])


def _cldr_names(language: str) -> Names:
    from babel.core import Locale

    locale = Locale.parse(language)
    days = {str(day): name for day, name in locale.days["stand-alone"]["wide"].items()}
    tables = ("territories", "languages", "scripts", "currencies")
    return {"days": days} | {table: dict(getattr(locale, table)) for table in tables}


def _is_named(table: str, code: str, names: Mapping[str, Names]) -> bool:
    """Whether every language has a name of its own; the code, or English in another script, is no name."""
    found = {language: names[language][table].get(code) for language in LANGUAGES}
    borrowed = any(found[language] == found["en"] for language in NOT_IN_LATIN_SCRIPT)
    return all(found.values()) and code not in found.values() and not borrowed
