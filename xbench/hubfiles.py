"""Files of a data set repository on the hub, all at one commit. Knows repositories and folders; no format, no text.

What a commit holds never changes, so the list of a pattern's files is kept beside them and is good offline.
"""

from __future__ import annotations

import hashlib
import json
from fnmatch import fnmatchcase
from pathlib import Path

from xbench.download import Storage
from xbench.errors import DataError
from xbench.files import write_json
from xbench.specs.parts import HubSource


def local_files(source: HubSource, language: str, storage: Storage, base: Path) -> list[Path]:
    """The files as they are on this machine now, in order of name; empty where they would have to be fetched."""
    if source.path:
        pattern = source.fill(source.path, language)
        for folder in (*storage.data_dirs, base):
            if found := sorted(path for path in folder.glob(pattern) if path.is_file()):
                return found
    try:
        kept = [Path(path) for path in json.loads(_record(source, language, storage).read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return []
    return kept if all(path.is_file() for path in kept) else []


def hub_files(source: HubSource, language: str, storage: Storage, base: Path) -> list[Path]:
    """The files, fetched if they are nowhere. Raises DataError."""
    if found := local_files(source, language, storage, base):
        return found
    require_commit(source)
    pattern = source.fill(source.files, language)
    if storage.offline:
        raise DataError(
            f"{source.hub}: {pattern} is not on this machine and --offline forbids fetching it{_hint(source)}"
        )
    fetched = _fetch(source, pattern)
    write_json(_record(source, language, storage), [str(path) for path in fetched])
    return fetched


def require_commit(source: HubSource) -> None:
    """Raise DataError, with the place to look one up, where no commit is pinned."""
    if not source.commit:
        page = f"https://huggingface.co/datasets/{source.hub}/commits/main"
        raise DataError(
            f"{source.hub}: no commit is pinned; look one up at {page} and give it: "
            f"--set corpus.source.commit=<40 digits>{_hint(source)}"
        )


def _hint(source: HubSource) -> str:
    return f"; or put {source.path} in a folder named by --data-dir or XBENCH_DATA" if source.path else ""


def _fetch(source: HubSource, pattern: str) -> list[Path]:
    from huggingface_hub import HfApi, hf_hub_download
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError

    place = f"{source.hub}@{source.commit[:8]}"
    try:
        names = sorted(HfApi().list_repo_files(source.hub, revision=source.commit, repo_type="dataset"))
        names = [name for name in names if fnmatchcase(name, pattern)]
        if not names:
            raise DataError(f"{place}: no file matches {pattern!r}; the repository is laid out differently there")
        return [Path(hf_hub_download(source.hub, name, revision=source.commit, repo_type="dataset")) for name in names]
    except GatedRepoError:
        raise DataError(f"{place} is gated; accept its terms on its hub page, then log in (HF_TOKEN)") from None
    except RevisionNotFoundError:
        raise DataError(f"{source.hub} has no commit {source.commit}; check its hub page") from None
    except RepositoryNotFoundError:
        raise DataError(f"the hub has no data set {source.hub}, or it is private; check it, or log in") from None
    except (HfHubHTTPError, OSError) as error:
        reason = "no network" if isinstance(error, OSError) and "onnect" in str(error) else str(error).split("\n")[0]
        raise DataError(f"cannot fetch {place}: {reason}") from None


def _record(source: HubSource, language: str, storage: Storage) -> Path:
    key = f"{source.hub}@{source.commit}:{source.fill(source.files, language)}"
    return storage.cache / "hub" / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"
