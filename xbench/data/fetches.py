"""Which declared files of a task or corpus are here, and which would have to be fetched: told before any work is done.

Knows specs and storage; fetches nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from xbench import specs
from xbench.data import readers
from xbench.data.download import Storage, address, where
from xbench.data.hub_files import local_files, require_commit
from xbench.errors import DataError
from xbench.specs.parts import AnySource, HubSource, Place, Repository, Source
from xbench.specs.registry import Entry

AnyEntry: TypeAlias = Entry[Any]
"""That of a task or of a corpus."""


@dataclass(frozen=True)
class Fetch:
    """One file that is not on this machine yet; `bytes` is 0 where its size is not known."""

    owner: str
    url: str
    path: str
    bytes: int


def files(entry: AnyEntry, storage: Storage) -> Iterator[tuple[AnySource | Repository, str]]:
    """Every (source, language) that a task or corpus reads."""
    spec = entry.spec
    if isinstance(spec, specs.TaskBase):
        yield from task_files(entry, storage)
    elif isinstance(spec, specs.CorpusBase):
        yield from spec.files()
        yield from spec.lexicon_files()


def task_files(entry: Entry[specs.Task], storage: Storage) -> Iterator[tuple[Place, str]]:
    """Every (source, language) that a task reads. The qrels of a pair that nobody judged need not be there: what is not
    is left out, unless no pair has any."""
    absent, present = set[str](), False
    for source, language in readers.optional_files(entry.spec):
        if where(storage, source, language, entry.base):
            present = True
        else:
            absent.add(source.fill(source.path, language))
    for place, language in readers.files(entry.spec):
        named = place.fill(place.path, language) if isinstance(place, Source) else ""
        if not present or named not in absent:
            yield place, language


def missing(entry: AnyEntry, storage: Storage) -> list[Fetch]:
    """The declared files that would have to be fetched."""
    fetches = [_fetch(entry, source, language, storage) for source, language in files(entry, storage)]
    return list(dict.fromkeys(fetch for fetch in fetches if fetch))


def _fetch(
    entry: AnyEntry,
    source: Source | HubSource | Repository,
    language: str,
    storage: Storage,
) -> Fetch | None:
    """What of a source is not here. An archive of many languages is one fetch; so is each config of a repository."""
    if isinstance(source, Repository):
        here = where(storage, source, language, entry.base) is not None
        url = f"{source.url}/{language}" if source.url else ""
        return None if here else Fetch(entry.spec.name, url, f"{source.path}/{language}", 0)
    path = source.fill(source.path, language)
    if isinstance(source, HubSource):
        here = bool(local_files(source, language, storage, entry.base))
        if not here:
            require_commit(source)
        url, size = f"hf://datasets/{source.hub}@{source.commit}/{source.fill(source.files, language)}", 0
    else:
        here = where(storage, source, language, entry.base) is not None
        url = address(source, language) if source.url else ""
        size = source.size(language)
    return None if here else Fetch(entry.spec.name, url, path, size)


def announced(entry: AnyEntry, fetches: Sequence[Fetch], storage: Storage) -> str:
    """What will be fetched, how large it is where that is known, and where it goes."""
    size = sum(fetch.bytes for fetch in fetches)
    known = f", {size / 1e9:.1f} GB" if size >= 1e8 else f", {size / 1e6:.1f} MB" if size else ", of unknown size"
    partly = " and more" if size and not all(fetch.bytes for fetch in fetches) else ""
    hub = all(fetch.url.startswith("hf://") for fetch in fetches)
    place = "the hub's cache" if hub else storage.cache
    return f"fetch {entry.spec.name}: {_counted(len(fetches))}{known}{partly}, kept in {place}"


def require_reachable(fetches: Sequence[Fetch], storage: Storage, flag: str) -> None:
    """Raise DataError, in one line for the whole entry, where something is missing that cannot be fetched."""
    if not fetches:
        return
    first = fetches[0]
    folder = f"a folder named by --data-dir or XBENCH_DATA that holds {first.path}"
    if storage.offline:
        be, them = ("is", "it") if len(fetches) == 1 else ("are", "them")
        raise DataError(
            f"{first.owner}: {_counted(len(fetches))} {be} not on this machine and --offline forbids fetching {them}; "
            f"give {folder}{flag}"
        )
    for fetch in fetches:
        if not fetch.url:
            raise DataError(f"{fetch.owner}: missing data file {fetch.path}; give {folder}{flag}")


def _counted(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
