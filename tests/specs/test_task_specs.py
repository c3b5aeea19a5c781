"""What every task is, whatever its format: languages, grid, metrics, and the same task on some of its languages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from xbench.specs.tasks import Grid, TaskBase, restrict

LANGUAGES = ("de", "en", "th")


def task(**keys: Any) -> TaskBase:
    return TaskBase.model_validate_json(json.dumps({"name": "t", **keys}))


@pytest.mark.parametrize(
    ("cross_lingual", "pairs"),
    [
        ("all", ["de-en", "de-th", "en-de", "en-th", "th-de", "th-en"]),
        ("en-x", ["en-de", "en-th"]),
        ("x-en", ["de-en", "th-en"]),
        (False, []),
        ((("th", "de"), ("de", "en")), ["de-en", "th-de"]),
    ],
)
def test_a_grid_has_the_pairs_that_it_names_in_the_order_of_the_languages(cross_lingual: Any, pairs: list[str]) -> None:
    grid = Grid(cross_lingual=cross_lingual)
    assert ["-".join(pair) for pair in grid.pairs(LANGUAGES, LANGUAGES)] == pairs


def test_only_languages_of_both_sides_have_a_setting_alone() -> None:
    assert Grid().alone(("de", "th"), ("th", "en")) == [("th", "th")]
    assert Grid(monolingual=False).alone(LANGUAGES, LANGUAGES) == []


@pytest.mark.parametrize(
    ("grid", "scored"),
    [
        (Grid(), True),
        (Grid(multilingual=False), True),
        (Grid(multilingual=False, cross_lingual="x-en"), False),
        (Grid(monolingual=False, cross_lingual=False), True),
        (Grid(monolingual=False, cross_lingual=False, multilingual=False), False),
    ],
)
def test_a_grid_says_whether_anything_is_scored(grid: Grid, scored: bool) -> None:
    assert grid.scores(("en",), ("de", "th")) == scored


def test_one_list_of_languages_stands_for_both_sides_and_two_for_their_union() -> None:
    shared, apart = task(languages=["de", "en"]), task(query_languages=["th", "en"], document_languages=["en", "de"])
    assert shared.query_languages == shared.document_languages == shared.languages == ("de", "en")
    assert apart.languages == ("th", "en", "de")
    again = TaskBase.model_validate_json(apart.model_dump_json(by_alias=True))
    assert again == apart


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"query_languages": ["en"]},
        {"languages": ["en"], "query_languages": ["en"], "document_languages": ["de"]},
    ],
)
def test_languages_are_said_once(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="either `languages`, or both `query_languages` and `document_languages`"):
        task(**keys)


def test_judgements_within_a_language_have_no_cross_lingual_settings() -> None:
    assert task(languages=["de", "en"]).grid.cross_lingual == "all"
    within = task(languages=["de", "en"], relevance="same-language")
    assert within.grid.cross_lingual is False and within.grid.multilingual
    assert task(languages=["de"], relevance="same-language", grid={"cross-lingual": False}) == task(
        languages=["de"], relevance="same-language"
    )
    with pytest.raises(ValidationError, match="cross-lingual: false, for relevance same-language judges no other"):
        task(languages=["de", "en"], relevance="same-language", grid={"cross-lingual": "all"})


@pytest.mark.parametrize(
    ("pair", "languages"),
    [
        (["de", "th"], {"languages": ["de", "en"]}),
        (["de", "en"], {"query_languages": ["en"], "document_languages": ["de", "en"]}),
    ],
)
def test_a_pair_of_the_grid_is_one_of_the_tasks(pair: list[str], languages: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=rf"query and document languages, not \[{pair[0]}, {pair[1]}\]"):
        task(grid={"cross-lingual": [pair]}, **languages)


def test_a_task_on_some_languages_keeps_their_order_and_the_pairs_that_are_left() -> None:
    whole = task(languages=LANGUAGES, grid={"cross-lingual": [["de", "en"], ["th", "de"]]})
    part = restrict(whole, ["en", "de"])
    assert part.languages == part.query_languages == part.document_languages == ("de", "en")
    assert part.grid.cross_lingual == (("de", "en"),)
    assert restrict(whole, ["en", "th"]).grid.cross_lingual is False
    assert restrict(whole, LANGUAGES) == whole


def test_a_task_on_languages_of_one_side_alone_is_refused() -> None:
    across = task(query_languages=["en"], document_languages=["de", "th"], relevance="explicit")
    assert restrict(across, ["th", "en"]).document_languages == ("th",)
    with pytest.raises(ValueError, match="nothing of task t is scored on de, th alone"):
        restrict(across, ["th", "de"])
    with pytest.raises(ValueError, match="task t lacks fr; it has en, de, th"):
        restrict(across, ["fr"])


def test_a_pair_of_one_language_is_no_cross_lingual_one() -> None:
    with pytest.raises(ValidationError, match=r"cross-lingual pairs of two languages, not \[de, de\]"):
        task(languages=LANGUAGES, grid={"cross-lingual": [["de", "en"], ["de", "de"]]})
