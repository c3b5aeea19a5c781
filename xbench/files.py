"""Files that are whole or absent: written beside their place, then renamed. And digests of values and folders."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from errno import EEXIST, ENOTEMPTY
from functools import cache
from pathlib import Path
from typing import Any

from xbench.errors import XbenchError


def digest(value: Any) -> str:
    """sha256 of a JSON-ready value in canonical form."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


ATTEMPTS = 100  # at a place that others write to at the same time
OCCUPIED = (EEXIST, ENOTEMPTY)  # another process was there first; it may be gone again by now
RECORD = "xbench.json"  # in a kept encoder's folder: what made it


def checksum(path: Path) -> str:
    """sha256 of a file's content, read once in a process for as long as size and time stay."""
    state = path.stat()
    return _checksum(path.absolute(), state.st_size, state.st_mtime_ns)


@cache
def _checksum(path: Path, size: int, written: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def git_checksum(path: Path) -> str:
    """sha1 of a small file as git names its content."""
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def folder_digest(folder: Path) -> str:
    """sha256 over names and contents of a model folder; hidden files, notes for people and RECORD do not count."""
    folder, seen = folder.resolve(), hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in name.split("/"))
        if path.is_file() and path.suffix != ".md" and name != RECORD and not hidden:
            seen.update(f"{name}\0{checksum(path)}\n".encode())
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


def temporary_prefix(place: Path) -> str:
    """How the name of what becomes `place` begins: hidden, and told whose it is, so that `sweep` knows the dead."""
    return f".{place.name}.{_machine()}-{os.getpid()}-"


@cache
def _machine() -> str:
    """Where a process number means something: this machine since it started, and this space of process numbers."""
    parts = [platform.node()]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii"))
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]


def sweep(folder: Path) -> None:
    """Remove what processes of this machine that are no more had begun to write anywhere in `folder`."""
    _remove_dead(sorted(folder.rglob(f".*.{_machine()}-*-*")))


@cache
def sweep_beside(folder: Path) -> None:
    """What `sweep` does, right in `folder`; once in a process, before it first writes there."""
    _remove_dead(sorted(folder.glob(f".*.{_machine()}-*-*")))


def _remove_dead(temporaries: Iterable[Path]) -> None:
    for path in temporaries:
        number = path.name.split(f".{_machine()}-")[-1].split("-")[0]
        if number.isdecimal() and not _lives(int(number)):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`, renamed to it when the block ends well and removed when it does not."""
    sweep_beside(make_folder(path.parent).absolute())
    with ExitStack() as stack, _in_one_line(path):
        handle, name = tempfile.mkstemp(prefix=temporary_prefix(path), suffix=path.suffix, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        stack.callback(temporary.unlink, missing_ok=True)
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)


@contextmanager
def _in_one_line(place: Path) -> Iterator[None]:
    """Whatever the system says against writing `place`."""
    try:
        yield
    except OSError as error:
        raise XbenchError(f"cannot write {place}: {error.strerror or error}") from None


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A temporary folder beside `folder`, renamed to it when the block ends well and removed when it does not."""
    sweep_beside(make_folder(folder.parent).absolute())
    with ExitStack() as stack, _in_one_line(folder):
        temporary = Path(tempfile.mkdtemp(prefix=temporary_prefix(folder), dir=folder.parent))
        stack.callback(shutil.rmtree, temporary, ignore_errors=True)
        yield temporary
        temporary.chmod(0o755)
        _put(temporary, folder)


def _put(temporary: Path, folder: Path) -> None:
    """Rename to `folder`, in place of what stands there; another process may do the same in between."""
    for attempt in range(ATTEMPTS):
        try:
            if folder.is_dir():
                remove_folder(folder)
            temporary.rename(folder)
            return
        except OSError as error:
            if attempt == ATTEMPTS - 1 or error.errno not in OCCUPIED:
                raise


def remove_folder(folder: Path) -> None:
    """Remove a folder that is whole until it is gone: it first gets a name that `sweep` knows. Raises OSError."""
    aside = folder.with_name(f"{temporary_prefix(folder)}{secrets.token_hex(4)}")
    with suppress(FileNotFoundError):  # another process removed it
        folder.rename(aside)
    shutil.rmtree(aside, ignore_errors=True)


def write_json(path: Path, value: Any) -> None:
    """Write a value as strict JSON (no NaN, no Infinity), whole or not at all."""
    with whole(path) as temporary:
        temporary.write_text(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
