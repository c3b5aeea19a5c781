"""Every task that ships: a few lines in its true layout are read, checked and scored."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import layouts
import pytest
import yaml

from xbench import cli
from xbench.data import readers
from xbench.data.download import Storage
from xbench.data.readers.mkqa import tokenise
from xbench.results.reading import read_result
from xbench.specs import registry

SHIPPED = sorted(path.stem for path in registry.shipped("tasks").glob("*.yaml"))
MOST = 3  # languages of a task that are tried


class Document(NamedTuple):
    doc_id: str
    title: str
    text: str


class Topic(NamedTuple):
    query_id: str
    title: str
    description: str


class Judged(NamedTuple):
    query_id: str
    doc_id: str
    relevance: int
    iteration: str


class Dataset:
    """The interface of a data set of ir_datasets."""

    def __init__(self, name: str) -> None:
        self.language = name.split("/")[2]

    def has_docs(self) -> bool:
        return True

    has_queries = has_qrels = has_docs

    def docs_iter(self) -> Iterator[Document]:
        return iter([Document(f"{self.language}{n}", "T", f"{self.language} text {n}") for n in range(5)])

    def queries_iter(self) -> Iterator[Topic]:
        return iter([Topic(str(n), f"topic {n}", "what of it") for n in range(3)])

    def qrels_iter(self) -> Iterator[Judged]:
        grades = [(number, grade) for number in range(2) for grade in (0, 1, 3)]
        return iter([Judged(str(number), f"{self.language}{number + grade}", grade, "0") for number, grade in grades])


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XBENCH_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    (tmp_path / "data").mkdir()
    return tmp_path


def typed(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["xbench", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def smaller(name: str, folder: Path) -> Any:
    """A copy of a shipped task with a few of its languages and without pins, and its files."""
    declared = layouts.without_pins(yaml.safe_load(registry.known("task")[name].read_text()))
    for key in ("languages", "query_languages", "document_languages"):
        if key in declared:
            declared[key] = declared[key][:MOST]
    path = folder / "small.yaml"
    path.write_text(yaml.safe_dump(declared, allow_unicode=True))
    entry = registry.load("task", str(path))
    layouts.write(entry.spec, folder / "data")
    return entry.spec


@pytest.mark.parametrize("name", SHIPPED)
def test_a_few_lines_in_the_layout_of_a_task_are_checked_and_scored(
    name: str, desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ir_datasets.load", Dataset)
    task = smaller(name, desk)
    offline = [] if task.format == "irds" else ["--offline"]
    assert typed(monkeypatch, "task", "check", "small.yaml", *offline) == 0, capsys.readouterr().err
    said = capsys.readouterr().out
    assert task.title in said
    run = ["run", "--model", "random", "--task", "small.yaml", *offline]
    assert typed(monkeypatch, *run) == 0, capsys.readouterr().err
    (path,) = (desk / "results").rglob("*.json")
    result = read_result(path)
    assert result.task == name
    assert set(result.counts.queries) == set(task.query_languages)
    assert result.scores.halves or result.pooling.languages
    assert typed(monkeypatch, "data", "verify", "small.yaml") == 0, capsys.readouterr().err


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_task_says_where_it_comes_from(name: str) -> None:
    task = registry.load("task", name).spec
    assert task.title and task.description and task.cite and task.derived_from
    assert task.instruction or name == "facts"  # an encoder that is told what to look for is told so
    sources = [getattr(task, key, None) for key in ("source", "documents", "queries", "qrels", "english")]
    for source in filter(None, sources):
        assert source.path and source.license
        assert source.commit or source.md5 or "dl.fbaipublicfiles.com" in source.url  # has no versions
        assert "main" not in source.url.split("/") and "master" not in source.url.split("/")


def test_every_language_of_miracl_but_yoruba_is_pinned_by_checksum() -> None:
    task = registry.load("task", "miracl").spec
    assert set(task.queries.sha256) == set(task.qrels.sha256) == set(task.languages)
    shards = {f"{language}/{n}" for language, count in task.documents.shards.items() for n in range(count)}
    assert shards - set(task.documents.md5) == {"yo/0"}
    assert set(task.documents.bytes) == set(task.documents.md5)


def test_miracl_asks_its_published_number_of_questions(data_folder: Path) -> None:
    from xbench.data.finder import Finder
    from xbench.data.qrels import trec_qrels
    from xbench.data.rows import columns

    task = registry.load("task", "miracl").spec
    storage = Storage((data_folder,), offline=True)
    asked = judged = 0
    for language in task.languages:
        topics, judgements = (
            Finder(storage, data_folder).file(source, language) for source in (task.queries, task.qrels)
        )
        ids = {identity for _, (identity, _) in columns(topics, ("id", "text"))}
        qrels = list(trec_qrels(judgements))
        assert {qrel.query for qrel in qrels if qrel.grade} <= ids
        asked += len(ids)
        judged += len(qrels)
    assert asked == 13_495
    assert judged > 100_000


def test_an_answer_is_found_as_a_run_of_tokens_in_any_case() -> None:
    assert tokenise("The U.S.\tCafé") == ["the", "u", ".", "s", ".", "café"]


def test_mkqa_keeps_a_question_whose_answer_stands_in_a_passage(desk: Path) -> None:
    task = smaller("mkqa-nq", desk)
    entry = registry.load("task", str(desk / "small.yaml"))
    collection = readers.read(entry, Storage.of(desk / "data", offline=True))
    assert collection.queries[task.query_languages[0]].questions == ("0", "1")  # yes and no are not asked for
    golds = collection.golds[task.query_languages[0]]
    assert list(zip(golds.query, golds.document, strict=True)) == [(0, 0), (1, 2)]  # not "a whale is blue"


def test_the_first_caption_asks_and_the_others_answer(desk: Path) -> None:
    smaller("xm3600", desk)
    entry = registry.load("task", str(desk / "small.yaml"))
    collection = readers.read(entry, Storage.of(desk / "data", offline=True))
    assert set(collection.queries) == {"ar", "bn", "cs"}
    assert set(collection.documents) == {"ar", "cs", "da"}
    asked = {text for queries in collection.queries.values() for text in queries.texts}
    assert not asked & {text for texts in collection.documents.values() for text in texts.texts}
    golds = collection.golds["bn"]
    assert [list(golds.query).count(number) for number in range(3)] == [6, 6, 6]  # two captions in three languages


def test_a_passage_stands_once_however_many_questions_it_answers(desk: Path) -> None:
    smaller("belebele", desk)
    collection = readers.read(registry.load("task", str(desk / "small.yaml")), Storage.of(desk / "data", offline=True))
    for language, texts in collection.documents.items():
        assert len(texts) == 2
        assert len(collection.queries[language]) == 4
        assert len(set(collection.queries[language].groups)) == 2


def test_english_asks_for_one_language_at_a_time_in_tatoeba(desk: Path) -> None:
    smaller("tatoeba", desk)
    collection = readers.read(registry.load("task", str(desk / "small.yaml")), Storage.of(desk / "data", offline=True))
    assert len(collection.queries["en"]) == 9
    golds = collection.golds["en"]
    assert list(golds.language) == [0, 0, 0, 1, 1, 1, 2, 2, 2]


@pytest.mark.parametrize(("name", "candidates"), [("xquad-r", 1_180), ("mlqa-r", 6_264)])
def test_a_candidate_with_context_is_its_sentence_before_its_paragraph(real: Any, name: str, candidates: int) -> None:
    alone, joined = (real(task, ("en",)).documents["en"].texts for task in (name, f"{name}-context"))
    assert len(alone) == len(joined) == candidates
    for sentence, text in zip(alone, joined, strict=True):
        flat = sentence.replace("\n", "")
        assert text.startswith(flat) and flat in text[len(flat) :] and "\n" not in text
