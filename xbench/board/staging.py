"""A folder whose new content waits beside it and takes its place in one step. Knows files; no page.

Where the system can exchange two folders, nobody ever sees a part of a site, whenever the process is ended. Where it
cannot (the folder is mounted, the working one, full of other things, or its parent may not be written to), files are
put in one by one, each whole and the index last.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import tempfile
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path

from xbench.errors import XbenchError
from xbench.files import make_folder, sweep_beside, temporary_prefix

HERE, EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux
LAST = "index.html"
MOST_FOREIGN = 1_000  # files of others in a folder that is replaced; with more it is no folder for a site alone


class Stage:
    """What waits to become the content of `target`, an absolute path. Raises XbenchError where there is no place."""

    def __init__(self, target: Path) -> None:
        self._target = target
        parent = make_folder(target.parent) if not target.exists() else target.parent
        self._apart = _may_be_replaced(target)
        place = parent if self._apart else target
        sweep_beside(place)
        try:
            self.folder = Path(tempfile.mkdtemp(prefix=temporary_prefix(target), dir=place))
        except OSError as error:
            raise XbenchError(f"cannot write to {place}: {error.strerror}; choose another place") from None

    def place(self, new: Collection[str], kept: Collection[str], stale: Collection[str]) -> None:
        """Make the target hold the files `new` that wait, those `kept`, and others' files, without the `stale`."""
        try:
            known = {*new, *kept, *stale}
            foreign = list(islice((name for name in _below(self._target) if name not in known), MOST_FOREIGN + 1))
            if self._apart and len(foreign) <= MOST_FOREIGN:
                self._exchange([*kept, *foreign])
            else:
                self._put_in(new, stale)
        except OSError as error:
            raise XbenchError(f"cannot write {self._target}: {error.strerror or error}") from None
        finally:
            self.remove()

    def _exchange(self, staying: Collection[str]) -> None:
        """The new folder shares the files that stay with the old one, which is then removed."""
        self.folder.chmod(self._target.stat().st_mode & 0o7777 if self._target.exists() else 0o755)
        for name in staying:
            here, there = self._target / name, self.folder / name
            if here.is_dir() and not here.is_symlink():
                there.mkdir(exist_ok=True, parents=True)
            else:
                there.parent.mkdir(exist_ok=True, parents=True)
                _share(here, there)
        _exchange(self.folder, self._target)

    def _put_in(self, new: Collection[str], stale: Collection[str]) -> None:
        for name in sorted(new, key=lambda name: (name == LAST, name)):
            make_folder((self._target / name).parent)
            (self.folder / name).replace(self._target / name)
        for name in stale:
            (self._target / name).unlink(missing_ok=True)

    def remove(self) -> None:
        """What waits, or the old content."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _may_be_replaced(target: Path) -> bool:
    """Whether the folder itself may become another one."""
    if not os.access(target.parent, os.W_OK):
        return False
    return not target.exists() or not (target.is_mount() or Path.cwd().is_relative_to(target))


def _below(folder: Path) -> Iterator[str]:
    """Every file under a folder, and every folder without one."""
    for place, folders, files in os.walk(folder):
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        names = [*files, *links] if files or folders or Path(place) == folder else ["."]
        for name in names:
            yield (Path(place) / name).relative_to(folder).as_posix()


def _share(here: Path, there: Path) -> None:
    try:
        os.link(here, there, follow_symlinks=False)
    except OSError:  # this file system shares no files
        shutil.copy2(here, there, follow_symlinks=False)


def _exchange(new: Path, target: Path) -> None:
    """Swap two folders in one step where the system can, else in two."""
    if not target.exists():
        new.rename(target)
        return
    if sys.platform == "linux":
        rename = getattr(ctypes.CDLL(None), "renameat2", None)
        if rename is not None and rename(HERE, os.fsencode(new), HERE, os.fsencode(target), EXCHANGE) == 0:
            return
    aside = new.with_name(f"{new.name}-old")
    target.rename(aside)
    new.rename(target)
    aside.rename(new)
