"""`xbench compare`: two configurations, what they differ by, and what may be asked of their queries."""

from __future__ import annotations

from pathlib import Path

import pytest
from typed_lines import printed, refusal
from written_results import file_result

from xbench.commands.compare import compare

FIRST = {"de-de": 0.75, "en-en": 0.75, "de-en": 0.5, "en-de": 0.5}
SECOND = {"de-de": 0.5, "en-en": 0.5, "de-en": 0.25, "en-de": 0.5}


@pytest.fixture(autouse=True)
def _results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file_result(Path("a"), FIRST)
    file_result(Path("b"), SECOND, model="two", digest="b" * 64)


def test_the_means_of_both_sides_and_their_difference_stand_by_setting() -> None:
    lines = printed(compare, "a b --pair de-en --pair en-de")[0].splitlines()
    assert lines[:3] == ["toy, AP", "A: one x none, seed 0", "B: two x none, seed 0"]
    rows = {line.split()[0]: line.split()[1:4] for line in lines}
    assert rows["Mo"] == ["0.7500", "0.5000", "+0.2500"]
    assert rows["Cr"] == ["0.5000", "0.3750", "+0.1250"]
    assert rows["de-en"] == ["0.5000", "0.2500", "+0.2500"]
    assert rows["en-de"] == ["0.5000", "0.5000", "+0.0000"]


def test_a_set_of_languages_chooses_where_a_folder_holds_two() -> None:
    file_result(Path("a"), {**FIRST, "fr-fr": 0.1}, digest="c" * 64, data="c" * 64)
    assert "--languages" in refusal(compare, "a b")
    assert printed(compare, "a b --languages de,eng_Latn")[0].startswith("toy, AP\nA: one x none, seed 0\n")


def test_where_no_rank_differs_it_says_so() -> None:
    said = printed(compare, "a a --pair de-en --examples 3")[0].splitlines()[-1]
    assert said == "No query has another rank in de-en on the two sides."


def test_a_pair_may_be_named_as_flores_names_languages() -> None:
    assert printed(compare, "a b --pair deu_Latn-eng_Latn") == printed(compare, "a b --pair de-en")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("a b --examples 3", "--examples needs a --pair, such as de-en or en-pool"),
        ("a b --pair de-en --with-texts", "--with-texts needs --examples, such as --examples 5"),
        ("a c", "c: no result there"),
        ("a b --task other", "a: no result of task other"),
    ],
)
def test_what_cannot_be_compared_is_one_line(line: str, says: str) -> None:
    assert refusal(compare, line).startswith(says)
