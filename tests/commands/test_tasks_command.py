"""`xbench task`: a skeleton beside the user, and what the task that grows from it holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typed_lines import printed, refusal

from xbench.commands.tasks import task


@pytest.fixture(autouse=True)
def _desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("XBENCH_DATA", raising=False)


def test_a_skeleton_names_its_next_step_and_is_never_written_over() -> None:
    said = "wrote tasks/mine.yaml: say in it where your files are, then `xbench task check mine`\n"
    assert printed(task, "new mine --format parallel") == (said, "")
    Path("tasks/mine.yaml").write_text("name: mine\n")
    assert refusal(task, "new mine").startswith("tasks/mine.yaml: is there already")
    assert Path("tasks/mine.yaml").read_text() == "name: mine\n"


def test_a_format_of_another_package_has_no_skeleton(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xbench.specs.skeleton.formats", lambda kind: ("theirs",) if kind == "task" else ())
    said = "--format theirs: has no skeleton, for another package brings it; see its documentation"
    assert refusal(task, "new mine --format theirs") == said
    assert refusal(task, "new mine --format thers").startswith("--format thers: no such format")
    assert not Path("tasks").exists()


def test_a_check_shows_what_the_rows_hold() -> None:
    rows = [
        {"id": "1", "query": {"de": "Wo?", "en": "Where?"}, "positive": {"de": "Bern", "en": "Bern"}},
        {"id": "2", "query": {"de": "Wer?", "en": "Who?"}, "positive": {"de": "Anna", "en": "Anna B."}},
    ]
    Path("rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    Path("own.yaml").write_text("name: own\nlanguages: [de, en]\nformat: parallel\nsource: {path: rows.jsonl}\n")
    lines = printed(task, "check own.yaml")[0].splitlines()
    assert lines[0].startswith("own: no title; 2 languages; metrics AP")
    cells = {line.split()[0]: line.split()[2:] for line in lines[3:5]}
    assert cells == {"de": ["2", "2", "2", "4", "4", "4"], "en": ["2", "2", "2", "5", "6", "7"]}
    assert "documents: 4 texts, 1 stand more than once, 0 are blank" in lines


def test_a_fault_of_a_row_is_named_with_its_line() -> None:
    Path("rows.jsonl").write_text('{"id": "1", "query": {"de": "a"}, "positive": {"de": "b"}}\n{"id": "2"}\n')
    Path("own.yaml").write_text("name: own\nlanguages: [de]\nformat: parallel\nsource: {path: rows.jsonl}\n")
    assert refusal(task, "check own.yaml").startswith("task own: rows.jsonl:2: query: ")
