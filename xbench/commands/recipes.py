"""The recipes there are, and the composition of the batches that a run would see, before anything is trained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xbench.commands.listing import listing
from xbench.commands.names import CORPUS, MODEL, RECIPE
from xbench.commands.numbers import Whole
from xbench.commands.options import command_examples, data_dir, offline, storage_of
from xbench.commands.words import echo

if TYPE_CHECKING:
    from rich.table import Table

    from xbench.jobs.batch_preview import Preview
    from xbench.training.preview import Composition

recipes = listing("recipes")
LONGEST = 20  # pairs shown
RULES = {
    "own_unit": "passage of the row's unit",
    "own_query": "translation of its query",
    "own_passage": "hard negative that is its passage",
    "absent": "hard negative that is missing",
}


@recipes.command(epilog=command_examples("xbench recipes preview hybrid --corpus facts --steps 200"))
@click.argument("name", metavar="RECIPE", type=RECIPE)
@click.option("--corpus", type=CORPUS, help="Name or YAML. [default: squad-translated]")
@click.option("--model", type=MODEL, help="Whose training settings count, as the batch size of static.")
@click.option("--steps", type=Whole(1), help="How many of the first batches. [default: all of the recipe]")
@click.option("--seed", type=Whole(0, 2**32 - 1), default=0, show_default=True)
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Override: batch_size=64, recipe.tau=0.5.")
@data_dir
@offline
@click.option("--json", "as_json", is_flag=True, help="Print shares as JSON, and nothing else, on stdout.")
def preview(
    name: str,
    corpus: str | None,
    model: str | None,
    steps: int | None,
    seed: int,
    settings: tuple[str, ...],
    data_dir: Path | None,
    offline: bool,
    as_json: bool,
) -> None:
    """Shares of each kind, language and pair in the batches that a run would see."""
    import json

    from xbench.commands import terminal
    from xbench.commands.options import parse_settings
    from xbench.jobs import batch_preview

    request = batch_preview.PreviewRequest(
        name, corpus, model, steps, seed, parse_settings(settings), storage_of(data_dir, offline)
    )
    drawn = batch_preview.preview(request, terminal.Terminal())
    if as_json:
        echo(json.dumps(drawn.as_json(), indent=1))
        return
    out = terminal.console()
    out.print(_headline(drawn, seed), soft_wrap=True)
    for table in (*_tables(drawn.composition), *_left_out(drawn)):
        out.print()
        out.print(table)


def _headline(drawn: Preview, seed: int) -> str:
    drawing, corpus, counts = drawn.drawing, drawn.loaded.spec, drawn.composition
    relation = drawing.corpus.spec.relation
    return (
        f"{drawing.recipe.name} on {corpus.name}, relation {relation}: {counts.steps:,} batches of "
        f"{drawing.training.batch_size:,}, seed {seed}; {counts.units:,} of {len(drawn.loaded.text):,} units"
        + (f"; stratified in rounds of {drawn.round:,} batches" if drawn.round else "")
    )


def _left_out(drawn: Preview) -> Iterator[Table]:
    """By reason, how many documents are no negatives for a row, in how many rows; none where all are."""
    counts = drawn.left_out
    rows = [(RULES[rule], (count, counts.rows[rule])) for rule, count in counts.cells.items() if count]
    if rows:
        yield _table(("no negative:", "documents", "rows"), rows, [counts.documents, drawn.composition.rows])


def _tables(counts: Composition) -> Iterator[Table]:
    """Kinds, languages, the most frequent pairs, and words of code-switched rows, each with counts and shares."""
    yield _table(("kind", "batches"), ((kind, (count,)) for kind, count in counts.kinds.most_common()), [counts.steps])
    languages = sorted({*counts.queries, *counts.passages})
    sides = ((name, (counts.queries[name], counts.passages[name])) for name in languages)
    yield _table(("language", "queries", "passages"), sides, [counts.rows] * 2)
    pairs = counts.pairs.most_common()
    shown = [(f"{query}-{passage}", (count,)) for (query, passage), count in pairs[:LONGEST]]
    if len(pairs) > LONGEST:
        shown.append((f"{len(pairs) - LONGEST} others", (sum(count for _, count in pairs[LONGEST:]),)))
    yield _table(("pair", "rows"), shown, [counts.rows])
    if counts.words:
        words = [*counts.words.values()]
        switched = ((name, [side[name] for side in words]) for name in sorted(set().union(*words)))
        headings = ("words of code-switched rows", "queries", "passages")
        yield _table(headings, switched, [side.total() for side in words])


def _table(headings: tuple[str, ...], rows: Iterable[tuple[str, Sequence[int]]], totals: Sequence[int]) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(headings[0])
    for heading in headings[1:]:
        table.add_column(heading, justify="right")
        table.add_column("share", justify="right")
    for name, counts in rows:
        cells = ((f"{count:,}", f"{count / total:.1%}") for count, total in zip(counts, totals, strict=True))
        table.add_row(name, *(cell for pair in cells for cell in pair))
    return table
