"""Commands that turn results into pages."""

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
def build(results: tuple[Path, ...], out: Path) -> None:
    """Write the site; open its index.html from disk."""
    from xbench.board.site import build_site

    pages = build_site(results or (Path("results"),), out)
    click.echo(f"{len(pages)} pages; open {out / 'index.html'}")
