"""The embedded collection: questions about held-out kinds of facts, among answers of several kinds. Reads no file."""

from __future__ import annotations

from collections.abc import Iterator

from xbench.data.collection import Collection, Queries, Texts, collect
from xbench.data.embedded_facts import load_facts
from xbench.data.rows import Locate
from xbench.errors import SpecError
from xbench.specs import FactsTask
from xbench.specs.parts import Source


def files(task: FactsTask) -> Iterator[tuple[Source, str]]:
    """None: the facts ship with xbench."""
    yield from ()


def read(task: FactsTask, locate: Locate) -> Collection:
    """Questions of `kinds`; documents are their answers and those of the `distractors`."""
    languages = task.languages
    try:
        asked = load_facts(task.options.kinds, languages)
        answered = asked + load_facts(task.options.distractors, languages)
    except ValueError as error:
        raise SpecError(f"task {task.name}: {error}") from None
    ids = tuple(fact.id for fact in asked)
    queries = {
        language: Queries(
            ids=tuple(f"{language}-{identity}" for identity in ids),
            texts=tuple(fact.question[language] for fact in asked),
            questions=ids,
            groups=tuple(identity.split("/")[1] if task.group == "entity" else identity for identity in ids),
        )
        for language in languages
    }
    documents = {
        language: Texts(
            tuple(f"{language}-{fact.id}" for fact in answered),
            tuple(fact.answer[language] for fact in answered),
        )
        for language in languages
    }
    positions = {fact.id: [number] for number, fact in enumerate(answered)}
    return collect(queries, documents, dict.fromkeys(languages, positions))
