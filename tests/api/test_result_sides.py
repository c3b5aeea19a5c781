"""Results set side by side by a program: named by their folder, read already, or several seeds of one configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from written_results import file_result

from xbench.api.results import build_leaderboard, compare
from xbench.errors import DataError, SpecError
from xbench.results.reading import read_result
from xbench.results.result import Result

CELLS = {"de-de": 0.75, "en-en": 0.25, "de-en": 0.5, "en-de": 0.5}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def filed(folder: str, value: float = 0.0, **changes: Any) -> Result:
    """A result whose every setting is so much better than CELLS."""
    cells = {name: cell + value for name, cell in CELLS.items()}
    return read_result(file_result(Path(folder), cells, **changes))


def test_a_difference_is_first_less_second_by_whatever_way_they_are_named() -> None:
    first, second = filed("a", 0.25), filed("b", model="two", digest="b" * 64)
    for sides in ((first, second), ("a", Path("b")), ([first], "b")):
        comparison = compare(*sides, pairs="de-en")
        assert [(macro.name, macro.value) for macro in comparison.macros] == [("Mo", 0.25), ("Cr", 0.25)]
        (pair,) = comparison.pairs
        assert (pair.first, pair.second, pair.value) == (0.75, 0.5, 0.25)


def test_seeds_are_one_side_and_count_by_their_mean() -> None:
    seeds = [filed("a", value, seed=seed) for seed, value in enumerate((0.0, 0.125, 0.25))]
    comparison = compare(seeds, filed("b", model="two", digest="b" * 64))
    assert [result.seed for result in comparison.first.results] == [0, 1, 2]
    assert {macro.name: macro.value for macro in comparison.macros} == pytest.approx({"Mo": 0.125, "Cr": 0.125})


def test_of_several_tasks_one_is_named() -> None:
    filed("a", 0.25)
    filed("a", 0.125, task={"name": "other", "title": "Other", "group": "question"})
    filed("b", model="two", digest="b" * 64)
    assert [macro.value for macro in compare("a", "b", task="toy").macros] == [0.25, 0.25]
    with pytest.raises(DataError, match=r"^a: "):
        compare("a", "b")


def test_what_is_neither_a_result_nor_a_place_is_refused() -> None:
    with pytest.raises(SpecError, match="compare: found dict, expected results, or a folder of them"):
        compare([{}], filed("a"))  # type: ignore[list-item]
    with pytest.raises(SpecError, match="results: found 3, expected names"):
        build_leaderboard([3])  # type: ignore[list-item]
