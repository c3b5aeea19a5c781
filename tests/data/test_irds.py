"""Data sets of ir_datasets, by its interface."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from layouts import collection, golds

from xbench.data.download import Storage
from xbench.errors import DataError
from xbench.specs import registry


class Row(NamedTuple):
    doc_id: str
    title: str
    text: str


class Asked(NamedTuple):
    query_id: str
    text: str


class Judged(NamedTuple):
    query_id: str
    doc_id: str
    relevance: int
    iteration: str = "0"


class Dataset:
    """ir_datasets' interface over lists."""

    def __init__(self, docs: list[Row], asked: list[Asked], qrels: list[Judged]) -> None:
        self._docs, self._queries, self._qrels = docs, asked, qrels

    def has_docs(self) -> bool:
        return bool(self._docs)

    def has_queries(self) -> bool:
        return bool(self._queries)

    def has_qrels(self) -> bool:
        return bool(self._qrels)

    def docs_iter(self) -> Iterator[Row]:
        return iter(self._docs)

    def queries_iter(self) -> Iterator[Asked]:
        return iter(self._queries)

    def qrels_iter(self) -> Iterator[Judged]:
        return iter(self._qrels)


def irds(**changes: Any) -> dict[str, Any]:
    return {"format": "irds", "dataset": "set/{document}/{query}", "relevance": "explicit", **changes}


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> dict[str, Dataset]:
    """Data sets by id; English and German ask, French and Greek answer."""
    known = {
        f"set/{document}/{query}": Dataset(
            [Row("1", "T", f"{document} one"), Row("2", "", f"{document} two")],
            [Asked("a", f"{query} a"), Asked(f"only-{document}", f"{query} b")],
            [Judged("a", "1", 3), Judged("a", "2", 0), Judged(f"only-{document}", "2", 1)],
        )
        for query in ("de", "en")
        for document in ("el", "fr")
    }

    def load_dataset(name: str) -> Dataset:
        return known[name]

    monkeypatch.setattr("ir_datasets.load", load_dataset)
    return known


SIDES = {"query_languages": ["de", "en"], "document_languages": ["el", "fr"]}


def online(folder: Path) -> Storage:
    return Storage(cache=folder / "cache")


def test_every_pair_of_languages_is_a_data_set_of_its_own(registered: dict[str, Dataset], tmp_path: Path) -> None:
    made = collection(tmp_path, irds(**SIDES, options={"document": "{title} {text}"}), online(tmp_path))
    assert made.documents["fr"].texts == ("T fr one", "fr two")
    assert made.queries["de"].ids == ("de-a", "de-only-el", "de-only-fr")
    assert golds(made, "en") == {
        *(
            ("en-a", f"{language}-{document}", grade)
            for language in ("el", "fr")
            for document, grade in (("1", 3), ("2", 0))
        ),
        ("en-only-el", "el-2", 1),
        ("en-only-fr", "fr-2", 1),
    }


@pytest.mark.parametrize(
    ("name", "dataset", "says"),
    [
        ("set/fr/de", Dataset([Row("1", "", "x")], [Asked("a", "other words")], [Judged("a", "1", 1)]), "another text"),
        ("set/el/de", Dataset([Row("1", "", "x")] * 2, [Asked("a", "x")], [Judged("a", "1", 1)]), "found id '1'"),
        ("set/el/de", Dataset([Row("1", "", "x")], [Asked("a", "x")], []), "has no qrels"),
        ("set/el/de", Dataset([Row("1", "", "x")], [Asked("a", "de a")], [Judged("z", "1", 1)]), "no query 'de-z'"),
    ],
)
def test_a_broken_data_set_is_one_line(
    registered: dict[str, Dataset], tmp_path: Path, name: str, dataset: Dataset, says: str
) -> None:
    registered[name] = dataset
    with pytest.raises(DataError, match=f"{name}.*{says}"):
        collection(tmp_path, irds(**SIDES), online(tmp_path))


def test_ids_may_write_a_language_in_their_own_way(registered: dict[str, Dataset], tmp_path: Path) -> None:
    registered["set/grc/ger"] = registered["set/el/de"]
    spec = {"query_languages": ["de"], "document_languages": ["el"], "codes": {"de": "ger", "el": "grc"}}
    assert collection(tmp_path, irds(**spec), online(tmp_path)).documents["el"].ids == ("el-1", "el-2")


def test_an_unknown_data_set_or_field_is_one_line(registered: dict[str, Dataset], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="ir_datasets has no 'sett/el/de'"):
        collection(tmp_path, irds(**SIDES, dataset="sett/{document}/{query}"), online(tmp_path))
    with pytest.raises(DataError, match="set/el/de: no field 'body'; it has doc_id, title, text"):
        collection(tmp_path, irds(**SIDES, options={"document": "{body}"}), online(tmp_path))


def test_ir_datasets_cannot_promise_to_stay_offline(registered: dict[str, Dataset], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="leave out --offline"):
        collection(tmp_path, irds(**SIDES))


def test_the_fields_are_those_of_the_library() -> None:
    """Without any file: what the shipped task names are fields of NeuCLIR's rows."""
    import ir_datasets

    task = registry.load("task", "neuclir").spec
    dataset = ir_datasets.load(task.dataset.format(document="fa"))
    assert {"title", "text"} <= set(dataset.docs_cls()._fields)
    assert {"title", "description"} <= set(dataset.queries_cls()._fields)
    assert dataset.qrels_cls()._fields == ("query_id", "doc_id", "relevance", "iteration")
