"""What the arrays beside a result promise: they are those of the result, or one line says what is wrong, at once."""

import io
import json
import struct
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from boards import file_result
from written_results import file_result as written_result

from xbench import cli
from xbench.board.submission import pack_results
from xbench.errors import DataError
from xbench.results.array_checks import expected_of, header_faults
from xbench.results.array_headers import ArrayHeader, array_headers
from xbench.results.reading import read_result
from xbench.specs.registry import shipped

Arrays = dict[str, Any]


def rewrite(path: Path, change: Callable[[Arrays], Any]) -> Path:
    """The array file of a result with other arrays."""
    file = path.with_suffix(".npz")
    with np.load(file) as stored:
        arrays = {name: stored[name] for name in stored.files}
    change(arrays)
    np.savez_compressed(file, **arrays)
    return path


def put(name: str, value: Callable[[Any], Any]) -> Callable[[Arrays], Any]:
    return lambda arrays: arrays.update({name: value(arrays[name])})


def at(place: Any, value: float) -> Callable[[Any], Any]:
    def changed(array: Any) -> Any:
        array = np.array(array)
        array[place] = value
        return array

    return changed


FOREIGN: dict[str, tuple[Callable[[Arrays], Any], str]] = {
    "values of fewer queries": (put("AP", lambda a: a[:-1]), "AP: found shape (17, 3), expected (18, 3)"),
    "a flat array": (put("AP", lambda a: a[:, 0]), "AP: found shape (18,), expected (18, 3)"),
    "values as text": (put("AP", lambda a: a.astype(str)), "AP: found dtype kind 'U', expected numbers with a point"),
    "complex values": (put("AP", lambda a: a.astype(complex)), "AP: found complex128, expected texts or numbers"),
    "languages as numbers": (put("query_language", lambda a: np.arange(len(a)) * 1.0), "query_language: found dtype"),
    "ids as bytes": (put("query_id", lambda a: a.astype("S")), "query_id: found |S"),
    "groups as dates": (put("group", lambda a: np.zeros(len(a), "M8[s]")), "group: found datetime64[s]"),
    "a structure": (put("group", lambda a: np.zeros(len(a), "U2,f8")), "group: found [("),
    "no value at all": (put("AP", lambda a: a * np.nan), "AP: found 0 values of de-de, expected 6"),
    "a value of one query less": (put("AP", at((0, 0), np.nan)), "AP: found 5 values of de-de, expected 6"),
    "a value above one": (put("AP", at((0, 0), 1.5)), "AP: found 1.5, expected -1e-09 to 1"),
    "an infinite value": (put("R@1", at((0, 0), np.inf)), "R@1: found inf, expected"),
    "values of another run": (put("AP", lambda a: a / 2), "AP: the mean of de-de is 0."),
    "a pool of another run": (put("AP.multilingual", lambda a: a / 2), "AP.multilingual: the mean of de-pool is"),
    "a language more": (put("query_language", lambda a: np.where(a == "de", "fr", a)), "other numbers of queries by"),
    "other documents": (put("document_languages", lambda a: np.array(["de", "en", "fr"])), "document_languages: found"),
    "a rank of nothing": (put("pool_rank", at((0, 0), 0)), "pool_rank: found 0.0, expected 1 to 18"),
    "a negative distance": (put("rank_distance", at(0, -3)), "rank_distance: found -3.0, expected"),
    "distances of another run": (put("rank_distance", lambda a: a / 2), "rank_distance: the mean of de is"),
    "an id that stands twice": (put("query_id", lambda a: np.append(a[:-1], a[:1])), "query_id: an id stands twice"),
    "a document beyond the last": (put("top_document", at((0, 0), 18)), "top_document: found 18, expected -1 to 17"),
    "no array of the metric": (lambda arrays: arrays.pop("AP"), "no array AP, which de-de of the result is a mean of"),
    "no groups": (lambda arrays: arrays.pop("group"), "lack group"),
    "objects": (put("group", lambda a: a.astype(object)), "group: found object, expected texts or numbers"),
}


