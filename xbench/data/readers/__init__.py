"""Texts in: one module per format, chosen here by the task's `format`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from xbench import specs
from xbench.data.collection import Collection
from xbench.data.download import Storage, locate
from xbench.data.readers import beir, bitext, facts, irds, lareqa, miracl, mkqa, mteb, parallel, passages
from xbench.data.rows import File
from xbench.errors import DataError
from xbench.specs.parts import Place, Repository
from xbench.specs.registry import Entry

FORMATS: dict[str, Any] = {
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


def files(task: Any) -> Iterator[tuple[Place, str]]:
    """Every (source, language) that a task reads, one file each."""
    yield from FORMATS[task.format].files(task)


def read(entry: Entry[specs.Task], storage: Storage) -> Collection:
    """Load a task's data. Raises DataError or SpecError."""

    def place(source: Place, language: str) -> File:
        member = "" if isinstance(source, Repository) else source.fill(source.member, language)
        return File(locate(storage, source, language, entry.base), member)

    if storage.offline and isinstance(entry.spec, specs.IrdsTask):
        raise DataError(
            f"task {entry.spec.name}: ir_datasets fetches by itself what it lacks, and cannot be kept from it; "
            "leave out --offline"
        )
    try:
        collection: Collection = FORMATS[entry.spec.format].read(entry.spec, place)
    except DataError as error:
        raise DataError(f"task {entry.spec.name}: {error}") from None
    return collection
