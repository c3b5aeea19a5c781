"""The published runs that ship: whole, as the manifest says, and equal to what the public results say."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from xbench.published.library import published_runs, runs_of
from xbench.published.runs import PublishedRun
from xbench.published.store_reading import read_store
from xbench.specs.registry import shipped

FOLDER = shipped("baselines") / "published" / "mteb"
MANIFEST = json.loads((FOLDER / "manifest.json").read_text())
SUBSETS = {  # of what is asked most; mteb writes documents first
    ("belebele", "de-en"): "eng_Latn-deu_Latn",
    ("belebele", "th-en"): "eng_Latn-tha_Thai",
    ("belebele", "sw-en"): "eng_Latn-swh_Latn",
    ("belebele", "en-sw"): "swh_Latn-eng_Latn",
    ("belebele", "zh-Hant-en"): "eng_Latn-zho_Hant",
    ("mlqa", "de-ar"): "ara-deu",
    ("xpqa", "en-zh"): "cmn-eng",
    ("ntrex", "af-da"): "afr_Latn-dan_Latn",
    ("tatoeba", "sw-en"): "swh-eng",
    ("xquad", "th-th"): "th",
    ("miracl-hard", "sw-sw"): "sw",
}


@pytest.fixture(scope="module", autouse=True)
def _nothing_else(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Only what ships is found."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("desk"))
        patch.delenv("XBENCH_PATH", raising=False)
        yield


@pytest.fixture(scope="module")
def runs() -> list[PublishedRun]:
    return list(runs_of(None))


def test_files_are_those_of_the_manifest() -> None:
    there = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FOLDER.glob("*.jsonl.xz")}
    assert there == MANIFEST["sha256"]
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= 4_000_000


def test_every_run_says_where_it_comes_from(runs: list[PublishedRun]) -> None:
    assert len(runs) > 3_000 and len({run.model for run in runs}) > 300
    for run in runs:
        assert (run.origin.source, run.origin.commit) == (MANIFEST["source"], MANIFEST["commit"])
        assert run.revision not in ("external", "no_revision_available")
        assert run.versions.dataset_revision and run.versions.mteb_version and run.facts is not None
        assert run.n == len(run.values) > 0


def test_the_manifest_counts_what_is_there(runs: list[PublishedRun]) -> None:
    assert set(MANIFEST["tasks"]) == {run.task.name for run in runs}
    for name, said in MANIFEST["tasks"].items():
        some = [run for run in runs if run.task.name == name]
        assert sum(said["runs"].values()) == len(some)
        assert len(said["partial"]) == sum(not run.complete for run in some)
        assert len({(run.model, run.split) for run in some}) == len(some)
    unsized = {run.model for run in runs if run.facts is None or run.facts.n_parameters is None}
    assert sorted(unsized) == MANIFEST["without_size"]


def test_a_task_alone_is_what_all_of_them_give(runs: list[PublishedRun]) -> None:
    alone = {run.key: run.values for run in published_runs("mlqa")}
    assert alone == {run.key: run.values for run in runs if run.task.name == "mlqa" and run.split == "test"}


@pytest.fixture(scope="module")
def tables(data_folder: Path) -> Any:
    """Independent of xbench: the extraction as pandas reads it."""
    import pandas

    folder = data_folder / "mteb-results"
    if not folder.is_dir():
        pytest.skip(f"no mteb-results/ in {data_folder}")
    return pandas.concat([pandas.read_parquet(folder / f"{name}.parquet") for name in ("retrieval", "bitext")])


@pytest.mark.parametrize(("task", "pair"), SUBSETS, ids=lambda part: str(part))
def test_every_model_has_the_value_of_the_public_results(tables: Any, task: str, pair: str) -> None:
    runs = published_runs(task)
    mteb, split = runs[0].task.mteb, runs[0].split
    some = tables[(tables.task == mteb) & (tables.subset == SUBSETS[task, pair]) & (tables.split == split)]
    names = some.model.astype(str).str.replace("_(", " (", regex=False).str.replace(",_", ", ", regex=False)
    public = dict(zip(zip(names, some.revision.astype(str), strict=True), some.main_score.astype(float), strict=True))
    ours = {}
    for run in runs:
        values = {f"{query}-{document}": value for (query, document), value in run.values.items()}
        if pair in values:
            ours[run.model, run.revision] = values[pair]
    unnamed = {key for key in public if key[1] in ("external", "no_revision_available")}
    assert set(ours) == set(public) - unnamed and len(ours) > 100
    assert all(value == pytest.approx(public[key], abs=1e-5) for key, value in ours.items())
    best = sorted(ours, key=lambda key: (-ours[key], key))[:3]
    assert best == sorted(set(public) - unnamed, key=lambda key: (-round(public[key], 5), key))[:3]


@pytest.mark.parametrize("task", ["belebele", "mlqa", "xpqa", "ntrex"])
@pytest.mark.parametrize("model", ["BAAI/bge-m3", "intfloat/multilingual-e5-large", "sentence-transformers/LaBSE"])
def test_means_are_those_of_the_public_results(tables: Any, task: str, model: str) -> None:
    (run,) = published_runs(task, model)
    some = tables[(tables.task == run.task.mteb) & (tables.model.astype(str) == model) & (tables.split == run.split)]
    halves = some.subset.astype(str).str.split("-")
    crossing = halves.map(lambda parts: parts[0] != parts[1])
    for wanted in (False, True):
        chosen = some.main_score[crossing == wanted].astype(float)
        mean = run.mean(wanted)
        assert mean.n == len(chosen)
        if len(chosen):
            assert mean.value == pytest.approx(chosen.mean(), abs=1e-5)


@pytest.mark.verify
def test_the_script_gives_the_same_bytes_again(tables: Any, data_folder: Path, tmp_path: Path) -> None:
    """The tables, from the extraction as from the repository itself; the manifest says what was left out of either."""
    import runpy

    script = Path(__file__).parents[2] / "benchmarks" / "published_mteb.py"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [str(script), str(data_folder / "mteb-results"), str(tmp_path / "out")])
        runpy.run_path(str(script), run_name="__main__")
    written = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in tmp_path.glob("out/*.jsonl.xz")}
    assert written == MANIFEST["sha256"]
    assert read_store(tmp_path / "out")[0].origin.commit == MANIFEST["commit"]
