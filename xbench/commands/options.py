"""Options that several commands share, and the storage they name."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from xbench.commands.numbers import Decimal
from xbench.errors import SpecError

if TYPE_CHECKING:
    from xbench.data.download import Storage
    from xbench.specs.strict_yaml import Value

Command = TypeVar("Command", bound=Callable[..., object])

SIDE = click.Choice(["queries", "documents"])

data_dir = click.option(
    "--data-dir", type=click.Path(path_type=Path), help="Folder with the data files; before XBENCH_DATA."
)
offline = click.option("--offline", is_flag=True, help="Fetch nothing.")
newest = click.option(
    "--newest", is_flag=True, help="Of results on several versions of a task's data those on the newest alone."
)


def margin_options(command: Command) -> Command:
    """--margin and --equivalent, in points of the metric."""
    margin = click.option(
        "--margin",
        type=Decimal(),
        metavar="POINTS",
        help="Test whether A is not worse than B by so many points (metric x 100), at 5 %, one-sided.",
    )
    equivalent = click.option(
        "--equivalent",
        type=Decimal(),
        metavar="POINTS",
        help="Test whether A and B are less than so many points apart: two one-sided tests.",
    )
    return margin(equivalent(command))


def records_text(records: Sequence[Mapping[str, object]], style: str) -> str:
    """Records as `json`, a list, or as `csv` with a line of names; nothing stands where there is no value."""
    if style == "json":
        return json.dumps(list(records), indent=1, allow_nan=False) + "\n"
    text = io.StringIO()
    names = list(dict.fromkeys(name for record in records for name in record))
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: "" if value is None else value for name, value in record.items()} for record in records)
    return text.getvalue()


def parse_settings(written: Sequence[str]) -> dict[str, Value]:
    """What `--set` says, by key. Raises SpecError."""
    from xbench.specs.strict_yaml import parse_value

    settings: dict[str, Value] = {}
    for part in written:
        key, equals, value = part.partition("=")
        if not equals or not key:
            raise SpecError(f"--set {part}: expected KEY=VALUE, such as steps=300")
        if key in settings:
            raise SpecError(f"--set {key}: given twice; keep one")
        settings[key] = parse_value(value, key)
    return settings


def storage_of(folder: Path | None, offline: bool) -> Storage:
    """The folders of one command."""
    from dataclasses import replace

    from xbench.commands.terminal import DownloadBar
    from xbench.data.download import Storage

    return replace(Storage.of(folder, offline), progress=DownloadBar)


def command_examples(*lines: str) -> str:
    """The end of a command's help: how it is typed."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
