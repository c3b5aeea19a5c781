"""The command that sets two configurations side by side."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@click.option("--task", help="Which task, where the folders hold several.")
@click.option("--corpus", help="Which corpus, where the folders hold several.")
@click.option("--pair", "pairs", multiple=True, help="Also this setting: de-en, en-pool, or all pairs. Repeatable.")
@click.option("--metric", help="[default: the task's first]")
@click.option("--examples", type=click.IntRange(min=1), help="Queries won and lost most clearly, in the first --pair.")
@click.option("--draw", default=0, show_default=True, type=click.IntRange(min=0), help="Seed of the resampling.")
def compare(
    first: Path,
    second: Path,
    task: str | None,
    corpus: str | None,
    pairs: tuple[str, ...],
    metric: str | None,
    examples: int | None,
    draw: int,
) -> None:
    """Is FIRST better than SECOND? Each is a result file, or the folder that holds the seeds of one configuration."""
    from xbench import comparison, terminal

    if examples and not pairs:
        raise click.UsageError("--examples needs a --pair, such as de-en or en-pool")
    one, other = (comparison.load_side(place, task, corpus) for place in (first, second))
    found = comparison.compare_sides(one, other, metric, pairs, draw)
    out = terminal.console()
    for line in (f"{found.task}, {found.metric}", f"A: {found.first.name}", f"B: {found.second.name}", *found.notes):
        out.print(line, markup=False, soft_wrap=True)
    out.print(terminal.differences_table([*found.macros, *found.pairs]))
    if examples:
        out.print(terminal.examples_table(comparison.examples(found, pairs[0], examples)))
