"""A corpus from its YAML: its files found, its table in the cache built where it is not there, its lexicons beside it.

Knows specs, files and where tables are kept; nothing of recipes, models or tasks.
"""

from __future__ import annotations

import dataclasses
from contextlib import suppress
from pathlib import Path

from xbench import specs
from xbench.data.download import Storage, where
from xbench.data.finder import Finder
from xbench.data.hub_files import local_files
from xbench.data.loaders import units
from xbench.data.loaders.triples import write_triples
from xbench.errors import DataError
from xbench.files import digest, whole_folder
from xbench.keeping import made_by_one, seal, seal_fault
from xbench.specs.parts import HubSource, Source
from xbench.specs.registry import Entry
from xbench.training.corpus import Corpus
from xbench.training.corpus_table import LAYOUT, MANIFEST, open_table
from xbench.training.lexicons import Lexicons
from xbench.training.table_writer import TableWriter

WITHOUT_EFFECT = {"name", "title", "description", "cite", "notice", "license", "size", "derived_from"}  # on text
BESIDE = {"lexicons"}  # read beside the table
KEPT = "sealed"  # tables that were kept before there were seals are built again


def load_corpus(entry: Entry[specs.CorpusBase], storage: Storage) -> Corpus:
    """The corpus of a YAML, from its table in the cache; the table is built first where it is not there or where
    a file changed. Raises DataError or SpecError."""
    corpus: specs.CorpusBase = entry.spec
    for source, language in (*corpus.files(), *corpus.lexicon_files()):
        if not _here(source, language, storage, entry.base):
            _fetch(source, language, storage, entry)
    folder = storage.cache / "corpora" / f"{corpus.name}-{_key(entry, storage)[:16]}"
    relation = str(getattr(corpus, "relation", ""))
    with made_by_one(folder):
        if not (folder / MANIFEST).is_file():
            _keep(entry, storage, folder)
        elif fault := seal_fault(folder):
            raise DataError(f"{folder}: damaged table ({fault}); delete the folder, and it is built again")
    return dataclasses.replace(open_table(folder, relation), lexicons=_lexicons(entry, storage))


def find_table(name: str, sha256: str, relation: str, storage: Storage) -> Corpus | None:
    """The corpus of a digest, from a table that is in the cache; None where there is none that can be read."""
    for folder in sorted((storage.cache / "corpora").glob(f"{name}-*")):
        with suppress(DataError):
            if (table := open_table(folder, relation)).digest == sha256 and not seal_fault(folder):
                return table
    return None


def _lexicons(entry: Entry[specs.CorpusBase], storage: Storage) -> Lexicons | None:
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


def _fetch(source: Source | HubSource, language: str, storage: Storage, entry: Entry[specs.CorpusBase]) -> None:
    try:
        Finder(storage, entry.base).files(source, language)
    except DataError as error:
        raise DataError(f"corpus {entry.spec.name}: {error}") from None


def _key(entry: Entry[specs.CorpusBase], storage: Storage) -> str:
    """What makes a table: the layout, the spec without its words, and each file's name, size and time."""
    states = [
        [path.name, path.stat().st_size, path.stat().st_mtime_ns]
        for source, language in entry.spec.files()
        for path in _here(source, language, storage, entry.base)
    ]
    return digest([LAYOUT, KEPT, entry.spec.model_dump(mode="json", exclude=WITHOUT_EFFECT | BESIDE), states])


def _keep(entry: Entry[specs.CorpusBase], storage: Storage, folder: Path) -> None:
    with whole_folder(folder) as temporary:
        _build(entry, storage, temporary)
        seal(temporary, folder.name)


def _build(entry: Entry[specs.CorpusBase], storage: Storage, folder: Path) -> None:
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
