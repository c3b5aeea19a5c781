"""The command that sets two configurations side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from xbench.commands.options import data_dir, offline, storage_of


@click.command()
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@click.option("--task", help="Which task, where the folders hold several.")
@click.option("--corpus", help="Which corpus, where the folders hold several.")
@click.option("--pair", "pairs", multiple=True, help="Also this setting: de-en, en-pool, or all pairs. Repeatable.")
@click.option("--metric", help="[default: the task's first]")
@click.option("--examples", type=click.IntRange(min=1), help="Queries won and lost by most ranks, in the first --pair.")
@click.option("--with-texts", is_flag=True, help="Show what the --examples say; reads the task's data, stores nothing.")
@data_dir
@offline
@click.option("--draw", default=0, show_default=True, type=click.IntRange(min=0), help="Seed of the resampling.")
def compare(
    first: Path,
    second: Path,
    task: str | None,
    corpus: str | None,
    pairs: tuple[str, ...],
    metric: str | None,
    examples: int | None,
    with_texts: bool,
    data_dir: Path | None,
    offline: bool,
    draw: int,
) -> None:
    """Is FIRST better than SECOND? Each is a result file, or the folder that holds the seeds of one configuration."""
    from xbench.commands import terminal
    from xbench.reports import comparison

    if examples and not pairs:
        raise click.UsageError("--examples needs a --pair, such as de-en or en-pool")
    if with_texts and not examples:
        raise click.UsageError("--with-texts needs --examples, such as --examples 5")
    one, other = (comparison.load_side(place, task, corpus) for place in (first, second))
    found = comparison.compare_sides(one, other, metric, pairs, draw)
    told = (
        _examples(found, pairs[0], examples, storage_of(data_dir, offline) if with_texts else None) if examples else ()
    )
    out = terminal.console()
    for line in (f"{found.task}, {found.metric}", f"A: {found.first.name}", f"B: {found.second.name}", *found.notes):
        out.print(line, markup=False, soft_wrap=True)
    out.print(terminal.differences_table([*found.macros, *found.pairs]))
    for part in told:
        out.print(part, markup=False, soft_wrap=isinstance(part, str))


def _examples(found: Any, setting: str, count: int, storage: Any) -> list[Any]:
    """The table of examples, then their lines of text where there is a storage to read them from."""
    from xbench.commands import terminal
    from xbench.reports.examples import examples, scored_collection, told

    chosen = examples(found, setting, count)
    table = terminal.examples_table(chosen, found.metric)
    if storage is None:
        return [table]
    return [table, *told(found, setting, chosen, scored_collection(found.first.results[0], storage))]
