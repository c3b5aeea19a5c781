"""What kept vectors promise: each text encoded once, only what is needed read, damage one line."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xbench.arrays import Vectors
from xbench.encoders import vector_store, vectors
from xbench.encoders.base import Role, TokenCounts
from xbench.encoders.vector_store import VectorStore, text_digests
from xbench.encoders.vectors import encode_all, token_statistics
from xbench.errors import EncoderError
from xbench.progress import Silent


class Counting:
    """An encoder that remembers what it was asked."""

    similarity = "cosine"
    max_length = None

    def __init__(self, alike: bool = False, **identity: Any) -> None:
        self.identity, self._alike = identity, alike
        self.seen: list[tuple[Role, str]] = []

    def role_identity(self, role: Role) -> dict[str, Any]:
        return self.identity if self._alike else {**self.identity, "role": role}

    def encode(self, texts: Sequence[str], role: Role, advance: Callable[[int], None]) -> Vectors:
        self.seen += [(role, text) for text in texts]
        advance(len(texts))
        return np.array([[len(text), 1.0] for text in texts], np.float32)

    def tokens(self, texts: Sequence[str], role: Role) -> TokenCounts:
        return np.array([[len(text.split()), 0] for text in texts], np.int32)


def keep(store: VectorStore, *texts: str, dimension: int = 3) -> Vectors:
    """Vectors that say which text they are of."""
    kept = np.array([[float(text)] * dimension for text in texts], np.float32)
    store.add(text_digests(texts), kept, np.array([[int(text), 0] for text in texts], np.int32))
    return kept


def lacks(store: VectorStore, *texts: str) -> list[str]:
    return [texts[number] for number in store.missing(text_digests(texts))]


def test_each_distinct_text_is_encoded_once_per_role_and_never_again(tmp_path: Path) -> None:
    encoder = Counting(name="a")
    texts = {"de": ("eins", "zwei", "eins"), "en": ("eins", "two")}
    first = encode_all(encoder, texts, "query", tmp_path, Silent())
    assert sorted(encoder.seen) == [("query", "eins"), ("query", "two"), ("query", "zwei")]
    assert first.encoded == 3
    again = encode_all(encoder, texts, "query", tmp_path, Silent())
    assert (again.encoded, len(encoder.seen)) == (0, 3)
    for language in texts:
        assert np.array_equal(first.vectors[language], again.vectors[language])
        assert [row[0] for row in again.vectors[language]] == [len(text) for text in texts[language]]
    encode_all(encoder, texts, "document", tmp_path, Silent())
    assert len(encoder.seen) == 6


def test_vectors_are_kept_apart_by_everything_in_the_identity(tmp_path: Path) -> None:
    for encoder in (Counting(prompt="a"), Counting(prompt="b"), Counting(prompt="a", max_length=8)):
        assert encode_all(encoder, {"en": ("text",)}, "query", tmp_path, Silent()).encoded == 1


def test_a_shard_without_its_manifest_does_not_exist(tmp_path: Path) -> None:
    encoder = Counting(name="a")
    encode_all(encoder, {"en": ("text",)}, "query", tmp_path, Silent())
    store = VectorStore(tmp_path, encoder.role_identity("query"))
    (manifest,) = store.folder.glob("*.json")
    manifest.unlink()
    assert lacks(VectorStore(tmp_path, encoder.role_identity("query")), "text") == ["text"]


def test_nan_from_an_encoder_is_an_error_and_nothing_is_kept(tmp_path: Path) -> None:
    store = VectorStore(tmp_path, {})
    with pytest.raises(EncoderError, match="NaN or infinity for 1 of 2 texts"):
        store.add(text_digests(["a", "b"]), np.array([[1, np.nan], [1, 1]], np.float32), np.ones((2, 2), np.int32))
    assert not store.folder.exists()


def test_roles_that_an_encoder_treats_alike_share_their_texts(tmp_path: Path) -> None:
    encoder = Counting(alike=True)
    queries = encode_all(encoder, {"de": ("eins", "zwei"), "en": ("one",)}, "query", tmp_path, Silent())
    documents = encode_all(encoder, {"de": ("eins", "drei"), "en": ("one",)}, "document", tmp_path, Silent())
    assert encoder.seen == [("query", "eins"), ("query", "zwei"), ("query", "one"), ("document", "drei")]
    assert (queries.encoded, documents.encoded) == (3, 1)
    assert documents.vectors["de"].tolist() == [[4, 1], [4, 1]]


def test_rows_come_in_the_order_asked_from_any_shards(tmp_path: Path) -> None:
    store = VectorStore(tmp_path, {"name": "a"})
    numbers = [str(number) for number in np.random.default_rng(0).permutation(200)]
    for first, last in ((0, 3), (3, 120), (120, 200)):
        keep(store, *numbers[first:last])
    for opened in (store, VectorStore(tmp_path, {"name": "a"})):
        asked = ["7", "150", "7", "0", *numbers]
        found, tokens = opened.take(text_digests(asked))
        assert found[:, 2].tolist() == [float(text) for text in asked]
        assert tokens[:, 0].tolist() == [int(text) for text in asked]
        assert lacks(opened, "x", "7", "x", "y") == ["x", "y"]


def test_only_the_shards_that_hold_a_text_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = VectorStore(tmp_path, {})
    keep(store, *map(str, range(100)))
    keep(store, "100", "101")
    read: list[str] = []
    checksum = vector_store.checksum

    def watched(path: Path) -> str:
        read.append(path.name)
        return checksum(path)

    monkeypatch.setattr(vector_store, "checksum", watched)
    again = VectorStore(tmp_path, {})
    assert sorted(name.split(".")[1] for name in read) == ["texts", "texts"]
    read.clear()
    again.take(text_digests(["101"]))
    assert sorted(name.split(".")[1] for name in read) == ["tokens", "vectors"]


def test_a_checksum_is_taken_once_in_a_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = VectorStore(tmp_path, {})
    keep(store, "1", "2")
    store.take(text_digests(["1"]))
    taken: list[Any] = []
    monkeypatch.setattr(vector_store.hashlib, "file_digest", lambda *given: taken.append(given))
    VectorStore(tmp_path, {}).take(text_digests(["2"]))
    assert not taken


def damaged(content: bytes) -> dict[str, bytes]:
    """Ways in which a file can be wrong."""
    middle = len(content) - 1
    flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    return {"cut": content[:-3], "empty": b"", "flipped": flipped, "headless": content[:40]}


@pytest.mark.parametrize("name", ["texts.npy", "vectors.npy", "tokens.npy", "json"])
@pytest.mark.parametrize("kind", ["cut", "empty", "flipped", "headless", "absent"])
def test_damage_is_one_line_that_says_what_to_do(tmp_path: Path, name: str, kind: str) -> None:
    store = VectorStore(tmp_path, {})
    keep(store, "1", "2", "3")
    (path,) = store.folder.glob(f"*.{name}")
    if kind == "absent":
        path.unlink()
        if name == "json":
            assert lacks(VectorStore(tmp_path, {}), "1") == ["1"]
            return
    elif (name, kind) == ("json", "flipped"):
        told = json.loads(path.read_text())
        path.write_text(json.dumps(told | {"texts": 4}))
    else:
        path.write_bytes(damaged(path.read_bytes())[kind])
    with pytest.raises(EncoderError) as error:
        VectorStore(tmp_path, {}).take(text_digests(["2"]))
    assert "damaged kept vectors" in str(error.value)
    assert f"delete {store.folder}, and its texts are encoded again" in str(error.value)
    assert "\n" not in str(error.value)


MANIFESTS: dict[str, Callable[[dict[str, Any]], str]] = {
    "another dimension": lambda told: json.dumps(told | {"dimension": 7}),
    "a dimension without end": lambda told: json.dumps(told).replace('"dimension": 3', '"dimension": 1e999'),
    "nested deeply": lambda told: json.dumps(told | {"more": 0})[:-2] + "[" * 100_000,
    "a list": lambda told: "[]",
}


@pytest.mark.parametrize("kind", MANIFESTS)
def test_a_manifest_that_its_arrays_deny_is_one_line(tmp_path: Path, kind: str) -> None:
    store = VectorStore(tmp_path, {})
    keep(store, "1", "2", "3")
    (path,) = store.folder.glob("*.json")
    path.write_text(MANIFESTS[kind](json.loads(path.read_text())))
    with pytest.raises(EncoderError, match="damaged kept vectors"):
        VectorStore(tmp_path, {}).take(text_digests(["2"]))


def test_vectors_of_another_width_than_the_others_are_refused(tmp_path: Path) -> None:
    store, other = VectorStore(tmp_path, {}), VectorStore(tmp_path, {})
    keep(store, "1", dimension=2)
    line = r"gave vectors of 3 dimensions, and 2 for texts before, .*; give it another version"
    with pytest.raises(EncoderError, match=line):
        keep(store, "2", dimension=3)
    keep(other, "2", dimension=3)  # another process, which opened the store before
    with pytest.raises(EncoderError, match="damaged kept vectors, of 2 and 3 dimensions; delete"):
        VectorStore(tmp_path, {}).take(text_digests(["1", "2"]))


def test_a_store_of_the_layout_before_is_not_looked_at(tmp_path: Path) -> None:
    """One npz a shard, digests as JSON, in a folder that the role named."""
    from xbench.files import digest, write_json

    before = tmp_path / "vectors" / digest({"identity": {}, "role": "query"})[:24]
    write_json(before / "0.json", {"texts": ["00" * 16]})
    np.savez(before / "0.npz", vectors=np.ones((1, 2), np.float32), tokens=np.ones((1, 2), np.int32))
    store = VectorStore(tmp_path, {})
    assert store.folder != before
    assert lacks(store, "a") == ["a"]


def test_runs_that_keep_the_same_texts_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    one, other = VectorStore(tmp_path, {}), VectorStore(tmp_path, {})
    keep(one, "1", "2")
    keep(other, "1", "2")  # the same content: the same shard
    keep(other, "3")
    assert len(list(one.folder.glob("*.json"))) == 2
    third = VectorStore(tmp_path, {})
    other_vectors = np.array([[5.0] * 3, [6.0] * 3], np.float32)  # another device's last digits
    third.add(text_digests(["4", "1"]), other_vectors, np.ones((2, 2), np.int32))
    for store in (one, other, third, VectorStore(tmp_path, {})):
        assert store.take(text_digests(["2"]))[0].tolist() == [[2.0] * 3]


def test_a_killed_run_leaves_no_shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = VectorStore(tmp_path, {})

    def killed(*given: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(vector_store, "write_json", killed)
    with pytest.raises(KeyboardInterrupt):
        keep(store, "1")
    assert lacks(VectorStore(tmp_path, {}), "1") == ["1"]


def test_long_work_is_kept_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "SHARD_TEXTS", 2)
    encoder = Counting()
    encode_all(encoder, {"en": ("a", "bb", "ccc", "dddd", "eeeee")}, "query", tmp_path, Silent())
    store = VectorStore(tmp_path, encoder.role_identity("query"))
    assert len(list(store.folder.glob("*.json"))) == 3


def test_token_statistics_by_hand() -> None:
    counts = {"de": np.array([[4, 1], [8, 2], [12, 0]], np.int32), "en": np.array([[0, 0]], np.int32)}
    assert token_statistics(counts, 8) == {
        "de": {"mean": 8.0, "truncated": 1 / 3, "unknown": 3 / 24},
        "en": {"mean": 0.0, "truncated": 0.0, "unknown": 0.0},
    }
    assert token_statistics(counts, None)["de"]["truncated"] == 0.0


def test_whole_vectors_in_the_place_of_another_encoder_s_are_refused(tmp_path: Path) -> None:
    first, second = VectorStore(tmp_path, {"seed": 0}), VectorStore(tmp_path, {"seed": 1})
    keep(first, "1", "2")
    first.folder.rename(second.folder)
    with pytest.raises(EncoderError, match=f"damaged kept vectors .they are those of {first.folder.name}"):
        VectorStore(tmp_path, {"seed": 1})
