"""What is kept is what was written: seals see every change, and notes for people stay free."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from xbench.data.hub import blob_fault
from xbench.errors import XbenchError
from xbench.files import RECORD, remove_folder, sweep, whole, whole_folder
from xbench.keeping import SEAL, made_by_one, seal, seal_fault


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "kept"
    (place / "deep").mkdir(parents=True)
    (place / "weights.bin").write_bytes(bytes(range(256)) * 64)
    (place / "deep" / "tokenizer.json").write_text("{}")
    seal(place, place.name)
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


def test_a_whole_folder_in_the_place_of_another_is_seen(folder: Path) -> None:
    assert seal_fault(folder.rename(folder.with_name("other"))) == "it was made as kept"


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


def test_one_process_at_a_time_makes_a_thing_and_the_others_wait(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from xbench.keeping import made_by_one\n"
        "place = Path(sys.argv[1])\n"
        "with made_by_one(place, print):\n"
        "    seen = place.exists(); place.touch(); time.sleep(0.3 * (not seen)); print('found' if seen else 'made')\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "deep" / "thing")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = [process.communicate(timeout=60)[0] for process in running]
    assert sorted(text.splitlines()[-1] for text in said) == ["found", "found", "made"]
    assert all(text.count("another process is making thing; waiting for it") <= 1 for text in said)


def test_a_lock_is_let_go_when_its_process_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from xbench.keeping import made_by_one\n"
        "with made_by_one(Path(sys.argv[1])): print('in', flush=True); time.sleep(600)\n"
    )
    place = tmp_path / "thing"
    holder = subprocess.Popen([sys.executable, "-c", code, str(place)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout and holder.stdout.readline() == "in\n"
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        holder.kill()

    with made_by_one(place, say):
        assert said == ["another process is making thing; waiting for it"]
    holder.wait()


def test_what_the_dead_had_begun_is_swept_and_what_the_living_write_is_not(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from xbench.files import whole, whole_folder\n"
        "place = Path(sys.argv[1])\n"
        "with whole(place / 'a.json'), whole_folder(place / 'deep' / 'b') as folder:\n"
        "    (folder / 'c').touch(); os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    (tmp_path / ".a.json.other-1-x").touch()  # of another machine: nothing is known of its processes
    with whole(tmp_path / "mine.json") as mine:
        assert len(list(tmp_path.rglob(".*"))) == 3  # what lay beside it is gone already
        sweep(tmp_path)
        assert sorted(path.name for path in tmp_path.rglob(".*")) == sorted([".a.json.other-1-x", mine.name])
    assert not list((tmp_path / "deep").iterdir())


def test_a_folder_that_is_removed_is_whole_until_it_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "a").touch()

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("xbench.files.shutil.rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        remove_folder(tmp_path / "kept")
    assert not (tmp_path / "kept").exists()
    assert [path.name.startswith(".kept.") for path in tmp_path.iterdir()] == [True]


def test_several_processes_may_put_a_folder_in_one_place(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from xbench.files import whole_folder\n"
        "for _ in range(60):\n"
        "    with whole_folder(Path(sys.argv[1])) as folder:\n"
        "        [(folder / name).touch() for name in 'abc']\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "place")]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate(timeout=60)[1] for process in running] == [""] * 3
    assert sorted(path.name for path in (tmp_path / "place").iterdir()) == ["a", "b", "c"]
    assert [path.name for path in tmp_path.iterdir()] == ["place"]


def test_a_file_where_a_folder_should_stand_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "place").write_text("mine")
    with pytest.raises(XbenchError, match="cannot write"), whole_folder(tmp_path / "place"):
        pass
    assert (tmp_path / "place").read_text() == "mine"


@pytest.mark.parametrize("writes", [whole, whole_folder])
def test_a_disk_on_which_nothing_new_can_be_made_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: Callable[[Path], AbstractContextManager[Path]]
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkstemp", refused)
    monkeypatch.setattr("tempfile.mkdtemp", refused)
    with pytest.raises(XbenchError, match=r"cannot write .*place: No space left on device"), writes(tmp_path / "place"):
        pass
