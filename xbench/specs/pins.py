"""Checksums and sizes of a YAML's sources: each is of a file of its source, for any other would check nothing.

Languages that a YAML does not list may have theirs beside those that it does. Knows plain data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xbench.errors import SpecError, near_miss
from xbench.languages import canonical, is_language
from xbench.specs.flores import LISTS
from xbench.specs.parts import BY_LANGUAGE, PINS
from xbench.specs.strict_yaml import Document, Value

ENGLISH = "en"
Section = Mapping[str, Value]


def require_known_pins(document: Document) -> None:
    """Raise SpecError, with file and line, for a checksum or a size under a key that is no file of its source."""
    languages = _languages(document.data)
    for name, section in document.data.items():
        if isinstance(section, dict):
            _require_known(document, (name,), section, languages)
            if isinstance(source := section.get("source"), dict):  # of lexicons
                _require_known(document, (name, "source"), source, languages)


def _require_known(document: Document, key: tuple[str, ...], source: Section, languages: list[str]) -> None:
    place = f"{source.get('path', '')}{source.get('url', '')}"
    for kind in PINS if place else ():
        pins = source.get(kind)
        if not isinstance(pins, dict) or not pins:
            continue
        where = ".".join((*key, kind))
        one = not BY_LANGUAGE.search(place)
        if one and len(pins) > 1 and "{" not in str(source.get("member", "")):
            line = document.line((*key, kind))
            raise SpecError(
                f"{document.path}:{line}: {where}: found {', '.join(pins)}, expected one: the source is one file, for "
                "neither path nor url has {lang}"
            )
        allowed = ["", *languages] if one else list(_keys(place, source, languages))
        lacking = [name for name in allowed if name not in ("", ENGLISH) and name not in pins]
        for pin in pins:
            language = pin.split("/")[0]
            spare = not one and is_language(language) and language not in languages and not lacking
            if languages != [ENGLISH] and pin not in allowed and not spare:
                line = document.line((*key, kind, pin))
                hint = near_miss(pin, allowed[:30])
                raise SpecError(f"{document.path}:{line}: {where}: {pin!r} is no file of this source{hint}")


def _keys(place: str, source: Section, languages: list[str]) -> Iterator[str]:
    """What names each file of a source: a language; `de/3`, a shard; `de-en`, a pair of query and document."""
    if "{document}" in place:
        yield from (f"{query}-{document}" for query in languages for document in languages)
    elif "{shard}" in place and isinstance(shards := source.get("shards"), dict):
        counts = {language: count for language, count in shards.items() if isinstance(count, int)}
        yield from (f"{language}/{number}" for language, count in counts.items() for number in range(count))
    else:
        yield from languages


def _languages(data: Section) -> list[str]:
    """Those that a spec names, in codes; English too, for what is aligned with it."""
    lexicons = data.get("lexicons")
    found = [ENGLISH]
    for section in (data, lexicons if isinstance(lexicons, dict) else {}):
        for name in LISTS:
            listed = section.get(name)
            found += map(str, listed) if isinstance(listed, list) else []
    return list(dict.fromkeys(map(canonical, found)))
