"""A language's page: a row per model, and the rest folded."""

from __future__ import annotations

from pathlib import Path

from boards import file_result

from xbench.board.language_page import language
from xbench.board.site import build_site
from xbench.board.sources import find_sources
from xbench.board.standings import Board, boards_of


def boards_under(folder: Path) -> list[Board]:
    return boards_of([source.run for source in find_sources([folder], {}).chosen], {})


def rows(folder: Path) -> list[Board]:
    for number, (model, recipe, skill) in enumerate(
        (("alpha", "none", 0.3), ("alpha", "hybrid", 3.0), ("alpha", "mixed", 1.5), ("beta", "none", 1.0))
    ):
        fields = {"digest": f"{number}" * 64, "questions": 30}
        file_result(folder, f"{number}.json", model=model, recipe=recipe, skill=skill, **fields)
    return boards_under(folder)


def test_a_model_is_one_row_by_its_best_configuration(tmp_path: Path) -> None:
    boards = rows(tmp_path)
    (part,) = language("de", boards, {board.name: [] for board in boards})["parts"]  # type: ignore[misc, attr-defined]
    models = part["models"].split("\n")
    assert (part["model_count"], part["row_count"], len(models)) == (2, 4, 2)
    assert ">alpha</a> <small>hybrid · facts" in models[0] and ">beta</a> <small>as it is · facts" in models[1]
    assert part["every"].count("<tr>") == 4 and part["pairs"].count("<tr>") == 4
    assert [key for key, _, _ in part["columns"]][:2] == ["Cr", "Mo"]  # what decides the order stands first


def test_a_page_has_a_way_to_each_of_its_tables(tmp_path: Path) -> None:
    rows(tmp_path / "results")
    build_site([tmp_path / "results"], tmp_path / "site")
    page = (tmp_path / "site" / "languages" / "de.html").read_text(encoding="utf-8")
    assert 'aria-label="On this page"' in page and 'href="#tiny"' in page and 'href="#tiny-pairs"' in page
    assert "<summary>All 4 configurations of 2 models</summary>" in page and 'id="tiny-pairs"' in page


def test_models_of_one_configuration_fold_nothing(tmp_path: Path) -> None:
    file_result(tmp_path)
    boards = boards_under(tmp_path)
    (part,) = language("de", boards, {board.name: [] for board in boards})["parts"]  # type: ignore[misc, attr-defined]
    assert part["every"] == ""
