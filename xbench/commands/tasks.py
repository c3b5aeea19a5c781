"""Commands for those who write a task."""

from __future__ import annotations

from pathlib import Path

import click

from xbench.commands.options import data_dir, offline, storage_of


@click.group()
def task() -> None:
    """Check a task that you wrote."""


@task.command()
@click.argument("file")
@data_dir
@offline
def check(file: str, data_dir: Path | None, offline: bool) -> None:
    """Read a task's data and show what it holds: counts, lengths, duplicates, three questions with their golds."""
    from xbench import readers, registry
    from xbench.check import describe
    from xbench.terminal import console

    entry = registry.load("task", file)
    for line in describe(entry.spec, readers.read(entry, storage_of(data_dir, offline))):
        console().print(line, markup=False, soft_wrap=True)
