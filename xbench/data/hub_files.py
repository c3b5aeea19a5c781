"""The files of a corpus in a repository of the hub, all at one commit: here, or fetched. Knows sources and folders.

What a commit holds never changes, so the list of a pattern's files is kept beside them and is good offline.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from xbench.data import hub
from xbench.data.download import Storage, require_inside
from xbench.errors import DataError
from xbench.files import write_json
from xbench.specs.parts import HubSource


def local_files(source: HubSource, language: str, storage: Storage, base: Path) -> list[Path]:
    """The files as they are on this machine now, in order of name; empty where they would have to be fetched."""
    if source.path:
        pattern = source.fill(source.path, language)
        require_inside(pattern, base)
        for folder in (*storage.data_dirs, base):
            if files := sorted(path for path in _matching(folder / pattern) if path.is_file()):
                return files
    try:
        recorded = [Path(path) for path in json.loads(_record(source, language, storage).read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return []
    return recorded if all(path.is_file() for path in recorded) else []


def _matching(pattern: Path) -> Iterator[Path]:
    """What a pattern with its folder matches; of an absolute one too, from the root."""
    return Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor)))


def hub_files(source: HubSource, language: str, storage: Storage, base: Path) -> list[Path]:
    """The files, fetched if they are nowhere. Raises DataError."""
    if files := local_files(source, language, storage, base):
        return files
    require_commit(source)
    pattern = source.fill(source.files, language)
    if storage.offline:
        raise DataError(
            f"{source.hub}: {pattern} is not on this machine and --offline forbids fetching it{_hint(source)}"
        )
    fetched = hub.fetch_matching(hub.Address(source.hub, source.commit), pattern)
    write_json(_record(source, language, storage), [str(path) for path in fetched])
    return fetched


def require_commit(source: HubSource) -> None:
    """Raise DataError, with the place to look one up, where no commit is pinned."""
    if not source.commit:
        page = hub.Address(source.hub, "").page
        raise DataError(
            f"{source.hub}: no commit is pinned; look one up at {page}/commits/main and give it: "
            f"--set corpus.source.commit=<40 digits>{_hint(source)}"
        )


def _hint(source: HubSource) -> str:
    return f"; or put {source.path} in a folder named by --data-dir or XBENCH_DATA" if source.path else ""


def _record(source: HubSource, language: str, storage: Storage) -> Path:
    key = f"{source.hub}@{source.commit}:{source.fill(source.files, language)}"
    return storage.cache / "hub" / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"
