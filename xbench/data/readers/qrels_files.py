"""Which files of qrels a task reads, and the judgements in them. Knows pairs of languages; neither layout nor text.

Where the path names a pair, `qrels/{lang}-{document}.tsv`, a pair that nobody judged has no file: it has no relevant
document and is not scored, which a note says. That is told by the file's absence, so only of files without a `url`, and
not of a pair that the grid asks for by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from xbench.data.qrels import Qrel
from xbench.data.rows import File, Locate
from xbench.errors import AbsentError, DataError
from xbench.specs import JudgedTask
from xbench.specs.parts import Source
from xbench.specs.tasks import TaskBase

Pair: TypeAlias = tuple[str, str]
Qrels: TypeAlias = Mapping[Pair, Sequence[Qrel]]
"""By query and document language; "" where the file does not say which, and the ids do."""


def qrels_files(task: JudgedTask) -> Iterator[tuple[Pair, Source, str]]:
    """(languages, source, language of the file) of every file of qrels."""
    source = task.qrels
    if _is_of_pairs(source):
        for query, document in _pairs(task):
            yield (query, document), source.toward(query, document), query
    elif not source.by_language:
        yield ("", ""), source, ""
    elif task.relevance == "explicit":
        yield from (((query, ""), source, query) for query in task.query_languages)
    else:
        for language in own_languages(task):
            yield ("" if task.relevance == "parallel" else language, language), source, language


def own_languages(task: TaskBase) -> Iterator[str]:
    """The languages that have qrels of their own: those of the documents, or, each alone, of documents and queries."""
    for language in task.document_languages:
        if task.relevance == "parallel" or language in task.query_languages:
            yield language


def optional_files(task: JudgedTask) -> Iterator[tuple[Source, str]]:
    """The files of qrels that need not be there, as long as one of them is."""
    for pair, source, language in qrels_files(task):
        if _may_lack(task, pair):
            yield source, language


def read_qrels(
    task: JudgedTask, locate: Locate, parse: Callable[[File], Iterable[Qrel]]
) -> tuple[Qrels, tuple[str, ...]]:
    """The judgements of every file, and a note on the pairs that have none. Raises DataError for a file that must be
    there, and where there is none at all."""
    qrels: dict[Pair, list[Qrel]] = {}
    absent: dict[Pair, AbsentError] = {}
    for pair, source, language in qrels_files(task):
        try:
            file = locate(source, language)
        except AbsentError as error:
            if not _may_lack(task, pair):
                raise
            absent[pair] = error
        else:
            qrels[pair] = list(parse(file))
            if not qrels[pair]:
                raise DataError(f"{file}: no judgement in it; expected some{_absence(task, pair)}")
    if not absent:
        return qrels, ()
    if not qrels:
        raise next(iter(absent.values()))
    names = ", ".join(map("-".join, absent))
    _, source, language = next(file for file in qrels_files(task) if file[0] in absent)
    place = source.fill(source.path, language)
    return qrels, (f"no qrels of {names}: there is no file, such as {place}, so these pairs have no relevant document",)


def _absence(task: JudgedTask, pair: Pair) -> str:
    return ", or no file where nobody judged the pair" if _may_lack(task, pair) else ""


def _may_lack(task: JudgedTask, pair: Pair) -> bool:
    """Whether a pair's file may be absent because nobody judged the pair."""
    chosen = task.grid.cross_lingual
    asked = pair in chosen if isinstance(chosen, tuple) else False
    return _is_of_pairs(task.qrels) and not task.qrels.url and not asked


def _is_of_pairs(source: Source) -> bool:
    return "{document}" in f"{source.path}{source.url}"


def _pairs(task: JudgedTask) -> list[Pair]:
    """The pairs that are scored; all of them where documents are pooled."""
    queries, documents = task.query_languages, task.document_languages
    if task.grid.multilingual:
        return [(query, document) for query in queries for document in documents]
    return task.grid.alone(queries, documents) + task.grid.pairs(queries, documents)
