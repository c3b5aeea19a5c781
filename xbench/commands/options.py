"""Options that several commands share, and the storage they name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

data_dir = click.option(
    "--data-dir", type=click.Path(path_type=Path), help="Folder with the data files; before XBENCH_DATA."
)
offline = click.option("--offline", is_flag=True, help="Fetch nothing.")


def storage_of(folder: Path | None, offline: bool) -> Any:
    """The folders of one command."""
    from dataclasses import replace

    from xbench.commands.terminal import DownloadBar
    from xbench.data.download import Storage

    return replace(Storage.of(folder, offline), progress=DownloadBar)


def command_examples(*lines: str) -> str:
    """The end of a command's help: how it is typed."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
