"""What a person wants to see of a collection before trusting it. Knows collections only; returns lines of text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from statistics import median

from xbench.collection import Collection
from xbench.languages import language_name
from xbench.specs import TaskBase

SAMPLES = 3
LONGEST_SHOWN = 160


def describe(task: TaskBase, collection: Collection) -> Iterator[str]:
    """Counts and lengths per language, duplicates, and three questions with their golds."""
    languages = len({*collection.queries, *collection.documents})
    yield f"{task.name}: {task.title or 'no title'}; {languages} languages; metrics {', '.join(task.metrics)}"
    yield ""
    headings = f"{'queries':>9}{'documents':>11}{'golds':>8}{'chars/query':>13}{'chars/doc':>11}{'longest':>9}"
    yield f"{'language':<24}{headings}"
    for language in dict.fromkeys([*collection.queries, *collection.documents]):
        yield f"{language + ' ' + language_name(language):<24.23}{_counts(collection, language)}"
    yield from collection.notes
    yield ""
    for name, part in (("queries", collection.queries), ("documents", collection.documents)):
        texts = Counter(text for written in part.values() for text in written.texts)
        groups = [text for text, count in texts.items() if count > 1]
        empty = sum(not text.strip() for text in texts)
        yield f"{name}: {sum(texts.values()):,} texts, {len(groups)} stand more than once, {empty} are blank"
    yield ""
    yield from _samples(collection)


def _counts(collection: Collection, language: str) -> str:
    """One line: queries, documents, relevant documents in the language, lengths; a dash where a side has no text."""
    queries, documents = collection.queries.get(language), collection.documents.get(language)
    golds = 0
    if documents:
        column = collection.document_languages.index(language)
        sides = (collection.golds[language],) if queries else collection.golds.values()
        golds = sum(int(((side.language == column) & (side.grade > 0)).sum()) for side in sides)
    asked = [len(text) for text in queries.texts] if queries else []
    lengths = [len(text) for text in documents.texts] if documents else []
    long = f"{median(lengths):>11.0f}{max(lengths):>9,}" if lengths else f"{'-':>11}{'-':>9}"
    return (
        f"{len(asked):>9,}{len(lengths):>11,}{golds:>8,}"
        + (f"{median(asked):>13.0f}" if asked else f"{'-':>13}")
        + long
    )


def _samples(collection: Collection) -> Iterator[str]:
    languages = list(collection.queries)
    for number in range(SAMPLES):
        language = languages[number % len(languages)]
        queries, golds = collection.queries[language], collection.golds[language]
        row = number * max(1, len(queries) // SAMPLES) % len(queries)
        yield f"{queries.ids[row]}  {_short(queries.texts[row])}"
        for gold in ((golds.query == row) & (golds.grade > 0) & (golds.document >= 0)).nonzero()[0][:SAMPLES]:
            other = collection.document_languages[int(golds.language[gold])]
            document = int(golds.document[gold])
            texts = collection.documents[other]
            yield f"  -> {texts.ids[document]}  {_short(texts.texts[document])}"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_SHOWN else flat[: LONGEST_SHOWN - 1] + "…"
