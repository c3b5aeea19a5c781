"""The recipes there are, and the composition of the batches that a run would see, before anything is trained."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from xbench.commands.listing import listing
from xbench.commands.names import CORPUS, MODEL, RECIPE
from xbench.commands.options import command_examples, data_dir, offline, storage_of

recipes = listing("recipes")
LONGEST = 20  # pairs shown


@recipes.command(epilog=command_examples("xbench recipes preview hybrid --corpus facts --steps 200"))
@click.argument("name", metavar="RECIPE", type=RECIPE)
@click.option("--corpus", type=CORPUS, help="Name or YAML. [default: squad-translated]")
@click.option("--model", type=MODEL, help="Whose training settings count, as the batch size of static.")
@click.option("--steps", type=click.IntRange(1), help="How many of the first batches. [default: all of the recipe]")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True)
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Override: batch_size=64, recipe.tau=0.5.")
@data_dir
@offline
@click.option("--json", "as_json", is_flag=True, help="Print shares as JSON, and nothing else, on stdout.")
def preview(steps: int | None, seed: int, as_json: bool, **options: Any) -> None:
    """Shares of each kind, language and pair in the batches that a run would see."""
    import json

    from xbench.commands import terminal
    from xbench.training.preview import compose, word_counter

    planned, corpus, stream = _prepare(seed, **options)
    count = steps or planned.training.steps
    label = f"draw {planned.recipe.name} from {planned.corpus.spec.name}"
    with terminal.Terminal().bar(label, count, "batches") as bar:
        found = compose(_told(stream, count, bar), corpus.languages, word_counter(corpus, stream))
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=1))
        return
    out = terminal.console()
    size = planned.training.batch_size
    out.print(
        f"{planned.recipe.name} on {planned.corpus.spec.name}, relation {planned.corpus.spec.relation}: "
        f"{count:,} batches of {size:,}, seed {seed}; {found.units:,} of {len(corpus):,} units",
        markup=False,
        soft_wrap=True,
    )
    for table in _tables(found):
        out.print()
        out.print(table)


def _prepare(
    seed: int,
    name: str,
    corpus: str | None,
    model: str | None,
    settings: tuple[str, ...],
    data_dir: Path | None,
    offline: bool,
) -> tuple[Any, Any, Any]:
    """What is planned, the corpus and the stream of batches."""
    from xbench.commands.run import parse_settings
    from xbench.data.fetches import missing, require_reachable
    from xbench.jobs.plan import plan_batches
    from xbench.training.batches import stream_of
    from xbench.training.corpus_loading import load_corpus

    planned = plan_batches(name, corpus, model, parse_settings(settings))
    storage = storage_of(data_dir, offline)
    require_reachable(missing(planned.corpus, storage), storage, ", or another corpus with --corpus")
    loaded = load_corpus(planned.corpus, storage)
    stream = stream_of(loaded, planned.recipe, planned.training.batch_size, seed)
    stream.check()
    return planned, loaded, stream


def _told(stream: Any, steps: int, bar: Any) -> Iterator[Any]:
    for step in range(steps):
        yield stream[step]
        bar.advance(1)


def _tables(found: Any) -> Iterator[Any]:
    """Kinds, languages, the most frequent pairs, and words of code-switched rows, each with counts and shares."""
    yield _table(("kind", "batches"), ((kind, (count,)) for kind, count in found.kinds.most_common()), [found.steps])
    languages = sorted({*found.queries, *found.passages})
    sides = ((name, (found.queries[name], found.passages[name])) for name in languages)
    yield _table(("language", "queries", "passages"), sides, [found.rows] * 2)
    pairs = found.pairs.most_common()
    shown = [(f"{query}-{passage}", (count,)) for (query, passage), count in pairs[:LONGEST]]
    if len(pairs) > LONGEST:
        shown.append((f"{len(pairs) - LONGEST} others", (sum(count for _, count in pairs[LONGEST:]),)))
    yield _table(("pair", "rows"), shown, [found.rows])
    if found.words:
        words = [*found.words.values()]
        switched = ((name, [one[name] for one in words]) for name in sorted(set().union(*words)))
        headings = ("words of code-switched rows", "queries", "passages")
        yield _table(headings, switched, [one.total() for one in words])


def _table(headings: tuple[str, ...], rows: Any, totals: list[int]) -> Any:
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
