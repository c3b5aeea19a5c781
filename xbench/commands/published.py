"""Numbers that others published: taken in, listed and shown. Runs measured here are in other commands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xbench.commands.names import PUBLISHED_MODEL, PUBLISHED_TASK
from xbench.commands.options import command_examples
from xbench.commands.words import echo

if TYPE_CHECKING:
    from xbench.published.runs import PublishedRun

OUT = Path("baselines/published/mteb-import.jsonl.xz")
MOST_LINES = 100  # of what was left out
stores = click.option(
    "--published",
    "places",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Imported runs outside baselines/published. Repeatable.",
)
as_json = click.option("--json", "plain", is_flag=True, help="As JSON.")


@click.group(name="import")
def import_() -> None:
    """Numbers of others, to be shown beside measured ones."""


@import_.command(
    epilog=command_examples(
        "xbench import mteb results/org__model/REVISION/BelebeleRetrieval.json",
        "xbench import mteb mteb-results --out mine.jsonl.gz --source 'our lab'",
    )
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), default=OUT, show_default=True, help="Ends in .jsonl, .jsonl.gz or .xz."
)
@click.option("--source", default="own mteb results", show_default=True, help="Who published them.")
@click.option("--commit", default="", help="Commit of their repository, 40 digits.")
@click.pass_context
def mteb(context: click.Context, paths: tuple[Path, ...], out: Path, source: str, commit: str) -> None:
    """Published runs from PATHS: mteb's result files, folders of them, its results repository, or tables made of it.

    Exit code 1 where something was left out, which is named.
    """
    from xbench.errors import DataError, SpecError
    from xbench.published.importing import read_mteb
    from xbench.published.runs import Origin
    from xbench.published.store import require_name, write_store

    require_name(out)
    if out.exists():
        raise SpecError(f"--out {out}: it is there already, and nothing is written over it; name another, or delete it")
    try:
        origin = Origin(source, commit)
    except ValueError as error:
        raise SpecError(f"--{error}") from None
    found = read_mteb(paths, origin)
    for line in found.faults[:MOST_LINES]:
        echo(f"left out: {line}", err=True)
    if len(found.faults) > MOST_LINES:
        echo(f"left out: {len(found.faults) - MOST_LINES:,} more", err=True)
    if found.others:
        echo(f"passed over: {found.others.total():,} of {len(found.others):,} tasks that are not known here", err=True)
    if not found.runs:
        raise DataError(f"no run in {', '.join(map(str, paths))}; nothing is written")
    write_store(found.runs, out)
    models, tasks = {run.model for run in found.runs}, {run.task.name for run in found.runs}
    echo(f"{len(found.runs):,} runs of {len(models):,} models on {len(tasks):,} tasks in {out}")
    if found.faults:
        context.exit(1)


@click.group()
def published() -> None:
    """Runs that others published, with where each number comes from."""


@published.command(
    name="list", epilog=command_examples("xbench published list", "xbench published list --task belebele --json")
)
@click.option(
    "--task", "published_task", type=PUBLISHED_TASK, help="Name, ours or mteb's: its models with their means."
)
@click.option("--split", help="mteb's name of the split. [default: the task's first]")
@stores
@as_json
def list_(published_task: str | None, split: str | None, places: tuple[Path, ...], plain: bool) -> None:
    """The tasks that have published runs; with --task the models that were run on it."""
    from xbench.commands.published_tables import models_table, task_records, tasks_table
    from xbench.commands.terminal import console
    from xbench.errors import SpecError
    from xbench.published.library import published_runs, runs_of

    if published_task is None and split is not None:
        raise SpecError("--split goes with --task")
    if published_task is None:
        records = task_records(runs_of(None, places))
        echo(json.dumps(records, indent=1)) if plain else console().print(tasks_table(records))
        return
    runs = published_runs(published_task, split=split, published=places)
    if plain:
        echo(json.dumps([_summary(run) for run in runs], indent=1, ensure_ascii=False))
    else:
        console().print(models_table(runs))


@published.command(
    epilog=command_examples(
        "xbench published show BAAI/bge-m3 --task belebele", "xbench published show BAAI/bge-m3 --task mlqa --json"
    )
)
@click.argument("published_model", metavar="MODEL", type=PUBLISHED_MODEL)
@click.option("--task", "published_task", type=PUBLISHED_TASK, required=True, help="Name, ours or mteb's.")
@click.option("--split", help="mteb's name of the split. [default: the task's first]")
@click.option("--metric", help="Another metric of the task, such as R@1. [default: its main score]")
@click.option("--revision", help="Where there are several of the model.")
@click.option("--source", help="Where there are several of the run.")
@stores
@as_json
def show(
    published_model: str,
    published_task: str,
    split: str | None,
    metric: str | None,
    revision: str | None,
    source: str | None,
    places: tuple[Path, ...],
    plain: bool,
) -> None:
    """What MODEL (ORG/NAME, as mteb has it) scored on a task: every pair, query language first, and their means.

    Mo is the mean of the pairs of one language, Cr of the pairs of two.
    """
    from xbench.commands.published_tables import show_run
    from xbench.commands.terminal import console
    from xbench.published.library import published_runs

    runs = published_runs(published_task, published_model, split=split, published=places)
    run = _one(runs, revision=revision, source=source)
    chosen = _metric(run, metric)
    if plain:
        pairs = {f"{query}-{document}": value for (query, document), value in run.scores(chosen).items()}
        echo(json.dumps({**_summary(run, chosen), "pairs": pairs}, indent=1, ensure_ascii=False))
        return
    for part in show_run(run, chosen):
        console().print(part, soft_wrap=isinstance(part, str))


def _summary(run: PublishedRun, metric: str = "") -> dict[str, object]:
    """A run without its pairs, as JSON has it."""
    alone, crossing = (run.mean(crossing, metric) for crossing in (False, True))
    return {
        "source": run.origin.source,
        "commit": run.origin.commit or None,
        "model": run.model,
        "revision": run.revision,
        "task": run.task.name,
        "mteb_task": run.task.mteb,
        "split": run.split,
        "dataset_revision": run.versions.dataset_revision,
        "mteb_version": run.versions.mteb_version,
        "metric": metric or run.metric,
        "Mo": alone.value,
        "Cr": crossing.value,
        "n": {"Mo": alone.n, "Cr": crossing.n},
        "grid": run.task.grid,
        "facts": run.facts.model_dump(mode="json", exclude_none=True) if run.facts else None,
    }


def _one(runs: Sequence[PublishedRun], **asked: str | None) -> PublishedRun:
    """The run that is meant. Raises SpecError where that is not one."""
    from xbench.errors import SpecError

    for option, value in asked.items():
        there = sorted({_of(run, option) for run in runs})
        if value is not None and value not in there:
            raise SpecError(f"--{option} {value!r:.60}: found {', '.join(there)}")
        if value is None and len(there) > 1:
            raise SpecError(f"{runs[0].model} on {runs[0].task.name}: say which --{option}: {', '.join(there)}")
        runs = [run for run in runs if value in (None, _of(run, option))]
    return runs[0]


def _of(run: PublishedRun, option: str) -> str:
    return run.revision if option == "revision" else run.origin.source


def _metric(run: PublishedRun, metric: str | None) -> str:
    from xbench.errors import SpecError

    if metric is not None and metric not in run.columns:
        raise SpecError(f"--metric {metric!r:.40}: this run has {', '.join(run.columns)}")
    return metric or run.metric
