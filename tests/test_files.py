"""What is kept is what was written: seals see every change, and notes for people stay free."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from xbench.data.hub import blob_fault
from xbench.files import RECORD, SEAL, seal, seal_fault


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "kept"
    (place / "deep").mkdir(parents=True)
    (place / "weights.bin").write_bytes(bytes(range(256)) * 64)
    (place / "deep" / "tokenizer.json").write_text("{}")
    seal(place)
    return place


def test_a_sealed_folder_is_whole_and_its_notes_and_record_may_change(folder: Path) -> None:
    (folder / "README.md").write_text("scores")
    (folder / RECORD).write_text("{}")
    assert seal_fault(folder) is None


@pytest.mark.parametrize("place", [0, 4_000, 16_383])
def test_one_flipped_bit_is_seen(folder: Path, place: int) -> None:
    content = bytearray((folder / "weights.bin").read_bytes())
    content[place] ^= 1
    (folder / "weights.bin").write_bytes(content)
    assert seal_fault(folder) == "weights.bin is not what was written"


def test_what_is_cut_gone_new_or_unsealed_is_seen(folder: Path) -> None:
    (folder / "modules.json").write_text("[]")
    assert seal_fault(folder) == "modules.json was added"
    (folder / "modules.json").unlink()
    (folder / "deep" / "tokenizer.json").unlink()
    assert seal_fault(folder) == "deep/tokenizer.json is gone"
    for content in (b"", b"[]", b"{", b"\xff"):
        (folder / SEAL).write_bytes(content)
        assert seal_fault(folder) == "its seal is damaged"
    (folder / SEAL).unlink()
    assert str(seal_fault(folder)).startswith("it has no seal")


@pytest.mark.parametrize("large", [True, False])
def test_a_file_of_the_hub_s_cache_is_what_its_name_there_says(tmp_path: Path, large: bool) -> None:
    content = b"weights"
    name = hashlib.sha256(content).hexdigest() if large else hashlib.sha1(b"blob 7\0" + content).hexdigest()
    blob, file = tmp_path / "blobs" / name, tmp_path / "snapshots" / "c" / "model.bin"
    for place in (blob, file):
        place.parent.mkdir(parents=True)
    blob.write_bytes(content)
    file.symlink_to(blob)
    assert blob_fault(file) is None
    blob.write_bytes(b"weightz")
    assert blob_fault(file) == "model.bin is not what its name in the hub's cache says"
    assert blob_fault(Path(__file__)) is None
