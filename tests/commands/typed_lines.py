"""A command of its own, typed: what it prints on both streams, or why it is refused."""

from __future__ import annotations

import click
from click.testing import CliRunner

from xbench.errors import XbenchError


def printed(command: click.Command, line: str) -> tuple[str, str]:
    """Standard output and standard error of a line that is carried out."""
    ended = CliRunner().invoke(command, line.split(), catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    return ended.stdout, ended.stderr


def refusal(command: click.Command, line: str) -> str:
    """The one line that says why a line is not carried out; nothing else stands on standard output."""
    ended = CliRunner().invoke(command, line.split())
    assert ended.exit_code != 0 and ended.stdout == ""
    if isinstance(ended.exception, XbenchError):
        return str(ended.exception)
    assert isinstance(ended.exception, SystemExit) and ended.exit_code == 2, ended.exception
    return ended.stderr.splitlines()[-1].removeprefix("Error: ")
