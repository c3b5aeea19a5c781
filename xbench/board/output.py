"""The site's folder: writes what changed, keeps what did not, removes what it wrote before and no longer makes.

`data/build.json` remembers, by content and never by time, what was read and which page was made from what. A file that
somebody put into the folder, or changed there, is not removed. A record that is not what a build wrote is none. Knows
bytes and paths; no result.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from xbench.errors import XbenchError
from xbench.files import digest, make_folder, require_folder, whole
from xbench.specs.strict_json import strict_json

RECORD = "data/build.json"


class Output:
    """A build of one folder. `known`: the runs that an earlier build of the same generator read."""

    def __init__(self, folder: Path, generator: str) -> None:
        require_folder(folder)
        self._folder = folder
        self._generator = generator
        before = _record(folder / RECORD)
        same = before.get("generator") == generator
        self.known: dict[str, Any] = before.get("runs", {}) if same else {}
        self._before: dict[str, list[str]] = before.get("files", {})
        self._made = self._before if same else {}
        self._files: dict[str, list[str]] = {}
        self._folders: set[Path] = set()

    def keep(self, name: str, made_from: str) -> bool:
        """Whether the file stands there already, whole, made from this; then it stays."""
        made = self._made.get(name)
        if made is None or made[0] != made_from or _sha256(self._folder / name) != made[1]:
            return False
        self._files[name] = made
        return True

    def write(self, name: str, content: str | bytes, made_from: str = "") -> None:
        data = content.encode() if isinstance(content, str) else content
        sha256 = hashlib.sha256(data).hexdigest()
        self._files[name] = [made_from, sha256]
        path = self._folder / name
        if not path.exists():  # nobody reads it yet, and the record that vouches for it comes last
            if path.parent not in self._folders:
                self._folders.add(make_folder(path.parent))
            _write_new(path, data)
        elif path.stat().st_size != len(data) or path.read_bytes() != data:
            with whole(path) as temporary:
                temporary.write_bytes(data)

    def since(self, names: Collection[str]) -> dict[str, list[str]]:
        """What was written or kept beyond `names`: how another process tells what it did."""
        return {name: made for name, made in self._files.items() if name not in names}

    def adopt(self, files: dict[str, list[str]]) -> None:
        """Take over what another process wrote into the same folder."""
        self._files |= files

    def finish(self, runs: dict[str, Any]) -> list[Path]:
        """Remove stale files, write the record; every file of the site, the index first."""
        for name in sorted(set(self._before) - set(self._files)):
            path = self._folder / name
            if _inside(name) and _sha256(path) == self._before[name][1]:
                path.unlink()
        record = {"generator": self._generator, "files": dict(sorted(self._files.items())), "runs": runs}
        files = ["index.html", *sorted(set(self._files) - {"index.html"}), RECORD]
        self.write(RECORD, json.dumps({**record, "sha256": digest(record)}, separators=(",", ":"), allow_nan=False))
        return [self._folder / name for name in files]


def _write_new(path: Path, data: bytes) -> None:
    """Raises XbenchError where it cannot be written, and leaves no part of it."""
    try:
        path.write_bytes(data)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise XbenchError(f"cannot write {path}: {error.strerror}; make room and build again") from None


def _inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _record(path: Path) -> dict[str, Any]:
    """What the last build left; nothing where there is none, or it is damaged: then everything is made anew."""
    with suppress(OSError, ValueError):
        record = strict_json(path.read_text(encoding="utf-8"))
        if isinstance(record, dict) and record.pop("sha256", "") == digest(record):
            return record
    return {}
