"""`xbench corpora`: how much of a task stands in a corpus, and what was mined for it, language by language."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typed_lines import printed, refusal

from xbench.commands.corpora import corpora

CORPUS = "name: c\nlanguages: [en, de]\nformat: facts\nkinds: [first-day]\nderived_from: []\n"
SPEECH = "The bridge that leads over the river was built by the people of the town in one summer"


@pytest.fixture(autouse=True)
def _desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("XBENCH_DATA", raising=False)
    Path("c.yaml").write_text(CORPUS)


def test_a_check_counts_copies_by_language_and_names_them() -> None:
    Path("t.yaml").write_text("name: t\nlanguages: [de, en]\nformat: facts\noptions: {kinds: [first-day]}\n")
    lines = printed(corpora, "check c.yaml --task t.yaml")[0].splitlines()
    assert lines[0].startswith("t: contaminated: the task is from cldr:first-day, training from cldr:first-day")
    sides = ["148", "148", "148", "0"]
    assert {tuple(line.split()) for line in lines[2:4]} == {("de", *sides, *sides), ("en", *sides, *sides)}
    assert "questions copied in any language: 148 of 148 (100.00%)" in lines
    assert "documents copied in any language: 296 of 296 (100.00%)" in lines
    assert any(line.startswith("queries, copied: ") and "de-first-day/AD" in line for line in lines)


def test_a_language_that_asks_no_questions_has_dashes_and_what_is_not_copied_is_not_named() -> None:
    row = {"id": "1", "query": {"en": SPEECH}, "positive": {"de": f"{SPEECH}, sagt man", "en": SPEECH[::-1]}}
    Path("rows.jsonl").write_text(json.dumps(row))
    Path("p.yaml").write_text(
        "name: p\nquery_languages: [en]\ndocument_languages: [de, en]\nformat: parallel\nsource: {path: rows.jsonl}\n"
        "derived_from: []\n"
    )
    lines = printed(corpora, "check c.yaml --task p.yaml")[0].splitlines()
    rows = {line.split()[0]: line.split()[1:] for line in lines[2:4]}
    assert rows == {"en": ["1", "1", "0", "0", "1", "1", "0", "0"], "de": ["-"] * 4 + ["1", "1", "0", "0"]}
    assert not [line for line in lines if line.startswith(("queries,", "documents,"))]


def test_what_was_mined_is_counted_by_language_and_in_all() -> None:
    lines = printed(corpora, "mine c.yaml --model random --out new --depth 20")[0].splitlines()
    assert lines[0].split() == [
        "language",
        "rows",
        "with",
        "negatives",
        "share",
        "mean",
        "per",
        "row",
        "median",
        "ratio",
    ]
    rows = {line.split()[0]: line.split()[1:] for line in lines[1:4]}
    assert list(rows) == ["en", "de", "all"]
    counts = {language: int(cells[1]) for language, cells in rows.items()}
    assert [cells[0] for cells in rows.values()] == ["148", "148", "296"]
    assert counts["all"] == counts["en"] + counts["de"] > 0
    assert rows["all"][2] == f"{counts['all'] / 296:.1%}"
    assert lines[4:] == ["new/corpus.yaml"]


def test_only_corpora_are_checked() -> None:
    assert refusal(corpora, "check factz --task facts").startswith("unknown corpus 'factz'; did you mean 'facts'?")
    assert refusal(corpora, "check facts") == "Missing option '--task'."
