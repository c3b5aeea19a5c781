"""Aligned rows: the same meaning in several languages. Knows the three layouts only.

jsonl: `{id, query: {lang: text}, positive: {lang: text}}`, one file. lines: one text file per language, line i is the
translation of line i; each line is a query and a document, so a task of this layout asks for cross-lingual settings.
captions: jsonl `{id, lang: {KEY: [texts]}}`; a row is a picture, and its texts in all languages describe it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from xbench.data.collection import Collection, Queries, Texts, collect
from xbench.data.loaders.relations import related
from xbench.data.perturbation import perturbed
from xbench.data.portions import of_length, portion
from xbench.data.rows import File, Locate, id_of, json_rows, language_of, lines, texts_by_language
from xbench.errors import DataError
from xbench.specs import ParallelTask
from xbench.specs.parts import Perturbation, Source


@dataclass
class _Column:
    """Texts of one language and the rows they come from."""

    rows: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def add(self, row: str, text: object, where: str) -> None:
        if not isinstance(text, str):
            raise DataError(f"{where}: found {text!r:.60}, expected a text")
        self.rows.append(row)
        self.texts.append(text)

    def names(self) -> list[str]:
        """The row of each text, numbered from its second text on."""
        seen: dict[str, int] = {}
        for row in self.rows:
            seen[row] = seen.get(row, 0) + 1
        counts: dict[str, int] = {}
        names = []
        for row in self.rows:
            counts[row] = counts.get(row, 0) + 1
            names.append(row if seen[row] == 1 else f"{row}-{counts[row]}")
        return names

    def positions(self) -> dict[str, list[int]]:
        """Where each row's texts stand."""
        places: dict[str, list[int]] = {}
        for position, row in enumerate(self.rows):
            places.setdefault(row, []).append(position)
        return places


def files(task: ParallelTask) -> Iterator[tuple[Source, str]]:
    """Every (source, language) that the task reads."""
    yield from ((task.source, language) for language in (task.languages if task.source.by_language else ("",)))


def read(task: ParallelTask, locate: Locate) -> Collection:
    """The task's collection. Raises DataError naming file and line."""
    queries = {language: _Column() for language in task.query_languages}
    documents = {language: _Column() for language in task.document_languages}
    if task.options.captions:
        _captions(task, locate(task.source, ""), queries, documents)
    else:
        rows = _lines if task.source.by_language else _jsonl
        for where, row, asked, answered in rows(task, locate):
            for column, side in ((queries, asked), (documents, answered)):
                for language in column.keys() & side.keys():
                    column[language].add(row, side[language], f"{where}: {language}")
    return collect(
        {
            language: Queries(
                ids=tuple(f"{language}-q-{row}" for row in column.rows),
                texts=tuple(_asked(text, task.options.perturb) for text in column.texts),
                questions=tuple(column.rows),
                groups=tuple(column.rows),
            )
            for language, column in queries.items()
        },
        {
            language: Texts(tuple(f"{language}-{name}" for name in column.names()), tuple(column.texts))
            for language, column in documents.items()
        },
        {language: column.positions() for language, column in documents.items()},
    )


def _asked(text: str, how: Perturbation | None) -> str:
    return text if how is None else perturbed(text, how)


def _rows(task: ParallelTask, file: File) -> Iterator[tuple[str, str, dict[str, object]]]:
    """(file:line, id, row). Raises DataError for an id that is absent or stands twice, and for an empty file."""
    seen: set[str] = set()
    for where, row in portion(json_rows(file), task.options.portion):
        identity = id_of(row, task.options.id, where)
        if not identity or identity in seen:
            value = row[task.options.id]
            raise DataError(f"{where}: {task.options.id}: found {value!r:.60}, expected an id that no other row has")
        seen.add(identity)
        yield where, identity, row
    if not seen:
        fault = "the file is empty; expected one row of JSON per line"
        raise DataError(f"{file}: {fault if task.options.portion is None else 'no row of it is of the portion'}")


def _jsonl(task: ParallelTask, locate: Locate) -> Iterator[tuple[str, str, dict[str, object], dict[str, object]]]:
    for where, identity, row in _rows(task, locate(task.source, "")):
        if task.options.halves:
            key = task.options.halves
            whole = texts_by_language(row.get(key), task.languages, key, where)
            texts = {language: str(text) for language, text in whole.items()}
            query, document = _halves(of_length(texts, task.options.characters))
            if query:
                yield where, identity, query, document
            continue
        keys = (task.options.query, task.options.document)
        query, document = (texts_by_language(row.get(key), task.languages, key, where) for key in keys)
        yield where, identity, query, document


def _halves(texts: dict[str, str]) -> tuple[dict[str, object], dict[str, object]]:
    """The halves of a row's texts, as a corpus of relation halves has them; a text that is too short has none."""
    ((unit),) = related([("", texts)], "halves")
    return dict(unit.query), dict(unit.passage)


def _captions(task: ParallelTask, file: File, queries: dict[str, _Column], documents: dict[str, _Column]) -> None:
    """The first text of a row asks, in each language; the others answer, so that no text is its own gold.

    A row with one text in a language asks there and has no document there. Rows whose texts answer in no language
    would ask for nothing, and are left out.
    """
    key = task.options.captions
    codes = {language: task.source.codes.get(language, language) for language in task.languages}
    for where, identity, row in _rows(task, file):
        names = {language_of(name, tuple(codes.values()), where): name for name in row}
        texts = {language: _texts(row, names.get(code, code), key, where) for language, code in codes.items()}
        if not any(texts[language][1:] for language in documents):
            continue
        for language in queries:
            for text in texts[language][:1]:
                queries[language].add(identity, text, f"{where}: {language}")
        for language in documents:
            for text in texts[language][1:]:
                documents[language].add(identity, text, f"{where}: {language}")


def _texts(row: dict[str, object], code: str, key: str, where: str) -> list[object]:
    """A row's texts in a language; none where it does not have the language."""
    side = row.get(code)
    texts = side.get(key) if isinstance(side, dict) else None
    if side is not None and not isinstance(texts, list):
        raise DataError(f"{where}: {code}: found {side!r:.60}, expected {{{key!r}: [texts]}}")
    return texts or []


def _lines(task: ParallelTask, locate: Locate) -> Iterator[tuple[str, str, dict[str, str], dict[str, str]]]:
    places = {language: locate(task.source, language) for language in task.languages}
    columns = {language: [text for _, text in lines(file)] for language, file in places.items()}
    lengths = {language: len(column) for language, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise DataError(f"{places[task.languages[0]]}: aligned files differ in lines: {lengths}")
    for number in range(lengths[task.languages[0]]):
        texts = {language: column[number] for language, column in columns.items()}
        yield f"{task.source.path or task.source.url}: line {number + 1}", str(number + 1), texts, texts
