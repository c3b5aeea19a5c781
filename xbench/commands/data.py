"""Commands for the data files of a task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xbench.commands.names import TASK
from xbench.commands.options import command_examples, data_dir, offline, storage_of
from xbench.commands.words import echo

if TYPE_CHECKING:
    from xbench.specs import Task
    from xbench.specs.parts import Place
    from xbench.specs.registry import Entry


tasks = click.argument("names", metavar="TASK...", type=TASK, nargs=-1, required=True)


@click.group()
def data() -> None:
    """The data files of tasks: fetch, verify, find."""


@data.command(epilog=command_examples("xbench data pull xquad-r mlqa-r"))
@tasks
@data_dir
@offline
def pull(names: tuple[str, ...], data_dir: Path | None, offline: bool) -> None:
    """Fetch what is not here yet, and verify everything."""
    from xbench.commands.terminal import Terminal
    from xbench.jobs.pull import pull as fetch

    storage = storage_of(data_dir, offline)
    for _, entry, before in _entries(names):
        for path, files in groupby(fetch(entry, storage, Terminal()), itemgetter(1)):
            echo(f"{before}{_together([language or entry.spec.name for language, _ in files])}\t{path}")


@data.command(epilog=command_examples("xbench data verify xquad-r mlqa-r"))
@tasks
@data_dir
def verify(names: tuple[str, ...], data_dir: Path | None) -> None:
    """Compare every file that is here with its sha256 or md5."""
    for name, entry, before in _entries(names):
        for (state, path), files in groupby(_states(name, entry, data_dir), itemgetter(1, 2)):
            echo(f"{before}{_together([label for label, _, _ in files])}\t{state}\t{path}")


def _entries(names: Sequence[str]) -> Iterator[tuple[str, Entry[Task], str]]:
    """Each task by its name as typed, once all are known to be tasks; then the column that tells several apart."""
    from xbench.specs import registry

    for name, entry in [(name, registry.load("task", name)) for name in dict.fromkeys(names)]:
        _say_if_none(entry)
        yield name, entry, f"{entry.spec.name}\t" if len(names) > 1 else ""


def _states(name: str, entry: Entry[Task], folder: Path | None) -> Iterator[tuple[str, str, Path]]:
    """(label, what it was compared with, path) of every file of a task. Raises DataError where one is not here."""
    from xbench.data.checksums import verify as verify_file
    from xbench.errors import DataError
    from xbench.specs.parts import Repository

    for label, source, language, path in _files_here(entry, folder):
        if path is None:
            way = f"fetch it with `xbench data pull {name}`" if source.url else "it has no `url`: see `data where`"
            raise DataError(f"{name}: {language or 'its file'} is not here; {way}")
        if isinstance(source, Repository):
            yield label, f"at commit {source.commit[:12]}", path
            continue
        kind = verify_file(path, source, language)
        yield label, f"{kind} ok" if kind else "readable, nothing pinned", path


@data.command(epilog=command_examples("xbench data where xquad-r mlqa-r"))
@tasks
@data_dir
def where(names: tuple[str, ...], data_dir: Path | None) -> None:
    """Where each file lies, or where it would come from; a file of many languages once."""
    for _, entry, before in _entries(names):
        places: dict[str, list[str]] = {}
        for label, source, language, path in _files_here(entry, data_dir):
            places.setdefault(str(path or f"not here; {_origin(source, language)}"), []).append(label)
        for place, labels in places.items():
            echo(f"{before}{_together(labels)}\t{place}")


def _files_here(entry: Entry[Task], folder: Path | None) -> Iterator[tuple[str, Place, str, Path | None]]:
    """(label, source, language, path or None) of every file of a task, without fetching any."""
    from xbench.data.download import where as find
    from xbench.data.fetches import task_files

    storage = storage_of(folder, True)
    for source, language in task_files(entry, storage):
        yield language or entry.spec.name, source, language, find(storage, source, language, entry.base)


def _origin(source: Place, language: str) -> str:
    """Where a file would come from, or what is looked for where nothing can be fetched."""
    from xbench.data.download import address
    from xbench.specs.parts import Source

    if source.url:
        return f"from {address(source, language)}"
    return f"looked for {source.fill(source.path, language) if isinstance(source, Source) else source.path}"


def _together(labels: Sequence[str]) -> str:
    """What one file is of: its label, or how many languages are in it."""
    return labels[0] if len(labels) == 1 else f"{len(labels)} languages"


def _say_if_none(entry: Entry[Task]) -> None:
    """Why a task has no files of its own, where it has none."""
    kept = {"irds": "ir_datasets fetches and keeps its files", "facts": "embedded; nothing to fetch"}
    if entry.spec.format in kept:
        echo(f"{entry.spec.name}\t{kept[entry.spec.format]}")
