"""Texts in: one module per format, chosen here by the task's `format`."""

from __future__ import annotations

from xbench import specs
from xbench.collection import Collection
from xbench.download import Storage, locate
from xbench.errors import DataError
from xbench.readers import facts, lareqa, parallel
from xbench.registry import Entry


def read(entry: Entry[specs.Task], storage: Storage) -> Collection:
    """Load a task's data. Raises DataError or SpecError."""
    try:
        return _read(entry, storage)
    except DataError as error:
        raise DataError(f"task {entry.spec.name}: {error}") from None


def _read(entry: Entry[specs.Task], storage: Storage) -> Collection:
    task = entry.spec
    if isinstance(task, specs.FactsTask):
        return facts.read(task)
    source = task.source
    if isinstance(task, specs.LareqaTask):
        return lareqa.read(task, lambda language: locate(storage, source, language, entry.base))
    return parallel.read(task, lambda language: locate(storage, source, language, entry.base))
