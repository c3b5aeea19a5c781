"""Printed numbers: those that ship are copied without a slip, and a slip in a file is one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from xbench.errors import SpecError
from xbench.published.papers import PublishedRow, published_files, read_published
from xbench.specs import registry

PAPER = """\
name: paper
title: A paper
url: https://example.org/paper
source: table 1
rows:
- model: Static
  recipe: Hybrid
  task: tiny
  metric: AP
  scores: {Mo: 0.5, Mul: 0.25}
  languages:
    de: {Mo: 0.5}
"""
ROWS = [(paper.name, row) for paper in read_published(published_files()) for row in paper.rows]
STEP = {"distance": 0.1}  # of what is printed; scores have four digits


@pytest.mark.parametrize(("paper", "row"), ROWS, ids=[f"{paper}-{number}" for number, (paper, _) in enumerate(ROWS)])
def test_a_printed_mean_is_the_mean_of_the_printed_languages(paper: str, row: PublishedRow) -> None:
    for column, value in row.scores.items():
        printed = [scores[column] for scores in row.languages.values() if column in scores]
        if printed:
            assert value == pytest.approx(sum(printed) / len(printed), abs=1.1 * STEP.get(column, 1e-4))


@pytest.mark.parametrize(("paper", "row"), ROWS, ids=[f"{paper}-{number}" for number, (paper, _) in enumerate(ROWS)])
def test_a_printed_row_is_of_a_task_that_ships_and_its_twins_can_be_run(paper: str, row: PublishedRow) -> None:
    task = registry.load("task", row.task).spec
    assert row.metric in task.metrics
    assert all(0 < value < 1 for column, value in row.scores.items() if column != "distance")
    if row.twin:
        assert set(row.twin.models) <= set(registry.known("model"))
        assert row.twin.recipe in registry.known("recipe")


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder / name


def test_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b", "a"):
        write(tmp_path, f"{name}.yaml", PAPER.replace("name: paper", f"name: {name}"))
    write(tmp_path, "notes.txt", "not read")
    first, second = read_published(published_files(tmp_path))
    assert (first.name, second.name) == ("a", "b")
    assert first.rows[0].scores == {"Mo": 0.5, "Mul": 0.25} and first.rows[0].languages == {"de": {"Mo": 0.5}}


@pytest.mark.parametrize(
    ("right", "wrong", "line"),
    [
        ("Mul: 0.25", "Mull: 0.25", "10: rows.0.scores.Mull.[key]: Input should be 'Mo', 'Cr', 'Mul' or 'distance'"),
        ("Mo: 0.5, ", "Mo: half, ", "10: rows.0.scores.Mo: Input should be a valid number, found 'half'"),
        ("https://", "http://", "3: url: String should match pattern"),
        ("  recipe: Hybrid\n", "", "6: rows.0.recipe: Field required, found {'model': 'Static', 'task': 'tiny', "),
        ("  metric: AP\n", "  metric: AP\n  twin: {models: [], recipe: x}\n", "10: rows.0.twin.models: Tuple should "),
        ("title: A", "titel: A", "2: titel: Extra inputs are not permitted, found 'A paper'"),
    ],
)
def test_a_wrong_key_names_file_and_line(tmp_path: Path, right: str, wrong: str, line: str) -> None:
    path = write(tmp_path, "p.yaml", PAPER.replace(right, wrong, 1))
    with pytest.raises(SpecError) as refused:
        read_published([path])
    assert str(refused.value).startswith(f"{path}:{line}")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("Mul: 0.25", "Mul: 1.5"),
        ("Mul: 0.25", "Mul: -0.5"),
        ("Mul: 0.25", "distance: -1.0"),
        ("Mul: 0.25", "distance: 1.0e+300"),
        ("model: Static", 'model: "\\u202eA"'),
        ("model: Static", 'model: " "'),
        ("model: Static", 'model: "\\u3164"'),
        ("recipe: Hybrid", 'recipe: "\\x07"'),
        ("title: A paper", 'title: "\\u2066A"'),
        ("source: table 1", 'source: "\\u200b"'),
    ],
)
def test_a_printed_value_out_of_range_and_a_name_that_hides_are_refused(tmp_path: Path, right: str, wrong: str) -> None:
    path = tmp_path / "p.yaml"
    assert right in PAPER and read_published([write(tmp_path, "p.yaml", PAPER)])
    path.write_text(PAPER.replace(right, wrong))
    with pytest.raises(SpecError, match=r"p\.yaml:\d+: "):
        read_published([path])
