"""The site's folder: a build stands beside it until it is whole, and then takes its place at once.

What a build made before is not made again, and goes where it is no longer made; a file that somebody put into the
folder, or changed there, stays. `data/build.json` remembers, by content and never by time, which file was made from
what. A record that is not what a build wrote is none. Knows bytes and paths; no result.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from contextlib import suppress
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

from xbench.board.staging import Stage
from xbench.errors import XbenchError
from xbench.files import digest, make_folder, require_folder
from xbench.specs.strict_json import strict_json

RECORD = "data/build.json"
Written: TypeAlias = tuple[dict[str, list[str]], list[str]]
"""What each file is made from and its sha256, and which of them wait."""


class Output:
    """A build of one folder; nothing in it changes before `finish`."""

    def __init__(self, folder: Path, generator: str) -> None:
        require_folder(folder)
        self._shown, self._folder = folder, folder.resolve()
        self._generator = generator
        before = _record(self._folder / RECORD)
        self._before: dict[str, list[str]] = before.get("files", {})
        self._made = self._before if before.get("generator") == generator else {}
        self._files: dict[str, list[str]] = {}
        self._staged: set[str] = set()
        self._folders: set[Path] = set()

    @cached_property
    def stage(self) -> Stage:
        """Where new files wait."""
        return Stage(self._folder)

    def keep(self, name: str, made_from: str) -> bool:
        """Whether the file stands there already, whole, made from this; then it stays."""
        made = self._made.get(name)
        if made is None or made[0] != made_from or _sha256(self._folder / name) != made[1]:
            return False
        self._files[name] = made
        return True

    def write(self, name: str, content: str | bytes, made_from: str = "") -> None:
        """A file of the site; where it stands there already with these bytes, it stays."""
        data = content.encode() if isinstance(content, str) else content
        sha256 = hashlib.sha256(data).hexdigest()
        self._files[name] = [made_from, sha256]
        old = self._folder / name
        if old.is_file() and old.stat().st_size == len(data) and old.read_bytes() == data:
            return
        path = self.stage.folder / name
        if path.parent not in self._folders:
            self._folders.add(make_folder(path.parent))
        _write_new(path, data, self._shown / name)
        self._staged.add(name)

    def since(self, names: Collection[str]) -> Written:
        """What was written or kept beyond `names`, and what of it waits: how another process tells what it did."""
        made = {name: made for name, made in self._files.items() if name not in names}
        return made, [name for name in made if name in self._staged]

    def adopt(self, files: Written) -> None:
        """Take over what another process wrote for the same folder."""
        self._files |= files[0]
        self._staged.update(files[1])

    def forget(self) -> None:
        """Nothing of what was written or kept so far is a file of the site; it may become one again."""
        for name in self._staged:
            (self.stage.folder / name).unlink(missing_ok=True)
        self._files.clear()
        self._staged.clear()

    def finish(self) -> list[Path]:
        """Put the site in its place, without what is stale; every file of it, the index first."""
        stale = [name for name in sorted(set(self._before) - set(self._files)) if self._is_ours(name)]
        record = {"generator": self._generator, "files": dict(sorted(self._files.items()))}
        text = json.dumps({**record, "sha256": digest(record)}, separators=(",", ":"), allow_nan=False)
        files = ["index.html", *sorted(set(self._files) - {"index.html"}), RECORD]
        self.write(RECORD, text)
        if self._staged or stale:
            kept = self._files.keys() - self._staged
            self.stage.place(self._staged, kept, stale)
        return [self._shown / name for name in files]

    def _is_ours(self, name: str) -> bool:
        """Whether a file stands there as a build wrote it."""
        path = PurePosixPath(name)
        inside = not path.is_absolute() and ".." not in path.parts
        return inside and _sha256(self._folder / name) == self._before[name][1]

    def abandon(self) -> None:
        """Remove what waits, if anything does."""
        if "stage" in self.__dict__:
            self.stage.remove()


def _write_new(path: Path, data: bytes, shown: Path) -> None:
    """Raises XbenchError where it cannot be written, and leaves no part of it."""
    try:
        path.write_bytes(data)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise XbenchError(f"cannot write {shown}: {error.strerror}; make room and build again") from None


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _record(path: Path) -> dict[str, Any]:
    """What the last build left; nothing where there is none, or it is damaged: then everything is made anew."""
    with suppress(OSError, ValueError):
        record = strict_json(path.read_text(encoding="utf-8"))
        if isinstance(record, dict) and record.pop("sha256", "") == digest(record):
            return record
    return {}
