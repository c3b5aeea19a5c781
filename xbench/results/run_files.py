"""Run files beside a result: `<digest>-seed-<n>.runs-<depth>/<setting>.run.gz`, each with its `<setting>.qrels.gz`.

A setting is a pair (`en-de`) or a query language against the pool (`en-pool`). Every file is whole or absent, and the
same scores give the same bytes. Knows results, collections, scores and TREC lines; no model.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TextIO, TypeAlias

import numpy as np

from xbench.data.collection import Collection
from xbench.encoders.base import Vectors
from xbench.errors import SpecError, near_miss
from xbench.files import whole
from xbench.progress import Reporter
from xbench.results.reading import read_result
from xbench.results.result import Result
from xbench.results.settings import POOL, Setting, scored_settings
from xbench.results.trec import qrels_line, run_lines, token

if TYPE_CHECKING:
    from xbench.evaluation.lists import Keys, Lists
    from xbench.evaluation.ranking import Floats

Blocks: TypeAlias = "Iterator[tuple[slice, dict[str, Lists]]]"

ALL = "all"
CELLS = 2**20  # scores held at once (queries x documents)


@dataclass(frozen=True)
class Wanted:
    """What `--save-run` asks for: settings by name, or `all`; `depth` documents per query, None for every one."""

    settings: tuple[str, ...]
    depth: int | None = 1000


@dataclass(frozen=True)
class TieKeys:
    """What orders ties: keys of one language's queries [Q], and of documents by language [N each]."""

    queries: Keys
    documents: Mapping[str, Keys]

    @property
    def pool(self) -> Keys:
        return np.concatenate(list(self.documents.values()))


class Lister(Protocol):
    """`lists`: for one block of a language's queries after another, its rows and by document language (or POOL) the
    best documents, numbered through all languages in order."""

    def lists(self, query: str, documents: Sequence[str], keys: TieKeys, depth: int) -> Blocks: ...


@dataclass(frozen=True)
class Scored:
    """A model that scores each setting on its own: `scores(query language, numbers of document languages, rows)` gives
    [rows, documents of these languages in order] float64."""

    scores: Callable[[str, Sequence[int], slice], Floats]

    def lists(self, query: str, documents: Sequence[str], keys: TieKeys, depth: int) -> Blocks:
        from xbench.evaluation import lists

        sizes = [len(part) for part in keys.documents.values()]
        rows = max(1, CELLS // sum(sizes))
        for first in range(0, len(keys.queries), rows):
            block = slice(first, min(first + rows, len(keys.queries)))
            found = {}
            for name in documents:
                chosen = range(len(sizes)) if name == POOL else [list(keys.documents).index(name)]
                own = keys.pool if name == POOL else keys.documents[name]
                best = lists.best(self.scores(query, chosen, block), keys.queries[block], own, depth)
                found[name] = lists.Lists(best.documents + sum(sizes[: chosen[0]]), best.scores)
            yield block, found


@dataclass(frozen=True)
class Exact:
    """Vectors as they are scored, by language; `unit` times a product of two is the score that the model means."""

    queries: Mapping[str, Vectors]
    documents: Mapping[str, Vectors]
    unit: float

    def lists(self, query: str, documents: Sequence[str], keys: TieKeys, depth: int) -> Blocks:
        from xbench.evaluation import lists

        sides = (self.queries[query], self.documents)
        for rows, found in lists.by_language(*sides, keys.queries, keys.documents, depth, self.unit):
            if POOL in documents:
                found[POOL] = lists.merge(list(found.values()), keys.queries[rows], keys.pool, depth)
            yield rows, found


def exact_vectors(queries: Mapping[str, Vectors], documents: Mapping[str, Vectors], similarity: str) -> Exact:
    """The encoder's vectors rounded as for ranking: normalised for a cosine, one scale a side for dot products."""
    from xbench.evaluation.ranking import dot_scale, exact

    scales = [dot_scale(side.values()) if similarity == "dot" else None for side in (queries, documents)]
    asked, answers = (
        {language: exact(found, scale) for language, found in side.items()}
        for side, scale in zip((queries, documents), scales, strict=True)
    )
    return Exact(asked, answers, 1 / ((scales[0] or 1.0) * (scales[1] or 1.0)))


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


def save_missing(
    path: Path, wanted: Wanted, collection: Collection, lister: Callable[[], Lister], reporter: Reporter
) -> None:
    """Write the runs of the result at `path` that are asked for and not there yet; `lister` gives what was scored."""
    result, folder = read_result(path), run_folder(path, wanted)
    settings = missing_settings(path, result, wanted)
    if not settings:
        reporter.say(f"kept {folder}")
        return
    found = lister()
    asked = sum(result.counts.queries[language] for language in {query for query, _ in settings.values()})
    with reporter.bar(f"list {result.task}", asked, "queries") as bar:
        save_runs(folder, settings, collection, found, wanted.depth, bar.advance)
    reporter.say(f"wrote {folder}: {len(settings)} runs with their qrels")


def save_runs(
    folder: Path,
    settings: Mapping[str, Setting],
    collection: Collection,
    lister: Lister,
    depth: int | None,
    advance: Callable[[int], None],
) -> None:
    """Write the run and the judgements of each setting; `advance` is told how many queries are done."""
    from xbench.evaluation import lists

    keys = lists.document_keys({language: part.texts for language, part in collection.documents.items()})
    names = {language: list(map(token, part.ids)) for language, part in collection.documents.items()}
    every = [name for part in names.values() for name in part]
    depth = depth or len(every)
    for language, asked in collection.queries.items():
        here = {name: document for name, (query, document) in settings.items() if query == language}
        if not here:
            continue
        ties = TieKeys(lists.query_keys(asked.texts), keys)
        with ExitStack() as files:
            for name, document in here.items():
                with _compressed(folder / f"{name}.qrels.gz") as stream:
                    stream.writelines(_qrels(collection, language, document, names))
            runs = {name: files.enter_context(_compressed(folder / f"{name}.run.gz")) for name in here}
            for rows, found in lister.lists(language, tuple(here.values()), ties, depth):
                for name, document in here.items():
                    runs[name].writelines(_lines(asked.ids[rows], found[document], every))
                advance(rows.stop - rows.start)


def _lines(queries: Sequence[str], found: Lists, names: Sequence[str]) -> Iterator[str]:
    from xbench.evaluation.lists import strictly_falling

    for query, documents, scores in zip(queries, found.documents.tolist(), found.scores, strict=True):
        yield run_lines(query, [names[number] for number in documents], strictly_falling(scores).tolist())


def _qrels(collection: Collection, language: str, document: str, names: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The judgements of one query language's queries on the documents of one language, or of all (POOL).

    A relevant document that is not in the collection has a name that no run holds, so that every divisor counts it.
    """
    golds, asked = collection.golds[language], collection.queries[language]
    languages = collection.document_languages
    columns = (golds.query, golds.language, golds.document, golds.grade)
    for line, (query, number, place, grade) in enumerate(zip(*map(np.ndarray.tolist, columns), strict=True)):
        if document in (POOL, languages[number]):
            name = names[languages[number]][place] if place >= 0 else f"absent-document-{line}"
            yield qrels_line(asked.ids[query], name, grade)


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
