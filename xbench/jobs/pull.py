"""The data files of a task, fetched where they are not here, and each of them verified."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from xbench import specs
from xbench.data.download import Storage, locate
from xbench.data.fetches import announced, missing, task_files
from xbench.progress import Reporter
from xbench.specs.registry import Entry


def pull(task: Entry[specs.Task], storage: Storage, reporter: Reporter) -> Iterator[tuple[str, Path]]:
    """(language, verified file) of every file that a task reads; "" for one of all languages. Says first what will be
    fetched and how large it is. Raises DataError."""
    if fetches := missing(task, storage):
        reporter.say(announced(task, fetches, storage))
    for source, language in task_files(task, storage):
        yield language, locate(storage, source, language, task.base)
