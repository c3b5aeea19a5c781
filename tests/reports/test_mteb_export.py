"""What `xbench export mteb` promises: mteb's layout, pairs swapped, and nothing that means something else there."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from written_results import QUERIES, file_result

from xbench import cli
from xbench.errors import DataError, SpecError
from xbench.evaluation.scores import PairScores, Scores
from xbench.reports.mteb_export import MtebModel, export
from xbench.results.reading import read_result
from xbench.results.result import Result
from xbench.specs import registry
from xbench.specs.mteb_names import Mteb

REVISION = "0123456789abcdef0123456789abcdef01234567"
WEIGHTS = "e34fab64a3011d2176c99545a93d5cbddc9a91b7"
DECLARED = {
    "task": "ToyRetrieval",
    "revision": REVISION,
    "split": "test",
    "subset": "{corpus_iso}-{query_iso}",
    "languages": {"de": "deu-Latn", "en": "eng-Latn", "ar": "arb-Arab"},
}
MODEL = {
    "format": "sentence",
    "hub": "org/Model",
    "revision": WEIGHTS,
    "license": "Apache-2.0",
    "parameters": 470900000,
    "dimension": 768,
    "similarity": "cosine",
}


def declared(**changes: Any) -> Mteb:
    return Mteb.model_validate({**DECLARED, **changes}, strict=False)


def result(folder: Path, pairs: dict[str, float], key: dict[str, Any] | None = None, **changes: Any) -> Path:
    """A filed result with nDCG@10, R@10 and AP of these pairs."""
    names = {language for pair in pairs for language in pair.split("-")}
    task = {"name": "toy", "title": "", "group": "question", "mteb": DECLARED if key is None else key}
    path = file_result(folder, pairs | {f"{name}-pool": 0.1 for name in names}, task=task, **changes)
    values = {
        pair: {"n": QUERIES, "AP": value, "nDCG@10": value + 0.1, "R@10": value + 0.2} for pair, value in pairs.items()
    }
    halves = {
        name: PairScores(macro={}, micro={}, pairs={pair: values[pair] for pair in values if alone(pair) == here})
        for name, here in (("monolingual", True), ("cross-lingual", False))
    }
    stored = json.loads(path.read_text())
    stored["specs"]["model"] = changes.get("model_spec", MODEL)
    stored |= {"scores": Scores.model_validate(halves).plain(), "metrics": ["AP", "nDCG@10", "R@10"]}
    path.write_text(json.dumps(stored))
    return path


def alone(pair: str) -> bool:
    query, document = pair.split("-")
    return query == document


def load(path: Path) -> list[Result]:
    return [read_result(path)]


def test_the_files_are_those_that_mteb_reads(tmp_path: Path) -> None:
    """Keys and types as TaskResult and ModelMeta of mteb 2.26 check them."""
    source = result(tmp_path / "in", {"de-de": 0.5, "de-en": 0.3, "en-de": 0.2})
    scores, meta = export(load(source), tmp_path)
    assert scores == tmp_path / "results" / "org__Model" / WEIGHTS / "ToyRetrieval.json"
    assert meta == scores.with_name("model_meta.json")
    assert json.loads(scores.read_text()) == {
        "dataset_revision": REVISION,
        "task_name": "ToyRetrieval",
        "mteb_version": None,
        "scores": {
            "test": [
                entry("deu-deu", ["deu-Latn", "deu-Latn"], 0.6, 0.7),
                entry("deu-eng", ["deu-Latn", "eng-Latn"], 0.3, 0.4),
                entry("eng-deu", ["eng-Latn", "deu-Latn"], 0.4, 0.5),
            ]
        },
        "evaluation_time": 2.5,
        "kg_co2_emissions": None,
    }
    written = json.loads(meta.read_text())
    assert written["name"] == "org/Model" and written["revision"] == WEIGHTS
    assert (written["license"], written["embed_dim"], written["n_parameters"]) == ("apache-2.0", 768, 470900000)


def entry(subset: str, languages: list[str], ndcg: float, recall: float) -> dict[str, Any]:
    scores = {"ndcg_at_10": ndcg, "recall_at_10": recall, "main_score": ndcg}
    return {**scores, "hf_subset": subset, "languages": languages}


def test_a_pair_is_named_documents_first() -> None:
    assert declared().name_of(query="de", document="ar") == "arb-deu"
    assert declared().languages_of(query="de", document="ar") == ["arb-Arab", "deu-Latn"]
    script = declared(subset="{corpus_script}-{query_script}")
    assert script.name_of(query="de", document="ar") == "arb_Arab-deu_Latn"
    one = declared(subset="{corpus}")
    assert (one.name_of("de", "de"), one.languages_of("de", "de")) == ("de", ["deu-Latn"])


def test_only_what_mteb_has_is_written() -> None:
    assert declared().covers("de", "ar") and not declared().covers("de", "th")
    assert not declared(subset="{corpus}").covers("de", "ar")
    english = declared(pairs="with-english")
    assert english.covers("de", "en") and english.covers("ar", "ar") and not english.covers("de", "ar")


def test_a_trained_or_local_model_needs_a_name(tmp_path: Path) -> None:
    source = result(tmp_path, {"de-de": 0.5}, recipe="hybrid", corpus="facts")
    with pytest.raises(SpecError, match="--name ORG/MODEL --revision REVISION"):
        export(load(source), tmp_path)
    (scores, _) = export(load(source), tmp_path, MtebModel("me/mine", "v1"))
    assert scores == tmp_path / "results" / "me__mine" / "v1" / "ToyRetrieval.json"


def test_a_model_with_post_is_not_filed_as_the_model_of_the_hub(tmp_path: Path) -> None:
    source = result(tmp_path, {"de-de": 0.5})
    stored = json.loads(source.read_text())
    stored["specs"]["model"]["post"] = "lir"
    source.write_text(json.dumps(stored))
    with pytest.raises(SpecError, match=r"\+ lir x none is not a model of the hub"):
        export([read_result(source)], tmp_path)


def test_two_results_never_share_a_file(tmp_path: Path) -> None:
    first = result(tmp_path / "in", {"de-de": 0.5})
    second = result(tmp_path / "in", {"de-de": 0.6}, digest="e" * 64)
    with pytest.raises(DataError, match="keeps one result per model"):
        export(load(first) + load(second), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_shipped_lareqa_tasks_are_no_mteb_tasks(tmp_path: Path) -> None:
    for name in ("xquad-r", "mlqa-r"):
        assert registry.load("task", name).spec.mteb is None
    task = {"name": "xquad-r", "title": "", "group": "question"}
    source = file_result(tmp_path, {"de-de": 0.5}, task=task)
    with pytest.raises(SpecError, match=r"task xquad-r names no mteb task of the same data \(key `mteb`\)"):
        export(load(source), tmp_path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"main_score": "nDCG@20"}, "main score nDCG@20 is not among its metrics"),
        ({"languages": {"th": "tha-Thai"}}, "scores no pair of mteb's ToyRetrieval"),
    ],
)
def test_a_declaration_that_the_result_cannot_fill_is_refused(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    source = result(tmp_path, {"de-de": 0.5}, key={**DECLARED, **changes})
    with pytest.raises((SpecError, DataError), match=words):
        export(load(source), tmp_path)


def test_a_task_file_with_a_wrong_declaration_names_its_line(tmp_path: Path) -> None:
    head = "name: toy\nlanguages: [de, en]\nformat: parallel\nsource: {path: rows.jsonl}\n"
    key = f"mteb: {{task: Toy, revision: {REVISION}, split: test, languages: {{de: deu-Latn}}, subset: '{{pair}}'}}\n"
    (tmp_path / "toy.yaml").write_text(head + key)
    with pytest.raises(SpecError, match=r"toy.yaml:5: mteb.subset: found '\{pair\}', expected a pattern of \{corpus\}"):
        registry.load("task", str(tmp_path / "toy.yaml"))
    (tmp_path / "toy.yaml").write_text(head + key.replace(REVISION, "main").replace("{pair}", "{corpus}"))
    with pytest.raises(SpecError, match=r"toy.yaml:5: mteb.revision: found 'main'"):
        registry.load("task", str(tmp_path / "toy.yaml"))


def test_the_command_prints_the_files_it_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = result(tmp_path / "in", {"de-de": 0.5})
    for more, code in ([], 0), (["--name", "me/mine"], 2), (["--name", "mine", "--revision", "v1"], 2):
        command = ["xbench", "export", "mteb", str(source), "--out", str(tmp_path / "out"), *more]
        monkeypatch.setattr(sys, "argv", command)
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        assert stopped.value.code == code
    assert [Path(line).name for line in capsys.readouterr().out.splitlines()] == [
        "ToyRetrieval.json",
        "model_meta.json",
    ]


@pytest.mark.parametrize(
    ("hub", "revision"),
    [
        ("org/Model", "../../up"),
        ("org/Model", "/tmp/x"),
        ("../Model", WEIGHTS),
        ("org/..", WEIGHTS),
        ("org/a/b", WEIGHTS),
    ],
)
def test_nothing_is_written_but_under_out(tmp_path: Path, hub: str, revision: str) -> None:
    source = result(tmp_path / "in", {"de-de": 0.5})
    stored = json.loads(source.read_text())
    stored["specs"]["model"] |= {"hub": hub, "revision": revision}
    source.write_text(json.dumps(stored))
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(SpecError, match=r"mteb's name of a model is ORG/MODEL|a revision is one word"):
        export(load(source), tmp_path / "out")
    assert sorted(tmp_path.rglob("*")) == before