def test_a_result_that_leaves_out_pairs_of_its_arrays_is_refused(tmp_path: Path) -> None:
    path = file_result(tmp_path)
    stated = json.loads(path.read_text())
    half = stated["scores"]["cross-lingual"]
    best = max(half["pairs"], key=lambda name: half["pairs"][name]["AP"])
    half["pairs"] = {best: half["pairs"][best]}
    half["macro"] = half["micro"] = {metric: half["pairs"][best][metric] for metric in stated["metrics"]}
    stated["gap"]["absolute"] = stated["scores"]["monolingual"]["macro"]["AP"] - half["macro"]["AP"]
    path.write_text(json.dumps(stated))
    with pytest.raises(DataError, match=r"AP: found values of .*, which the result does not have"):
        read_result(path).per_query()


@pytest.mark.parametrize(
    ("part", "value", "words"),
    [
        (("scores", "monolingual", "micro", "AP"), 0.999, "scores.monolingual.micro.AP: found 0.999, expected"),
        (("bias", "rank_distance", "mean"), 0.25, "bias.rank_distance.mean: found 0.25, expected"),
        (("gap", "absolute"), 0.001, "gap.absolute: found 0.001, expected"),
    ],
)
def test_a_number_that_others_of_the_result_give_is_that_one(
    tmp_path: Path, part: tuple[str, ...], value: float, words: str
) -> None:
    path = file_result(tmp_path)
    stated = json.loads(path.read_text())
    holder = stated
    for key in part[:-1]:
        holder = holder[key]
    holder[part[-1]] = value
    path.write_text(json.dumps(stated))
    with pytest.raises(DataError, match=words):
        read_result(path)


@pytest.mark.parametrize("kind", FOREIGN)
def test_arrays_of_another_result_are_one_line(tmp_path: Path, kind: str) -> None:
    change, words = FOREIGN[kind]
    path = rewrite(file_result(tmp_path), change)
    with pytest.raises(DataError) as refused:
        read_result(path).per_query()
    assert str(refused.value).startswith(f"{path.with_suffix('.npz')}: ") and words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_arrays_of_a_run_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = file_result(tmp_path)
    with np.load(path.with_suffix(".npz")) as stored:
        arrays = read_result(path).arrays()
        for name in stored.files:
            np.testing.assert_array_equal(arrays[name], stored[name])


def promised(descr: str, shape: tuple[int, ...], data: bytes) -> bytes:
    """An array file member that promises a shape, whatever follows."""
    header = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode("latin-1") + data


