"""Facts about territories and languages: questions and answers in 16 languages, without a download.

The names are CLDR's (facts_names.json, written by benchmarks/facts_names.py; Unicode License v3, beside it); the
sentences are ours (facts_templates.yaml). A fact that lacks a name in any of LANGUAGES is not there, so fewer
languages never mean other facts. A pinned digest notices any change.

This module knows nothing of tasks, splits, models or training: which kinds are held out is decided elsewhere.
Nor does it state any fact itself: where CLDR has no data, there is no kind.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PINNED_DIGEST = "fee454bdc72ecca09e8b5ba7f28baa6dfd3e9424327baa4be159ff1b761a028d"
NAMES_OF_BABEL = "2.18.0"  # whose CLDR data the names are
NAMES = Path(__file__).with_name("facts_names.json")
TEMPLATES = Path(__file__).with_name("facts_templates.yaml")
LANGUAGES = ("ar", "de", "el", "en", "es", "fr", "hi", "it", "ja", "ko", "pt", "ru", "th", "tr", "vi", "zh")
LIST_SEPARATORS = {"ar": "، ", "ja": "、", "zh": "、"}
# By kind of question, the tables that name its entities and its values.
TABLES = {
    "currency": ("territories", "currencies"),
    "script": ("languages", "scripts"),
    "continent": ("territories", "territories"),
    "first-day": ("territories", "days"),
    "official-language": ("territories", "languages"),
    "home-territory": ("languages", "territories"),
}
KINDS: tuple[str, ...] = tuple(TABLES)

Names = Mapping[str, Mapping[str, Sequence[str]]]
Templates = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Fact:
    """A question and its answer, each by language code; the id is the kind and the entity: "currency/CH"."""

    id: str
    kind: str
    question: Mapping[str, str]
    answer: Mapping[str, str]


def load_facts(kinds: Sequence[str], languages: Sequence[str]) -> list[Fact]:
    """All facts of these kinds, each in all these languages; in the order of KINDS, then of entity codes.

    Raises ValueError for a kind that is not in KINDS, a language that is not in LANGUAGES, or where the files that
    the facts are made of are not those that the digest was taken of.
    """
    _check("kind", kinds, KINDS)
    _check("language", languages, LANGUAGES)
    if digest() != PINNED_DIGEST:
        raise ValueError(
            f"{NAMES} or {TEMPLATES.name} beside it was changed: they give other facts than those that carry the name; "
            "install xbench again"
        )

    def in_languages(texts: Mapping[str, str]) -> dict[str, str]:
        return {language: texts[language] for language in languages}

    facts = [fact for fact in _all_facts() if fact.kind in kinds]
    return [Fact(fact.id, fact.kind, in_languages(fact.question), in_languages(fact.answer)) for fact in facts]


@functools.cache
def digest() -> str:
    """The sha256 of all facts in all languages: PINNED_DIGEST, unless a name or a template changed."""
    facts = [[fact.id, fact.kind, fact.question, fact.answer] for fact in _all_facts()]
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _check(what: str, wanted: Sequence[str], known: Sequence[str]) -> None:
    if unknown := [name for name in wanted if name not in known]:
        raise ValueError(f"unknown {what} of facts: {', '.join(unknown)}; there are: {', '.join(known)}")


@functools.cache
def _all_facts() -> tuple[Fact, ...]:
    import yaml

    templates: Mapping[str, Templates] = yaml.safe_load(TEMPLATES.read_text(encoding="utf-8"))
    shipped = json.loads(NAMES.read_text(encoding="utf-8"))
    return tuple(
        fact for kind in KINDS for fact in _facts_of(kind, shipped["facts"][kind], shipped["names"], templates[kind])
    )


def _facts_of(kind: str, facts: Mapping[str, Sequence[str]], names: Names, templates: Templates) -> Iterator[Fact]:
    """Question and answer in every language for each (entity, values) of one kind."""
    entities, values = (names[table] for table in TABLES[kind])
    for code, value_codes in facts.items():
        question, answer = {}, {}
        for position, language in enumerate(LANGUAGES):
            answered = [values[value_code][position] for value_code in value_codes]
            value = LIST_SEPARATORS.get(language, ", ").join(answered)
            texts = templates[language]
            question[language] = texts["question"].format(entity=entities[code][position], value=value)
            answer[language] = texts["answer"].format(entity=entities[code][position], value=value)
        yield Fact(f"{kind}/{code}", kind, question, answer)
