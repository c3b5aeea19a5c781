"""Which results are a side of a comparison, and what is said where it could be several."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from written_results import file_result

import xbench
from xbench import cli
from xbench.errors import DataError
from xbench.reports.comparison import compare_sides
from xbench.reports.data_versions import data_label, made
from xbench.reports.sides import ANY, Selection, load_side
from xbench.results.reading import read_result

TWO = {"de-de": 0.75, "en-en": 0.75, "de-en": 0.5, "en-de": 0.5}
THREE = TWO | {"fr-fr": 0.5, "fr-de": 0.5}
DAY = 1_790_000_000  # 2026-09-21


def filed(cells: dict[str, float], digit: str, **changes: Any) -> Path:
    path = file_result(Path("a"), cells, digest=digit * 64, **{"data": digit * 64, **changes})
    os.utime(path, (DAY, DAY))
    return path


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refused(selection: Selection = ANY) -> str:
    with pytest.raises(DataError) as told:
        load_side(Path("a"), selection)
    return str(told.value)


def test_runs_of_two_sets_of_languages_are_told_apart_and_chosen_by_them() -> None:
    filed(TWO, "1")
    filed(THREE, "2")
    assert refused() == (
        "a: results of several configurations: languages de,en, data 111111111111, digest 111111111111 (2026-09-21); "
        "languages de,en,fr, data 222222222222, digest 222222222222 (2026-09-21); "
        "choose with --languages, or name the files of one"
    )
    for asked, languages in ((("en", "de"), ["de", "en"]), (("deu_Latn", "en", "fr"), ["de", "en", "fr"])):
        (result,) = load_side(Path("a"), Selection(languages=asked)).results
        assert result.languages == languages
    assert refused(Selection(languages=("de",))) == (
        "a: no result in languages de, found toy in de, en; toy in de, en, fr; make one with `xbench run`"
    )


def test_runs_on_two_corpora_are_told_apart_and_chosen_by_them() -> None:
    for digit, corpus in (("1", "facts"), ("2", "mmarco")):
        for seed in (0, 1):
            filed(TWO, digit, recipe="hybrid", corpus=corpus, seed=seed, data="d" * 64)
    said = refused()
    assert "corpus facts, digest 111111111111 (2026-09-21, 2 seeds); corpus mmarco, digest 2222" in said
    assert (
        "data" not in said
        and "languages" not in said
        and said.endswith("; choose with --corpus, or name the files of one")
    )
    assert {result.corpus for result in load_side(Path("a"), Selection(corpus="mmarco")).results} == {"mmarco"}


def test_what_no_option_chooses_is_named_by_its_files() -> None:
    for digit, model in (("1", "one"), ("2", "two")):
        filed(TWO, digit, model=model, data="d" * 64)
    assert refused().endswith("model two, digest 222222222222 (2026-09-21); name the files of one")


def test_of_many_configurations_some_are_shown() -> None:
    for digit in "1234567":
        filed(TWO, digit, model=f"m{digit}")
    said = refused()
    assert "model m4" in said and "model m5" not in said and "; 3 more; name the files" in said


def test_a_run_that_is_there_twice_is_one_seed_and_two_runs_of_a_seed_are_refused() -> None:
    for place in ("a", "a/copy"):
        file_result(Path(place), TWO)
    assert [result.seed for result in load_side(Path("a")).results] == [0]
    other = file_result(Path("a/other"), TWO | {"de-de": 0.25})
    assert refused().startswith(f"{other}: seed 0 is also a/") and refused().endswith("other scores; name one of them")


@pytest.mark.parametrize(
    ("cells", "changes", "says"),
    [
        (THREE, {}, "toy: not the same data: fr in B alone; compare runs of the same languages"),
        (
            {"fr-fr": 0.5, "de-de": 0.5},
            {},
            "toy: not the same data: en in A alone; fr in B alone; compare runs of the same languages",
        ),
        (
            TWO,
            {},
            "toy: not the same data: one set of languages, other texts (111111111111 and 222222222222); "
            "run one of them again",
        ),
        (
            TWO,
            {"task": {"name": "other", "title": "x", "group": "question"}},
            "toy and other: not the same data; compare runs of one task",
        ),
    ],
)
def test_other_data_are_named_by_what_differs(cells: dict[str, float], changes: dict[str, Any], says: str) -> None:
    first, second = filed(TWO, "1"), filed(cells, "2", **changes)
    with pytest.raises(DataError) as told:
        compare_sides(load_side(first), load_side(second))
    assert str(told.value) == says


OLD, NEW = "2026-09-01T08:00:00Z", "2026-09-02T08:00:00Z"


def dated(digit: str, moment: str, **changes: Any) -> Path:
    return filed(TWO, digit, provenance={"collection_sha256": digit * 64, "filed": moment}, **changes)


def test_results_on_corrected_data_are_told_apart_by_digest_and_day_and_the_newest_are_chosen() -> None:
    """The day is that which a result says, and of the last result on the data; all files have one time."""
    dated("1", NEW)
    dated("2", OLD)
    assert refused() == (
        "a: results of several configurations: data 111111111111, digest 111111111111 (2026-09-02); "
        "data 222222222222, digest 222222222222 (2026-09-01); choose with --newest, or name the files of one"
    )
    (result,) = load_side(Path("a"), Selection(newest=True)).results
    assert result.digest == "1" * 64
    dated("2", "2026-09-03T08:00:00Z", seed=1)
    assert [result.seed for result in load_side(Path("a"), Selection(newest=True)).results] == [0, 1]


def test_of_a_result_without_a_date_its_file_says_when_it_was_made() -> None:
    old, new = filed(TWO, "1"), filed(TWO, "2")
    os.utime(old, (DAY - 1, DAY - 1))
    assert load_side(Path("a"), Selection(newest=True)).results[0].path.resolve() == new.resolve()


def test_commands_and_programs_choose_the_newest_data(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    dated("1", OLD)
    dated("2", NEW)
    for line, says in (
        ("compare a a --newest", "On the newest data 222222222222 of 2026-09-02"),
        ("table a --newest", "data 2222"),
    ):
        monkeypatch.setattr(sys, "argv", ["xbench", *line.split()])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert not ended.value.code
        assert says in capsys.readouterr().out
    assert xbench.compare("a", "a", newest=True).first.results[0].digest == "2" * 64


def test_another_set_of_languages_is_no_older_version() -> None:
    dated("1", OLD)
    file_result(Path("a"), THREE, digest="2" * 64, data="2" * 64)
    assert "languages de,en," in refused(Selection(newest=True))


def test_a_result_says_when_it_was_made_or_its_file_does(tmp_path: Path) -> None:
    path = file_result(tmp_path, {"de-de": 0.5})
    os.utime(path, (0, 86_400 * 365))
    assert f"{made(read_result(path)):%Y-%m-%d}" == "1971-01-01"
    content = json.loads(path.read_text())
    content["provenance"]["filed"] = "2026-02-03T04:05:06Z"
    path.write_text(json.dumps(content))
    result = read_result(path)
    assert data_label([result]) == "data dddddddddddd of 2026-02-03"


@pytest.mark.parametrize("filed", ["2026-13-45T04:05:06Z", "2026-2-3T04:05:06Z", "yesterday", ""])
def test_a_moment_that_is_none_counts_as_unsaid(tmp_path: Path, filed: str) -> None:
    path = file_result(tmp_path, {"de-de": 0.5})
    content = json.loads(path.read_text())
    content["provenance"]["filed"] = filed
    path.write_text(json.dumps(content))
    assert read_result(path).provenance.filed is None
