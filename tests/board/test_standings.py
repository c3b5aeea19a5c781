"""Ranks, by hand: which places tests leave to a row, and what may stand on one board."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from xbench.board.columns import every_place, place, task_columns
from xbench.board.leads import own_language_lead
from xbench.board.ranks import NO_EVIDENCE, RANKED_MEANS, Evidence, Rank, evidence_of, rank_ranges
from xbench.board.standings import COLUMNS, Board, Standing, boards_of, rows_of
from xbench.board.summaries import RunSummary

SETTINGS = ("Mo", "Cr", "Mul")
SEEDS = (("a", 0.4), ("b", 0.6))


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


Row = tuple[float, list[float]]  # a mean, and each cluster's part in its error


def board(runs: list[RunSummary], influence: dict[str, list[float]] | None = None) -> Board:
    """`influence` by page, the same in every mean."""
    parts = {page: np.array(values, np.float32) for page, values in (influence or {}).items()}
    (made,) = boards_of(runs, {page: dict.fromkeys(SETTINGS, part) for page, part in parts.items()})
    return made


def by_page(made: Board, setting: str = "") -> dict[str, Rank]:
    return {made.standings[key].page: rank for key, rank in made.ranks[setting or made.setting].items()}


# --- ranges ------------------------------------------------------------------------------------------------------


def ranks_of(rows: list[Row]) -> list[Rank]:
    return rank_ranges([mean for mean, _ in rows], [Evidence(np.array(part, np.float32)) for _, part in rows])


def ranges(rows: list[Row]) -> list[tuple[int | None, int | None]]:
    return [(rank.best, rank.worst) for rank in ranks_of(rows)]


@pytest.mark.parametrize(("lead", "better"), [(0.99, False), (1.01, True)])
def test_a_lead_counts_beyond_its_error_over_the_same_clusters(lead: float, better: bool) -> None:
    """The difference of the influences is [0.1, 0.0, 0.0]: its error is 0.1, and t has 2 degrees of freedom."""
    rows = [(0.2 + lead * 4.302653 * 0.1, [0.3, -0.2, 0.0]), (0.2, [0.2, -0.2, 0.0])]
    assert ranges(rows) == ([(1, 1), (2, 2)] if better else [(1, 2), (1, 2)])


def test_rows_that_rise_and_fall_together_are_told_apart_by_any_lead() -> None:
    parts = [0.3, -0.3] * 8
    assert ranges([(0.501, parts), (0.5, parts)]) == [(1, 1), (2, 2)]


def test_pairs_are_corrected_together() -> None:
    """One lead of p .03 is found between two rows, and not among four, of six pairs."""
    parts = [0.01 * sign for sign in (1, -1) * 15]
    rows = [(0.5, parts), (0.5 - 2.28 * 0.01 * np.sqrt(30), [0.0] * 30)]
    assert ranges(rows) == [(1, 1), (2, 2)]
    assert ranges([*rows, *[rows[1]] * 2]) == [(1, 4)] * 4


def test_seeds_add_the_error_of_their_mean() -> None:
    """Seeds of .4 and .6 with the same questions right: the variance of the mean is .01, of one degree of freedom."""
    for lead, better in ((0.9, False), (1.1, True)):
        low = summary("low", 0.5 - lead * 12.706205 * 0.1)
        runs = [summary("a", 0.4, configuration="c"), summary("b", 0.6, configuration="c", seed=1, digest="a"), low]
        made = board(runs, {run.page: [0.0] * 9 for run in runs})
        assert (by_page(made)["a"] == Rank(1, 1)) == better


def test_rows_of_other_clusters_or_of_none_have_no_range_and_take_nobodys_place() -> None:
    rows = [(0.5, [9.0, 9.0]), (0.4, [9.0, -9.0, 9.0]), (0.3, [1.0, 9.0]), (0.2, [])]
    assert ranges(rows) == [(1, 2), (None, None), (1, 2), (None, None)]
    assert {rank.why for rank in ranks_of(rows)} == {"", "untested"}
    assert ranges([(0.5, [1.0]), (0.4, [0.0])]) == [(None, None)] * 2  # one cluster varies with nothing


def test_a_row_between_two_that_are_told_apart_may_stand_with_either() -> None:
    """A is better than C; B is told apart from neither. Each error alone is 0.03, and those of two rows add."""
    parts = {name: [0.0] * place + [0.03] + [0.0] * (29 - place) for place, name in enumerate("abc")}
    made = board([summary("c", 0.3), summary("a", 0.5), summary("b", 0.4)], parts)
    ranks = by_page(made)
    assert ranks == {"a": Rank(1, 2), "b": Rank(1, 3), "c": Rank(2, 3)}
    assert [place(ranks[page]) for page in "abc"] == [">1–2", ">1–3", ">2–3"]
    assert place(Rank(2, 2)) == ">2"


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
    ranks = by_page(made)
    assert ranks["a"] == Rank(None, why=why)
    assert ranks["b"] == ranks["c"] == Rank(None, why="untested")
    assert place(ranks["a"]).endswith(f">–<small>{why}</small>")
    tested = board(
        [summary("a", 0.9, **changes), summary("b", 0.5), summary("c", 0.4)], {page: [0.0, 0.0] for page in "abc"}
    )
    assert [rank.best for rank in by_page(tested).values() if rank.best] == [1, 1]


def test_rows_are_ranked_by_cr_or_else_by_the_first_mean_that_the_board_has() -> None:
    def setting(**values: float | None) -> str:
        return board([summary("a", values={**dict.fromkeys(SETTINGS), **values})]).setting

    assert setting(Mo=0.5, Cr=0.1, Mul=0.9) == "Cr"
    assert setting(Mo=0.5, Mul=0.9) == "Mul"
    assert setting(Mo=0.5) == "Mo" == setting()
    assert RANKED_MEANS[0] == "Cr" and set(RANKED_MEANS) <= set(COLUMNS)


def test_the_reader_may_choose_another_mean_with_its_own_ranks_and_order() -> None:
    """By Cr a is better, by Mul b; of Mul without own there are no parts, so that its order is untested."""
    values = {"a": {"Mo": 0.5, "Cr": 0.6, "Mul": 0.3}, "b": {"Mo": 0.5, "Cr": 0.4, "Mul": 0.7, "Mul without own": 0.1}}
    runs = [summary(page, values=means) for page, means in values.items()]
    made = board(runs, {page: [0.01, -0.01] * 10 for page in values})
    assert made.means == ("Cr", "Mul", "Mul without own", "Mo")
    assert by_page(made, "Cr") == {"a": Rank(1, 1), "b": Rank(2, 2)}
    assert by_page(made, "Mul") == {"b": Rank(1, 1), "a": Rank(2, 2)}
    assert by_page(made, "Mo") == {"a": Rank(1, 2), "b": Rank(1, 2)}
    assert by_page(made, "Mul without own") == {"b": Rank(None, why="untested"), "a": Rank(None, why="no score")}
    assert [row.first.page for row in rows_of([made])] == ["a", "b"]
    assert [row.first.page for row in rows_of([made], "Mul")] == ["b", "a"]
    first, second = (every_place(made, key) for key in made.standings)
    assert first == ' data-by="1|2|no score|1–2"' and second == ' data-by="2|1||1–2"'


def test_seeds_are_tested_in_a_mean_only_where_each_has_its_part() -> None:
    part = np.array([0.1, -0.1], np.float32)
    assert evidence_of([0.4, 0.6], [part]) is NO_EVIDENCE is evidence_of([0.4, 0.6], [part, part[:1]])
    assert evidence_of([0.4, 0.6], [part, part]).seeds.variance == pytest.approx(0.01)


def lead(**shares: float | None) -> object:
    values = {"Mo": 0.7, "Cr": 0.1, "Mul": 0.3, "Mul without own": 0.02, **shares}
    other = summary("b", values={"Mo": 0.2, "Cr": 0.2, "Mul": 0.2, "Mul without own": 0.15})
    return own_language_lead(board([summary("a", values=values), other]))


@pytest.mark.parametrize(("share", "ideal", "far"), [(0.955, 0.25, True), (0.6, 0.25, False), (1.0, 1.0, False)])
def test_a_lead_by_mul_through_the_own_language_is_told(share: float, ideal: float, far: bool) -> None:
    found = lead(**{"own share": share, "own ideal": ideal})
    assert (found is not None) == far
    if found:
        assert (found.leader.page, found.share, found.without) == ("a", share, 0.02) and found.best.page == "b"


def test_nothing_is_told_of_a_lead_whose_share_is_unknown_or_that_chance_or_nobody_has() -> None:
    assert lead() is None
    shares = {"own share": 1.0, "own ideal": 0.25}
    runs = [summary("a", values={"Mul": 0.9, **shares}, chance=True), summary("b", 0.5), summary("c", 0.4)]
    assert own_language_lead(board(runs)) is None
    assert own_language_lead(board([summary("a", values={"Mul": 0.9, **shares})])) is None


def test_a_task_page_splits_cr_where_pairs_are_of_one_script_and_of_two() -> None:
    both = {"Mo": 0.5, "Cr": 0.5, "Cr one script": 0.6, "Cr two scripts": 0.4}
    assert task_columns(board([summary("a", values=both)])) == [*both, "Mul"]
    assert task_columns(board([summary("a", values=both | {"Cr two scripts": None})])) == ["Mo", "Cr", "Mul"]


# --- what stands on one board ------------------------------------------------------------------------------------


def test_a_part_of_the_languages_on_the_same_texts_stands_beside_the_whole_and_other_data_do_not() -> None:
    half = {"queries": {"de": 2}, "documents": {"en": 2}, "pairs": {"de-en": [0.9, 2.0]}}
    part, other = summary("part", **half, variant="p"), summary("other", **{**half, "queries": {"de": 3}}, variant="o")
    first, second = boards_of([summary("whole"), part, other], {})
    assert [row.page for row in first.standings.values()] == ["whole", "part"] and first.main
    assert [row.page for row in second.standings.values()] == ["other"]
    assert (second.name, second.main) == ("tiny-o", False)


def test_all_pairs_on_other_texts_of_the_same_number_are_another_board() -> None:
    first, second = boards_of([summary("a"), summary("b", variant="w")], {})
    assert [[row.page for row in board.standings.values()] for board in (first, second)] == [["a"], ["b"]]


def test_boards_of_one_task_are_told_apart_by_the_digest_and_the_date_of_their_data() -> None:
    old, new = (
        {"data": letter * 64, "variant": letter, "filed": day} for letter, day in (("a", ""), ("b", "2026-11-27"))
    )
    runs = [
        summary("w", **old),
        summary("x", **old),
        summary("y", **new),
        summary("z", **new | {"filed": "2026-11-28"}),
    ]
    titles = [board.title for board in boards_of(runs, {})]
    assert titles == ["Tiny, data aaaaaa without a date", "Tiny, data bbbbbb of 2026-11-28"]
    assert [board.title for board in boards_of([*runs[:2], summary("other", task="other")], {})] == ["Tiny", "Tiny"]
    again = summary("again", **old | {"variant": "c"})
    assert [board.title for board in boards_of([runs[0], again], {})] == [
        f"Tiny, data aaaaaa without a date, settings {variant}" for variant in "ac"
    ]


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
    row = Standing(runs)
    assert row.verdict == "in-domain"
    assert row.values["Mo"] == pytest.approx(0.3) and row.pairs["de-en"] == [pytest.approx(0.3), 2.0]
    assert row.languages == {"de": {"Mo": pytest.approx(0.3)}, "en": {"Mo": None}}
    assert row.values["gap"] is None and row.interval("gap") is None and row.interval("Mo") is None


def test_the_interval_of_a_mean_is_over_clusters_and_over_seeds_where_there_are_several() -> None:
    """Student's t with 2 degrees of freedom over three clusters; 1 over two seeds, whose variance is all there is."""
    known = {"Mo": 0.5, "Cr": 0.5, "gap": 0.0}
    (alone,) = board([summary("a", values=known)], {"a": [0.3, -0.2, 0.0]}).standings.values()
    assert alone.interval("Mo") == pytest.approx(4.302653 * 0.13**0.5, rel=1e-5)
    assert alone.interval("gap") == 0.0  # Mo and Cr rise and fall together here
    runs = [summary(page, mean, configuration="c", digest="d", seed=seed) for seed, (page, mean) in enumerate(SEEDS)]
    (both,) = board(runs, {page: [0.0] * 9 for page, _ in SEEDS}).standings.values()
    assert both.interval("Mo") == pytest.approx(12.706205 * 0.1, rel=1e-5)
    assert Standing((summary("a"),)).interval("Mo") is None  # without clusters nothing is known
