"""Text to train on: units (one meaning in several languages) with a query side and a passage side, under one relation.

Knows what a corpus is and where its table is kept; nothing of formats (loaders), recipes, models or tasks. A unit's
query and passage are related in the same way in every language, so a recipe that mixes languages changes the language
and nothing else.
"""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from xbench import specs
from xbench.download import Storage, where
from xbench.errors import DataError
from xbench.files import digest, make_folder
from xbench.hubfiles import local_files
from xbench.registry import Entry
from xbench.specs.parts import HubSource, Source
from xbench.train.lexicons import Lexicons

Numbers: TypeAlias = npt.NDArray[np.int32]
Ints: TypeAlias = npt.NDArray[np.int64]
TOLD = {"name", "title", "description", "cite", "notice", "license", "size", "derived_from"}  # without effect on text
BESIDE = {"lexicons"}  # read beside the table


@dataclass(frozen=True)
class Unit:
    """One row: what is asked, what answers it, and what seems to, by language."""

    query: Mapping[str, str]
    passage: Mapping[str, str]
    negatives: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True)
class Negatives:
    """Hard negatives, where the corpus has them. Negative n of unit u is row `start[u] + n` of `text`.

    `start` [units + 1]; `text` [negatives, languages] int32: the number of a negative's text in a language, -1 where it
    has none.
    """

    start: Ints
    text: Numbers

    def of(self, unit: int, language: int) -> Numbers:
        """The numbers of a unit's negatives in a language; empty where it has none."""
        first, last = self.start[unit : unit + 2]
        found = np.array(self.text[int(first) : int(last), language])
        return found[found >= 0]


@dataclass(frozen=True)
class Index:
    """What can be drawn from the arrays `query` and `passage` of a corpus, and from no others: `asks`, `answers` per
    language, the units that have a query, a passage there; `counts` [languages, languages]: units with a query in the
    one and a passage in the other; `distinct` per language, how many groups have both sides there; and how many groups
    there are."""

    query: Numbers
    passage: Numbers
    asks: tuple[Numbers, ...]
    answers: tuple[Numbers, ...]
    counts: Ints
    distinct: tuple[int, ...]
    groups: int


@dataclass(frozen=True)
class Corpus:
    """Units as numbers into one table of distinct texts; texts and arrays of a loaded corpus are mapped from disk.

    `query`, `passage` [languages, units] int32: the text of a unit in a language, -1 where it has none. `group` [units]
    int32: units that share a passage text in any language (under relation qa also a query text), or are joined by
    others that do; one of each in a batch. `negatives`: none where the corpus has no hard negatives; `negative_texts`
    gives those of one unit. `index`: what the batches draw from, where it is known. `lexicons`: beside the units, and
    no part of `digest`.
    """

    languages: tuple[str, ...]
    texts: Sequence[str]
    query: Numbers
    passage: Numbers
    group: Numbers
    digest: str
    negatives: Negatives | None = None
    relation: str = ""
    index: Index | None = dataclasses.field(default=None, repr=False, compare=False)
    lexicons: Lexicons | None = None

    def __len__(self) -> int:
        return len(self.group)

    def negative_texts(self, unit: int, language: int) -> list[int]:
        """Numbers (into `texts`) of the hard negatives that a unit has in a language, by the language's number; empty
        where it has none. None of them is the unit's own passage. They are passages: the document prompt goes before
        them."""
        if self.negatives is None:
            return []
        own = self.passage[language, unit]
        return [int(text) for text in self.negatives.of(unit, language) if text != own]


def load_corpus(entry: Entry[Any], storage: Storage) -> Corpus:
    """The corpus of a YAML, from its table in the cache; the table is built first where it is not there or where
    a file changed. Raises DataError or SpecError."""
    from xbench.train.tables import MANIFEST, open_table

    corpus: specs.CorpusBase = entry.spec
    for source, language in (*corpus.files(), *corpus.lexicon_files()):
        if not _here(source, language, storage, entry.base):
            _fetch(source, language, storage, entry)
    folder = storage.cache / "corpora" / f"{corpus.name}-{_key(entry, storage)[:16]}"
    relation = str(getattr(corpus, "relation", ""))
    if not (folder / MANIFEST).is_file():
        _keep(entry, storage, folder)
    return dataclasses.replace(open_table(folder, relation), lexicons=_lexicons(entry, storage))


def _lexicons(entry: Entry[Any], storage: Storage) -> Lexicons | None:
    from xbench.train.loaders.finding import Finder

    spec: specs.Lexicons | None = entry.spec.lexicons
    if spec is None:
        return None
    finder = Finder(storage, entry.base)
    return Lexicons(spec.from_, spec.to, lambda language: finder.lines(spec.source, language))


def _here(source: object, language: str, storage: Storage, base: Path) -> list[Path]:
    if isinstance(source, HubSource):
        return local_files(source, language, storage, base)
    assert isinstance(source, Source)
    path = where(storage, source, language, base)
    return [path] if path else []


def _fetch(source: Source | HubSource, language: str, storage: Storage, entry: Entry[Any]) -> None:
    from xbench.train.loaders.finding import Finder

    try:
        Finder(storage, entry.base).paths(source, language)
    except DataError as error:
        raise DataError(f"corpus {entry.spec.name}: {error}") from None


def _key(entry: Entry[Any], storage: Storage) -> str:
    """What makes a table: the layout, the spec without its words, and each file's name, size and time."""
    from xbench.train.tables import LAYOUT

    states = [
        [path.name, path.stat().st_size, path.stat().st_mtime_ns]
        for source, language in entry.spec.files()
        for path in _here(source, language, storage, entry.base)
    ]
    return digest([LAYOUT, entry.spec.model_dump(mode="json", exclude=TOLD | BESIDE), states])


def _keep(entry: Entry[Any], storage: Storage, folder: Path) -> None:
    """Build the table beside its place and rename it. Where another process was faster, its table is the same."""
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=make_folder(folder.parent)))
    try:
        _build(entry, storage, temporary)
        temporary.chmod(0o755)
        with suppress(OSError):
            temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _build(entry: Entry[Any], storage: Storage, folder: Path) -> None:
    from xbench.train.loaders import units
    from xbench.train.loaders.finding import Finder
    from xbench.train.loaders.triples import write_triples
    from xbench.train.tables import TableWriter

    corpus: specs.CorpusBase = entry.spec
    finder = Finder(storage, entry.base)
    try:
        writer = TableWriter(folder, corpus.languages)
        if isinstance(corpus, specs.TriplesCorpus):
            write_triples(corpus, finder, folder, writer)
        else:
            for unit in units(corpus, finder, folder):
                writer.unit(unit.query, unit.passage, unit.negatives)
        writer.finish(corpus.name, str(getattr(corpus, "relation", "")))
    except OSError as error:
        raise DataError(f"corpus {corpus.name}: cannot keep its table in {folder.parent}: {error.strerror}") from None
