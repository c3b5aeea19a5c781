"""Systems and answers by hand: what is best, what shares its place, how biased it is, and rows of one name."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from boards import file_result

from xbench.board import carried, cells
from xbench.board.answers import SHOWN, Answer, bias_words, choices, default_answer, degree, named, plain
from xbench.board.details import label
from xbench.board.distinctions import told_apart
from xbench.board.pages import run_name
from xbench.board.ranks import UNTESTED, Rank
from xbench.board.site import build_site
from xbench.board.sources import find_sources
from xbench.board.standings import Board, boards_of
from xbench.board.systems import ANY, OTHER, POOL, SAME, Spread, System, TaskSystems, language_means, task_systems
from xbench.board.twins import on_board
from xbench.published.papers import Published, PublishedRow
from xbench.results.reading import read_result

FIRST, SHARED, SECOND = Rank(1, 1), Rank(1, 3), Rank(2, 3)


def system(title: str, value: float, rank: Rank = SHARED, **known: Any) -> System:
    ranks = {OTHER: rank} if "source" not in known else {}
    mark = "published" if "source" in known else "measured"
    return System(title, title, "none", mark, "tiny", "AP", {(ANY, OTHER): value}, ranks=ranks, **known)


def answer(*systems: System, **known: Any) -> Answer:
    return default_answer(TaskSystems("tiny", "Tiny", "AP", OTHER, ("de",), ("de", "en"), systems, **known))


def test_the_best_come_first_and_those_that_tests_leave_there_are_named() -> None:
    found = answer(*(system(name, value) for name, value in (("b", 0.4), ("a", 0.5), ("d", 0.2), ("c", 0.3))))
    assert [one.title for one in found.best] == ["a", "b", "c"] and len(found.best) == SHOWN
    assert found.sharing_words == "May share the first place, for tests do not separate them: b, c, d."
    assert found.asked == "queries in any language, documents in other languages"
    names = [system(letter, 0.5) for letter in "abcdefg"]
    assert answer(*names).sharing_words.endswith("b, c, d, e and 2 more.")


def test_a_first_that_is_better_than_all_says_so_and_an_untested_one_does_not() -> None:
    found = answer(system("a", 0.5, FIRST), system("b", 0.4, SECOND), system("c", 0.3, SECOND))
    assert found.sharing_words == "a is better than each of the other 2, by paired tests."
    assert answer(system("a", 0.5, FIRST)).sharing_words == "The only ranked system here."
    untested = Rank(None, why=UNTESTED)
    found = answer(system("a", 0.5, untested), system("b", 0.4, untested))
    assert found.sharing_words == "Untested: the values per question are not known."


@pytest.mark.parametrize("why", ["chance", "contaminated", "incomplete: 1 of 2 pairs"])
def test_what_is_not_ranked_is_no_answer(why: str) -> None:
    assert [one.title for one in answer(system("a", 0.9, Rank(None, why=why)), system("b", 0.4)).best] == ["b"]


def test_published_systems_are_ranked_by_themselves_source_by_source() -> None:
    found = answer(
        system("m", 0.1), system("x", 0.5, source="One"), system("y", 0.6, source="One"), system("z", 0.9, source="Two")
    )
    assert [one.title for one in found.best] == ["m"]
    assert [(source, [one.title for one in best], count) for source, best, count in found.published] == [
        ("One", ["y", "x"], 2),
        ("Two", ["z"], 1),
    ]
    alone = answer(system("y", 0.6, source="One"))
    assert alone.best == () and alone.first is not None and alone.first.title == "y"
    assert alone.bias_words == "Not known of y here." and alone.bias is None


def test_the_bias_of_the_best_is_told_between_perfect_and_chance() -> None:
    spread = {ANY: Spread(800.0, 0.4)}
    found = answer(system("a", 0.5, spreads=spread), bounds=(10.0, 2000.0))
    assert found.bias == 0.4 and found.bias_place == "78.4"
    assert found.bias_words == (
        "a is strongly biased: the documents that answer one question, in different languages, lie 800 ranks apart in "
        "the pool, 40.0 % of the way from perfect (10) to chance (2,000)."
    )
    lost = replace(system("a", 0.5), values={(ANY, OTHER): 0.5, (ANY, SAME): 0.75})
    assert bias_words(lost, ANY, None).startswith("a has 75.0 where documents are in the query’s language and 50.0")


@pytest.mark.parametrize(
    ("normalised", "words"),
    [(0.0, "hardly biased"), (0.1, "somewhat biased"), (0.5, "strongly biased"), (0.9, "about as biased as chance")],
)
def test_a_bias_has_its_words(normalised: float, words: str) -> None:
    assert degree(normalised) == words and degree(1.5) == "more biased than chance"


def test_names_say_recipe_and_note() -> None:
    one = replace(system("a", 0.5), recipe="hybrid", note="steps 300")
    assert named(one) == "a (hybrid, steps 300)" and named(system("a", 0.5)) == "a"
    assert run_name("runs/a--b-seed-0.html") == "a--b-seed-0"


# --- from results


def boards(folder: Path) -> list[Board]:
    return boards_of([source.run for source in find_sources([folder], {}).chosen], {})


def test_a_system_has_the_values_of_its_row_in_every_setting(tmp_path: Path) -> None:
    result = read_result(file_result(tmp_path))
    (task,) = task_systems(boards(tmp_path), {})
    (one,) = task.systems
    pairs = result.scores.pairs
    assert one.values["de", "en"] == pairs["de-en"]["AP"] and one.values["de", "de"] == pairs["de-de"]["AP"]
    assert one.values["de", OTHER] == pytest.approx((pairs["de-en"]["AP"] + pairs["de-zh-Hant"]["AP"]) / 2)
    assert one.values[ANY, "de"] == pytest.approx((pairs["en-de"]["AP"] + pairs["zh-Hant-de"]["AP"]) / 2)
    assert one.values[ANY, POOL] == result.scores.macro("Mul", "AP")
    assert one.spreads["de"].distance == result.bias.distance.languages["de"].mean
    assert one.column("Cr") == result.scores.macro("Cr", "AP") and one.column("nDCG@10") is None
    stored = plain(task)
    assert stored["settings"].index(("de", "en")) >= 0 and len(stored["systems"][0]["values"]) == len(
        stored["settings"]
    )
    assert json.loads(json.dumps(stored)) and choices([task])[0]["queries"] == ("de", "en", "zh-Hant")


def test_a_paper_is_a_system_without_rank_and_interval(tmp_path: Path) -> None:
    file_result(tmp_path)
    (board,) = boards(tmp_path)
    row = PublishedRow(
        model="S",
        recipe="H",
        task="tiny",
        metric="AP",
        scores={"Mo": 0.5, "distance": 9.0},
        languages={"de": {"Cr": 0.25}},
    )
    paper = Published(name="p", title="P", url="https://example.org/p", source="table 1", rows=(row,))
    *_, one = task_systems([board], {board.name: on_board(board, [paper])})[0].systems
    assert (one.mark, one.source, one.page, one.ranks, one.halves) == (
        "published",
        "P",
        "https://example.org/p",
        {},
        {},
    )
    assert one.values == {(ANY, SAME): 0.5, ("de", OTHER): 0.25} and one.column("distance") == 9.0


def test_a_task_that_was_only_published_has_an_answer_and_no_row_of_the_table(tmp_path: Path) -> None:
    file_result(tmp_path)
    made = boards(tmp_path)
    far = replace(system("far", 0.9, source="One"), task="elsewhere")
    elsewhere = TaskSystems("elsewhere", "Elsewhere", "AP", OTHER, ("sw",), ("sw", "en"), (far,))
    tasks = [*task_systems(made, {}), elsewhere]
    assert cells.published_rows(tasks, made) == "" and choices(tasks)[1]["queries"] == ("sw",)
    assert default_answer(elsewhere).published == (("One", (far,), 1),)


def test_the_means_of_one_language_have_their_columns(tmp_path: Path) -> None:
    file_result(tmp_path, cross_lingual="en-x")
    (board,) = boards(tmp_path)
    means = language_means(board.reference)
    assert means == {
        "en-other": ["en-de", "en-zh-Hant"],
        "any-de": ["en-de"],
        "any-zh-Hant": ["en-zh-Hant"],
    }


def test_rows_of_one_name_say_what_tells_them_apart(tmp_path: Path) -> None:
    """Two settings of one model; a third row bears another name and says nothing."""
    for number, steps in enumerate((300, 1000)):
        specs = {"model": {"name": "static", "format": "static"}, "recipe": {"name": "hybrid", "steps": steps}}
        file_result(tmp_path, digest=f"{number}" * 64, specs=specs | {"task": {"name": "tiny", "group": "paragraph"}})
    file_result(tmp_path, model="other", digest="9" * 64)
    paths = {source.run.page: source.file() for source in find_sources([tmp_path], {}).chosen}
    (board,) = told_apart(boards(tmp_path), lambda page: paths[page].result)
    notes = {(row.first.model, row.note) for row in board.standings.values()}
    assert notes == {("static", "steps 300"), ("static", "steps 1000"), ("other", "")}
    assert any(label(row) == "static · hybrid · facts · steps 300 · seed 0" for row in board.standings.values())


def test_rows_that_no_setting_tells_apart_show_their_digests(tmp_path: Path) -> None:
    for number in range(2):
        file_result(tmp_path, digest=f"{number}" * 64)
    paths = {source.run.page: source.file() for source in find_sources([tmp_path], {}).chosen}
    (board,) = told_apart(boards(tmp_path), lambda page: paths[page].result)
    assert {row.note for row in board.standings.values()} == {"000000", "111111"}


def test_a_task_too_large_for_tests_of_pairs_is_ranked_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carried, "MOST_SUMS", 3)
    for number, skill in enumerate((9.0, 0.5)):
        file_result(tmp_path / "results", model=f"model-{number}", skill=skill, questions=40, digest=f"{number}" * 64)
    build_site([tmp_path / "results"], tmp_path / "site")
    records = json.loads((tmp_path / "site" / "data" / "results.json").read_text())
    assert [(record["rank_best"], record["rank_worst"]) for record in records] == [(1, 1), (2, 2)]
    assert not (tmp_path / "site" / "data" / "sums").exists()
