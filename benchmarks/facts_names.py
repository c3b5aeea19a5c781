"""The facts that ship with xbench, and their names, out of CLDR as Babel has it.

    python benchmarks/facts_names.py xbench/data/facts_names.json

Which values belong to which entity (the currency of a territory, the script of a language) and what every language
calls both. A fact that lacks a name in any of the languages is left out. Needs the Babel that is named in
xbench/data/embedded_facts.py: another one brings other CLDR data, and so other facts. Knows nothing of sentences.
"""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from babel import Locale, localedata
from babel.core import get_global
from babel.languages import get_official_languages
from babel.numbers import get_territory_currencies

from xbench.data.embedded_facts import LANGUAGES, NAMES_OF_BABEL, TABLES

NOT_IN_LATIN_SCRIPT = frozenset({"ar", "el", "hi", "ja", "ko", "ru", "th", "zh"})
# One day, within what this CLDR knows, or the facts would change with the calendar.
CURRENCIES_AS_OF = datetime.date(2025, 1, 1)
# The areas of the time zone database under CLDR's code of the region; its oceans are no continents.
AREAS = {"Africa": "002", "America": "019", "Asia": "142", "Europe": "150", "Pacific": "009"}

Codes = dict[str, tuple[str, ...]]
Names = Mapping[str, Mapping[str, Mapping[str, str]]]


def _territories() -> list[str]:
    """Codes of the countries and areas CLDR describes: no unions, no continents, not ZZ ("unknown")."""
    return sorted(set(get_global("territory_languages")) - {"ZZ"})


def _currencies() -> Codes:
    """Territories with exactly one legal tender: where there are two, neither is the answer."""
    tenders = {code: get_territory_currencies(code, CURRENCIES_AS_OF) for code in _territories()}
    return {code: tuple(currencies) for code, currencies in tenders.items() if len(currencies) == 1}


def _continents() -> Codes:
    """Territories whose time zones all lie in one area of the time zone database."""
    zones = get_global("territory_zones")
    areas = {code: {zone.split("/")[0] for zone in zones.get(code, ())} for code in _territories()}
    regions = {code: {AREAS.get(area, "") for area in places} for code, places in areas.items()}
    return {code: tuple(places) for code, places in regions.items() if len(places) == 1 and "" not in places}


def _first_days() -> Codes:
    """Territories for which CLDR states a first day; the worldwide default is no fact about a territory."""
    territories = set(_territories())
    identifiers = [i for i in sorted(localedata.locale_identifiers()) if i.split("_")[-1] in territories]
    weeks = {i: localedata.load(i, merge_inherited=False).get("week_data", {}) for i in identifiers}
    return {i.split("_")[-1]: (str(week["first_day"]),) for i, week in weeks.items() if "first_day" in week}


def _official_languages() -> Codes:
    """Official languages of territories, most spoken first; one language in two scripts counts once."""
    official = {code: [tag.split("_")[0] for tag in get_official_languages(code)] for code in _territories()}
    return {code: tuple(dict.fromkeys(languages)) for code, languages in official.items() if languages}


def _likely_subtag(position: int) -> Codes:
    """Languages with their likely script (position 1) or territory (position 2), not the world (001)."""
    likely = {tag: subtags.split("_") for tag, subtags in get_global("likely_subtags").items()}
    languages = sorted(tag for tag in likely if "_" not in tag and tag != "und")
    return {tag: (likely[tag][position],) for tag in languages if not likely[tag][position].isdigit()}


READERS = {
    "currency": _currencies,
    "script": lambda: _likely_subtag(1),
    "continent": _continents,
    "first-day": _first_days,
    "official-language": _official_languages,
    "home-territory": lambda: _likely_subtag(2),
}


def _names(language: str) -> Mapping[str, Mapping[str, str]]:
    locale = Locale.parse(language)
    days = {str(day): name for day, name in locale.days["stand-alone"]["wide"].items()}
    tables = ("territories", "languages", "scripts", "currencies")
    return {"days": days} | {table: dict(getattr(locale, table)) for table in tables}


def _is_named(table: str, code: str, names: Names) -> bool:
    """Whether every language has a name of its own; the code, or English in another script, is no name."""
    own = {language: names[language][table].get(code) for language in LANGUAGES}
    borrowed = any(own[language] == own["en"] for language in NOT_IN_LATIN_SCRIPT)
    return all(own.values()) and code not in own.values() and not borrowed


def facts_and_names() -> dict[str, dict[str, dict[str, list[str]]]]:
    """`facts`: kind -> entity -> values; `names`: table -> code -> its name in each of LANGUAGES, in their order."""
    names = {language: _names(language) for language in LANGUAGES}
    facts: dict[str, dict[str, list[str]]] = {kind: {} for kind in READERS}
    shown: dict[str, dict[str, list[str]]] = {}
    for kind, read in READERS.items():
        for entity, values in sorted(read().items()):
            asked, answered = TABLES[kind]
            needed = [(asked, entity), *((answered, value) for value in values)]
            if all(_is_named(table, code, names) for table, code in needed):
                facts[kind][entity] = list(values)
                for table, code in needed:
                    shown.setdefault(table, {})[code] = [names[language][table][code] for language in LANGUAGES]
    return {"facts": facts, "names": {table: dict(sorted(shown[table].items())) for table in sorted(shown)}}


def names_as_json() -> str:
    """The JSON of facts_and_names, a line for each entity and each name, so that a change is seen in a diff."""
    parts = []
    for part, tables in facts_and_names().items():
        blocks = []
        for table, rows in tables.items():
            lines = [f"{json.dumps(code)}: {json.dumps(row, ensure_ascii=False)}" for code, row in rows.items()]
            blocks.append(f'"{table}": {{\n' + ",\n".join(lines) + "\n}")
        parts.append(f'"{part}": {{\n' + ",\n".join(blocks) + "\n}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    if (installed := version("babel")) != NAMES_OF_BABEL:
        sys.exit(f"Babel {installed} has other CLDR data than Babel {NAMES_OF_BABEL}, which the facts are made of")
    Path(sys.argv[1]).write_text(names_as_json(), encoding="utf-8")


if __name__ == "__main__":
    main()
