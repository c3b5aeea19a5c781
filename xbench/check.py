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
    languages = len(collection.queries)
    yield f"{task.name}: {task.title or 'no title'}; {languages} languages; metrics {', '.join(task.metrics)}"
    yield ""
    headings = f"{'queries':>9}{'documents':>11}{'golds':>8}{'chars/query':>13}{'chars/doc':>11}{'longest':>9}"
    yield f"{'language':<24}{headings}"
    for language, queries in collection.queries.items():
        documents = collection.documents[language]
        golds = collection.golds[language]
        own = int((golds.language == collection.document_languages.index(language)).sum())
        lengths = [len(text) for text in documents.texts]
        yield (
            f"{language + ' ' + language_name(language):<24.23}{len(queries):>9,}{len(documents):>11,}{own:>8,}"
            f"{median(map(len, queries.texts)):>13.0f}{median(lengths):>11.0f}{max(lengths):>9,}"
        )
    yield ""
    for name, part in (("queries", collection.queries), ("documents", collection.documents)):
        texts = Counter(text for written in part.values() for text in written.texts)
        groups = [text for text, count in texts.items() if count > 1]
        empty = sum(not text.strip() for text in texts)
        yield f"{name}: {sum(texts.values()):,} texts, {len(groups)} stand more than once, {empty} are blank"
    yield ""
    yield from _samples(collection)


def _samples(collection: Collection) -> Iterator[str]:
    languages = list(collection.queries)
    for number in range(SAMPLES):
        language = languages[number % len(languages)]
        queries, golds = collection.queries[language], collection.golds[language]
        row = number * max(1, len(queries) // SAMPLES) % len(queries)
        yield f"{queries.ids[row]}  {_short(queries.texts[row])}"
        for gold in (golds.query == row).nonzero()[0][:SAMPLES]:
            other = collection.document_languages[int(golds.language[gold])]
            document = int(golds.document[gold])
            texts = collection.documents[other]
            yield f"  -> {texts.ids[document]}  {_short(texts.texts[document])}"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_SHOWN else flat[: LONGEST_SHOWN - 1] + "…"
