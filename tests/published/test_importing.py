"""mteb's results become published runs: files, folders and tables alike, and whatever is wrong is one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from mteb_results import (
    DATA,
    ENGLISH,
    GERMAN_PASSAGES,
    META,
    REVISION,
    WHOLE,
    belebele,
    bitext,
    file_of,
    row,
    subset,
    write_file,
    write_tables,
)

from xbench.errors import DataError
from xbench.published.importing import Imported, read_mteb
from xbench.published.runs import Origin, PublishedRun

ORIGIN = Origin("a repository", "c" * 40)


def imported(*paths: Path) -> Imported:
    return read_mteb(paths, ORIGIN)


def one(*paths: Path) -> PublishedRun:
    (run,) = (found := imported(*paths)).runs
    assert not found.faults
    return run


def test_a_file_becomes_a_run_with_pairs_swapped_and_metrics_by_their_names(tmp_path: Path) -> None:
    run = one(write_file(tmp_path, "BelebeleRetrieval", WHOLE))
    assert run.values == {("de", "de"): 0.8, ("de", "en"): 0.75, ("en", "de"): 0.25, ("en", "en"): 0.9}
    assert run.metric == "nDCG@10" and run.scores("AP@1000")["de", "en"] == 0.375
    assert sorted(run.columns) == ["AP@1000", "R@1", "R@10", "R@100", "nDCG@10"]
    assert (run.model, run.revision, run.split) == ("org/Model", REVISION, "test")
    assert (run.versions.dataset_revision, run.versions.mteb_version) == (DATA, "2.1.0")
    assert run.origin == ORIGIN and run.task.name == "belebele" and not run.complete


def test_means_are_over_pairs_of_one_language_and_of_two(tmp_path: Path) -> None:
    run = one(write_file(tmp_path, "BelebeleRetrieval", belebele(ENGLISH, GERMAN_PASSAGES)))
    assert (run.mean(False).value, run.mean(False).n) == (0.9, 1)
    assert (run.mean(True).value, run.mean(True).n) == (0.25, 1)
    alone = one(write_file(tmp_path / "b", "BelebeleRetrieval", belebele(ENGLISH)))
    assert (alone.mean(True).value, alone.mean(True).n) == (None, 0)


def test_facts_of_the_model_come_with_it(tmp_path: Path) -> None:
    facts = one(write_file(tmp_path, "BelebeleRetrieval", WHOLE)).facts
    assert facts is not None and facts.n_parameters == 568_000_000 and facts.max_tokens == 8194
    assert facts.other_parameters == 312_000_000 and facts.training_datasets == ("HotpotQA", "T2Retrieval")


def test_bitext_has_f1_and_accuracy_and_five_digits(tmp_path: Path) -> None:
    content = file_of("Tatoeba", {"test": [bitext("swh-eng", 0.976465, 0.983475)]})
    run = one(write_file(tmp_path, "Tatoeba", content))
    assert run.scores("F1") == {("sw", "en"): round(0.976465, 5)} == {("sw", "en"): 0.97647}
    assert run.scores("accuracy") == {("sw", "en"): 0.98347}


def test_every_split_is_a_run_of_its_own(tmp_path: Path) -> None:
    scores = {"test": [subset("ara-deu", 0.5)], "validation": [subset("ara-deu", 0.25)]}
    runs = imported(write_file(tmp_path, "MLQARetrieval", file_of("MLQARetrieval", scores))).runs
    assert {run.split: run.values for run in runs} == {"test": {("de", "ar"): 0.5}, "validation": {("de", "ar"): 0.25}}


def test_without_metadata_the_folders_name_the_model(tmp_path: Path) -> None:
    path = write_file(tmp_path, "BelebeleRetrieval", WHOLE, META | {"name": "org/Model (dtype=int8, dim=256)"})
    path.with_name("model_meta.json").unlink()
    folder = path.parent.parent
    moved = folder.rename(folder.with_name("org__Model_(dtype=int8,_dim=256)"))
    run = one(moved / REVISION / path.name)
    assert (run.model, run.revision, run.facts) == ("org/Model (dtype=int8, dim=256)", REVISION, None)


def test_a_folder_gives_the_tasks_that_are_known_and_counts_the_others(tmp_path: Path) -> None:
    write_file(tmp_path, "BelebeleRetrieval", WHOLE)
    write_file(tmp_path, "Banking77Classification", {"scores": {}})
    found = imported(tmp_path)
    assert [run.task.name for run in found.runs] == ["belebele"] and not found.faults
    assert found.others == {"Banking77Classification": 1}


def test_tables_give_what_the_files_give(tmp_path: Path) -> None:
    rows = [row("BelebeleRetrieval", item["hf_subset"], item["main_score"]) for item in WHOLE["scores"]["test"]]
    table = one(write_tables(tmp_path / "tables", rows))
    file = one(write_file(tmp_path, "BelebeleRetrieval", WHOLE))
    assert (table.key, table.versions, table.values) == (file.key, file.versions, file.values)
    assert table.scores("R@1") == file.scores("R@1")
    assert table.facts is not None and table.facts.n_parameters == 568_000_000


def test_a_main_score_without_a_column_of_its_own_is_kept(tmp_path: Path) -> None:
    run = one(write_tables(tmp_path, [row("NeuCLIR2023RetrievalHardNegatives", "fas", 0.5, ndcg_at_10=0.4)]))
    assert run.metric == "nDCG@20" and run.values == {("fa", "fa"): 0.5}
    assert run.scores("nDCG@10") == {("fa", "fa"): 0.4}


def test_a_run_that_stands_twice_is_taken_once_and_said(tmp_path: Path) -> None:
    first = write_file(tmp_path, "BelebeleRetrieval", WHOLE)
    second = write_file(tmp_path / "again", "BelebeleRetrieval", belebele(ENGLISH))
    found = imported(first, second)
    assert len(found.runs) == 1 and len(found.runs[0].values) == 4
    assert found.faults == [f"BelebeleRetrieval: org/Model at {REVISION}, test: stands twice; the first is taken"]


def changed(change: dict[str, Any]) -> dict[str, Any]:
    return belebele(GERMAN_PASSAGES | change)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (changed({"main_score": float("nan")}), "main_score: found nan, expected a number of 0 to 1"),
        (changed({"main_score": 1.5, "ndcg_at_10": 1.5}), "found 1.5, expected a number of 0 to 1"),
        (changed({"main_score": None}), "main_score: found None"),
        (changed({"main_score": True}), "main_score: found True"),
        (changed({"main_score": "0.5"}), "main_score: found '0.5'"),
        (changed({"recall_at_10": -0.1}), "recall_at_10: found -0.1"),
        (changed({"recall_at_10": float("inf")}), "recall_at_10: found inf"),
        (changed({"ndcg_at_10": 0.5}), "main_score: found 0.25, but ndcg_at_10 is 0.5"),
        (changed({"hf_subset": "deu_Latn-xxx_Latn"}), "subset 'deu_Latn-xxx_Latn': not one of BelebeleRetrieval"),
        (changed({"hf_subset": "deu\u202eLatn"}), "not one of BelebeleRetrieval"),
        (changed({"hf_subset": 7}), "subset 7: not one"),
        (belebele(ENGLISH, ENGLISH), "subset 'eng_Latn-eng_Latn': stands twice"),
        (belebele(), "test: no subset"),
        (file_of("BelebeleRetrieval", {"train": [ENGLISH]}), "split 'train': expected test"),
        (belebele(ENGLISH, task_name="MLQARetrieval"), "task_name: found 'MLQARetrieval'"),
        (belebele(ENGLISH, dataset_revision="a b"), "dataset_revision: found 'a b'"),
        (belebele(ENGLISH, mteb_version=2), "mteb_version: found 2, expected text"),
        (file_of("BelebeleRetrieval", {"test": {}}), "scores.test: expected a list"),  # type: ignore[dict-item]
        ({"mteb_dataset_name": "BelebeleRetrieval", "test": {}}, "not a result of mteb 1.11 or later"),
        ([], "found list, expected an object"),
    ],
)
def test_whatever_is_wrong_leaves_the_file_out_in_one_line(tmp_path: Path, content: Any, said: str) -> None:
    good = write_file(tmp_path / "good", "BelebeleRetrieval", WHOLE)
    found = imported(write_file(tmp_path, "BelebeleRetrieval", content, META | {"name": "org/Other"}), good)
    assert [run.model for run in found.runs] == ["org/Model"]
    (line,) = found.faults
    assert said in line and "BelebeleRetrieval.json: " in line and "\n" not in line and line.isprintable()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"n_parameters": "many"}, "n_parameters: found 'many', expected a number"),
        ({"n_parameters": 1e308}, "n_parameters: found "),
        ({"embed_dim": -1}, "embed_dim: found -1"),
        ({"license": "\x1b[31m"}, "license: found"),
        ({"name": "Model"}, "model: found 'Model', expected ORG/MODEL"),
        ({"name": "org/\u202eModel"}, "expected ORG/MODEL"),
        ({"name": 3}, "found name 3"),
        ({"training_datasets": [["a"]]}, "training_datasets: found"),
        ({"release_date": "yesterday"}, "release_date: found 'yesterday'"),
    ],
)
def test_metadata_that_cannot_be_leave_the_model_out_in_one_line(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    write_file(tmp_path, "BelebeleRetrieval", WHOLE, META | change)
    found = imported(write_file(tmp_path, "MLQARetrieval", file_of("MLQARetrieval", {}), META | change).parents[1])
    assert not found.runs and found.faults and said in found.faults[0]
    assert all("\n" not in line for line in found.faults)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"main_score": 2.0}, "main_score: found 2.0"),
        ({"main_score": float("nan")}, "main_score: found nan"),
        ({"subset": "eng_Latn"}, "subset 'eng_Latn': not one of"),
        ({"subset": "eng_Latn-eng_Latn"}, "subset 'eng_Latn-eng_Latn': stands twice"),
        ({"split": "train"}, "split 'train': expected test"),
        ({"mteb_version": "1.0"}, "the run's other rows have"),
    ],
)
def test_a_wrong_row_leaves_its_run_out_in_one_line(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    rows = [row("BelebeleRetrieval", "eng_Latn-eng_Latn", 0.5), row("BelebeleRetrieval", "deu_Latn-eng_Latn", 0.5)]
    other = row("BelebeleRetrieval", "eng_Latn-eng_Latn", 0.5, model="org/Other")
    found = imported(write_tables(tmp_path, [rows[0], rows[1] | change, other]))
    whole = ["org/Model"] if "split" in change else []  # the row is of another run
    assert [run.model for run in found.runs] == [*whole, "org/Other"]
    (line,) = found.faults
    assert said in line and "retrieval.parquet:2: org/Model: " in line


def test_a_file_that_is_no_table_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "retrieval.parquet").write_bytes(b"PAR1 and nothing more")
    assert "damaged, or no parquet file" in imported(tmp_path).faults[0]
    write_tables(tmp_path / "other", [{"a": 1}])
    assert "no column 'model'; expected a table of mteb results" in imported(tmp_path / "other").faults[0]


def test_an_experiment_with_other_settings_is_not_the_model(tmp_path: Path) -> None:
    path = write_file(tmp_path, "BelebeleRetrieval", WHOLE)
    folder = path.parent / "experiments" / "model_kwargs"
    folder.mkdir(parents=True)
    for file in (path, path.with_name("model_meta.json")):
        file.rename(folder / file.name)
    found = imported(tmp_path)
    assert not found.runs and found.faults == [f"{folder / path.name}: an experiment with other settings of the model"]


def test_runs_stay_where_the_table_of_models_is_damaged(tmp_path: Path) -> None:
    write_tables(tmp_path, [row("BelebeleRetrieval", "eng_Latn-eng_Latn", 0.5)])
    (tmp_path / "models.jsonl").write_text("{")
    found = imported(tmp_path)
    assert [run.facts for run in found.runs] == [None]
    assert len(found.faults) == 1 and "models.jsonl:1: not valid JSON" in found.faults[0]


def test_a_path_that_is_not_there_and_an_imported_store_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file or folder"):
        imported(tmp_path / "absent")
    with pytest.raises(DataError, match="--published"):
        imported(tmp_path / "mine.jsonl.gz")


def test_a_file_that_is_named_and_of_no_known_task_is_said(tmp_path: Path) -> None:
    (tmp_path / "Quora.json").write_text(json.dumps({}))
    assert "no task of mteb that is known here" in imported(tmp_path / "Quora.json").faults[0]
