"""The pictures of a task's page: which rows they show, and what each one says of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from boards import file_result

from xbench.board.charts import cost_figures, published_figures, recipe_curves
from xbench.board.drawing.scatter import ScatterPoint
from xbench.board.sources import find_sources
from xbench.board.standings import Board, boards_of
from xbench.board.twins import on_board
from xbench.published.papers import Published, PublishedRow, Twin

PROVENANCE = {"scores": 1, "collection_sha256": "cd" * 32, "encoded": {"queries": 60, "documents": 30}}


def row(folder: Path, number: int, **fields: object) -> None:
    file_result(folder, f"{number}.json", **{"digest": f"{number}" * 64, "provenance": PROVENANCE, **fields})


def board_of(folder: Path) -> Board:
    (board,) = boards_of([source.run for source in find_sources([folder], {}).chosen], {})
    return board


def model(name: str, **fields: object) -> dict[str, object]:
    return {"model": name, "specs": {"model": {"name": name, **fields}}}


def test_a_score_stands_against_size_speed_and_memory(tmp_path: Path) -> None:
    row(tmp_path, 1, **model("small", parameters=10**6, dimension=8))
    row(tmp_path, 2, **model("large", parameters=10**9, dimension=1024))
    row(tmp_path, 3, **model("bm25"))
    size, speed, memory = cost_figures(board_of(tmp_path))
    assert "none" in size.picture and size.picture.count('aria-label="bm25') == 2  # for a desk and for a phone
    assert " at 60 texts per second" in speed.picture  # 90 texts in 1.5 seconds
    assert " at 4,096 bytes per document" in memory.picture and ">no vector<" in memory.picture
    assert size.picture.count("<a href") == 6 and "../runs/tiny--small" in size.picture


def test_what_no_row_has_is_no_axis(tmp_path: Path) -> None:
    row(tmp_path, 1, provenance={"scores": 1}, timings={})
    row(tmp_path, 2, provenance={"scores": 1}, timings={})
    assert cost_figures(board_of(tmp_path)) == []


def test_published_points_stand_on_the_chart_of_size_with_their_mark(tmp_path: Path) -> None:
    row(tmp_path, 1, **model("small", parameters=10**6))
    point = ScatterPoint(x=5e8, y=70.0, label="LaBSE", short="LaBSE", mark="published")
    size, *others = cost_figures(board_of(tmp_path), [point])
    assert "LaBSE: 70 at 500 M parameters, published" in size.picture and not any(
        "LaBSE" in one.picture for one in others
    )


def test_a_sweep_of_three_shares_is_a_curve(tmp_path: Path) -> None:
    for number, share in enumerate((0.0, 0.5, 1.0)):
        mix = {"mono": share, "cross": 1 - share}
        specs = {"recipe": {"name": f"mono-{number}", "mix": mix}, "model": {"format": "static"}}
        row(tmp_path, number, recipe=f"mono-{number}", specs=specs)
    ((name, pictures),) = recipe_curves(board_of(tmp_path))
    assert name == "static on facts" and len(pictures) == 4 and all("<title" in picture for picture in pictures)


def test_published_values_stand_beside_their_measured_twins(tmp_path: Path) -> None:
    row(tmp_path, 1)
    board = board_of(tmp_path)
    rows = (
        PublishedRow(
            model="S",
            recipe="H",
            task="tiny",
            metric="AP",
            twin=Twin(models=("static",), recipe="hybrid"),
            scores={"Mo": 0.5},
        ),
        PublishedRow(model="T", recipe="H", task="tiny", metric="AP", scores={"Mo": 0.25}),
    )
    paper = Published(name="p", title="P", url="https://example.org/p", source="table 1", rows=rows)
    (figure,) = published_figures(board, on_board(board, [paper]))
    assert figure.title == "Mo" and "published, S: 50" in figure.picture and "measured, static" in figure.picture
    assert (
        figure.picture.count("published, T: 25") == 2 and "2 published rows, 1 with a measured twin" in figure.picture
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"timings": {"encode": 5e-324}},
        {"timings": {"encode": 10**400}},
        {"timings": {"encode": 1e308}},
        {"timings": {"encode": 0.001}, "provenance": {**PROVENANCE, "encoded": {"queries": 2**53, "documents": 2**53}}},
        {"specs": {"model": {"name": "s", "parameters": 10**15, "dimension": 10**15}}},
    ],
    ids=lambda fields: str(fields)[:40],
)
def test_what_a_result_may_say_is_drawn_or_left_out(tmp_path: Path, fields: dict[str, object]) -> None:
    row(tmp_path, 1, **fields)
    row(tmp_path, 2, **model("other", parameters=10**6, dimension=8))
    assert all("nan" not in one.picture and "inf" not in one.picture for one in cost_figures(board_of(tmp_path)))


def test_what_a_paper_may_print_is_drawn_or_left_out(tmp_path: Path) -> None:
    row(tmp_path, 1)
    board = board_of(tmp_path)
    rows = (
        PublishedRow(model="S" * 300, recipe="H" * 300, task="tiny", metric="AP", scores={"Mo": 0.5}),
        PublishedRow(model="T", recipe="H", task="tiny", metric="AP", scores={"distance": 1e12}),
    )
    paper = Published(name="p", title="P" * 300, url="https://example.org/p", source="table 1", rows=rows)
    (figure,) = published_figures(board, on_board(board, [paper]))
    assert "1 published rows" in figure.picture


def test_a_chart_of_many_rows_shows_the_best_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 6):
        row(tmp_path, number, seed=number, skill=float(number), **model(f"model-{number}", parameters=10**number))
    monkeypatch.setattr("xbench.board.charts.MOST_POINTS", 3)
    monkeypatch.setattr("xbench.board.charts.MOST_NAMES", 2)
    size = cost_figures(board_of(tmp_path))[0]
    assert size.picture.count("<circle") == 6 and "The best 3 of 5 rows." in size.caption
    assert size.picture.count('class="name') == 4
