"""Options that several commands share, and the storage they name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xbench.errors import SpecError

if TYPE_CHECKING:
    from xbench.data.download import Storage
    from xbench.specs.strict_yaml import Value

data_dir = click.option(
    "--data-dir", type=click.Path(path_type=Path), help="Folder with the data files; before XBENCH_DATA."
)
offline = click.option("--offline", is_flag=True, help="Fetch nothing.")


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
