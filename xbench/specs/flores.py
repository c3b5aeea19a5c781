"""A YAML that names languages as FLORES does (`eng_Latn`), in the project's codes, before it is checked.

Keys become codes. A source then says how it writes each language, for its files carry the names that its author knows.
Knows plain data; lists of languages are translated where they are checked.
"""

from __future__ import annotations

from collections.abc import Iterator

from xbench.errors import SpecError
from xbench.languages import canonical, canonical_names
from xbench.specs.strict_yaml import Document, Key, Value

PLACES = ("path", "url", "hub")  # what a mapping with files in it has
LISTS = ("languages", "query_languages", "document_languages", "to")


def in_codes(document: Document) -> Document:
    """The same document with codes for keys. Raises SpecError where two keys name one language."""
    data = _keys_in_codes(document, document.data, ())
    assert isinstance(data, dict)
    lexicons = data.get("lexicons")
    for section in (data, lexicons if isinstance(lexicons, dict) else {}):
        _fill_codes(section)
    lines = {
        tuple(canonical_names(part) if isinstance(part, str) else part for part in key): line
        for key, line in document.lines.items()
    }
    return Document(document.path, data, lines)


def _keys_in_codes(document: Document, value: Value, key: Key) -> Value:
    if isinstance(value, list):
        return [_keys_in_codes(document, inner, (*key, place)) for place, inner in enumerate(value)]
    if not isinstance(value, dict):
        return value
    written: dict[str, Value] = {}
    for name, inner in value.items():
        code = canonical_names(name)
        if code in written:
            where = f"{document.path}:{document.line((*key, name))}"
            raise SpecError(f"{where}: {name!r} is {code!r}, which stands there already; keep one")
        written[code] = _keys_in_codes(document, inner, (*key, name))
    return written


def _fill_codes(section: dict[str, Value]) -> None:
    """Say in each source of a section how it writes the languages that the section names as FLORES does."""
    names: dict[str, Value] = {canonical(name): name for name in _names(section) if canonical(name) != name}
    for source in _sources(section) if names else ():
        codes = source.get("codes", {})
        source["codes"] = names | codes if isinstance(codes, dict) else codes


def _names(section: dict[str, Value]) -> Iterator[str]:
    """The languages of a spec, as its author wrote them."""
    for key in LISTS:
        languages = section.get(key)
        yield from (name for name in languages if isinstance(name, str)) if isinstance(languages, list) else ()


def _sources(section: dict[str, Value]) -> Iterator[dict[str, Value]]:
    """What in a spec says where files are; the spec itself where it names a data set by language."""
    if "dataset" in section:
        yield section
    for value in section.values():
        if isinstance(value, dict) and any(place in value for place in PLACES):
            yield value
