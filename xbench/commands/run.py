"""The main command: from words on a terminal to a request, and its results as a table."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xbench.commands.names import CORPUS, MODEL, RECIPE_OR_NONE, SETTING, TASK
from xbench.commands.numbers import MOST, Whole
from xbench.commands.options import SIDE, command_examples, data_dir, offline, parse_settings, storage_of
from xbench.commands.words import echo
from xbench.errors import SpecError

if TYPE_CHECKING:
    from xbench.evaluation.alignment_scores import Side
    from xbench.jobs.request import Request
    from xbench.results.run_files import Wanted

DEPTH = re.compile(r"[0-9]{1,18}")
ALIGN = "Also measure how languages lie beside each other (xbench align): on queries, or on documents."
SAVE_RUN = "Write TREC runs and qrels beside the result: of all settings, or of de-en, en-pool. Repeatable."


@click.command(
    epilog=command_examples(
        "xbench run --model labse --task xquad-r --languages de,en,th",
        "xbench run --model labse --recipe hybrid --seeds 5 --set steps=300",
        "xbench run --model ./my-model --model bm25 --task my.yaml --save-run de-en",
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
@click.option(
    "--recipe",
    "recipes",
    type=RECIPE_OR_NONE,
    multiple=True,
    default=("none",),
    help="Name or YAML; none: as it is. Repeatable.",
)
@click.option("--task", "tasks", type=TASK, multiple=True, help="Name or YAML. Repeatable. [default: xquad-r, mlqa-r]")
@click.option("--seed", "chosen", multiple=True, type=Whole(0, 2**32 - 1), help="Repeatable. [default: 0]")
@click.option("--seeds", "several", type=Whole(1, 1000), help="So many seeds: 5 is 0, 1, 2, 3, 4.")
@click.option("--corpus", type=CORPUS, help="What recipes train on. [default: squad-translated]")
@click.option("--languages", multiple=True, help="Only these languages of the tasks: de,en. Repeatable.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Override: steps=300, model.max_length=64.")
@click.option("--track", "trackers", multiple=True, help="Follow training in tensorboard or wandb. Repeatable.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("results"), show_default=True)
@click.option(
    "--save-run", type=SETTING, is_flag=False, flag_value="all", multiple=True, metavar="[SETTING]", help=SAVE_RUN
)
@click.option("--depth", default="1000", show_default=True, help="Documents per query in a run file, or all.")
@click.option("--align", type=SIDE, is_flag=False, flag_value="queries", metavar="[SIDE]", help=ALIGN)
@data_dir
@offline
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:1, mps.")
@click.option("--remote-code", is_flag=True, help="Let a model run code from its repository.")
@click.option("--allow-contaminated", is_flag=True, help="Score encoders that saw a task's own data; marked as such.")
@click.option("--json", "as_json", is_flag=True, help="Print the result paths as JSON, and nothing else, on stdout.")
def run(as_json: bool, **options: Any) -> None:
    """Score encoders on tasks, trained by recipes or as they are.

    Under torchrun or accelerate launch all processes train together; the first one speaks, scores and writes.
    """
    from xbench.commands import terminal
    from xbench.jobs.outcome import PartlyDone
    from xbench.jobs.run import run as carry_out
    from xbench.processes import part

    request = _request(**options)
    left_out = None
    try:
        paths = carry_out(request, terminal.Terminal())
    except PartlyDone as error:
        paths, left_out = list(error.paths), error
    part()
    if request.processes.leads:
        _show(paths, as_json)
    if left_out:
        raise left_out


def _show(paths: list[Path], as_json: bool) -> None:
    """The results as a table with their paths, or the paths alone as JSON."""
    import json

    from xbench.commands import terminal
    from xbench.results.reading import read_result

    if as_json:
        echo(json.dumps([str(path) for path in paths]))
        return
    out = terminal.console()
    out.print(terminal.results_table([read_result(path) for path in paths]))
    for path in paths:
        out.print(str(path), soft_wrap=True)


def _request(
    models: tuple[str, ...],
    recipes: tuple[str, ...],
    tasks: tuple[str, ...],
    chosen: tuple[int, ...],
    several: int | None,
    corpus: str | None,
    languages: tuple[str, ...],
    settings: tuple[str, ...],
    trackers: tuple[str, ...],
    out: Path,
    save_run: tuple[str, ...],
    depth: str,
    align: Side | None,
    data_dir: Path | None,
    offline: bool,
    device: str,
    remote_code: bool,
    allow_contaminated: bool,
) -> Request:
    from xbench.encoders.model_loading import Loading
    from xbench.jobs.request import DEFAULT_TASKS, Request
    from xbench.languages import listed_languages
    from xbench.processes import join

    return Request(
        models=models,
        recipes=recipes,
        tasks=tasks or DEFAULT_TASKS,
        seeds=_seeds(chosen, several),
        corpus=corpus,
        languages=listed_languages(languages, "--languages"),
        settings=parse_settings(settings),
        out=out,
        storage=storage_of(data_dir, offline),
        loading=Loading(device=device, offline=offline, remote_code=remote_code),
        allow_contaminated=allow_contaminated,
        processes=join(device),
        trackers=trackers,
        command=shlex.join(["xbench", *sys.argv[1:]]),
        runs=_runs(save_run, depth),
        align=align,
    )


def _runs(settings: tuple[str, ...], depth: str) -> Wanted | None:
    from xbench.results.run_files import ALL, Wanted

    if depth != ALL and not (DEPTH.fullmatch(depth) and 1 <= int(depth) <= MOST):
        raise SpecError(f"--depth {depth[:40]}: expected a whole number of documents from 1 to {MOST:,}, or all")
    return Wanted(settings, None if depth == ALL else int(depth)) if settings else None


def _seeds(chosen: tuple[int, ...], several: int | None) -> tuple[int, ...]:
    if chosen and several:
        raise SpecError(f"--seeds {several} is seeds 0 to {several - 1}, --seed names single ones; give one of the two")
    return tuple(range(several)) if several else chosen or (0,)
