"""The command that measures how a model's languages lie beside each other."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xbench.commands.names import CORPUS, MODEL, TASK
from xbench.commands.options import SIDE, command_examples, data_dir, offline, parse_settings, storage_of
from xbench.commands.words import echo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import JustifyMethod
    from rich.table import Table

    from xbench.evaluation.alignment_scores import Side
    from xbench.jobs.alignment_job import ModelAlignment

ENDS = ("lowest", "highest")  # with the pair, which goes to a line of its own where there is no room
NOTES = (
    "random, copy: what random vectors, and a language beside itself, have here",
    "cka and rsim tell isomorphism, not alignment: rotate one language, and they stay; isoscore is a control",
)


@click.command(
    epilog=command_examples(
        "xbench align --model labse --model me5-base --task xquad-r",
        "xbench align --model labse --task mlqa-r --languages de,en --json",
        "xbench align --model static --corpus facts --task facts --side documents",
    )
)
@click.option(
    "--model",
    "models",
    type=MODEL,
    multiple=True,
    required=True,
    help="Name, YAML, local folder or hub id. Repeatable.",
)
@click.option("--task", type=TASK, required=True, help="Name or YAML.")
@click.option("--languages", multiple=True, help="Only these languages of the task: de,en. Repeatable.")
@click.option("--side", type=SIDE, default="queries", show_default=True, help="The parallel questions, or their golds.")
@click.option("--corpus", type=CORPUS, help="What a static model takes its tokens from.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Override: model.max_length=64.")
@data_dir
@offline
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:1, mps.")
@click.option("--remote-code", is_flag=True, help="Let a model run code from its repository.")
@click.option("--json", "as_json", is_flag=True, help='Print {model: {metric: {"en-de": value}}}, and nothing else.')
def align(
    models: tuple[str, ...],
    task: str,
    languages: tuple[str, ...],
    side: Side,
    corpus: str | None,
    settings: tuple[str, ...],
    data_dir: Path | None,
    offline: bool,
    device: str,
    remote_code: bool,
    as_json: bool,
) -> None:
    """How do a model's languages lie beside each other? Eleven metrics of every pair, from vectors that are kept."""
    from xbench.commands import terminal
    from xbench.encoders.model_loading import Loading
    from xbench.jobs.alignment_job import align as carry_out
    from xbench.jobs.request import Request
    from xbench.languages import listed_languages

    request = Request(
        models=models,
        tasks=(task,),
        corpus=corpus,
        languages=listed_languages(languages, "--languages"),
        settings=parse_settings(settings),
        storage=storage_of(data_dir, offline),
        loading=Loading(device=device, offline=offline, remote_code=remote_code),
        command=shlex.join(["xbench", *sys.argv[1:]]),
    )
    aligned = carry_out(request, side, terminal.Terminal())
    if as_json:
        echo(json.dumps({one.model: one.alignment.values for one in aligned}, allow_nan=False))
        return
    out = terminal.console()
    for one in aligned:
        for part in _shown(one):
            out.print(part, soft_wrap=isinstance(part, str))
    for line in NOTES:
        out.print(line, soft_wrap=True)


def _shown(one: ModelAlignment) -> Iterator[str | Table]:
    """What was measured, what it took, and a row per metric."""
    counts = one.alignment.questions.values()
    units = f"{min(counts):,}" if min(counts) == max(counts) else f"{min(counts):,} to {max(counts):,}"
    cost = f"{one.alignment.seconds or 0:.1f} s beside encoding"
    yield f"{one.model} on {one.task}, {one.alignment.side}: {len(counts)} pairs, {units} units in each; {cost}"
    yield alignment_table(one)


def alignment_table(one: ModelAlignment) -> Table:
    """A row per metric: the mean over pairs, the pairs at both ends, random vectors and a perfect copy. Fits 80
    columns."""
    from rich.table import Table

    from xbench.commands.terminal import number
    from xbench.evaluation.alignment_scores import ALIGNMENT_METRICS

    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for heading in ("metric", "better", "mean", *ENDS, "random", "copy"):
        justify: JustifyMethod = "left" if heading in ("metric", "better") else "right"
        table.add_column(heading, justify=justify, no_wrap=heading not in ENDS, overflow="fold")
    for metric in ALIGNMENT_METRICS:
        values = one.alignment.values[metric.name]
        known = sorted((value, pair) for pair, value in values.items() if value is not None)
        ends = [f"{number(value, 3)} {pair}" for value, pair in (known[0], known[-1])] if known else ["-", "-"]
        references = (one.alignment.random[metric.name], one.alignment.perfect_copy[metric.name])
        shown = (number(one.alignment.mean(metric.name), 3), *ends, *(number(value, 3) for value in references))
        table.add_row(metric.name, metric.better, *shown)
    return table
