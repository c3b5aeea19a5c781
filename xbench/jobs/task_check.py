"""What a person wants to see of a collection before trusting it, as lines of text. Knows collections and the protocol
of encoders, of which only tokens are counted here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from xbench.data.collection import Collection, Texts
from xbench.encoders.base import Encoder, Role
from xbench.languages import language_name
from xbench.specs import TaskBase

SAMPLES = 3
LONGEST_SHOWN = 160
COUNTED = 20_000  # texts of a language whose tokens are counted


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


def token_table(collection: Collection, encoder: Encoder) -> Iterator[str]:
    """Per language: tokens of a query and of a document, and the share of them that the encoder cuts."""
    yield ""
    longest = encoder.max_length
    reads = f"{longest:,} of a text" if longest else "all of a text"
    yield f"tokens as the model counts them, prompts included; it reads {reads}"
    yield f"{'language':<24}{'tokens/query':>14}{'cut':>8}{'tokens/doc':>14}{'cut':>8}{'unknown':>9}"
    sides: tuple[tuple[Role, Mapping[str, Texts]], ...] = (
        ("query", collection.queries),
        ("document", collection.documents),
    )
    for language in dict.fromkeys([*collection.queries, *collection.documents]):
        line, pieces, unknown = f"{language + ' ' + language_name(language):<24.23}", 0, 0
        for role, part in sides:
            if language not in part:
                line += f"{'-':>14}{'-':>8}"
                continue
            counts = encoder.tokens(_some(part[language].texts), role)
            cut = float((counts[:, 0] > longest).mean()) if longest else 0.0
            line += f"{counts[:, 0].mean():>14.1f}{cut:>8.1%}"
            pieces, unknown = pieces + int(counts[:, 0].sum()), unknown + int(counts[:, 1].sum())
        yield line + f"{unknown / max(pieces, 1):>9.1%}"
    if any(len(texts) > COUNTED for _, part in sides for texts in part.values()):
        yield f"of {COUNTED:,} texts of each language, evenly spread"


def _some(texts: Sequence[str]) -> list[str]:
    """All texts, or COUNTED of them evenly spread."""
    step = max(1, len(texts) / COUNTED)
    return [texts[int(number * step)] for number in range(min(len(texts), COUNTED))]


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
    chosen = [languages[number % len(languages)] for number in range(SAMPLES)]
    rows = [number * len(collection.queries[language]) // SAMPLES for number, language in enumerate(chosen)]
    for language, row in dict.fromkeys(zip(chosen, rows, strict=True)):  # of few questions, each once
        queries, golds = collection.queries[language], collection.golds[language]
        yield f"{queries.ids[row]}  {_short(queries.texts[row])}"
        for gold in ((golds.query == row) & (golds.grade > 0) & (golds.document >= 0)).nonzero()[0][:SAMPLES]:
            other = collection.document_languages[int(golds.language[gold])]
            document = int(golds.document[gold])
            texts = collection.documents[other]
            yield f"  -> {texts.ids[document]}  {_short(texts.texts[document])}"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_SHOWN else flat[: LONGEST_SHOWN - 1] + "…"
