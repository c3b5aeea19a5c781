"""Numbers and names that no measurement gives: one line each, wherever they stand, and no board with them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from boards import file_result

from xbench.board.site import build_site
from xbench.board.submission import judge, pack_results
from xbench.errors import DataError, can_be_seen
from xbench.results.array_files import ArrayFile
from xbench.results.reading import read_content, read_result

Change = Callable[[dict[str, Any]], object]


def put(*keys: str, value: Any) -> Change:
    """A change of one value of a result."""

    def change(result: dict[str, Any]) -> None:
        for key in keys[:-1]:
            result = result.setdefault(key, {})
        result[keys[-1]] = value

    return change


RANGES: dict[str, Change] = {
    "a distance that no pool has": put("bias", "rank_distance", "mean", value=1.7e308),
    "a distance below none": put("bias", "rank_distance", "languages", "de", "mean", value=-1.0),
    "a median of another sign": put("bias", "rank_distance", "median", value=-5.0),
    "a share above one": put("bias", "language_share", "share", "de", "de", value=1.5),
    "a lift above one": put("bias", "lift", "de", value=2.0),
    "a correlation above one": put("bias", "consistency", "mean", value=1e308),
    "a gap above one": put("gap", "absolute", value=10**90),
    "a gap of a pair below minus one": put("gap", "pairs", "de-en", value=-1.5),
    "a relative gap without sense": put("gap", "relative", value=-1e300),
    "Mul without own above one": put("scores", "multilingual", "without_own_language", "macro", value=7.0),
    "a target's score below none": put("scores", "multilingual", "targets", "de", value=-0.5),
    "more parameters than there can be": put("specs", "model", "parameters", value=1e308),
    "fewer parameters than none": put("specs", "model", "parameters", value=-1),
    "a vector without an end": put("specs", "model", "dimension", value=1e308),
    "a vector of nothing": put("specs", "model", "dimension", value=0),
    "a seed that is text": put("seed", value="0"),
    "a seed of another kind": put("seed", value=1.5),
    "texts below none": put("counts", "documents", "de", value=-1),
    "texts without number": put("counts", "documents", "de", value=2**60),
    "more texts than there are": put("counts", "documents", "de", value=10**13),
    "a time below none": put("timings", "encode", value=-1.0),
    "a time without an end": put("timings", "encode", value=1e300),
    "no language": put("languages", value=["klingon!"]),
    "a loss without an end": put("training", "loss", value=[[1, 1e300]]),
}


@pytest.mark.parametrize("kind", RANGES)
def test_a_number_out_of_range_is_named_and_its_result_left_out(tmp_path: Path, kind: str) -> None:
    file_result(tmp_path, model="whole", digest="12" * 32)
    path = file_result(tmp_path)
    result = json.loads(path.read_text())
    RANGES[kind](result)
    path.write_text(json.dumps(result))
    with pytest.raises(DataError) as refused:
        read_result(path)
    assert "\n" not in str(refused.value) and str(path) in str(refused.value)
    assert [fault.kind for fault in judge(tmp_path).faults] in (["schema"], ["value"])
    (line,) = build_site([tmp_path], tmp_path / "site").skipped
    assert str(path) in line and not list((tmp_path / "site" / "runs").glob("*static--hybrid--abab*"))


def test_two_seeds_of_a_number_near_the_largest_are_both_left_out(tmp_path: Path) -> None:
    """Their mean was an OverflowError that cost the site."""
    file_result(tmp_path, model="whole", digest="12" * 32)
    for seed in range(2):
        path = file_result(tmp_path, seed=seed)
        result = json.loads(path.read_text())
        result["bias"]["rank_distance"]["mean"] = 1.7e308
        path.write_text(json.dumps(result))
    assert len(build_site([tmp_path], tmp_path / "site").skipped) == 2


def test_a_chance_that_is_text_is_a_missing_value(tmp_path: Path) -> None:
    path = file_result(tmp_path)
    result = json.loads(path.read_text())
    result["bias"]["language_share"]["chance"]["de"] = "a third"
    path.write_text(json.dumps(result))
    assert judge(tmp_path).accepted and build_site([tmp_path], tmp_path / "site").skipped == []


BLANK = ["", " ", "\t", "\u200d", "\u200b", "\u3164", "\u2800", "\u115f\u1160", "\u0301", "\xa0", "\ufe0f"]


@pytest.mark.parametrize("name", BLANK)
def test_a_name_that_cannot_be_seen_is_none(tmp_path: Path, name: str) -> None:
    path = file_result(tmp_path, "x.json")
    result = json.loads(path.read_text())
    for key in ("task", "model", "recipe"):
        path.write_text(json.dumps(result | {key: name}))
        with pytest.raises(DataError, match=rf"{key}: found"):
            read_result(path)
    assert not can_be_seen(name) and can_be_seen(name + "x")


def test_a_title_that_cannot_be_seen_is_the_name(tmp_path: Path) -> None:
    path = file_result(tmp_path)
    result = json.loads(path.read_text())
    result["specs"]["task"]["title"] = "\u3164 \u200d"
    path.write_text(json.dumps(result))
    build_site([tmp_path], tmp_path / "site")
    assert "<h1>tiny" in (tmp_path / "site" / "tasks" / "tiny.html").read_text()


def rewritten(path: Path, name: str, array: Any) -> None:
    with np.load(path) as stored:
        arrays = {key: stored[key] for key in stored.files}
    np.savez_compressed(path, **arrays | {name: array(arrays[name])})


ARRAYS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "counts of zero": ("cluster_count", np.zeros_like),
    "counts that are none": ("cluster_count", lambda count: np.full(count.shape, np.nan)),
    "counts without an end": ("cluster_count", lambda count: np.full(count.shape, np.inf)),
    "counts of two parts": ("cluster_count", lambda count: count.astype(complex)),
    "counts below none": ("cluster_count", lambda count: -count.astype(np.int64)),
    "means that are text": ("cluster_mean", lambda mean: mean.astype(str)),
    "means of another number": ("cluster_mean", lambda mean: mean[:-1]),
    "columns that stand twice": ("cluster_columns", lambda columns: np.repeat(columns[:1], len(columns))),
}


@pytest.mark.parametrize("kind", ARRAYS)
def test_sums_that_no_run_gives_are_named_and_left_out(tmp_path: Path, kind: str) -> None:
    file_result(tmp_path / "results")
    (path,) = pack_results([tmp_path / "results"], tmp_path / "packed")
    rewritten(path.with_suffix(".npz"), *ARRAYS[kind])
    assert [fault.kind for fault in judge(tmp_path / "packed").faults] == ["arrays"]
    with pytest.raises(DataError, match=r"\.npz: per-query values"):
        build_site([tmp_path / "packed"], tmp_path / "site")


def member(shape: str, data: bytes) -> bytes:
    head = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
    head += b" " * (-(len(head) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + data


@pytest.mark.parametrize("shape", ["(962072674304,)", "(-1,)", "(1, 2, 3)", "(9223372036854775807, 4)"])
def test_a_header_that_promises_terabytes_is_weighed_and_not_followed(tmp_path: Path, shape: str) -> None:
    path = file_result(tmp_path).with_suffix(".npz")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("cluster_mean.npy", member(shape, bytes(48)))
    assert [fault.kind for fault in judge(tmp_path).faults] == ["arrays"]


def test_six_megabytes_that_inflate_to_six_gigabytes_are_refused_by_their_directory(tmp_path: Path) -> None:
    path = file_result(tmp_path).with_suffix(".npz")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("AP.npy", bytes(1 << 24))
    packed = bytearray(stream.getvalue())
    place = packed.find(b"PK\x01\x02") + 24
    packed[place : place + 4] = (6 * 10**9 & 0xFFFFFFFF).to_bytes(4, "little")
    path.write_bytes(bytes(packed))
    (fault,) = judge(tmp_path).faults
    assert "it unpacks to" in fault.message


def test_arrays_that_do_not_fit_in_memory_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file_result(tmp_path).with_suffix(".npz")
    monkeypatch.setattr("xbench.results.array_files.MOST_READ", 100)
    with pytest.raises(DataError, match=r"bytes of values, expected at most 100"):
        ArrayFile.open(path).read(["AP"])


def test_a_file_that_is_too_large_for_a_result_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file_result(tmp_path)
    monkeypatch.setattr("xbench.results.reading.LARGEST_FILE", 1_000)
    with pytest.raises(DataError, match=r"bytes, expected at most 1,000; not a result"):
        read_content(path)
