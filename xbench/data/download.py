"""Where a declared file lies: a data folder, the YAML's own folder, the cache, the network. Verifies every byte.

Knows sources and folders; nothing of what the files mean.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Protocol

from pydantic import BaseModel

from xbench.data import hub
from xbench.data.checksums import verify
from xbench.errors import AbsentError, DataError
from xbench.files import whole_folder
from xbench.keeping import SEAL, made_by_one, seal, seal_fault
from xbench.languages import canonical_names
from xbench.specs.parts import HubSource, Place, Repository, Source

RETRIES = 3
NO_NAMES = ("", ".", "..")


class Progress(Protocol):
    """What a download tells while it runs (pooch's protocol for progress bars)."""

    total: int

    def update(self, size: int) -> None: ...
    def reset(self) -> None: ...
    def close(self) -> None: ...


def default_cache() -> Path:
    """`XBENCH_CACHE`, or the user's cache folder."""
    import platformdirs

    return Path(os.environ.get("XBENCH_CACHE") or platformdirs.user_cache_dir("xbench"))


@dataclass(frozen=True)
class Storage:
    """The folders of one command: `data_dirs` are searched in order, then `cache`, then the network."""

    data_dirs: tuple[Path, ...] = ()
    cache: Path = field(default_factory=default_cache)
    offline: bool = False
    progress: Callable[[str], Progress] | None = None

    @classmethod
    def of(cls, data_dir: Path | None = None, offline: bool = False) -> Storage:
        """`--data-dir` before XBENCH_DATA."""
        named = [data_dir] if data_dir else []
        named += [Path(part) for part in os.environ.get("XBENCH_DATA", "").split(os.pathsep) if part]
        for folder in named:
            if not folder.is_dir():
                raise DataError(f"data folder {folder}: no such folder (from --data-dir or XBENCH_DATA)")
        return cls(tuple(named), offline=offline)


def find_local(storage: Storage, path: str, base: Path) -> Path | None:
    """The file `path` (plain or .gz) in a data folder or beside the YAML; None where it is in neither.

    A file whose name has languages as FLORES writes them is that of their codes: `en-deu_Latn.tsv` is `en-de.tsv`.
    Raises DataError where two files are, and where the path leads out of the folders and the YAML is not the user's.
    """
    if not path:
        return None
    require_inside(path, base)
    for folder in (*storage.data_dirs, base):
        for candidate in (folder / path, folder / f"{path}.gz"):
            if candidate.is_file():
                return candidate
        if alias := _alias(folder / path):
            return alias
    return None


def leads_out(path: str) -> bool:
    """Whether a path is absolute or climbs, so that it may name any file of this machine."""
    return PurePath(path).is_absolute() or ".." in PurePath(path).parts


def require_inside(path: str, base: Path) -> None:
    """Raise DataError where `path` leads out of the data folders and `base`, the YAML's folder, is not the user's own:
    below the working directory or the home folder."""
    own = (Path.cwd(), Path.home())
    if leads_out(path) and not any(base.resolve().is_relative_to(folder.resolve()) for folder in own):
        raise DataError(
            f"path {path!r} leads out of {base}, which is not below the working directory or your home folder; copy "
            "the YAML to where you work, or write a path that --data-dir or XBENCH_DATA completes"
        )


def outside_paths(value: object) -> Iterator[str]:
    """Every path of a spec's sources that leads out of its folder."""
    if isinstance(value, Source | Repository | HubSource):
        if leads_out(value.path):
            yield value.path
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from outside_paths(getattr(value, name))
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from outside_paths(inner)


def _alias(path: Path) -> Path | None:
    name = canonical_names(path.name)
    files = (other for other in path.parent.glob("*") if other.name.removesuffix(".gz") != path.name)
    found = [other for other in files if canonical_names(other.name) in (name, f"{name}.gz") and other.is_file()]
    if len(found) > 1:
        raise DataError(f"{found[0]} and {found[1].name} are files of the same languages; keep one")
    return found[0] if found else None


def cache_path(storage: Storage, source: Source, language: str) -> Path:
    """Where the cache keeps, or will keep, the file of `language`."""
    url = address(source, language)
    last = url.rsplit("/", 1)[-1]
    name = "file" if last in NO_NAMES else last
    return storage.cache / "data" / hashlib.sha256(url.encode()).hexdigest()[:16] / name


def address(source: Place, language: str) -> str:
    """The url of the file of `language`, or of a config of a repository."""
    return f"{source.url}/{language}" if isinstance(source, Repository) else source.fill(source.url, language)


def where(storage: Storage, source: Place, language: str, base: Path) -> Path | None:
    """The file as it is on this machine now, unverified; None where it would have to be fetched.

    Of a whole repository the folder, where it holds all files of `language`: `config/split`."""
    if isinstance(source, Repository):
        return _repository(storage, source, language, base)
    local = find_local(storage, source.fill(source.path, language), base)
    if local is None and source.url.startswith("hf://"):
        return hub.cache_file(hub.Address.parse(address(source, language)))
    if local is None and source.url and cache_path(storage, source, language).is_file():
        return cache_path(storage, source, language)
    return local


def _repository(storage: Storage, source: Repository, files: str, base: Path) -> Path | None:
    config, _, split = files.rpartition("/")
    require_inside(source.path, base)
    places = [folder / source.path for folder in (*storage.data_dirs, base)] if source.path else []
    snapshot = hub.cached_repository(hub.Address.parse(source.url)) if source.url else None
    for place in (*places, *([snapshot] if snapshot else [])):
        if place.is_dir() and hub.parquet(place, config, split):
            return place
    return None


def locate(storage: Storage, source: Place, language: str, base: Path) -> Path:
    """The verified file of `language`, fetched if it is nowhere. Raises DataError."""
    path = where(storage, source, language, base)
    if isinstance(source, Repository):
        folder = path or _fetch_config(storage, source, language)
        config, _, split = language.rpartition("/")
        for file in hub.parquet(folder, config, split):
            require_as_fetched(file, storage)
        return folder
    fetched = path is None
    path = path or _fetch(storage, source, language)
    try:
        require_as_fetched(path, storage)
        verify(path, source, language)
    except DataError:
        if fetched:
            path.unlink(missing_ok=True)
        raise
    return path


def require_as_fetched(path: Path, storage: Storage) -> None:
    """Raise DataError where a file of a cache, ours or the hub's, is not what was fetched, pinned or not."""
    ours = path.is_relative_to(storage.cache / "data") and (path.parent / SEAL).is_file()
    if fault := seal_fault(path.parent) if ours else hub.blob_fault(path):
        raise DataError(f"{path}: damaged since it was fetched ({fault}); delete it and fetch it again")


def _fetch_config(storage: Storage, source: Repository, files: str) -> Path:
    config, _, split = files.rpartition("/")
    if not source.url:
        raise DataError(
            f"no folder {source.path} with parquet of config {config!r}, split {split!r}; put a copy of the repository "
            "beside the YAML or in a folder named by --data-dir or XBENCH_DATA"
        )
    return hub.fetch_config(hub.Address.parse(source.url), config, split, storage.offline)


def _fetch(storage: Storage, source: Source, language: str) -> Path:
    path = source.fill(source.path, language)
    hint = (
        f"put {path} beside the YAML or in a folder named by --data-dir or XBENCH_DATA"
        if path
        else "give the source a `path`"
    )
    if not source.url:
        raise AbsentError(f"missing data file {path}: it has no `url`; {hint}")
    url = address(source, language)
    if storage.offline:
        raise DataError(f"missing data file {url}: --offline forbids fetching it; {hint}")
    if url.startswith("hf://"):
        return hub.fetch(hub.Address.parse(url), storage.offline)
    target = cache_path(storage, source, language)
    sha256 = None if target.suffix == ".gz" else source.pin("sha256", language)  # sha256 is of the unpacked content
    md5 = source.pin("md5", language)
    pin = f"sha256:{sha256}" if sha256 else f"md5:{md5}" if md5 else None
    _download(url, target, pin, storage, hint)
    return target


def _download(url: str, target: Path, pin: str | None, storage: Storage, hint: str) -> None:
    """Fetch a url to `target`, whole, sealed and with the checksum `pin`, where no other process just did. Raises
    DataError or XbenchError, and leaves nothing behind."""
    with made_by_one(target.parent):
        if target.is_file():
            return
        with whole_folder(target.parent) as temporary:
            _fetch_into(temporary / target.name, url, pin, storage, hint)
            seal(temporary, target.parent.name)


def _fetch_into(target: Path, url: str, pin: str | None, storage: Storage, hint: str) -> None:
    import pooch
    import requests

    from xbench.data.web import RedirectError, save

    bar = storage.progress(target.name) if storage.progress else None
    keeper = pooch.create(
        path=target.parent,
        base_url="",
        registry={target.name: pin},
        urls={target.name: url},
        retry_if_failed=RETRIES,
    )
    pooch.get_logger().setLevel("ERROR")
    try:
        keeper.fetch(target.name, downloader=lambda url, path, _: save(url, Path(path), _advance(bar)))
    except RedirectError as error:
        raise DataError(f"cannot fetch {url}: {error}") from None
    except requests.RequestException as error:
        reason = "no network" if isinstance(error, requests.ConnectionError) else str(error)
        raise DataError(f"cannot fetch {url}: {reason}; {hint}") from None
    except ValueError as error:
        if "hash" not in str(error):
            raise
        raise DataError(f"{url}: {str(pin).partition(':')[0]} mismatch after {RETRIES + 1} tries; {hint}") from None
    finally:
        if bar is not None:
            bar.close()


def _advance(bar: Progress | None) -> Callable[[int, int], None]:
    """What is told of a download that begins, anew where it was cut."""
    if bar is None:
        return lambda part, total: None
    bar.reset()

    def advance(part: int, total: int) -> None:
        bar.total = total
        bar.update(part)

    return advance
