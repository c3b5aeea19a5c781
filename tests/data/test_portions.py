"""Parts of a file: what a task asks about and what a corpus holds have no document in common."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from xbench.data import loaders, readers
from xbench.data.download import Storage
from xbench.data.finder import Finder
from xbench.errors import DataError
from xbench.specs import AlignedCorpus, ParallelTask
from xbench.specs.parts import Portion
from xbench.specs.registry import Entry

ROWS = [
    {
        "id": f"{book}.{verse}",
        "doc": book,
        "texts": {"de": f"Der Anfang {book} {verse} und das lange Ende", "en": "short"},
    }
    for book in "ABCDEFGH"
    for verse in range(4)
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return tmp_path


def units(folder: Path, **keys: Any) -> list[str]:
    file = {"path": "rows.jsonl", **keys}
    corpus = AlignedCorpus.model_validate_json(
        json.dumps(
            {"name": "c", "languages": ["de", "en"], "format": "aligned-jsonl", "files": [file], "relation": "halves"}
        )
    )
    found = loaders.units(corpus, Finder(Storage(cache=folder / "cache"), folder), folder)
    return [text for unit in found for text in unit.query.values()]


def questions(folder: Path, **options: Any) -> list[str]:
    task = ParallelTask.model_validate_json(
        json.dumps(
            {
                "name": "t",
                "languages": ["de"],
                "format": "parallel",
                "relevance": "parallel",
                "source": {"path": "rows.jsonl"},
                "options": {"halves": "texts", **options},
            }
        )
    )
    return list(readers.read(Entry(task, folder), Storage(cache=folder / "cache")).queries["de"].texts)


def test_the_parts_of_a_file_are_all_of_it_and_share_no_document(folder: Path) -> None:
    parts = [{"by": "doc", "of": 3, "keep": [number]} for number in range(3)]
    found = [units(folder, portion=part) for part in parts]
    assert sorted(text for part in found for text in part) == sorted(units(folder))
    documents = [{text.split()[2] for text in part} for part in found]
    assert not (documents[0] & documents[1] | documents[1] & documents[2] | documents[0] & documents[2])
    assert units(folder, portion={"by": "doc", "of": 3, "keep": [0, 1]}) == sorted(found[0] + found[1])


def test_a_task_asks_about_the_rest(folder: Path) -> None:
    held = questions(folder, portion={"by": "id", "begins": ["A.", "B."]})
    rest = units(folder, portion={"by": "id", "without": ["A.", "B."]})
    assert len(held) == 8 and len(held) + len(rest) == len(ROWS)
    assert not {text.split()[2] for text in held} & {text.split()[2] for text in rest}


def test_a_half_asks_for_the_other_in_the_same_row(folder: Path) -> None:
    asked = questions(folder)
    assert ROWS[0]["texts"]["de"].startswith(asked[0])  # type: ignore[index]
    assert len(asked) == len(ROWS)


def test_texts_of_other_lengths_are_left_out(folder: Path) -> None:
    assert units(folder, characters=[1, 20]) == []
    assert len(units(folder, characters=[20, 60])) == len(ROWS)
    assert len(questions(folder, characters=[20, 60])) == len(ROWS)
    with pytest.raises(DataError, match="no queries"):
        questions(folder, characters=[1, 20])


def test_a_row_without_its_name_is_one_line(folder: Path) -> None:
    with pytest.raises(DataError, match=r"rows.jsonl.*1: book: found None, expected the row's document"):
        units(folder, portion={"by": "book"})


def test_a_part_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValidationError, match="parts from 0 to 2, not 3"):
        Portion(by="id", of=3, keep=(3,))


def test_specs_without_parts_are_written_as_before() -> None:
    corpus = AlignedCorpus.model_validate_json(
        '{"name": "c", "languages": ["de"], "format": "aligned-jsonl", "files": [{"path": "x"}], "relation": "halves"}'
    )
    assert corpus.model_dump(mode="json", by_alias=True)["files"] == [{"path": "x", "document": ""}]
    task = ParallelTask.model_validate_json(
        '{"name": "t", "languages": ["de"], "format": "parallel", "source": {"path": "x"}}'
    )
    assert task.model_dump(mode="json")["options"].keys() == {"id", "query", "document", "captions"}


def test_a_part_without_a_row_is_told_from_an_empty_file(folder: Path) -> None:
    with pytest.raises(DataError, match="no row of it is of the portion"):
        questions(folder, portion={"by": "id", "begins": ["Z."]})
