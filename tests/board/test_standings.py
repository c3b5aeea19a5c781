"""Ranks, by hand: which places tests leave to a row, and what may stand on one board."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from xbench.board import cells
from xbench.board.standings import Board, Rank, Standing, boards_of, rank_ranges, rows_of
from xbench.board.summaries import RunSummary

SETTINGS = ("Mo", "Cr", "Mul")


def summary(page: str, mean: float | None = 0.5, **changes: Any) -> RunSummary:
    """A run on de and en whose means are all `mean`."""
    run = RunSummary(
        page=page,
        sha256="",
        task="tiny",
        title="Tiny",
        model=page,
        recipe="none",
        corpus="",
        seed=0,
        digest=page,
        configuration=page,
        variant="v",
        metric="AP",
        metrics=["AP"],
        relevance="parallel",
        queries={"de": 2, "en": 2},
        documents={"de": 2, "en": 2},
        values=dict.fromkeys(SETTINGS, mean),
        pairs={"de-en": [mean, 2.0], "en-de": [mean, 2.0]},
        languages={"de": {"Mo": mean}, "en": {"Mo": None}},
        verdict="zero-shot",
        chance=False,
        parameters=None,
        non_embedding=None,
        dimension=None,
        mono=None,
    )
    return replace(run, **changes)


def standing(mean: float, influence: list[float]) -> Standing:
    return Standing((summary("r0", mean),), np.array(influence, np.float32))


def board(runs: list[RunSummary], influence: dict[str, list[float]] | None = None) -> Board:
    (made,) = boards_of(runs, {page: np.array(parts, np.float32) for page, parts in (influence or {}).items()})
    return made


# --- ranges ------------------------------------------------------------------------------------------------------


def ranges(rows: list[Standing]) -> list[tuple[int | None, int | None]]:
    return [(rank.best, rank.worst) for rank in rank_ranges(rows, "Mo")]


@pytest.mark.parametrize(("lead", "better"), [(0.99, False), (1.01, True)])
def test_a_lead_counts_beyond_its_error_over_the_same_clusters(lead: float, better: bool) -> None:
    """The difference of the influences is [0.1, 0.0, 0.0]: its error is 0.1, and t has 2 degrees of freedom."""
    rows = [standing(0.2 + lead * 4.302653 * 0.1, [0.3, -0.2, 0.0]), standing(0.2, [0.2, -0.2, 0.0])]
    assert ranges(rows) == ([(1, 1), (2, 2)] if better else [(1, 2), (1, 2)])


def test_rows_that_rise_and_fall_together_are_told_apart_by_any_lead() -> None:
    parts = [0.3, -0.3] * 8
    assert ranges([standing(0.501, parts), standing(0.5, parts)]) == [(1, 1), (2, 2)]


def test_pairs_are_corrected_together() -> None:
    """One lead of p .03 is found between two rows, and not among four, of six pairs."""
    parts = [0.01 * sign for sign in (1, -1) * 15]
    rows = [standing(0.5, parts), standing(0.5 - 2.28 * 0.01 * np.sqrt(30), [0.0] * 30)]
    assert ranges(rows) == [(1, 1), (2, 2)]
    assert ranges([*rows, *[rows[1]] * 2]) == [(1, 4)] * 4


def test_seeds_add_the_error_of_their_mean() -> None:
    """Seeds of .4 and .6 with the same questions right: the variance of the mean is .01, of one degree of freedom."""
    for lead, better in ((0.9, False), (1.1, True)):
        low = summary("low", 0.5 - lead * 12.706205 * 0.1)
        runs = [summary("a", 0.4, configuration="c"), summary("b", 0.6, configuration="c", seed=1, digest="a"), low]
        made = board(runs, {run.page: [0.0] * 9 for run in runs})
        found = {made.standings[key].page: rank for key, rank in made.ranks.items()}
        assert (found["a"] == Rank(1, 1)) == better


def test_rows_of_other_clusters_or_of_none_have_no_range_and_take_nobodys_place() -> None:
    rows = [standing(0.5, [9.0, 9.0]), standing(0.4, [9.0, -9.0, 9.0]), standing(0.3, [1.0, 9.0]), standing(0.2, [])]
    assert ranges(rows) == [(1, 2), (None, None), (1, 2), (None, None)]
    assert {rank.why for rank in rank_ranges(rows, "Mo")} == {"", "untested"}
    assert ranges([standing(0.5, [1.0]), standing(0.4, [0.0])]) == [(None, None)] * 2  # one cluster varies with nothing


def test_a_row_between_two_that_are_told_apart_may_stand_with_either() -> None:
    """A is better than C; B is told apart from neither. Each error alone is 0.03, and those of two rows add."""
    parts = {name: [0.0] * place + [0.03] + [0.0] * (29 - place) for place, name in enumerate("abc")}
    made = board([summary("c", 0.3), summary("a", 0.5), summary("b", 0.4)], parts)
    ranks = {made.standings[key].page: rank for key, rank in made.ranks.items()}
    assert ranks == {"a": Rank(1, 2), "b": Rank(1, 3), "c": Rank(2, 3)}
    assert [cells.place(ranks[page]) for page in "abc"] == [" data-n=1>1–2", " data-n=1>1–3", " data-n=2>2–3"]
    assert cells.place(Rank(2, 2)) == " data-n=2>2"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"chance": True}, "chance"),
        ({"verdict": "contaminated"}, "contaminated"),
        ({"values": dict.fromkeys(SETTINGS)}, "no score"),
        ({"pairs": {"de-en": [0.9, 2.0]}, "variant": "part"}, "incomplete: 1 of 2 pairs"),
    ],
)
def test_a_row_without_a_rank_says_why_and_takes_nobodys_place(changes: dict[str, Any], why: str) -> None:
    made = board([summary("a", 0.9, **changes), summary("b", 0.5), summary("c", 0.4)])
    ranks = {made.standings[key].page: rank for key, rank in made.ranks.items()}
    assert ranks["a"] == Rank(None, why=why)
    assert ranks["b"] == ranks["c"] == Rank(None, why="untested")
    assert cells.place(ranks["a"]).endswith(f">–<small>{why}</small>")
    tested = board(
        [summary("a", 0.9, **changes), summary("b", 0.5), summary("c", 0.4)], {page: [0.0, 0.0] for page in "abc"}
    )
    assert [rank.best for rank in tested.ranks.values() if rank.best] == [1, 1]


def test_rows_are_ranked_by_the_widest_setting_that_the_board_has() -> None:
    def run(page: str, mono: float, cross: float | None) -> RunSummary:
        return summary(page, values={"Mo": mono, "Cr": cross, "Mul": None})

    crossed = board([run("a", 0.1, 0.9), run("b", 0.9, 0.1)])
    assert crossed.setting == "Cr" and [entry.page for entry in crossed.standings.values()] == ["a", "b"]
    alone = board([run("a", 0.1, None), run("b", 0.9, None)])
    assert alone.setting == "Mo" and [entry.page for entry in alone.standings.values()] == ["b", "a"]


# --- what stands on one board ------------------------------------------------------------------------------------


def test_a_part_of_the_languages_on_the_same_texts_stands_beside_the_whole_and_other_data_do_not() -> None:
    half = {"queries": {"de": 2}, "documents": {"en": 2}, "pairs": {"de-en": [0.9, 2.0]}}
    part, other = summary("part", **half, variant="p"), summary("other", **{**half, "queries": {"de": 3}}, variant="o")
    first, second = boards_of([summary("whole"), part, other], {})
    assert [row.page for row in first.standings.values()] == ["whole", "part"] and first.main
    assert [row.page for row in second.standings.values()] == ["other"]
    assert (second.name, second.main, second.title) == ("tiny-o", False, "Tiny, other data o")


def test_all_pairs_on_other_texts_of_the_same_number_are_another_board() -> None:
    first, second = boards_of([summary("a"), summary("b", variant="w")], {})
    assert [[row.page for row in board.standings.values()] for board in (first, second)] == [["a"], ["b"]]


def test_seeds_of_one_digest_are_a_row_and_another_digest_is_another() -> None:
    def run(page: str, seed: int, digest: str) -> RunSummary:
        return summary(page, configuration="c", model="m", seed=seed, digest=digest)

    made = board([run("x", 0, "d2"), run("b", 1, "d1"), run("a", 0, "d1")])
    assert {key: [run.page for run in row.runs] for key, row in made.standings.items()} == {
        "c-0": ["a", "b"],
        "c-1": ["x"],
    }


def test_one_configuration_on_two_tasks_is_one_row_of_the_overview() -> None:
    runs = [summary("a"), summary("b"), summary("a2", task="other", configuration="a", digest="a")]
    boards = boards_of(runs, {})
    rows = rows_of(boards)
    assert [board.name for board in boards] == ["tiny", "other"]
    assert [(row.key, list(row.standings)) for row in rows] == [("a-0", ["tiny", "other"]), ("b-0", ["tiny"])]


def test_a_row_has_the_gravest_verdict_of_its_seeds_and_the_means_of_what_they_scored() -> None:
    runs = (
        summary("a", 0.2, verdict="unknown"),
        summary("b", 0.4, verdict="in-domain"),
        summary("c", None, verdict="zero-shot"),
    )
    row = Standing(runs, np.zeros(0, np.float32))
    assert row.verdict == "in-domain"
    assert row.values["Mo"] == pytest.approx(0.3) and row.pairs["de-en"] == [pytest.approx(0.3), 2.0]
    assert row.languages == {"de": {"Mo": pytest.approx(0.3)}, "en": {"Mo": None}}
    assert row.values["gap"] is None and row.interval("gap") is None
    assert row.interval("Mo") == pytest.approx(12.706205 * 0.1, rel=1e-5)  # t of 1 degree of freedom, times s / sqrt(2)
