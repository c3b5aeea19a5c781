"""Commands for the data files of a task."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from xbench.commands.options import data_dir, offline, storage_of


@click.group()
def data() -> None:
    """The data files of a task: fetch, verify, find."""


@data.command()
@click.argument("name", metavar="TASK")
@data_dir
@offline
def pull(name: str, data_dir: Path | None, offline: bool) -> None:
    """Fetch what is not here yet, and verify everything."""
    from xbench.commands.terminal import Terminal
    from xbench.jobs.pull import pull as fetch
    from xbench.specs import registry

    entry, storage = registry.load("task", name), storage_of(data_dir, offline)
    _say_if_none(entry)
    for language, path in fetch(entry, storage, Terminal()):
        click.echo(f"{language or entry.spec.name}\t{path}")


@data.command()
@click.argument("name", metavar="TASK")
@data_dir
def verify(name: str, data_dir: Path | None) -> None:
    """Compare every file that is here with its sha256 or md5."""
    from xbench.data.download import verify as verify_file
    from xbench.errors import DataError
    from xbench.specs.parts import Repository

    for label, source, language, path in _files_here(name, data_dir):
        if path is None:
            raise DataError(f"{name}: {language or 'its file'} is not here; fetch it with `xbench data pull {name}`")
        if isinstance(source, Repository):
            click.echo(f"{label}\tat commit {source.commit[:12]}\t{path}")
            continue
        kind = verify_file(path, source, language)
        click.echo(f"{label}\t{f'{kind} ok' if kind else 'readable, nothing pinned'}\t{path}")


@data.command()
@click.argument("name", metavar="TASK")
@data_dir
def where(name: str, data_dir: Path | None) -> None:
    """Where each file lies, or where it would come from."""
    from xbench.data.download import address

    for label, source, language, path in _files_here(name, data_dir):
        place = path or (f"not here; from {address(source, language)}" if source.url else "not here")
        click.echo(f"{label}\t{place}")


def _files_here(name: str, folder: Path | None) -> Iterator[tuple[str, Any, str, Path | None]]:
    """(label, source, language, path or None) of every file of a task, without fetching any."""
    from xbench.data.download import where as find
    from xbench.data.fetches import task_files
    from xbench.specs import registry

    entry, storage = registry.load("task", name), storage_of(folder, True)
    _say_if_none(entry)
    for source, language in task_files(entry, storage):
        yield language or entry.spec.name, source, language, find(storage, source, language, entry.base)


def _say_if_none(entry: Any) -> None:
    """Why a task has no files of its own, where it has none."""
    kept = {"irds": "ir_datasets fetches and keeps its files", "facts": "embedded; nothing to fetch"}
    if entry.spec.format in kept:
        click.echo(f"{entry.spec.name}\t{kept[entry.spec.format]}")
