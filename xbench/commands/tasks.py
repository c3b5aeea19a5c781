"""Commands for those who write a task."""

from __future__ import annotations

from pathlib import Path

import click

from xbench.commands.names import MODEL, TASK
from xbench.commands.options import command_examples, data_dir, offline, storage_of
from xbench.commands.words import echo


@click.group()
def task() -> None:
    """Begin and check a task of your own."""


@task.command(epilog=command_examples("xbench task new contracts --format parallel"))
@click.argument("name")
@click.option("--format", "kind", default="beir", show_default=True, help="Layout of the data: see docs/tasks.md.")
def new(name: str, kind: str) -> None:
    """Write tasks/NAME.yaml, a commented skeleton."""
    from xbench.specs.skeleton import write_task

    path = write_task(name, kind, Path("tasks"))
    echo(f"wrote {path}: say in it where your files are, then `xbench task check {name}`")


@task.command(
    epilog=command_examples("xbench task check contracts", "xbench task check tasks/contracts.yaml --model labse")
)
@click.argument("file", metavar="TASK", type=TASK)
@click.option(
    "--model", type=MODEL, help="Also count tokens as this model does: per text, and the share of texts it cuts."
)
@data_dir
@offline
def check(file: str, model: str | None, data_dir: Path | None, offline: bool) -> None:
    """Read a task's data and show what it holds: counts, lengths, duplicates, three questions with their golds."""
    from xbench.commands.terminal import console
    from xbench.data import readers
    from xbench.encoders.model_loading import Loading
    from xbench.jobs.task_check import describe, token_table
    from xbench.jobs.untrained_encoder import untrained_encoder
    from xbench.progress import Silent
    from xbench.specs import registry

    entry, storage = registry.load("task", file), storage_of(data_dir, offline)
    loading = Loading(offline=offline)
    encoder = untrained_encoder(model, file, storage, loading, Silent()) if model else None
    collection = readers.read(entry, storage)
    for line in describe(entry.spec, collection):
        console().print(line, soft_wrap=True)
    for line in token_table(collection, encoder) if encoder else ():
        console().print(line, soft_wrap=True)
