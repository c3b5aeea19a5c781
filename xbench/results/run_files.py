"""Run files beside a result: `<digest>-seed-<n>.runs-<depth>/<setting>.run.gz`, each with its `<setting>.qrels.gz`.

A setting is a pair (`en-de`) or a query language against the pool (`en-pool`). Every file is whole or absent, and the
same scores give the same bytes. Knows results, collections, ranked lists and TREC lines; it ranks nothing.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import TextIO

import numpy as np

from xbench.data.archives import lines
from xbench.data.collection import Collection
from xbench.errors import SpecError, near_miss
from xbench.evaluation.lists import Lists, strictly_falling
from xbench.evaluation.ranker import DocumentSet, Ranker
from xbench.files import whole
from xbench.progress import Reporter
from xbench.results.reading import read_result
from xbench.results.result import Result
from xbench.results.settings import POOL, Setting, scored_settings
from xbench.results.trec import qrels_line, run_lines, token
from xbench.specs import TaskBase

ALL = "all"
LINE_BYTES = 12  # of a line of a run, compressed: measured on XQuAD-R and on facts


@dataclass(frozen=True)
class Wanted:
    """What `--save-run` asks for: settings by name, or `all`; `depth` documents per query, None for every one."""

    settings: tuple[str, ...]
    depth: int | None = 1000


def require_known(wanted: Wanted, collections: Iterable[Collection]) -> None:
    """Raise SpecError, before any work, for a setting that no task has."""
    known = {
        f"{query}-{document}"
        for collection in collections
        for query in collection.queries
        for document in (*collection.documents, POOL)
    }
    for name in wanted.settings:
        if name != ALL and name not in known:
            raise SpecError(f"--save-run {name}: no such setting{near_miss(name, known)}")


def outline(wanted: Wanted, task: TaskBase, collection: Collection) -> str:
    """What is written beside each result of a task that has no such files yet: how many, and about how large."""
    sides = (tuple(collection.queries), collection.document_languages)
    pooled = sides[0] if task.grid.multilingual and task.relevance != "same-language" else ()
    scored = [*task.grid.alone(*sides), *task.grid.pairs(*sides), *((query, POOL) for query in pooled)]
    chosen = [pair for pair in scored if ALL in wanted.settings or "-".join(pair) in wanted.settings]
    sizes = {language: len(part) for language, part in collection.documents.items()}
    sizes[POOL] = sum(sizes.values())
    lines = sum(
        len(collection.queries[query]) * min(wanted.depth or sizes[side], sizes[side]) for query, side in chosen
    )
    return f"--save-run on {task.name}: {len(chosen)} runs and their qrels beside each result, {_size(lines)}"


def _size(lines: int) -> str:
    size = lines * LINE_BYTES
    shown = f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB" if size >= 1e6 else "less than 1 MB"
    return f"{lines:,} lines, about {shown}" if size >= 1e6 else f"{lines:,} lines, {shown}"


def missing_settings(path: Path, result: Result, wanted: Wanted) -> dict[str, Setting]:
    """The settings asked for that have no run file beside the result at `path` yet."""
    folder = run_folder(path, wanted)
    return {
        name: setting
        for name, setting in scored_settings(result).items()
        if (ALL in wanted.settings or name in wanted.settings) and not (folder / f"{name}.run.gz").is_file()
    }


def run_folder(path: Path, wanted: Wanted) -> Path:
    """Where the run files of a result lie; the depth is in the name, so that no list is taken for a longer one."""
    return path.with_name(f"{path.stem}.runs-{wanted.depth or ALL}")


def first_documents(path: Path, setting: str, queries: Container[str]) -> dict[str, str]:
    """The best document of these queries in a run saved beside the result at `path`, by their names there; empty where
    none was saved. Raises DataError for a file that is damaged."""
    for folder in sorted(path.parent.glob(f"{escape(path.stem)}.runs-*")):
        run = folder / f"{setting}.run.gz"
        if run.is_file():
            rows = (line.split() for _, line in lines(run))
            return {row[0]: row[2] for row in rows if len(row) > 3 and row[3] == "1" and row[0] in queries}
    return {}


def save_missing(
    path: Path, wanted: Wanted, collection: Collection, ranker: Callable[[], Ranker], reporter: Reporter
) -> None:
    """Write the runs of the result at `path` that are asked for and not there yet; `ranker` gives what scored it."""
    result, folder = read_result(path), run_folder(path, wanted)
    settings = missing_settings(path, result, wanted)
    if not settings:
        reporter.say(f"kept {folder}")
        return
    ready = ranker()
    queries = sum(result.counts.queries[language] for language in {query for query, _ in settings.values()})
    with reporter.bar(f"list {result.task}", queries, "queries") as bar:
        save_runs(folder, settings, collection, ready, wanted.depth, bar.advance)
    reporter.say(f"wrote {folder}: {len(settings)} runs with their qrels")


def save_runs(
    folder: Path,
    settings: Mapping[str, Setting],
    collection: Collection,
    ranker: Ranker,
    depth: int | None,
    advance: Callable[[int], None],
) -> None:
    """Write the run and the judgements of each setting; `advance` is told how many queries are done."""
    names = {language: list(map(token, part.ids)) for language, part in collection.documents.items()}
    every = [name for part in names.values() for name in part]
    depth = depth or len(every)
    for language, queries in collection.queries.items():
        here = {name: document for name, (query, document) in settings.items() if query == language}
        if not here:
            continue
        chosen = {name: _document_set(collection, document) for name, document in here.items()}
        with ExitStack() as files:
            for name, document in here.items():
                with _compressed(folder / f"{name}.qrels.gz") as stream:
                    stream.writelines(_qrels(collection, language, document, names))
            runs = {name: files.enter_context(_compressed(folder / f"{name}.run.gz")) for name in here}
            for rows, lists in ranker.lists(language, list(chosen.values()), depth):
                for name, documents in chosen.items():
                    runs[name].writelines(_lines(queries.ids[rows], lists[documents], every))
                advance(rows.stop - rows.start)


def _document_set(collection: Collection, document: str) -> DocumentSet:
    """The numbers of the languages that a setting searches: one, or all (POOL)."""
    languages = collection.document_languages
    return tuple(range(len(languages))) if document == POOL else (languages.index(document),)


def _lines(queries: Sequence[str], lists: Lists, names: Sequence[str]) -> Iterator[str]:
    for query, documents, scores in zip(queries, lists.documents.tolist(), lists.scores, strict=True):
        yield run_lines(query, [names[number] for number in documents], strictly_falling(scores).tolist())


def _qrels(collection: Collection, language: str, document: str, names: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The judgements of one query language's queries on the documents of one language, or of all (POOL).

    A relevant document that is not in the collection has a name that no run holds, so that every divisor counts it.
    """
    golds, queries = collection.golds[language], collection.queries[language]
    languages = collection.document_languages
    columns = (golds.query, golds.language, golds.document, golds.grade)
    for line, (query, number, place, grade) in enumerate(zip(*map(np.ndarray.tolist, columns), strict=True)):
        if document in (POOL, languages[number]):
            name = names[languages[number]][place] if place >= 0 else f"absent-document-{line}"
            yield qrels_line(queries.ids[query], name, grade)


@contextmanager
def _compressed(path: Path) -> Iterator[TextIO]:
    """A gzip text file, whole or absent; no time and no name inside, so that equal content gives equal bytes."""
    with (
        whole(path) as temporary,
        temporary.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="utf-8", newline="\n") as stream,
    ):
        yield stream
