"""A task with its data, as a program sees it: texts in the order of the file, golds by their rows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from xbench.api.loaded_task import load_task
from xbench.errors import DataError

TASK = "name: own\nlanguages: [de, en]\nformat: parallel\nsource: {path: rows.jsonl}\n"


@pytest.fixture(autouse=True)
def _desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("XBENCH_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    rows = [
        {
            "id": one,
            "query": {"de": f"{one}?", "en": f"{one}??"},
            "positive": {"de": f"{one * 2}.", "en": f"{one * 2}.."},
        }
        for one in ("b", "a")
    ]
    Path("rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    Path("own.yaml").write_text(TASK)


def test_texts_stand_in_the_order_of_their_file_and_golds_are_their_rows() -> None:
    task = load_task(Path("own.yaml"), progress=False)
    assert {language: queries.texts for language, queries in task.queries.items()} == {
        "de": ("b?", "a?"),
        "en": ("b??", "a??"),
    }
    assert task.documents["en"].texts == ("bb..", "aa..")
    golds = task.golds["en"]
    answers = [
        (task.queries["en"].texts[query], task.documents[("de", "en")[language]].texts[document])
        for query, language, document in zip(golds.query, golds.language, golds.document, strict=True)
    ]
    assert sorted(answers) == [("a??", "aa."), ("a??", "aa.."), ("b??", "bb."), ("b??", "bb..")]
    assert repr(task) == "<task own: 2 languages, 4 queries, 4 documents>"


def test_a_task_on_some_of_its_languages_holds_those_alone() -> None:
    task = load_task("own.yaml", languages="deu_Latn", settings={"metrics": ["RR"]}, progress=False)
    assert (list(task.queries), list(task.documents), task.spec.metrics) == (["de"], ["de"], ("RR",))


def test_two_loaded_tasks_are_two_tasks() -> None:
    first, second = (load_task("own.yaml", progress=False) for _ in range(2))
    assert first != second and first.collection.digest == second.collection.digest


def test_what_is_not_here_is_refused_without_a_word_before(capsys: pytest.CaptureFixture[str]) -> None:
    Path("rows.jsonl").unlink()
    with pytest.raises(DataError, match=r"own: 1 file is not on this machine and offline=True forbids fetching it"):
        load_task("own.yaml", offline=True)
    with pytest.raises(DataError, match=r"own: missing data file rows\.jsonl"):
        load_task("own.yaml")
    assert capsys.readouterr() == ("", "")
