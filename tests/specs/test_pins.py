"""A checksum that is of no file would check nothing, so it is refused; the only one of the only file always counts."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from xbench.data.download import Storage
from xbench.data.readers import read
from xbench.errors import DataError, SpecError
from xbench.specs import registry
from xbench.specs.parts import Source
from xbench.specs.pins import require_known_pins
from xbench.specs.strict_yaml import Document

A, B = "a" * 64, "b" * 64


def load(folder: Path, source: dict[str, Any], overrides: dict[str, Any] | None = None, **keys: Any) -> Any:
    spec = {"name": "t", "languages": ["de", "zh-Hant"], "format": "parallel", "source": source, **keys}
    (folder / "t.yaml").write_text(json.dumps(spec))
    return registry.load("task", str(folder / "t.yaml"), overrides)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ({"path": "{lang}.txt", "sha256": {"DE": A}}, "source.sha256: 'DE' is no file of this source"),
        ({"path": "{lang}.txt", "sha256": {"ge": A}}, "source.sha256: 'ge' is no file of this source"),
        (
            {"path": "{lang}.txt", "sha256": {"fr": A}},
            "'fr' is no file of this source; expected one of: de, en, zh-Hant",
        ),
        ({"path": "{lang}.txt", "sha256": {"": A}}, "'' is no file of this source"),
        ({"path": "{lang}.txt", "md5": {"zh-Hat": "a" * 32}}, "source.md5: 'zh-Hat' is .* did you mean 'zh-Hant'?"),
        ({"path": "{lang}.txt", "bytes": {"de/0": 7}}, "source.bytes: 'de/0' is no file of this source"),
        (
            {"path": "rows.jsonl", "sha256": {"de": A, "zh-Hant": B}},
            "found de, zh-Hant, expected one: the source is one",
        ),
        ({"path": "rows.jsonl", "sha256": {"rows.jsonl": A}}, "'rows.jsonl' is no file of this source"),
        ({"path": "{lang}-{shard}", "shards": {"de": 2}, "sha256": {"de/2": A}}, "'de/2' is .* did you mean 'de/1'"),
    ],
)
def test_a_checksum_of_no_file_is_an_error(tmp_path: Path, source: dict[str, Any], says: str) -> None:
    with pytest.raises(SpecError, match=rf"t.yaml:1: .*{says}"):
        load(tmp_path, source)


def test_languages_that_are_not_listed_may_have_theirs_beside_those_that_are(tmp_path: Path) -> None:
    pins = {"de": A, "zh-Hant": A, "fr": B}
    loaded = load(tmp_path, {"path": "{lang}.txt", "sha256": pins}, {"languages": ["de"]})
    assert dict(loaded.spec.source.sha256) == pins


def test_a_checksum_that_is_set_is_one_of_a_file_too(tmp_path: Path) -> None:
    assert load(tmp_path, {"path": "{lang}.txt"}, {"source.sha256.de": A}).spec.source.sha256 == {"de": A}
    with pytest.raises(SpecError, match=r"source.sha256: 'ge' is no file of this source"):
        load(tmp_path, {"path": "{lang}.txt"}, {"source.sha256.ge": A})


@pytest.mark.parametrize("key", ["", "de"])
def test_the_checksum_of_the_only_file_is_checked_under_whatever_key(tmp_path: Path, key: str) -> None:
    row = {"id": "1", "query": {"de": "Wer?", "zh-Hant": "誰?"}, "positive": {"de": "Er.", "zh-Hant": "他。"}}
    content = json.dumps(row)
    (tmp_path / "rows.jsonl").write_text(content)
    right = hashlib.sha256(content.encode()).hexdigest()
    storage = Storage(cache=tmp_path)
    assert read(load(tmp_path, {"path": "rows.jsonl", "sha256": {key: right}}), storage).queries["de"].texts == (
        "Wer?",
    )
    with pytest.raises(DataError, match=r"rows.jsonl: sha256 mismatch"):
        read(load(tmp_path, {"path": "rows.jsonl", "sha256": {key: A}}), storage)


def test_a_source_by_language_has_a_checksum_for_each() -> None:
    source = Source(path="{lang}.txt", sha256={"de": A})
    assert (source.pin("sha256", "de"), source.pin("sha256", "en"), source.pin("md5", "de")) == (A, None, None)


def test_shards_and_pairs_have_pins_of_their_own() -> None:
    source: dict[str, Any] = {"path": "{lang}-{shard}.txt", "shards": {"de": 2}, "sha256": {"de/0": A, "de/1": B}}
    require_known_pins(Document(Path("t.yaml"), {"languages": ["de"], "source": source}, {}))
    source["sha256"]["de/2"] = A
    with pytest.raises(SpecError, match=r"t\.yaml:1: source\.sha256: 'de/2' is no file of this source"):
        require_known_pins(Document(Path("t.yaml"), {"languages": ["de"], "source": source}, {}))
