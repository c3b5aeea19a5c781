"""Commands that turn results into pages, show them on this machine, and judge results that someone sends in."""

from __future__ import annotations

from pathlib import Path

import click

from xbench.commands.numbers import Whole
from xbench.commands.options import command_examples
from xbench.commands.words import echo


@click.group()
def leaderboard() -> None:
    """Results into pages."""


@leaderboard.command(
    epilog=command_examples(
        "xbench leaderboard build --results results --results others --out site",
        "xbench leaderboard build --published mine.jsonl.gz",
    )
)
@click.option(
    "--results", multiple=True, type=click.Path(path_type=Path), help="Folders of results. [default: results]"
)
@click.option("--out", type=click.Path(path_type=Path), default=Path("site"), show_default=True)
@click.option(
    "--published",
    "places",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Published runs outside baselines/published, or a folder of tables instead of those that ship. Repeatable.",
)
@click.option("--no-published-runs", is_flag=True, help="Without published runs, those that ship too.")
@click.option(
    "--studies",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Reports of studies and alignment, as JSON. [default: the studies that ship, on tasks that have results]",
)
@click.pass_context
def build(
    context: click.Context,
    results: tuple[Path, ...],
    out: Path,
    places: tuple[Path, ...],
    no_published_runs: bool,
    studies: tuple[Path, ...],
) -> None:
    """Write the site; open its index.html from disk. Exit code 1 where a result or published numbers were left out."""
    from xbench.board.site import build_site
    from xbench.errors import SpecError
    from xbench.published.library import named_places, stores

    tables, runs = named_places(places)
    if runs and no_published_runs:
        raise SpecError(f"--no-published-runs: {runs[0]} holds published runs; leave one of the two out")
    shown = () if no_published_runs else stores(runs)
    built = build_site(results or (Path("results"),), out, tables, studies or None, shown)
    for line in built.skipped:
        echo(f"left out: {line}", err=True)
    pages = sum(path.suffix == ".html" for path in built.files)
    echo(f"{pages} pages; open {out / 'index.html'}")
    if built.skipped:
        context.exit(1)


@leaderboard.command(epilog=command_examples("xbench leaderboard serve site --port 8080"))
@click.argument("site", type=click.Path(path_type=Path), default=Path("site"))
@click.option("--port", default=8000, show_default=True, type=Whole(0, 65_535), help="0 takes a free one.")
def serve(site: Path, port: int) -> None:
    """Show a built SITE on this machine, and only here, until Ctrl-C."""
    from xbench.board.serve import make_server

    server = make_server(site, port)
    echo(f"http://127.0.0.1:{server.server_port}/ shows {site}; Ctrl-C ends")
    with server:
        server.serve_forever()


@leaderboard.command(epilog=command_examples("xbench leaderboard check submission --json"))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="The verdict as JSON.")
@click.pass_context
def check(context: click.Context, folder: Path, as_json: bool) -> None:
    """Judge the result files in FOLDER that someone sends in. Exit code 1 where one has a fault."""
    import json

    from xbench.board.submission import judge

    verdict = judge(folder)
    if as_json:
        echo(json.dumps(verdict.plain(), indent=1, ensure_ascii=False))
    else:
        for fault in verdict.faults:
            echo(f"{fault.path}: {fault.kind}: {fault.message}")
        outcome = "accepted" if verdict.accepted else "rejected"
        echo(f"{outcome}: {verdict.results} results, {len(verdict.faults)} faults")
    if not verdict.accepted:
        context.exit(1)


@leaderboard.command(epilog=command_examples("xbench leaderboard pack --results results --out submission"))
@click.option("--results", multiple=True, type=click.Path(path_type=Path), help="Folders. [default: results]")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Where the packed copies go.")
def pack(results: tuple[Path, ...], out: Path) -> None:
    """Copy results with sums by cluster of questions instead of per-query values: small enough for a repository."""
    from xbench.board.submission import pack_results

    echo(f"{len(pack_results(results or (Path('results'),), out))} results in {out}")
