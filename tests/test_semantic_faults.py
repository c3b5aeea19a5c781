"""Inputs in which every file is whole and something is wrong all the same: none of them may give a number.

A line is a fault: the files it changes, the command that reads them, and words of the one line that refuses it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from oracle import ended
from originals import CHECK, ORIGINALS, PREVIEW, RUN

WHOLE = {original.name: original for original in ORIGINALS}
Change = Callable[[Path], object]


def text(name: str, old: str, new: str) -> Change:
    """Other words in a file."""

    def change(folder: Path) -> None:
        path = folder / name
        before = path.read_text()
        assert old in before
        path.write_text(before.replace(old, new, 1))

    return change


def result(change: Callable[[dict[str, Any]], object], place: str = "b") -> Change:
    """Another value in the first result of a folder."""

    def changed(folder: Path) -> None:
        path = sorted((folder / place).rglob("*.json"))[0]
        stored = json.loads(path.read_text())
        change(stored)
        path.write_text(json.dumps(stored))

    return changed


def arrays(change: Callable[[dict[str, Any]], object]) -> Change:
    """Other arrays beside the result of `b`."""

    def changed(folder: Path) -> None:
        (path,) = (folder / "b").rglob("*.npz")
        with np.load(path) as stored:
            found = dict(stored)
        change(found)
        np.savez_compressed(path, **found)

    return changed


def swap(found: dict[str, Any]) -> None:
    """The languages of the documents in another order than their columns."""
    found["document_languages"] = found["document_languages"][::-1]


COMPARE, TABLE = "compare a b", "table a b"
FAULTS: dict[str, tuple[str, Change, str, str]] = {
    "a run and qrels that judge a document twice": (
        "trec", text("qrels.txt", "q1 0 d2 0", "q1 0 d1 0"), "score run.txt qrels.txt", "stands twice"),
    "a score that is no number": ("trec", text("run.txt", " 8 tag", " nan tag"), "score run.txt qrels.txt", "nan"),
    "a grade with a point": ("trec", text("qrels.txt", "d1 1", "d1 1.5"), "score run.txt qrels.txt", "grade '1.5'"),
    "an empty run": ("trec", lambda folder: (folder / "run.txt").write_text("\n"), "score run.txt qrels.txt", "empty"),
    "judgements of other queries": (
        "task-beir", text("de/qrels/test.tsv", "q1\td0", "q9\td0"), RUN, "no query 'q9'"),
    "judgements of other documents": (
        "task-beir", text("de/qrels/test.tsv", "q1\td0", "q1\td9"), RUN, "document 'de-d9' is not in the collection"),
    "a pair judged twice": (
        "task-beir", text("de/qrels/test.tsv", "q1\td0\t1\n", "q1\td0\t1\nq1\td0\t2\n"), RUN, "are judged twice"),
    "two rows of one id": ("task-rows", text("rows.jsonl", '"id": "1"', '"id": "0"'), CHECK, "that no other row has"),
    "a line more in one language": (
        "task-lines", lambda folder: (folder / "de.txt").open("a").write("Noch eine.\n"), RUN,
        "aligned files differ in lines"),
    "a corpus without a text": (
        "corpus-rows", lambda folder: (folder / "rows.jsonl").write_text(""), PREVIEW, "corpus c is empty"),
    "aligned lines that are scored against themselves": (
        "task-lines", text("t.yaml", '"monolingual": false', '"monolingual": true'), CHECK,
        "word for word a relevant document"),
    "texts of lost characters": (
        "task-lines", lambda folder: (folder / "de.txt").write_text("\ufffd\ufffd\n\ufffd\n"), CHECK, "are blank"),
    "texts of punctuation": (
        "task-lines", lambda folder: (folder / "de.txt").write_text("...\n?\n"), CHECK, "no letter, digit or symbol"),
    "a language that is a copy": (
        "task-lines", lambda folder: (folder / "de.txt").write_text((folder / "en.txt").read_text().upper()), CHECK,
        "100% of the longer queries"),
    "a language that a row writes otherwise": ("task-rows", text("rows.jsonl", '"de"', '"DE"'), CHECK, "expected 'de'"),
    "a file of another size": (
        "task-rows", text("t.yaml", '"path": "rows.jsonl"', '"path": "rows.jsonl", "bytes": {"": 7}'), CHECK,
        "expected 7 (`bytes` of its source)"),
    "a size below nothing": (
        "task-rows", text("t.yaml", '"path": "rows.jsonl"', '"path": "rows.jsonl", "bytes": {"": -5}'), CHECK,
        "source.bytes"),
    "a mix that does not sum to one": ("recipe", text("r.yaml", "0.5", "0.7"), PREVIEW, "= 1, not 1.2"),
    "results of other data": (
        "results", result(lambda d: d["provenance"].update(collection_sha256="ef" * 32)), COMPARE, "not the same data"),
    "a mean that is not that of its pairs": (
        "results", result(lambda d: d["scores"]["monolingual"]["macro"].update(AP=0.5)), TABLE, "of its pairs"),
    "a score above one": (
        "results", result(lambda d: d["scores"]["monolingual"]["micro"].update(AP=1.5)), TABLE, "from 0 to 1"),
    "more queries than there are": (
        "results", result(lambda d: d["scores"]["monolingual"]["pairs"]["de-de"].update(n=7)), TABLE, "1 to 6"),
    "a language that is not named": (
        "results", result(lambda d: d.update(languages=d["languages"][:1])), TABLE, "whose queries are counted"),
    "a language that is named twice": (
        "results", result(lambda d: d.update(languages=d["languages"] * 2)), TABLE, "whose queries are counted"),
    "per-query values of nothing": (
        "results", arrays(lambda found: found.update(AP=found["AP"] * np.nan)), COMPARE, "AP: found 0 values"),
    "per-query values of another run": (
        "results", arrays(lambda found: found.update(AP=found["AP"] / 2)), COMPARE, "AP: the mean of de-de"),
    "per-query values of the other language": ("results", arrays(swap), TABLE, "AP: the mean of"),
    "a result whose key stands twice": (
        "results",
        lambda folder: [path.write_text(path.read_text().replace('"seed": 0', '"seed": 0, "seed": 5'))
                        for path in (folder / "b").rglob("*.json")],
        TABLE, "key 'seed' stands twice"),
}  # fmt: skip


SAID: dict[str, tuple[str, Change, str]] = {
    "one row": (
        "task-rows", lambda folder: (folder / "rows.jsonl").write_text(
            (folder / "rows.jsonl").read_text().splitlines()[0]),
        "any order of them scores the same"),
    "two rows": (
        "task-rows", lambda folder: (folder / "rows.jsonl").write_text(
            "\n".join((folder / "rows.jsonl").read_text().splitlines()[:2])),
        "an order by chance has an AP of 0.75 in de-de"),
    "short texts that both languages share": (
        "task-rows", lambda folder: (folder / "rows.jsonl").write_text(
            (folder / "rows.jsonl").read_text().replace("Satz ", "TEXT\u00a0")),
        "100% of the documents in languages 'de' and 'en' are word for word the same"),
    "a query without a word": (
        "task-rows", text("rows.jsonl", "Frage 0?", "...?"), "have no letter, digit or symbol, such as 'de-q-0'"),
}  # fmt: skip


@pytest.mark.parametrize("fault", SAID)
def test_what_makes_a_number_misleading_stands_in_the_run_and_in_its_result(tmp_path: Path, fault: str) -> None:
    name, change, words = SAID[fault]
    WHOLE[name].make(tmp_path)
    assert words not in ended(tmp_path, RUN.split()).err
    change(tmp_path)
    end = ended(tmp_path, RUN.replace("--out out", "--out other").split())
    assert (end.code, end.fault) == (0, "") and words in " ".join(end.err.split())
    (path,) = (tmp_path / "other").rglob("*.json")
    assert words in "; ".join(json.loads(path.read_text())["provenance"]["notes"])


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_meaning_gives_no_number(tmp_path: Path, fault: str) -> None:
    name, change, line, words = FAULTS[fault]
    WHOLE[name].make(tmp_path)
    assert ended(tmp_path, line.split()).code == 0  # so that it is this change which is refused
    change(tmp_path)
    end = ended(tmp_path, line.replace("--out out", "--out other").split())
    assert (end.code, end.out, end.fault) == (2, "", "")
    assert words in end.err.splitlines()[-1]
    assert not list((tmp_path / "other").rglob("*.json"))
