"""Published runs on their board: ranked within one source, on the whole grid alone, by exact means."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from published_files import published, whole_grid

from xbench.board.elsewhere.boards import PublishedBoard, published_boards
from xbench.board.elsewhere.published_answers import default_answers
from xbench.board.elsewhere.published_cells import hubs, is_matrix, language_rows, pair_rows, source_rows, view_columns
from xbench.board.systems import ANY, OTHER, SAME
from xbench.published.library import published_runs
from xbench.published.runs import Origin

OTHER_SOURCE = Origin("another laboratory")


def board_of(folder: Path, values: dict[str, dict[str, float]], task: str = "mlqa") -> PublishedBoard:
    (board,) = published_boards(published(folder, values, task), [])
    return board


def test_rows_are_ranked_by_cr_and_equal_means_share_a_rank(tmp_path: Path) -> None:
    values = {"A": whole_grid(cross=0.25), "B": whole_grid(cross=0.75), "C": whole_grid(cross=0.25, own=0.9)}
    (source,) = board_of(tmp_path, values).sources
    assert [(row.run.model, row.rank) for row in source.rows] == [("org/B", 1), ("org/A", 2), ("org/C", 2)]


def test_a_part_of_the_grid_has_no_rank_and_no_mean(tmp_path: Path) -> None:
    best = whole_grid(cross=0.9)
    best.pop("de-en")
    board = board_of(tmp_path, {"Part": best, "Whole": whole_grid()})
    (source,) = board.sources
    assert [(row.run.model, row.rank, row.whole) for row in source.rows] == [
        ("org/Whole", 1, True),
        ("org/Part", None, False),
    ]
    lines = str(source_rows(board, source)).split("\n")
    assert "48 of 49" in lines[1] and "<td>–<th" in lines[1]
    assert lines[1].count("<td class=n>–") == 2  # neither Cr nor Mo


def test_sources_are_ranked_apart(tmp_path: Path) -> None:
    one = published(tmp_path / "a", {"A": whole_grid(cross=0.25)})
    other = published(tmp_path / "b", {"B": whole_grid(cross=0.75)}, origin=OTHER_SOURCE)
    (board,) = published_boards([*one, *other], [])
    assert [[(row.run.model, row.rank) for row in source.rows] for source in board.sources] == [
        [("org/A", 1)],
        [("org/B", 1)],
    ]
    assert [source.title for source in board.sources] == ["a laboratory, commit ccccccc", "another laboratory"]
    assert [len(answer.best) for answer in default_answers([board])] == [1, 1]


def test_a_mean_is_over_the_pairs_of_its_setting(tmp_path: Path) -> None:
    values = whole_grid() | {"de-en": 0.85}
    board = board_of(tmp_path, {"A": values | {"de-de": 0.7}})
    row = board.sources[0].rows[0]
    assert row.mean(board.places(("de", "en"))) == 0.85
    assert row.mean(board.places(("de", "de"))) == 0.7
    assert row.mean(board.places(("de", OTHER))) == pytest.approx((0.85 + 5 * 0.25) / 6)
    assert row.mean(board.places((ANY, "en"))) == pytest.approx((0.85 + 5 * 0.25) / 6)
    assert row.mean(board.places((ANY, OTHER))) == pytest.approx((0.85 + 41 * 0.25) / 42)
    assert row.mean(board.places((ANY, SAME))) == pytest.approx((0.7 + 6 * 0.5) / 7)
    assert row.mean(board.places(("th", "en"))) is None


def test_means_are_those_of_the_show_command() -> None:
    runs = published_runs("belebele")
    (board,) = published_boards(runs, [])
    by_model = {row.run.model: row for row in board.sources[0].rows}
    for run in runs:
        row = by_model[run.model]
        for setting, crossing in (((ANY, OTHER), True), ((ANY, SAME), False)):
            if run.complete:
                assert row.mean(board.places(setting)) == run.mean(crossing).value


def test_a_board_has_the_name_of_a_measured_one_only_where_there_is_none(tmp_path: Path) -> None:
    runs = published(tmp_path, {"A": whole_grid()})
    assert published_boards(runs, [])[0].page == "tasks/mlqa.html"
    assert published_boards(runs, ["mlqa"])[0].page == "published/mlqa.html"


def test_few_languages_are_a_matrix_and_many_a_row_each(tmp_path: Path) -> None:
    small = board_of(tmp_path, {"A": whole_grid()})
    assert is_matrix(small) and str(pair_rows(small, small.sources[0].rows[0])).count("data-s=") == 49
    (large,) = published_boards(published_runs("belebele"), [])
    assert not is_matrix(large) and hubs(large) == ["en"]
    assert [head for _, _, head in view_columns(large)] == ["alone", "→ en", "en →", "→ others", "others →"]
    rows = str(pair_rows(large, large.sources[0].rows[0])).split("\n")
    assert len(rows) == 122


def test_a_language_lists_its_best_by_what_is_asked_in_it(tmp_path: Path) -> None:
    first = whole_grid(cross=0.3) | {f"de-{code}": 0.1 for code in ("ar", "en", "es", "hi", "vi", "zh")}
    board = board_of(tmp_path, {"A": first, "B": whole_grid(cross=0.2)})
    ((_, size, rows),) = language_rows(board, "de", 1)
    assert size == 2 and "org/B" in rows and "org/A" not in rows
    ((_, _, rows),) = language_rows(board, "en", 1)
    assert "org/A" in rows


def test_two_revisions_of_one_model_are_told_apart() -> None:
    from dataclasses import replace

    runs = published_runs("mlqa", "BAAI/bge-m3")
    (run,) = runs
    twin = replace(run, key=replace(run.key, revision="b" * 40))
    (board,) = published_boards([run, twin], [])
    assert sorted(row.note for row in board.sources[0].rows) == sorted([run.revision[:8], "b" * 8])


def test_values_stay_whole_numbers() -> None:
    (board,) = published_boards(published_runs("mlqa"), [])
    assert all(row.steps.dtype == np.int32 for row in board.sources[0].rows)
