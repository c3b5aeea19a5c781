"""The corpora there are, and how much of a task stands in one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from xbench.commands.listing import listing
from xbench.commands.options import data_dir, offline, storage_of

corpora = listing("corpora")
COUNTS = ("texts", "compared", "copied", "partial")


@corpora.command()
@click.argument("name", metavar="CORPUS")
@click.option("--task", "tasks", multiple=True, required=True, help="Name or YAML. Repeatable.")
@data_dir
@offline
def check(name: str, tasks: tuple[str, ...], data_dir: Path | None, offline: bool) -> None:
    """Zero-shot verdict of training on CORPUS, and which texts of the tasks stand in it, by language."""
    from xbench import exposure, readers, registry, terminal
    from xbench.train.corpus import load_corpus
    from xbench.zero_shot import Case

    storage = storage_of(data_dir, offline)
    entry = registry.load("corpus", name)
    asked = [registry.load("task", task) for task in dict.fromkeys(tasks)]
    cases = [Case(task.spec, None, entry.spec) for task in asked]
    for case in cases:
        case.verdict({})  # wrong names are told before anything is read
    corpus = load_corpus(entry, storage)
    for task, case in zip(asked, cases, strict=True):
        collection = readers.read(task, storage)
        found = exposure.compare(task.spec, collection, corpus, storage.cache, terminal.Terminal())
        _show(case, found)


def _show(case: Any, found: Mapping[str, Any]) -> None:
    """Verdict, counts by language, counts by unit, and examples by their ids."""
    from rich.table import Table

    from xbench.terminal import console

    out = console()
    out.print(f"{case.task.name}: {case.verdict({case.task.name: found})}", markup=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("language")
    for role in ("queries", "documents"):
        for count in COUNTS:
            table.add_column(role if count == "texts" else count, justify="right", no_wrap=True)
    for language, roles in found["languages"].items():
        counts = [roles.get(role, {}).get(count) for role in ("queries", "documents") for count in COUNTS]
        table.add_row(language, *("-" if count is None else f"{count:,}" for count in counts))
    out.print(table)
    for unit, counts in found["units"].items():
        out.print(f"{unit} copied in any language: {counts['copied']:,} of {counts['total']:,} ({counts['share']:.2%})")
    for role, kinds in found["examples"].items():
        for kind, ids in kinds.items():
            if ids:
                out.print(f"{role}, {kind}: {', '.join(ids)}", markup=False, soft_wrap=True)
    out.print()
