"""Commands that turn results into pages, show them on this machine, and judge results that someone sends in."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def leaderboard() -> None:
    """Results into pages."""


@leaderboard.command()
@click.option(
    "--results", multiple=True, type=click.Path(path_type=Path), help="Folders of results. [default: results]"
)
@click.option("--out", type=click.Path(path_type=Path), default=Path("site"), show_default=True)
@click.pass_context
def build(context: click.Context, results: tuple[Path, ...], out: Path) -> None:
    """Write the site; open its index.html from disk. Exit code 1 where a result was left out."""
    from xbench.board.site import build_site

    built = build_site(results or (Path("results"),), out)
    for line in built.skipped:
        click.echo(f"left out: {line}", err=True)
    pages = sum(path.suffix == ".html" for path in built.files)
    click.echo(f"{pages} pages; open {out / 'index.html'}")
    if built.skipped:
        context.exit(1)
