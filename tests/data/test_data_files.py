"""Where a task's files are: in the hub's cache by commit, under their pins, and named before any is fetched."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import layouts
import pytest

from xbench.data import hub
from xbench.data.download import Storage, locate, where
from xbench.data.fetches import missing, task_files
from xbench.data.hub_files import hub_files
from xbench.errors import DataError
from xbench.specs import registry
from xbench.specs.parts import HubSource, Repository, Source

COMMIT = "0123456789abcdef0123456789abcdef01234567"
README = """---
configs:
- config_name: de-corpus
  data_files:
  - split: test
    path: odd/place/corpus-de-*.parquet
  - split: dev
    path: elsewhere/*.parquet
- config_name: de-queries
  data_files: odd/queries.parquet
---
# A card
"""


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository as the hub's cache keeps it."""
    home = tmp_path / "hub"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(home))
    monkeypatch.setattr("huggingface_hub.file_download.constants.HF_HUB_CACHE", str(home))
    snapshot = home / "datasets--owner--name" / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (snapshot / "README.md").write_text(README)
    return snapshot


def repository(**more: Any) -> Repository:
    return Repository(hub="owner/name", commit=COMMIT, **more)


def test_a_config_s_files_are_where_its_card_says(kept: Path) -> None:
    for name in (
        "odd/place/corpus-de-0.parquet",
        "elsewhere/x.parquet",
        "odd/queries.parquet",
        "de-qrels/test-00000-of-00001.parquet",
    ):
        (kept / name).parent.mkdir(parents=True, exist_ok=True)
        (kept / name).touch()
    found = {config: hub.parquet(kept, config, "test") for config in ("de-corpus", "de-queries", "de-qrels", "de-none")}
    assert {config: [path.relative_to(kept).as_posix() for path in paths] for config, paths in found.items()} == {
        "de-corpus": ["odd/place/corpus-de-0.parquet"],
        "de-queries": ["odd/queries.parquet"],
        "de-qrels": ["de-qrels/test-00000-of-00001.parquet"],  # the card does not say: as push_to_hub names them
        "de-none": [],
    }


@pytest.mark.parametrize(
    "card", ["", "no head", "---\nconfigs: 7\n---\n", "---\nconfigs: [3, {data_files: [4]}]\n---\n"]
)
def test_a_card_that_says_nothing_of_configs_leaves_the_usual_names(kept: Path, card: str) -> None:
    (kept / "README.md").write_text(card)
    (kept / "data/de-qrels").mkdir(parents=True)
    (kept / "data/de-qrels/test-00000-of-00001-0123456789abcdef.parquet").touch()
    assert len(hub.parquet(kept, "de-qrels", "test")) == 1
    (kept / "README.md").write_text("---\n: [\n---\n")
    with pytest.raises(DataError, match=r"README.md: its head is no YAML"):
        hub.parquet(kept, "de-qrels", "test")


def test_half_the_shards_of_a_config_are_none(kept: Path) -> None:
    folder = kept / "de-qrels"
    folder.mkdir()
    (folder / "test-00000-of-00002.parquet").touch()
    assert hub.parquet(kept, "de-qrels", "test") == []
    (folder / "test-00001-of-00002.parquet").touch()
    assert len(hub.parquet(kept, "de-qrels", "test")) == 2


def test_a_repository_in_the_hub_s_cache_is_found_offline(kept: Path, tmp_path: Path) -> None:
    layouts.put_parquet(kept, "fr-qrels", "test", [{"query-id": "q", "corpus-id": "d", "score": 1}])
    storage = Storage(cache=tmp_path / "cache", offline=True)
    assert where(storage, repository(), "fr-qrels/test", tmp_path) == kept
    assert locate(storage, repository(), "fr-qrels/test", tmp_path) == kept
    with pytest.raises(DataError, match="config 'fr-corpus': not in the hub's cache, and --offline"):
        locate(storage, repository(), "fr-corpus/test", tmp_path)


def test_a_file_in_the_hub_s_cache_is_found_offline(kept: Path, tmp_path: Path) -> None:
    (kept / "docs").mkdir()
    (kept / "docs/de.txt").write_text("x")
    source = Source(url="hf://datasets/owner/name@{commit}/docs/{lang}.txt", commit=COMMIT)
    storage = Storage(cache=tmp_path / "cache", offline=True)
    assert locate(storage, source, "de", tmp_path) == kept / "docs/de.txt"
    with pytest.raises(DataError, match=r"missing data file hf://datasets/owner/name@.*--offline forbids"):
        locate(storage, source, "fr", tmp_path)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (
            "GatedRepoError",
            "owner/name is gated: accept its terms at https://huggingface.co/datasets/owner/name, then log",
        ),
        ("RepositoryNotFoundError", "no such repository, or one that needs a login"),
        ("RevisionNotFoundError", "no such revision, or one that needs a login"),
        ("RemoteEntryNotFoundError", "no such entry, or one that needs a login; docs/fr.txt"),
        ("LocalEntryNotFoundError", "cannot fetch https://huggingface.co/datasets/owner/name: no network"),
        ("OfflineModeIsEnabled", "not in the hub's cache, and --offline or HF_HUB_OFFLINE forbids fetching it"),
    ],
)
@pytest.mark.parametrize("asked", ["huggingface_hub.hf_hub_download", "huggingface_hub.HfApi.dataset_info"])
def test_what_the_hub_refuses_is_one_line(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: str, says: str, asked: str
) -> None:
    from huggingface_hub import errors

    def refuse(*_: Any, **__: Any) -> str:
        kind = getattr(errors, error)
        raise kind.__new__(kind, "no")  # without the response that most of them are made from

    monkeypatch.setattr("huggingface_hub.HfApi.dataset_info", lambda *_, **__: None)
    monkeypatch.setattr(asked, refuse)
    hub._ask.cache_clear()
    source = Source(url="hf://datasets/owner/name@{commit}/docs/{lang}.txt", commit=COMMIT)
    with pytest.raises(DataError) as raised:
        locate(Storage(cache=tmp_path / "cache"), source, "fr", tmp_path)
    assert says in str(raised.value)


def test_the_files_of_a_pattern_are_fetched_in_order_of_name_and_remembered(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("de/b.txt", "de/a.txt", "fr/a.txt"):
        (kept / name).parent.mkdir(exist_ok=True)
        (kept / name).write_text(name)
    monkeypatch.setattr("huggingface_hub.HfApi.dataset_info", lambda *_, **__: None)
    monkeypatch.setattr("huggingface_hub.HfApi.list_repo_files", lambda *_, **__: ["fr/a.txt", "de/b.txt", "de/a.txt"])
    monkeypatch.setattr("huggingface_hub.hf_hub_download", lambda _, name, **__: str(kept / name))
    hub._ask.cache_clear()
    source = HubSource(hub="owner/name", commit=COMMIT, files="{lang}/*.txt")
    storage = Storage(cache=tmp_path / "cache")
    assert hub_files(source, "de", storage, tmp_path) == [kept / "de/a.txt", kept / "de/b.txt"]
    offline = Storage(cache=tmp_path / "cache", offline=True)
    assert hub_files(source, "de", offline, tmp_path) == [kept / "de/a.txt", kept / "de/b.txt"]
    with pytest.raises(DataError, match=r"owner/name at 0123456789ab: no file matches 'it/\*.txt'"):
        hub_files(source, "it", storage, tmp_path)


def test_a_hub_that_cannot_be_reached_is_one_line_at_once(tmp_path: Path) -> None:
    """In a process of its own: the library reads its endpoint when it is imported."""
    code = "from xbench.data.hub import Address, fetch, fetch_matching; {}"
    environment = os.environ | {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HUB_CACHE": str(tmp_path)}
    for call in ("fetch(Address('a/b', 'c', 'd'), False)", "fetch_matching(Address('a/b', 'c'), '*')"):
        done = subprocess.run(
            [sys.executable, "-c", code.format(call)], capture_output=True, text=True, env=environment
        )
        assert done.stderr.endswith("DataError: cannot fetch https://huggingface.co/datasets/a/b: no network\n")
        assert "Retrying" not in done.stderr


# --- every file is known -----------------------------------------------------------------------------------------


def test_the_files_of_a_task_are_named_with_their_sizes_before_any_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    storage = Storage(cache=tmp_path / "cache", offline=True)
    fetches = missing(registry.load("task", "miracl"), storage)
    assert len(fetches) == len(list(task_files(registry.load("task", "miracl"), storage))) == 222 + 18 + 18
    assert sum(fetch.bytes for fetch in fetches) > 16_000_000_000
    assert len(missing(registry.load("task", "belebele"), storage)) == 1  # one archive holds all 122 languages
    assert len(missing(registry.load("task", "tatoeba"), storage)) == 72
    assert len(missing(registry.load("task", "muplere"), storage)) == 3 * 14


def test_md5_is_of_the_file_as_it_is_fetched_and_sha256_of_its_content(tmp_path: Path) -> None:
    import hashlib

    content = layouts.packed(b"line\n")
    (tmp_path / "de.txt.gz").write_bytes(content)
    storage = Storage((tmp_path,), tmp_path / "cache", offline=True)
    pins = {"md5": hashlib.md5(content).hexdigest(), "sha256": hashlib.sha256(b"line\n").hexdigest()}
    for kind, pin in pins.items():
        good, bad = (Source(path="{lang}.txt.gz", **{kind: {"de": value}}) for value in (pin, "0" * len(pin)))
        assert locate(storage, good, "de", tmp_path).is_file()
        with pytest.raises(DataError, match=f"de.txt.gz: {kind} mismatch"):
            locate(storage, bad, "de", tmp_path)


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_of_another_size_than_is_declared_is_an_error(tmp_path: Path, packed: bool) -> None:
    name, content = ("de.txt.gz", layouts.packed(b"line\n")) if packed else ("de.txt", b"line\n")
    (tmp_path / name).write_bytes(content)
    storage = Storage((tmp_path,), tmp_path / "cache", offline=True)
    end = name.removeprefix("de")
    whole, cut = (Source(path=f"{{lang}}{end}", bytes={"de": len(content) + more}) for more in (0, 1))
    assert locate(storage, whole, "de", tmp_path).is_file()
    says = rf"{name}: found {len(content)} bytes, expected {len(content) + 1} \(`bytes` of its source\)"
    with pytest.raises(DataError, match=says):
        locate(storage, cut, "de", tmp_path)
    with pytest.raises(DataError, match=says):  # of a source that is one file, whatever the key
        locate(storage, Source(path=name, bytes={"": len(content) + 1}), "de", tmp_path)


def test_a_copy_that_is_packed_otherwise_than_it_is_served_has_the_size_of_its_content(tmp_path: Path) -> None:
    (tmp_path / "de.txt.gz").write_bytes(layouts.packed(b"line\n"))
    (tmp_path / "en.txt").write_bytes(b"line\n")
    storage = Storage((tmp_path,), tmp_path / "cache", offline=True)
    assert locate(storage, Source(path="{lang}.txt", bytes={"de": 5}), "de", tmp_path).is_file()
    served = Source(path="{lang}.txt", url="https://host/{lang}.txt.gz", bytes={"en": 25})
    assert locate(storage, served, "en", tmp_path).is_file()  # unpacked since: nothing to compare


@pytest.mark.parametrize("size", [-5, 0])
def test_a_size_is_above_nothing(size: int) -> None:
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        Source(path="{lang}.txt", bytes={"de": size})


def test_shards_and_pairs_are_files_with_their_own_pins() -> None:
    source = Source(path="{lang}/{shard}.gz", shards={"de": 2}, md5={"de/1": "0" * 32}, bytes={"de/0": 7})
    first, second = source.shard("de", 0), source.shard("de", 1)
    assert (first.path, first.bytes, first.md5) == ("{lang}/0.gz", {"de": 7}, {})
    assert second.md5 == {"de": "0" * 32}
    pair = Source(path="{lang}-{document}.tsv", codes={"zh": "zho"}, bytes={"de-zh": 3}).toward("de", "zh")
    assert pair.fill(pair.path, "de") == "de-zho.tsv"
    assert pair.bytes == {"de": 3}
