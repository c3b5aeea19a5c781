"""Perturbed queries: which letters change, how many, that they always do so alike, and that documents never do."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import ValidationError

from xbench.data import readers
from xbench.data.collection import Collection
from xbench.data.download import Storage
from xbench.data.perturbation import perturbed
from xbench.specs import ParallelTask
from xbench.specs.parts import Perturbation
from xbench.specs.registry import Entry

TEXT = "the quick brown fox jumps over the lazy dog and nobody minds it " * 40


def how(kind: Literal["typos", "marks"], share: float = 0.1, seed: int = 0) -> Perturbation:
    return Perturbation(kind=kind, share=share, seed=seed)


def test_a_typo_is_drawn_from_text_and_seed_alone() -> None:
    assert perturbed("where is the library", how("typos", 0.3)) == perturbed("where is the library", how("typos", 0.3))
    assert perturbed(TEXT, how("typos")) != perturbed(TEXT, how("typos", seed=1))
    assert perturbed("where is the library", how("typos", 0.3)) == "hwrre is the llbaryy"


@pytest.mark.parametrize("share", [0.05, 0.2])
def test_about_the_share_of_letters_is_mistyped(share: float) -> None:
    text = "".join(chr(0x4E00 + place) for place in range(4000))  # no letter twice, so each change is seen
    left = perturbed(text, how("typos", share))
    letters = {letter: left.count(letter) for letter in text}
    touched = sum(count != 1 for count in letters.values()) / len(text)
    assert 0.6 * share < touched < 1.2 * share, "a swap touches no count, a replacement two"


def test_nothing_but_letters_is_mistyped_and_marks_stay_with_their_letter() -> None:
    assert perturbed("12:30, 4 % ?!", how("typos", 1.0)) == "12:30, 4 % ?!"
    text = "किताब " * 50
    for letter in perturbed(text, how("typos", 0.5)).split():
        assert not unicodedata.category(letter[0]).startswith("M")


def test_a_text_is_never_blank() -> None:
    assert all(perturbed("a", how("typos", 1.0, seed)).strip() for seed in range(50))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Příliš žluťoučký kůň", "Prilis zlutoucky kun"),
        ("αβγ ά", "αβγ α"),
        ("كِتَاب", "كتاب"),
        ("किताब", "किताब"),
        ("မြန်မာ", "မြန်မာ"),
        ("plain", "plain"),
    ],
)
def test_marks_go_where_people_write_without_them(text: str, expected: str) -> None:
    assert perturbed(text, how("marks", 1.0)) == expected
    assert perturbed(unicodedata.normalize("NFD", text), how("marks", 1.0)) == unicodedata.normalize("NFD", expected)


def read(folder: Path, **options: Any) -> Collection:
    rows = [
        {"id": f"r{n}", "query": {"en": f"question {n} caf\u00e9"}, "positive": {"en": f"caf\u00e9 {n}"}}
        for n in (1, 2)
    ]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    task = ParallelTask.model_validate_json(json.dumps(spec(**options)))
    return readers.read(Entry(task, folder), Storage(cache=folder / "cache"))


def spec(**options: Any) -> dict[str, Any]:
    source = {"path": "rows.jsonl"}
    keys = {"name": "t", "languages": ["en"], "format": "parallel", "relevance": "parallel", "source": source}
    return keys | {"options": options}


def test_a_task_perturbs_its_queries_and_no_document(tmp_path: Path) -> None:
    read_so = read(tmp_path, perturb={"kind": "marks", "share": 1.0})
    assert read_so.queries["en"].texts == ("question 1 cafe", "question 2 cafe")
    assert read_so.documents["en"].texts == ("caf\u00e9 1", "caf\u00e9 2")
    assert read_so.queries["en"].ids == read(tmp_path).queries["en"].ids


def test_a_task_without_it_keeps_its_digest() -> None:
    plain = ParallelTask.model_validate_json(json.dumps(spec()))
    assert "perturb" not in plain.model_dump(mode="json", by_alias=True)["options"]


@pytest.mark.parametrize(
    "perturb", [{"kind": "noise"}, {"kind": "typos", "share": 0}, {"kind": "typos", "share": 1.5}, {}]
)
def test_what_is_no_perturbation_is_refused(perturb: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="perturb"):
        ParallelTask.model_validate_json(json.dumps(spec(perturb=perturb)))
