"""Files of data sets on the Hugging Face hub, by commit: through huggingface_hub, so that its cache is shared with
other tools and HF_TOKEN, HF_ENDPOINT, HF_HOME and HF_HUB_OFFLINE count. Knows addresses; nothing of what files mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch, fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from xbench.errors import DataError, near_miss
from xbench.files import checksum, git_checksum

README = "README.md"
SHARD = re.compile(r"-(\d{5})-of-(\d{5})")


@dataclass(frozen=True)
class Address:
    """`hf://datasets/owner/name@commit/path`; without a path, a whole repository."""

    repository: str
    commit: str
    path: str = ""

    @classmethod
    def parse(cls, url: str) -> Address:
        """The address that a url, written as above, is of."""
        repository, _, rest = url.removeprefix("hf://datasets/").partition("@")
        commit, _, path = rest.partition("/")
        return cls(repository, commit, path)

    @property
    def page(self) -> str:
        """Where people read about the repository."""
        return f"https://huggingface.co/datasets/{self.repository}"

    def file(self, path: str) -> Address:
        """A file of the same repository."""
        return Address(self.repository, self.commit, path)


def cache_file(address: Address) -> Path | None:
    """The file in the hub's cache, if it is there."""
    from huggingface_hub import try_to_load_from_cache

    path = try_to_load_from_cache(address.repository, address.path, revision=address.commit, repo_type="dataset")
    return Path(path) if isinstance(path, str) else None


def blob_fault(path: Path) -> str | None:
    """Why a file of a hub's cache is not the one that was fetched; None where it is, or is no such file.

    The cache names content by what the hub states of it: sha256 of large files, git's own sum of small ones.
    """
    blob = path.resolve()
    if blob.parent.name != "blobs" or not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", blob.name):
        return None
    actual = checksum(blob) if len(blob.name) == 64 else git_checksum(blob)
    return None if actual == blob.name else f"{path.name} is not what its name in the hub's cache says"


def fetch(address: Address, offline: bool) -> Path:
    """The file, fetched into the hub's cache where it is not there yet. Raises DataError."""
    from huggingface_hub import hf_hub_download

    with _one_line(address, offline):
        if not offline and cache_file(address) is None:
            _ask(address.repository, address.commit)
        return Path(
            hf_hub_download(
                address.repository,
                address.path,
                repo_type="dataset",
                revision=address.commit,
                local_files_only=offline,
            )
        )


def fetch_matching(address: Address, pattern: str) -> list[Path]:
    """All files of a repository that match a pattern, in order of name, fetched as above. Raises DataError."""
    from huggingface_hub import HfApi

    with _one_line(address, offline=False):
        _ask(address.repository, address.commit)
        names = HfApi().list_repo_files(address.repository, revision=address.commit, repo_type="dataset")
    chosen = sorted(name for name in names if fnmatchcase(name, pattern))
    if not chosen:
        raise DataError(
            f"{address.page} at {address.commit[:12]}: no file matches {pattern!r}; it is laid out otherwise"
        )
    return [fetch(address.file(name), offline=False) for name in chosen]


@cache
def _ask(repository: str, commit: str) -> None:
    """One question to the hub, which answers or fails at once, where fetching would retry for half a minute."""
    from huggingface_hub import HfApi

    HfApi().dataset_info(repository, revision=commit)


def parquet(folder: Path, config: str, split: str) -> list[Path]:
    """The parquet files of one config and split in a copy of a repository; empty where it has none, or not all."""
    patterns = _patterns(folder / README, config, split)
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet"))
    chosen = [name for name in names if any(fnmatch(name, pattern) for pattern in patterns)]
    shards = [match for name in chosen if (match := SHARD.search(name))]
    whole = not shards or len(shards) == int(shards[0][2])
    return [folder / name for name in chosen] if whole else []


def cached_repository(address: Address) -> Path | None:
    """The folder of the repository at its commit in the hub's cache, whatever it holds so far."""
    readme = cache_file(address.file(README))
    return readme.parent if readme else None


def fetch_config(address: Address, config: str, split: str, offline: bool) -> Path:
    """The folder of the repository, with the config's files in it. Raises DataError."""
    from huggingface_hub import snapshot_download

    readme = fetch(address.file(README), offline)
    if offline:
        raise DataError(_absent_offline(f"{address.repository}, config {config!r}"))
    with _one_line(address, offline):
        snapshot_download(
            address.repository,
            repo_type="dataset",
            revision=address.commit,
            allow_patterns=_patterns(readme, config, split),
        )
    if not parquet(readme.parent, config, split):
        raise DataError(
            f"{address.page} at {address.commit[:12]}: no parquet came for config {config!r}, split {split!r}"
            f"{near_miss(config, _configs(readme))}"
        )
    return readme.parent


def _patterns(readme: Path, config: str, split: str) -> list[str]:
    """Where the files of a config lie: as its card says, else as push_to_hub has named them over the years."""
    files = _configs(readme).get(config)
    if files is None:
        names = (f"{config}/{split}-*", f"{config}/{split}.*", f"data/{config}/{split}-*", f"{config}-{split}.*")
        return [*names, f"{config}/{split}/*"]
    if isinstance(files, dict):  # path by split
        files = [{"split": name, "path": path} for name, path in files.items()]
    paths: list[str] = []
    for part in files if isinstance(files, list) else [files]:
        named = part.get("path") if isinstance(part, dict) and part.get("split") == split else part
        paths += [path for path in (named if isinstance(named, list) else [named]) if isinstance(path, str)]
    return paths


def _configs(readme: Path) -> dict[str, Any]:
    """`data_files` by config of a data set's card; empty where there is no card or it declares none."""
    import yaml

    text = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    head = re.match(r"---\s*\n(.*?)\n---", text, re.DOTALL)
    try:
        card = yaml.safe_load(head[1]) if head else None
    except yaml.YAMLError:
        raise DataError(f"{readme}: its head is no YAML; fetch it again") from None
    configs = card.get("configs") if isinstance(card, dict) else None
    named = [part for part in configs if isinstance(part, dict)] if isinstance(configs, list) else []
    return {str(part.get("config_name")): part["data_files"] for part in named if part.get("data_files")}


def _absent_offline(what: str) -> str:
    return f"{what}: not in the hub's cache, and --offline or HF_HUB_OFFLINE forbids fetching it"


@contextmanager
def _one_line(address: Address, offline: bool) -> Iterator[None]:
    """What huggingface_hub raises, as one line that says what to do."""
    from huggingface_hub import errors

    place = f"{address.page} at {address.commit[:12]}"
    try:
        yield
    except errors.GatedRepoError:
        raise DataError(
            f"{address.repository} is gated: accept its terms at {address.page}, then log in with `hf auth login` "
            "or set HF_TOKEN"
        ) from None
    except (errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled) as error:
        absent = _absent_offline(f"{address.repository}/{address.path}")
        forbidden = offline or isinstance(error, errors.OfflineModeIsEnabled)
        raise DataError(absent if forbidden else f"cannot fetch {address.page}: no network") from None
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError, errors.EntryNotFoundError) as error:
        kind = type(error).__name__.removesuffix("NotFoundError").removeprefix("Remote").lower()
        raise DataError(f"{place}: no such {kind}, or one that needs a login; {address.path}") from None
    except Exception as error:  # the client's errors are those of whichever HTTP library it uses
        unreachable = any(word in type(error).__name__ for word in ("Connect", "Timeout"))
        reason = "no network" if unreachable else " ".join(str(error).split())[:200]
        raise DataError(f"cannot fetch {address.page}: {reason}") from error
