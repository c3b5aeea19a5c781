"""Whatever is kept and changes afterwards is seen before it is used: no other number under the same digest."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest
from test_bad_input import Desk, desk  # noqa: F401  a fixture

from xbench.keeping import SEAL

RUN = "run --model m.yaml --recipe none --recipe r.yaml --corpus c.yaml --task t.yaml --seed 3"
VARYING = ("timings", "created", "provenance", "training")
KINDS = {
    "tokenizers/*/tokenizer.json": True,
    "encoders/m-untrained-*/**/*.safetensors": True,
    "encoders/m-r-*/**/*.safetensors": False,
    "encoders/m-r-*/modules.json": False,
    "encoders/m-r-*/xbench.json": False,
    "overlap/*.json": True,
    "corpora/*/texts.bin": False,
    "corpora/*/query.bin": False,
    "corpora/*/group.bin": False,
    "vectors/*/*.vectors.npy": False,
    "vectors/*/*.texts.npy": False,
    "vectors/*/*.tokens.npy": False,
}
"""Kept files, and whether they are made again without a word of the user."""


def numbers(folder: Path) -> dict[str, object]:
    """Every number of the results that lie there, by file; without what a clock or a machine says."""
    return {
        path.name: {key: value for key, value in json.loads(path.read_text()).items() if key not in VARYING}
        for path in folder.rglob("*.json")
    }


def damage(path: Path, way: str) -> None:
    content = bytearray(path.read_bytes())
    middle = len(content) * 3 // 4
    if way == "bit":
        content[middle] ^= 4
    else:
        content[middle : middle + 8] = bytes(8) if any(content[middle : middle + 8]) else b"\xff" * 8
    path.write_bytes(content)


@pytest.fixture
def kept(desk: Desk) -> Desk:  # noqa: F811
    ended = desk.type(f"{RUN} --out before")
    assert ended.code == 0, ended.err
    return desk


@pytest.mark.parametrize("way", ["bit", "block"])
def test_a_change_of_any_kept_file_is_one_line_or_is_made_good(kept: Desk, way: str) -> None:
    cache = kept.folder / "cache"
    expected = numbers(kept.folder / "before")
    assert len(expected) == 2
    tries = count()
    for pattern, remade in KINDS.items():
        for path in sorted(cache.glob(pattern)):
            whole, out = (
                path.read_bytes(),
                f"after-{next(tries)}",
            )  # where nothing is filed yet: or nothing would be used
            damage(path, way)
            ended = kept.type(f"{RUN} --out {out}")
            filed = numbers(kept.folder / out)
            assert filed.items() <= expected.items(), pattern
            if ended.code:
                assert ended.code == 2 and not remade, pattern
                assert "damaged" in ended.err.strip().splitlines()[-1], pattern
                path.write_bytes(whole)
            else:
                assert len(filed) == 2, pattern
        assert list(cache.glob(pattern)), pattern


def test_an_encoder_from_before_there_were_seals_is_used_and_that_is_said(kept: Desk) -> None:
    (folder,) = (kept.folder / "cache" / "encoders").glob("m-r-*")
    (folder / SEAL).unlink()
    ended = kept.type(f"{RUN} --out after")
    assert ended.code == 0 and "kept before there were seals" in ended.err
    assert "kept before there were seals" not in kept.type(f"{RUN} --out again").err
    assert numbers(kept.folder / "after") == numbers(kept.folder / "before")


def test_several_commands_that_train_one_encoder_train_it_once(desk: Desk) -> None:  # noqa: F811
    command = [sys.executable, "-m", "xbench", *RUN.split(), "--set", "steps=40"]
    running = [
        subprocess.Popen(
            [*command, "--out", f"out-{number}"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for number in range(3)
    ]
    ended = [(process.communicate(timeout=300)[1], process.returncode) for process in running]
    assert [code for _, code in ended] == [0, 0, 0], ended
    first, *others = [numbers(desk.folder / f"out-{number}") for number in range(3)]
    assert len(first) == 2 and others == [first, first]
    assert len(list((desk.folder / "cache" / "encoders").glob("m-r-*"))) == 1
    assert not [path for path in (desk.folder / "cache").rglob(".*") if path.name != SEAL]
