"""Texts in several languages at once: rows of JSON, lines of parallel files, documents joined by an id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path

from xbench import specs
from xbench.data.finder import Finder
from xbench.data.loaders.joining import Join
from xbench.data.loaders.relations import related
from xbench.data.portions import of_length, portion
from xbench.data.rows import JsonRow, require_text, texts_by_language
from xbench.data.units import Unit
from xbench.errors import DataError
from xbench.specs.parts import HubSource, Source


def aligned(corpus: specs.AlignedCorpus, finder: Finder) -> Iterator[Unit]:
    """`aligned-jsonl`."""
    for file in corpus.files_:
        rows = portion(finder.rows(Source(path=file.path), ""), file.portion)
        if corpus.relation == "qa":
            for where, row in rows:
                query, positive = (by_language(where, row, key, corpus.languages) for key in ("query", "positive"))
                yield Unit(query, positive)
        else:
            documents = _documents(rows, corpus, file.document)
            fitting = ((document, of_length(texts, file.characters)) for document, texts in documents)
            yield from related(fitting, corpus.relation)


def _documents(
    rows: Iterator[JsonRow], corpus: specs.AlignedCorpus, document: str
) -> Iterator[tuple[str, dict[str, str]]]:
    for where, row in rows:
        key: object = ""
        if corpus.relation == "next":
            key = str(row.get("id", "")).split("#")[0] if document == "id#" else row.get(document)
            if not isinstance(key, str) or not key:
                raise DataError(f"{where}: {document}: found {key!r}, expected the row's document")
        yield str(key), by_language(where, row, "texts", corpus.languages)


def by_language(where: str, row: Mapping[str, object], key: str, languages: Sequence[str]) -> dict[str, str]:
    """A row's texts in the chosen languages. Raises DataError where they are not texts by language."""
    side = row.get(key)
    if not isinstance(side, dict) or not all(isinstance(text, str) for text in side.values()):
        raise DataError(f"{where}: {key}: found {side!r:.60}, expected texts by language")
    texts = texts_by_language(side, languages, key, where)
    return {language: str(texts[language]) for language in languages if str(texts.get(language, "")).strip()}


def lines(corpus: specs.LinesCorpus, finder: Finder) -> Iterator[Unit]:
    """`aligned-lines`."""
    sources = list(corpus.files())
    return related(_side_by_side(corpus, finder, sources), corpus.relation)


def _side_by_side(
    corpus: specs.LinesCorpus, finder: Finder, sources: Sequence[tuple[Source | HubSource, str]]
) -> Iterator[tuple[str, dict[str, str]]]:
    streams = [finder.lines(source, language) for source, language in sources]
    for together in zip_longest(*streams):
        if None in together:
            short, long = together.index(None), next(place for place, line in enumerate(together) if line)
            name = sources[short][1] or "documents"
            raise DataError(
                f"{together[long][0]}: the file of {name} ends before this line; aligned files have equally many"
            )
        texts = {language: line for (_, language), (_, line) in zip(sources, together, strict=True)}
        document = texts.pop("", "")
        yield document, {language: text for language, text in texts.items() if text.strip()}


def documents(corpus: specs.DocumentsCorpus, finder: Finder, scratch: Path) -> Iterator[Unit]:
    """`parquet`: documents joined by their key."""
    with Join(scratch) as join:
        for language in corpus.languages:
            for where, (key, text) in finder.columns(corpus.source, language, (corpus.key, corpus.text)):
                written = require_text(text, corpus.text, where)
                if written.strip():
                    join.add(str(key), language, written)
        yield from related((("", {row[0]: row[1] for row in rows}) for _, rows in join), corpus.relation)
