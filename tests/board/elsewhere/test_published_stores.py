"""Stores of published runs for a site: one with a fault is named and left out, and the site is built without it."""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import pytest
from boards import file_result
from published_files import published, whole_grid, write_published

from xbench.board.elsewhere.intake import read_stores
from xbench.board.site import build_site

HEAD = {"published": 1, "source": "a laboratory", "commit": ""}
TASK = {"task": "MLQARetrieval", "pairs": [["de", "en"], ["en", "en"]]}
RUN = {
    "run": "org/Model",
    "revision": "1",
    "split": "test",
    "dataset_revision": None,
    "mteb_version": "2.0",
    "values": {"nDCG@10": [50000, None]},
}


def lines(*rows: Any) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


HOSTILE = {
    "nothing.jsonl": b"",
    "no-json.jsonl": b"{",
    "not-packed.jsonl.xz": b"\xfd7zXZ\x00 and no more",
    "not-packed.jsonl.gz": b"\x1f\x8b",
    "a-list.jsonl": b"[1]\n",
    "bytes.jsonl": bytes(range(256)),
    "source.jsonl": lines(HEAD | {"source": "\u202eevil"}, TASK, RUN),
    "markup.jsonl": lines(HEAD, TASK, RUN | {"run": "<script>/x"}),
    "value.jsonl": lines(HEAD, TASK, RUN | {"values": {"nDCG@10": [100001, 0]}}),
    "nan.jsonl": lines(HEAD, TASK, RUN) + b'{"run": "org/B", "values": {"nDCG@10": [NaN, 1]}}\n',
    "count.jsonl": lines(HEAD, TASK, RUN | {"values": {"nDCG@10": [1]}}),
    "size.jsonl": lines(HEAD, {"model": "org/Model", "revision": "1", "facts": {"n_parameters": 1e308}}),
    "deep.jsonl": b"[" * 100_000 + b"]" * 100_000,
    "no-task.jsonl": lines(HEAD, RUN),
    "bomb.jsonl.xz": lzma.compress(b" " * 300_000_000, preset=0),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_store_costs_itself_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(HOSTILE[name])
    good = write_published(published(tmp_path / "mteb", {"A": whole_grid()}), tmp_path / "good.jsonl")
    read = read_stores([tmp_path / name, good])
    assert [run.model for run in read.runs] == ["org/A"]
    (line,) = read.skipped
    assert name in line and "\n" not in line and line.isprintable()


def test_a_store_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "nowhere.jsonl" in read_stores([tmp_path / "nowhere.jsonl"]).skipped[0]


def test_a_run_that_two_stores_hold_from_one_source_is_the_first(tmp_path: Path) -> None:
    first = write_published(published(tmp_path / "a", {"A": whole_grid(cross=0.25)}), tmp_path / "a.jsonl")
    second = write_published(published(tmp_path / "b", {"A": whole_grid(cross=0.75)}), tmp_path / "b.jsonl")
    (run,) = read_stores([first, second]).runs
    assert run.values["de", "en"] == 0.25


def test_a_build_goes_on_without_it(tmp_path: Path) -> None:
    file_result(tmp_path / "results")
    (tmp_path / "bad.jsonl").write_bytes(b"{")
    good = write_published(published(tmp_path / "mteb", {"A": whole_grid()}), tmp_path / "good.jsonl")
    built = build_site([tmp_path / "results"], tmp_path / "site", stores=[tmp_path / "bad.jsonl", good])
    assert len(built.skipped) == 1 and "bad.jsonl" in built.skipped[0]
    assert "org/A" in (tmp_path / "site" / "tasks" / "mlqa.html").read_text()


def test_the_same_stores_give_the_same_bytes(tmp_path: Path) -> None:
    file_result(tmp_path / "results")
    runs = published(tmp_path / "mteb", {"A": whole_grid(), "B": whole_grid(cross=0.5)})
    stores = [write_published(runs, tmp_path / "a.jsonl"), write_published(runs[::-1], tmp_path / "b.jsonl.xz")]
    sites = []
    for number, store in enumerate(stores):
        build_site([tmp_path / "results"], tmp_path / f"{number}", stores=[store])
        made = sorted(path for path in (tmp_path / f"{number}").rglob("*") if path.is_file())
        sites.append({path.relative_to(tmp_path / f"{number}"): path.read_bytes() for path in made})
    assert sites[0] == sites[1]


def test_without_stores_no_page_speaks_of_them(tmp_path: Path) -> None:
    file_result(tmp_path / "results")
    build_site([tmp_path / "results"], tmp_path / "site")
    assert "published-runs" not in (tmp_path / "site" / "index.html").read_text()
    assert not (tmp_path / "site" / "data" / "published").exists()


def test_a_build_over_another_is_the_one_from_nothing(tmp_path: Path) -> None:
    file_result(tmp_path / "results")
    first = write_published(published(tmp_path / "a", {"A": whole_grid()}), tmp_path / "a.jsonl")
    second = write_published(published(tmp_path / "b", {"A": whole_grid(cross=0.75)}), tmp_path / "b.jsonl")
    for site, stores in (("over", [first]), ("over", [second]), ("new", [second])):
        build_site([tmp_path / "results"], tmp_path / site, stores=stores)
    shown = "tasks/mlqa.html", "data/published/mlqa.js", "languages/hi.html", "languages/index.html", "index.html"
    for name in shown:
        assert (tmp_path / "over" / name).read_bytes() == (tmp_path / "new" / name).read_bytes(), name
    assert "75.0" in (tmp_path / "over" / "tasks" / "mlqa.html").read_text()
    build_site([tmp_path / "results"], tmp_path / "over")
    assert not (tmp_path / "over" / "tasks" / "mlqa.html").exists()


def test_a_measured_task_lists_published_runs_of_its_data_apart(tmp_path: Path) -> None:
    file_result(tmp_path / "results", task="mlqa", specs={"task": {"name": "mlqa"}, "model": {"format": "static"}})
    store = write_published(published(tmp_path / "a", {"A": whole_grid()}), tmp_path / "a.jsonl")
    build_site([tmp_path / "results"], tmp_path / "site", stores=[store])
    measured = (tmp_path / "site" / "tasks" / "mlqa.html").read_text()
    rows, _, beside = measured.partition('id="published-runs"')
    assert "org/A" not in rows and "org/A" in beside and "published/mlqa.html" in beside
    own = (tmp_path / "site" / "published" / "mlqa.html").read_text()
    assert "measured here" in own and "org/A" in own and "static" not in own.partition("<main")[2].partition("<form")[0]
