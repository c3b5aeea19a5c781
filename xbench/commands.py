"""The commands beside `run`: what there is, is it sound, where does it lie, which is better, show it. No logic."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

KINDS = {"tasks": "task", "models": "model", "recipes": "recipe", "corpora": "corpus"}

data_dir = click.option(
    "--data-dir", type=click.Path(path_type=Path), help="Folder with the data files; before XBENCH_DATA."
)
offline = click.option("--offline", is_flag=True, help="Fetch nothing.")


def storage_of(folder: Path | None, offline: bool) -> Any:
    """The folders of one command."""
    from dataclasses import replace

    from xbench.download import Storage
    from xbench.terminal import DownloadBar

    return replace(Storage.of(folder, offline), progress=DownloadBar)


def listing(kind: str) -> click.Group:
    """`list` and `show` for one kind of spec."""

    @click.group(name=kind, help=f"The {kind} there are.")
    def group() -> None: ...

    @group.command(name="list", help=f"Every {KINDS[kind]} by name.")
    def list_() -> None:
        from xbench import registry
        from xbench.terminal import console

        known = registry.known(KINDS[kind])
        width = max(map(len, known), default=0) + 2
        for name in known:
            title = registry.load(KINDS[kind], name).spec.title
            console().print(f"{name:<{width}}{title}", markup=False, soft_wrap=True)

    @group.command(name="show", help=f"One {KINDS[kind]}, resolved.")
    @click.argument("name")
    def show(name: str) -> None:
        import yaml

        from xbench import registry

        spec = registry.load(KINDS[kind], name).spec.model_dump(mode="json", by_alias=True)
        filled = {key: value for key, value in spec.items() if value not in ("", None, {}, [])}
        click.echo(yaml.safe_dump(filled, sort_keys=False, allow_unicode=True, width=100), nl=False)

    return group


@click.group()
def task() -> None:
    """Check a task that you wrote."""


@task.command()
@click.argument("file")
@data_dir
@offline
def check(file: str, data_dir: Path | None, offline: bool) -> None:
    """Read a task's data and show what it holds: counts, lengths, duplicates, three questions with their golds."""
    from xbench import readers, registry
    from xbench.check import describe
    from xbench.terminal import console

    entry = registry.load("task", file)
    for line in describe(entry.spec, readers.read(entry, storage_of(data_dir, offline))):
        console().print(line, markup=False, soft_wrap=True)


@click.group()
def data() -> None:
    """The data files of a task: fetch, verify, find."""


@data.command()
@click.argument("name", metavar="TASK")
@data_dir
@offline
def pull(name: str, data_dir: Path | None, offline: bool) -> None:
    """Fetch what is not here yet, and verify everything."""
    from xbench import registry
    from xbench.download import locate
    from xbench.plan import files

    entry, storage = registry.load("task", name), storage_of(data_dir, offline)
    for source, language in files(entry):
        click.echo(f"{language or entry.spec.name}\t{locate(storage, source, language, entry.base)}")


@data.command()
@click.argument("name", metavar="TASK")
@data_dir
def verify(name: str, data_dir: Path | None) -> None:
    """Compare every file that is here with its sha256."""
    from xbench.download import verify as verify_file
    from xbench.errors import DataError

    for label, source, language, path in _files_here(name, data_dir):
        if path is None:
            raise DataError(f"{name}: {language or 'its file'} is not here; fetch it with `xbench data pull {name}`")
        verify_file(path, source.sha256.get(language))
        pinned = "sha256 ok" if language in source.sha256 else "readable, no sha256 pinned"
        click.echo(f"{label}\t{pinned}\t{path}")


@data.command()
@click.argument("name", metavar="TASK")
@data_dir
def where(name: str, data_dir: Path | None) -> None:
    """Where each file lies, or where it would come from."""
    from xbench.download import address

    for label, source, language, path in _files_here(name, data_dir):
        place = path or (f"not here; from {address(source, language)}" if source.url else "not here")
        click.echo(f"{label}\t{place}")


def _files_here(name: str, folder: Path | None) -> Iterator[tuple[str, Any, str, Path | None]]:
    """(label, source, language, path or None) of every file of a task, without fetching any."""
    from xbench import registry
    from xbench.download import where as find
    from xbench.plan import files

    entry, storage = registry.load("task", name), storage_of(folder, True)
    for source, language in files(entry):
        yield language or entry.spec.name, source, language, find(storage, source, language, entry.base)


@click.group()
def leaderboard() -> None:
    """Results into pages."""


@leaderboard.command()
@click.option(
    "--results", multiple=True, type=click.Path(path_type=Path), help="Folders of results. [default: results]"
)
@click.option("--out", type=click.Path(path_type=Path), default=Path("site"), show_default=True)
def build(results: tuple[Path, ...], out: Path) -> None:
    """Write the site; open its index.html from disk."""
    from xbench.board.site import build_site

    pages = build_site(results or (Path("results"),), out)
    click.echo(f"{len(pages)} pages; open {out / 'index.html'}")


@click.command()
@click.argument("name")
def schema(name: str) -> None:
    """The JSON Schema of task, model, recipe, corpus or result, for editors and checkers."""
    import json

    from xbench import registry
    from xbench.results import result_schema

    click.echo(json.dumps(result_schema() if name == "result" else registry.schema(name), indent=1))


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


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("qrels", type=click.Path(path_type=Path))
@click.option("--metric", "metrics", multiple=True, default=("AP", "nDCG@10", "R@100"), help="Repeatable.")
def score(run: Path, qrels: Path, metrics: tuple[str, ...]) -> None:
    """Score a TREC run file through pytrec_eval; a judged query that it lacks scores 0."""
    from xbench.trec import score_run

    means, judged, absent = score_run(run, qrels, metrics)
    for name, value in means.items():
        click.echo(f"{name}\t{value:.6f}")
    click.echo(f"queries\t{judged}" + (f"\t{absent} of them not in the run" if absent else ""))


COMMANDS = (task, data, compare, leaderboard, schema, score)
