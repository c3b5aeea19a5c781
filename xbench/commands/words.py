"""Lines that a command prints. Names, paths and texts of others pass through here, so that none drives a terminal."""

from __future__ import annotations

import click

from xbench.errors import printable


def echo(text: str, err: bool = False, nl: bool = True) -> None:
    """Print a text to standard output, or to standard error, with what cannot be seen by its code."""
    click.echo(printable(text), err=err, nl=nl)