def bomb(member: bytes, zeros: int = 0) -> bytes:
    """A packed AP whose member says that it unpacks to so many zeros more than it holds, without holding them."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("AP.npy", member)
    content = stream.getvalue()
    size = struct.pack("<I", len(member))
    return content.replace(size, struct.pack("<I", len(member) + zeros)) if zeros else content


HUGE = (1 << 40,)
BOMBS = {
    "four gigabytes in the directory": bomb(promised("<f8", (1 << 29,), b""), 0xF0000000),
    "terabytes in the header": bomb(promised("<f8", HUGE, b"\0" * 64)),
    "more than a machine can address": bomb(promised("<f8", (1 << 62, 1 << 62), b"\0" * 64)),
    "a text of a gigabyte": bomb(promised("<U268435456", (4,), b"\0" * 64)),
    "a long header": bomb(b"\x93NUMPY\x02\x00" + struct.pack("<I", 1 << 31) + b" " * 64),
    "a nested header": bomb(b"\x93NUMPY\x01\x00" + struct.pack("<H", 9000) + b"(" * 9000),
    "a subarray": bomb(promised("<f8", (1,), b"\0" * 64).replace(b"'<f8'", b"('<f8', (1 << 30,))")),
}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def typed(line: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["xbench", *line.split()])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


COMMANDS = [
    "compare results results",
    "table results",
    "leaderboard check results",
    "leaderboard build --results results --out site --no-published-runs",
    "leaderboard pack --results results --out packed",
]


@pytest.mark.parametrize("line", COMMANDS)
@pytest.mark.parametrize("kind", BOMBS)
def test_an_array_file_that_promises_too_much_is_refused_before_it_is_unpacked(
    desk: Path, kind: str, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = file_result(desk / "results").with_suffix(".npz")
    file.write_bytes(BOMBS[kind])
    tracemalloc.start()
    code = typed(line, monkeypatch)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    said = capsys.readouterr()
    assert code == (1 if "check" in line else 2)
    (line_of_it,) = [text for text in (said.out + said.err).splitlines() if file.name in text]
    assert "cannot be read" in line_of_it and peak < 1 << 24
    assert not (desk / "packed").exists()


@pytest.mark.parametrize("kind", FOREIGN)
def test_what_check_refuses_of_arrays_is_left_out_of_a_build_and_never_packed(
    desk: Path, kind: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file_result(desk / "results", model="good")
    path = rewrite(file_result(desk / "results"), FOREIGN[kind][0])
    assert typed("leaderboard check results", monkeypatch) == 1
    assert ": arrays: " in capsys.readouterr().out
    assert typed("leaderboard build --results results --out site --no-published-runs", monkeypatch) == 1
    assert str(path.with_suffix(".npz").relative_to(desk)) in capsys.readouterr().err
    with pytest.raises(DataError):
        pack_results([Path("results")], Path("packed"))
    assert not Path("packed").exists()


PACKED: dict[str, tuple[Callable[[Arrays], Any], str]] = {
    "means with a point": (put("cluster_mean", lambda a: a / 65535), "cluster_mean: found dtype kind and shape 'f'"),
    "counts of fewer clusters": (put("cluster_count", lambda a: a[:-1]), "cluster_count: found dtype kind and shape"),
    "counts of other queries": (put("cluster_count", lambda a: a + 1), "cluster_count: found 9 queries of de-de"),
    "means of another run": (put("cluster_mean", lambda a: a // 2), "the result says"),
    "columns that stand twice": (put("cluster_columns", lambda a: a[[0] * len(a)]), "cluster_columns: found"),
    "no columns": (lambda arrays: arrays.pop("cluster_columns"), "they lack cluster_columns"),
}


@pytest.mark.parametrize("kind", PACKED)
def test_sums_of_another_result_are_one_line(
    desk: Path, kind: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file_result(desk / "results")
    (path,) = pack_results([Path("results")], Path("packed"))
    change, words = PACKED[kind]
    rewrite(path, change)
    assert typed("leaderboard check packed", monkeypatch) == 1
    assert words in capsys.readouterr().out
    assert typed("leaderboard build --results packed --out site --no-published-runs", monkeypatch) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert str(path.with_suffix(".npz")) in line and words in line


def test_two_contents_of_one_run_are_not_packed(desk: Path) -> None:
    one, two = (file_result(desk / "results", f"{name}.json") for name in ("one", "two"))
    pack_results([Path("results")], Path("same"))
    two.write_text(json.dumps(json.loads(two.read_text()) | {"timings": {"encode": 9.0}}))
    with pytest.raises(DataError, match=r"one\.json and .*two\.json: two contents of one run"):
        pack_results([Path("results")], Path("packed"))
    assert not Path("packed").exists() and one.is_file()


def test_a_cluster_of_many_queries_is_packed_with_its_count() -> None:
    from xbench.board.clusters import Clusters, pack

    sums = Clusters(("de-de",), np.array([[0.5]]), np.array([[70_000.0]]))
    with np.load(io.BytesIO(pack(sums))) as stored:
        assert stored["cluster_count"].tolist() == [[70_000]]


def test_every_shipped_array_file_fits_its_result() -> None:
    from xbench.board.clusters import read_clusters
    from xbench.board.sources import ResultFile
    from xbench.board.summaries import summary_of

    files = sorted((shipped("leaderboard") / "results").rglob("*.json"))
    assert len(files) > 50
    for path in files:
        file = ResultFile(path)
        assert read_clusters(file.arrays(), summary_of(file.result, ""))


def test_headers_tell_kind_and_shape_without_a_value(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, AP=np.zeros((3, 2), np.float32), query_id=np.array(["a", "b", "c"]))
    with zipfile.ZipFile(path) as archive:
        headers = array_headers(archive, path.stat().st_size)
    assert headers == {"AP": ArrayHeader("f", (3, 2), 24), "query_id": ArrayHeader("U", (3,), 12)}


def test_a_header_of_another_shape_names_the_array_and_what_the_counts_ask_for(tmp_path: Path) -> None:
    expected = expected_of(read_result(written_result(tmp_path, {"de-en": 0.5})))
    (fault,) = header_faults({"AP": ArrayHeader("f", (1, 1))}, expected)
    assert fault == "AP: found shape (1, 1), expected (8, 2) by the result's counts"
    assert list(header_faults({"a foreign array": ArrayHeader("f", (1,))}, expected)) == []
