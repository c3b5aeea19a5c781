"""The corpora there are, how much of a task stands in one, and hard negatives mined for one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from xbench.commands.listing import listing
from xbench.commands.names import CORPUS, MODEL, TASK
from xbench.commands.numbers import Decimal, Whole
from xbench.commands.options import command_examples, data_dir, offline, parse_settings, storage_of

if TYPE_CHECKING:
    from rich.table import Table

    from xbench.jobs.corpus_check import CorpusCheck
    from xbench.mining.hard_negatives import NegativeCounts
    from xbench.results.record import OverlapCounts

corpora = listing("corpora")
SIDES = ("queries", "documents")
COUNTS = ("texts", "compared", "copied", "partial")


@corpora.command(epilog=command_examples("xbench corpora check squad-translated --task xquad-r --task mlqa-r"))
@click.argument("name", metavar="CORPUS", type=CORPUS)
@click.option("--task", "tasks", type=TASK, multiple=True, required=True, help="Name or YAML. Repeatable.")
@data_dir
@offline
def check(name: str, tasks: tuple[str, ...], data_dir: Path | None, offline: bool) -> None:
    """Zero-shot verdict of training on CORPUS, and which texts of the tasks stand in it, by language."""
    from xbench.commands.terminal import Terminal
    from xbench.jobs.corpus_check import check_corpus

    for checked in check_corpus(name, tasks, storage_of(data_dir, offline), Terminal()):
        _show(checked)


@corpora.command(
    epilog=command_examples(
        "xbench corpora mine facts --model labse --out mined",
        "xbench corpora mine my-corpus.yaml --model me5-small --out mined --among all",
    )
)
@click.argument("name", metavar="CORPUS", type=CORPUS)
@click.option("--model", type=MODEL, required=True, help="Who mines: name, YAML, local folder or hub id.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the mined corpus.")
@click.option("--name", "called", help="What it is called. [default: CORPUS-mined-by-MODEL]")
@click.option(
    "--among", type=click.Choice(["own", "all"]), default="own", show_default=True, help="Languages searched."
)
@click.option("--depth", type=Whole(1), default=100, show_default=True, help="Nearest passages looked at.")
@click.option("--negatives", type=Whole(1), default=4, show_default=True, help="Kept per row, at most.")
@click.option("--margin", type=Decimal(), default=0.95, show_default=True, help="Of the score of a row's own passage.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Override: model.max_length=64.")
@data_dir
@offline
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:1, mps.")
@click.option("--remote-code", is_flag=True, help="Let a model run code from its repository.")
def mine(
    name: str,
    model: str,
    out: Path,
    called: str | None,
    among: Literal["own", "all"],
    depth: int,
    negatives: int,
    margin: float,
    settings: tuple[str, ...],
    data_dir: Path | None,
    offline: bool,
    device: str,
    remote_code: bool,
) -> None:
    """Write CORPUS anew with hard negatives: passages near a query that score clearly below its own."""
    from xbench.commands import terminal
    from xbench.encoders.model_loading import Loading
    from xbench.jobs import mining
    from xbench.mining.hard_negatives import SPEC
    from xbench.mining.miner import Rules

    request = mining.MiningRequest(
        corpus=name,
        model=model,
        out=out,
        rules=Rules(among, depth, negatives, margin),
        name=called,
        settings=parse_settings(settings),
        storage=storage_of(data_dir, offline),
        loading=Loading(device=device, offline=offline, remote_code=remote_code),
    )
    counts = mining.mine(request, terminal.Terminal())
    terminal.console().print(_mined_table(counts))
    terminal.console().print(str(out / SPEC), soft_wrap=True)


def _mined_table(counts: Mapping[str, NegativeCounts]) -> Table:
    """Rows, those with a negative, negatives a row, and how near they come to the row's own passage."""
    from rich.table import Table

    from xbench.commands.terminal import number
    from xbench.mining.hard_negatives import total

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("language")
    for heading in ("rows", "with negatives", "share", "mean per row", "median ratio"):
        table.add_column(heading, justify="right", no_wrap=True)
    for language, part in (*counts.items(), ("all", total(counts.values()))):
        shares = (
            (f"{part.rows_with_negatives / part.rows:.1%}", f"{part.negatives / part.rows:.2f}") if part.rows else "--"
        )
        table.add_row(
            language, f"{part.rows:,}", f"{part.rows_with_negatives:,}", *shares, number(part.median_ratio(), 3)
        )
    return table


def _show(checked: CorpusCheck) -> None:
    """Verdict, counts by language, counts by unit, and examples by their ids."""
    from rich.table import Table

    from xbench.commands.terminal import console

    out, overlap = console(), checked.overlap
    out.print(f"{checked.task}: {checked.verdict}", soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("language")
    for side in SIDES:
        for count in COUNTS:
            table.add_column(side if count == "texts" else count, justify="right", no_wrap=True)
    for language, sides in overlap.languages.items():
        table.add_row(language, *(cell for side in SIDES for cell in _counts(sides.get(side))))
    out.print(table)
    for unit, counts in overlap.units.items():
        out.print(f"{unit} copied in any language: {counts.copied:,} of {counts.total:,} ({counts.share:.2%})")
    for side, kinds in overlap.examples.items():
        for kind, ids in kinds.items():
            if ids:
                out.print(f"{side}, {kind}: {', '.join(ids)}", soft_wrap=True)
    out.print()


def _counts(counts: OverlapCounts | None) -> Iterator[str]:
    """COUNTS as cells; dashes where a language has no text on a side."""
    for name in COUNTS:
        yield f"{getattr(counts, name):,}" if counts else "-"
