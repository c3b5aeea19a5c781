"""The command that sets two configurations side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from xbench.commands.names import CORPUS, SETTING, TASK
from xbench.commands.numbers import Whole
from xbench.commands.options import (
    command_examples,
    data_dir,
    margin_options,
    newest,
    offline,
    records_text,
    storage_of,
)
from xbench.commands.words import echo

if TYPE_CHECKING:
    from rich.table import Table

    from xbench.data.download import Storage
    from xbench.reports.comparison import Comparison


A, B = "results/xquad-r/labse/hybrid", "results/xquad-r/labse/monolingual"


@click.command(
    epilog=command_examples(
        f"xbench compare {A} \\",
        f"    {B} --pair de-en --examples 10",
        "xbench compare A B --pair all",
        "xbench compare A B --margin 0.5",
    )
)
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@click.option("--task", type=TASK, help="Which task, where the folders hold several.")
@click.option("--corpus", type=CORPUS, help="Which corpus, where the folders hold several.")
@click.option("--languages", help="Runs of just these languages, where the folders hold several sets: de,en.")
@click.option(
    "--pair",
    "pairs",
    type=SETTING,
    multiple=True,
    help="Also for this one: de-en (German queries, English documents), en-pool, or the word all: every pair. "
    "Repeatable.",
)
@click.option("--metric", help="[default: the task's first]")
@click.option("--examples", type=Whole(1), help="Queries won and lost by most ranks, in the first --pair.")
@click.option("--with-texts", is_flag=True, help="Show what the --examples say; reads the task's data, stores nothing.")
@data_dir
@offline
@margin_options
@newest
@click.option("--format", "style", type=click.Choice(["text", "csv", "json"]), default="text", show_default=True)
def compare(
    first: Path,
    second: Path,
    task: str | None,
    corpus: str | None,
    languages: str | None,
    pairs: tuple[str, ...],
    metric: str | None,
    examples: int | None,
    with_texts: bool,
    data_dir: Path | None,
    offline: bool,
    margin: float | None,
    equivalent: float | None,
    newest: bool,
    style: str,
) -> None:
    """Is FIRST better than SECOND? Each is a result file, or the folder that holds the seeds of one configuration."""
    from xbench.commands import terminal
    from xbench.languages import listed_languages
    from xbench.reports.claims import margin_of
    from xbench.reports.comparison import compare_sides
    from xbench.reports.data_versions import data_label
    from xbench.reports.sides import Selection, load_side

    if style != "text" and examples:
        raise click.UsageError(f"--format {style} goes without --examples, which are for reading")
    if examples and not pairs:
        raise click.UsageError("--examples needs a --pair, such as de-en or en-pool")
    if with_texts and not examples:
        raise click.UsageError("--with-texts needs --examples, such as --examples 5")
    chosen = () if languages is None else listed_languages([languages], "--languages")
    selection = Selection(task or "", corpus or "", chosen, newest)
    one_side, other_side = (load_side(place, selection) for place in (first, second))
    differences = compare_sides(one_side, other_side, metric, pairs, margin_of(margin, equivalent))
    if style != "text":
        echo(records_text(differences.records(), style), nl=False)
        return
    storage = storage_of(data_dir, offline) if with_texts else None
    shown = _examples(differences, pairs[0], examples, storage) if examples else ()
    out = terminal.console()
    titles = (
        f"{differences.task}, {differences.metric}",
        f"A: {differences.first.name}",
        f"B: {differences.second.name}",
        *([f"On the newest {data_label(differences.first.results)}"] if newest else []),
    )
    for line in (*titles, *differences.notes):
        out.print(line, soft_wrap=True)
    out.print(terminal.differences_table([*differences.macros, *differences.pairs]))
    for line in differences.claims:
        out.print(line, soft_wrap=True)
    for part in shown:
        out.print(part, soft_wrap=isinstance(part, str))


def _examples(comparison: Comparison, setting: str, count: int, storage: Storage | None) -> list[Table | str]:
    """The table of examples, then their lines of text where there is a storage to read them from."""
    from xbench.commands import terminal
    from xbench.reports.examples import example_lines, examples, rank_note, scored_collection

    chosen = examples(comparison, setting, count)
    if not chosen:
        return [f"No query has another rank in {setting} on the two sides."]
    table = terminal.examples_table(chosen, comparison.metric)
    note = rank_note(comparison, setting, chosen)
    shown: list[Table | str] = [table, note] if note else [table]
    if storage is None:
        return shown
    collection = scored_collection(comparison.first.results[0], storage)
    return [*shown, *example_lines(comparison, setting, chosen, collection)]
