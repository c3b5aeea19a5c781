"""Texts in: one module per format, chosen here by the task's `format`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, cast

from xbench import specs
from xbench.data.collection import Collection
from xbench.data.download import Storage
from xbench.data.finder import Finder
from xbench.data.readers import beir, bitext, facts, irds, lareqa, miracl, mkqa, mteb, parallel, passages, qrels_files
from xbench.data.rows import Locate
from xbench.data.soundness import sound
from xbench.errors import DataError, carefully
from xbench.specs.extensions import extension_of
from xbench.specs.parts import Place, Repository, Source
from xbench.specs.registry import Entry


class Reader(Protocol):
    """What the module of a format offers."""

    def files(self, task: Any) -> Iterator[tuple[Place, str]]:
        """Every (source, language) that a task of the format reads, one file each."""

    def read(self, task: Any, locate: Locate) -> Collection:
        """Its collection. Raises DataError naming file and line."""


FORMATS: dict[str, Reader] = {
    "beir": beir,
    "bitext": bitext,
    "facts": facts,
    "irds": irds,
    "lareqa": lareqa,
    "miracl": miracl,
    "mkqa": mkqa,
    "mteb": mteb,
    "parallel": parallel,
    "passages": passages,
}


def files(task: specs.Task) -> Iterator[tuple[Place, str]]:
    """Every (source, language) that a task reads, one file each. Raises DataError where another package fails."""
    if task.format in FORMATS:
        yield from FORMATS[task.format].files(task)
        return
    reader, source = _other_reader(task)
    source = f"task {task.name}: {source}"
    for item in carefully(source, lambda: list(reader.files(task)), DataError):
        match item:
            case (Source() | Repository(), str()):
                yield item
            case _:
                raise DataError(f"{source}: files: found {item!r:.60}, expected pairs of a Source and a language")


def _given(task: specs.Task, locate: Locate) -> object:
    """What the reader of a task's format gives: one of xbench's own, or another package's. Raises DataError."""
    if task.format in FORMATS:
        return FORMATS[task.format].read(task, locate)
    reader, source = _other_reader(task)
    return carefully(source, lambda: reader.read(task, locate), DataError)


def _other_reader(task: specs.TaskBase) -> tuple[Reader, str]:
    extension = extension_of("task", task)
    return cast(Reader, extension.module), f"its reader, of {extension.package}"


def optional_files(task: specs.Task) -> Iterator[tuple[Source, str]]:
    """Those of them that need not be there, as long as one of them is."""
    if isinstance(task, specs.JudgedTask):
        yield from qrels_files.optional_files(task)


def read(entry: Entry[specs.Task], storage: Storage) -> Collection:
    """Load a task's data. Raises DataError or SpecError."""
    if storage.offline and isinstance(entry.spec, specs.IrdsTask):
        raise DataError(
            f"task {entry.spec.name}: ir_datasets fetches by itself what it lacks, and cannot be kept from it; "
            "leave out --offline"
        )
    task = entry.spec
    try:
        locate = Finder(storage, entry.base).file
        return sound(task, _given(task, locate))
    except DataError as error:
        raise DataError(f"task {task.name}: {error}") from None
