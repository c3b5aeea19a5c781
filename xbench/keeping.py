"""What is kept for later runs: sealed, so that damage is seen before a number is made of it, and made by one process.

A seal holds the sha256 of every file that was written, and the name of the folder that they were written for: what is
whole may still be another's. Knows files; nothing of what they hold.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from xbench.errors import visible
from xbench.files import RECORD, checksum, make_folder

SEAL = ".xbench-seal.json"
OF = ""  # key of the folder's name in a seal; no file is called so
PAUSE = 0.2  # seconds between two looks whether another process is done


def seal(folder: Path, name: str) -> None:
    """Write down the sha256 of every file of `folder`, but for notes for people and RECORD, which may change, and the
    `name` that the folder will have, which says what they were made for."""
    sums = {OF: name} | {file: checksum(folder / file) for file in _sealed(folder)}
    (folder / SEAL).write_text(json.dumps(sums, indent=1) + "\n", encoding="utf-8")


def _sealed(folder: Path) -> list[str]:
    names = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file())
    return [name for name in names if name not in (SEAL, RECORD) and not name.endswith(".md")]


def seal_fault(folder: Path) -> str | None:
    """Why `folder` is not what was sealed: a file is not what was written, is gone or new, all of it was made as
    another folder, or there is no seal."""
    try:
        sums = json.loads((folder / SEAL).read_text(encoding="utf-8"))
        made = sums.get(OF, folder.name)  # seals had no name before
        if made != folder.name:
            return f"it was made as {visible(made, 80)}"
        if other := sorted(sums.keys() - {OF} ^ {*_sealed(folder)}):
            return f"{other[0]} is gone" if other[0] in sums else f"{other[0]} was added"
        wrong = [name for name, expected in sums.items() if name != OF and checksum(folder / name) != expected]
    except FileNotFoundError:
        return "it has no seal, as what was kept before there were seals"
    except (OSError, ValueError, AttributeError, TypeError):
        return "its seal is damaged"
    return f"{wrong[0]} is not what was written" if wrong else None


@contextmanager
def made_by_one(place: Path, say: Callable[[str], None] = lambda _: None) -> Iterator[None]:
    """A block that one process at a time is in, of all that make `place`; the others say so once, wait, and look again.

    The system lets go of the lock of a process that ends in any way. Where there are no such locks, nobody waits.
    """
    lock = make_folder(place.parent) / f".{place.name}.lock"
    with ExitStack() as stack:
        with suppress(ImportError, OSError):  # a system, or a folder of another user, without locks
            said = False
            while not _entered(lock, stack):
                if not said:
                    say(f"another process is making {place.name}; waiting for it")
                said = True
                time.sleep(PAUSE)
        yield


def _entered(lock: Path, stack: ExitStack) -> bool:
    """Whether the lock is ours until `stack` ends, when its file goes too. Raises OSError where there are no locks."""
    stream = lock.open("ab")
    try:
        if _locked(stream.fileno()) and _is_still(stream.fileno(), lock):
            stack.callback(stream.close)
            stack.callback(lock.unlink, missing_ok=True)
            return True
    except OSError:
        stream.close()
        raise
    stream.close()
    return False


def _is_still(handle: int, lock: Path) -> bool:
    """Whether the file that is open is the one that lies there: who had it before takes it along."""
    try:
        return os.fstat(handle).st_ino == lock.stat().st_ino
    except FileNotFoundError:
        return False


def _locked(handle: int) -> bool:
    """Whether the lock is ours now. Raises OSError where the file system has none."""
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def claimed(place: Path) -> Iterator[bool]:
    """A block, and whether this process is the only one in it, of all that make `place`; nobody waits. Where there are
    no locks, everyone is."""
    lock = make_folder(place.parent) / f".{place.name}.lock"
    with ExitStack() as stack:
        try:
            ours = _entered(lock, stack)
        except (ImportError, OSError):
            ours = True
        yield ours


def is_claimed(place: Path) -> bool:
    """Whether another process is making `place` now."""
    import fcntl

    try:
        with (place.parent / f".{place.name}.lock").open("rb") as stream:
            fcntl.flock(stream.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
