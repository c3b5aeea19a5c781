"""Files that are whole or absent: written beside their place, then renamed; sealed where they are kept for later.

A seal holds the sha256 of what it seals, so that a flipped bit or a block of zeros is seen before a number is made of
it; what a process has once compared is remembered for as long as size and time stay. And digests of values and folders.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from xbench.errors import XbenchError


def digest(value: Any) -> str:
    """sha256 of a JSON-ready value in canonical form."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


RECORD = "xbench.json"  # in a kept encoder's folder: what made it


def folder_digest(folder: Path) -> str:
    """sha256 over names and contents of a model folder; hidden files, notes for people and RECORD do not count."""
    states = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in name.split("/"))
        if path.is_file() and path.suffix != ".md" and name != RECORD and not hidden:
            state = path.stat()
            states.append((name, state.st_size, state.st_mtime_ns))
    return _contents_digest(folder.resolve(), tuple(states))


SEAL = ".xbench-seal.json"  # in a kept folder, or beside a kept file: what was written


def seal(folder: Path) -> None:
    """Write down the sha256 of every file of `folder`, but for notes for people and RECORD, which may change."""
    sums = {name: checksum(folder / name) for name in _sealed(folder)}
    (folder / SEAL).write_text(json.dumps(sums, indent=1) + "\n", encoding="utf-8")


def _sealed(folder: Path) -> list[str]:
    names = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file())
    return [name for name in names if name not in (SEAL, RECORD) and not name.endswith(".md")]


def seal_fault(folder: Path) -> str | None:
    """Why `folder` is not what was sealed: a file is not what was written, is gone or new, or there is no seal."""
    try:
        sums = json.loads((folder / SEAL).read_text(encoding="utf-8"))
        if other := sorted(sums.keys() ^ {*_sealed(folder)}):
            return f"{other[0]} is gone" if other[0] in sums else f"{other[0]} was added"
        wrong = [name for name, expected in sums.items() if checksum(folder / name) != expected]
    except FileNotFoundError:
        return "it has no seal, as what was kept before there were seals"
    except (OSError, ValueError, AttributeError):
        return "its seal is damaged"
    return f"{wrong[0]} is not what was written" if wrong else None


def checksum(path: Path) -> str:
    """sha256 of a file's content, read once in a process for as long as size and time stay."""
    state = path.stat()
    return _checksum(path.absolute(), state.st_size, state.st_mtime_ns)


def git_checksum(path: Path) -> str:
    """sha1 of a small file as git names its content."""
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


@cache
def _checksum(path: Path, size: int, written: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@cache
def _contents_digest(folder: Path, states: tuple[tuple[str, int, int], ...]) -> str:
    """Weights are large: read them once as long as names, sizes and times stay the same."""
    seen = hashlib.sha256()
    for name, _, _ in states:
        with (folder / name).open("rb") as stream:
            seen.update(f"{name}\0{hashlib.file_digest(stream, 'sha256').hexdigest()}\n".encode())
    return seen.hexdigest()


def make_folder(folder: Path) -> Path:
    """Create `folder` with its parents. Raises XbenchError where that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        in_the_way = isinstance(error, FileExistsError | NotADirectoryError)
        reason = "a file stands where a folder should" if in_the_way else error.strerror
        raise XbenchError(f"cannot write to {folder}: {reason}; choose another place") from None
    return folder


def require_folder(folder: Path) -> None:
    """Raise XbenchError unless `folder` is there or could be made; leaves nothing behind."""
    new = [place for place in (folder, *folder.parents) if not place.exists()]
    make_folder(folder)
    for place in new:
        with suppress(OSError):
            place.rmdir()


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`, renamed to it when the block ends well and removed when it does not."""
    make_folder(path.parent)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise XbenchError(f"cannot write {path}: {error.strerror}") from None
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A temporary folder beside `folder`, renamed to it when the block ends well and removed when it does not."""
    make_folder(folder.parent)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        yield temporary
        temporary.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_json(path: Path, value: Any) -> None:
    """Write a value as strict JSON (no NaN, no Infinity), whole or not at all."""
    with whole(path) as temporary:
        temporary.write_text(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
