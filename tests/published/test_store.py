"""A store gives back what was written, in the same bytes each time; a line that cannot be is named."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mteb_results import ENGLISH, META, WHOLE, belebele, bitext, file_of, subset, write_file

from xbench.errors import DataError, SpecError
from xbench.published.importing import read_mteb
from xbench.published.library import published_runs, runs_of, stores
from xbench.published.runs import Origin, PublishedRun
from xbench.published.store import write_folder, write_store
from xbench.published.store_reading import read_store
from xbench.published.task_facts import published_task

ORIGIN = Origin("a repository", "c" * 40)
ENDINGS = (".jsonl", ".jsonl.gz", ".jsonl.xz")


@pytest.fixture
def runs(tmp_path: Path) -> list[PublishedRun]:
    """Two models on Belebele, one of them in part, and one on Tatoeba."""
    folder = tmp_path / "mteb"
    write_file(folder, "BelebeleRetrieval", WHOLE)
    write_file(folder, "Tatoeba", file_of("Tatoeba", {"test": [bitext("swh-eng", 0.5, 0.6)]}))
    write_file(folder, "BelebeleRetrieval", belebele(ENGLISH), META | {"name": "org/Other"})
    return read_mteb([folder], ORIGIN).runs


def told(run: PublishedRun) -> tuple[Any, ...]:
    columns = {metric: run.scores(metric) for metric in run.columns}
    return run.key, run.task.name, run.origin, run.versions, columns, run.facts


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_read_is_what_was_written(tmp_path: Path, runs: list[PublishedRun], ending: str) -> None:
    write_store(runs, tmp_path / f"a{ending}")
    read = read_store(tmp_path / f"a{ending}")
    assert sorted(map(told, read), key=str) == sorted(map(told, runs), key=str)
    write_store(list(reversed(runs)), tmp_path / f"b{ending}")
    assert (tmp_path / f"a{ending}").read_bytes() == (tmp_path / f"b{ending}").read_bytes()


def test_a_folder_is_read_task_by_task(tmp_path: Path, runs: list[PublishedRun]) -> None:
    write_folder(runs, tmp_path / "store")
    (tmp_path / "store" / "belebele.jsonl.xz").write_bytes(b"damaged")
    (run,) = read_store(tmp_path / "store", published_task("tatoeba"))
    assert run.task.name == "tatoeba" and run.facts is not None
    with pytest.raises(DataError, match=r"belebele.jsonl.xz: damaged"):
        read_store(tmp_path / "store")


def test_one_task_of_a_file_is_read_without_the_others(tmp_path: Path, runs: list[PublishedRun]) -> None:
    write_store(runs, tmp_path / "a.jsonl")
    assert {run.model for run in read_store(tmp_path / "a.jsonl", published_task("belebele"))} == {
        "org/Model",
        "org/Other",
    }
    assert read_store(tmp_path / "a.jsonl", published_task("mlqa")) == []


LINES = [
    {"published": 1, "source": "a repository", "commit": ""},
    {"model": "org/Model", "revision": "1", "facts": {"n_parameters": 7}},
    {"task": "BelebeleRetrieval", "pairs": [["de", "en"], ["en", "en"]]},
    {
        "run": "org/Model",
        "revision": "1",
        "split": "test",
        "dataset_revision": None,
        "mteb_version": "2.0",
        "values": {"nDCG@10": [50000, None]},
    },
]


def spoilt(number: int, **changes: Any) -> str:
    lines = [*LINES]
    lines[number] = {**lines[number], **changes}
    return "".join(json.dumps(line) + "\n" for line in lines)


def test_the_smallest_store_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(spoilt(0))
    (run,) = read_store(tmp_path / "a.jsonl")
    assert run.values == {("de", "en"): 0.5} and run.n == 1 and run.facts is not None and run.facts.n_parameters == 7


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (spoilt(0, published=2), ":1: found "),
        (spoilt(0, source="\u202e"), ":1: source: found"),
        (spoilt(0, commit="abc"), ":1: commit: found 'abc'"),
        (spoilt(1, facts={"n_parameters": -1}), ":2: n_parameters: found -1"),
        (spoilt(1, facts={"size": 1}), ":2: size: found 1"),
        (spoilt(2, task="Nothing"), ":3: task: found 'Nothing'"),
        (spoilt(2, pairs=[["de", "xx"], ["en", "en"]]), ":3: pairs: found ('de', 'xx')"),
        (spoilt(2, pairs=[["en", "en"], ["en", "en"]]), ":3: pairs: one stands twice"),
        (spoilt(2, pairs=[]), ":3: pairs: expected a list"),
        (spoilt(3, run="Model"), ":4: model: found 'Model', expected ORG/MODEL"),
        (spoilt(3, revision="a\x07"), ":4: revision: found"),
        (spoilt(3, split="dev"), ":4: split: found 'dev', expected test"),
        (spoilt(3, mteb_version=2), ":4: mteb_version: found 2"),
        (spoilt(3, values={}), ":4: values: expected nDCG@10"),
        (spoilt(3, values={"nDCG@10": [1]}), ":4: values: nDCG@10: expected a list of 2"),
        (spoilt(3, values={"nDCG@10": [1, 100_001]}), ":4: values: nDCG@10: found 100001"),
        (spoilt(3, values={"nDCG@10": [1, -1]}), ":4: values: nDCG@10: found -1"),
        (spoilt(3, values={"nDCG@10": [1, True]}), ":4: values: nDCG@10: found True"),
        (spoilt(3, values={"nDCG@10": [1, 0.5]}), ":4: values: nDCG@10: found 0.5"),
        (spoilt(3, values={"nDCG@10": [1, 1], "AP": [1, 1]}), ":4: values: found 'AP'"),
        (spoilt(0) + json.dumps(LINES[3]) + "\n", ":5: org/Model at 1, test: stands twice"),
        (json.dumps(LINES[0]) + "\n" + json.dumps(LINES[3]), ":2: a run before its task"),
        (spoilt(0) + '{"other": 1}', ":5: found keys 'other'"),
        ("", "no line; expected a store"),
        ("[]", ":1: found list"),
    ],
)
def test_a_line_that_cannot_be_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.jsonl").write_text(text)
    with pytest.raises(DataError) as error:
        read_store(tmp_path / "a.jsonl")
    assert said in str(error.value) and str(error.value).isprintable()


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b"0" * (1 << 22), 9) * 64)
    with pytest.raises(DataError, match="a line of"):
        read_store(tmp_path / "a.jsonl.gz")


def test_stores_are_found_where_specs_are_and_the_named_come_first(
    tmp_path: Path, runs: list[PublishedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XBENCH_PATH", str(tmp_path / "more"))
    others = {
        "named.jsonl": "named",
        "baselines/published/here.jsonl": "here",
        "more/baselines/published/there.jsonl": "there",
    }
    for name, source in others.items():
        write_store([replace(run, origin=Origin(source)) for run in runs], tmp_path / name)
    found = published_runs("belebele", "org/Model", published=["named.jsonl"])
    assert [run.origin.source for run in found] == ["named", "here", "there"]
    assert stores()[-1].name == "mteb"


def test_a_run_of_one_source_is_taken_from_the_first_store(
    tmp_path: Path, runs: list[PublishedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_store(runs, tmp_path / "a.jsonl")
    write_store(runs, tmp_path / "b.jsonl")
    own = [run for run in runs_of(published_task("tatoeba"), ["a.jsonl", "b.jsonl"]) if run.origin == ORIGIN]
    assert len(own) == 1


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("Modle", "did you mean 'org/Model'?"),
        ("ORG/model", "did you mean 'org/Model'"),
        ("BAAI/bge-m4", "did you mean 'BAAI/bge-m3'"),
        ("\x1bqq", "names all"),
    ],
)
def test_a_model_without_runs_is_refused_with_those_that_are_near(
    tmp_path: Path, runs: list[PublishedRun], model: str, said: str
) -> None:
    write_store(runs, tmp_path / "a.jsonl")
    with pytest.raises(SpecError) as error:
        published_runs("belebele", model, published=[tmp_path / "a.jsonl"])
    assert said in str(error.value) and len(str(error.value)) < 400


def test_a_split_is_one_of_the_tasks(tmp_path: Path) -> None:
    write_file(tmp_path, "MLQARetrieval", file_of("MLQARetrieval", {"validation": [subset("ara-deu", 0.5)]}))
    write_store(read_mteb([tmp_path], ORIGIN).runs, tmp_path / "a.jsonl")
    (run,) = published_runs("mlqa", "org/Model", split="validation", published=[tmp_path / "a.jsonl"])
    assert run.split == "validation"
    with pytest.raises(SpecError, match="split 'dev': mlqa has test and validation"):
        published_runs("mlqa", split="dev")
