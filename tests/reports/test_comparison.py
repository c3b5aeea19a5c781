"""What `xbench compare` promises, on results that the main job wrote."""

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from written_results import file_result

from xbench import cli
from xbench.data.download import Storage
from xbench.errors import DataError
from xbench.jobs.request import Request
from xbench.jobs.run import run
from xbench.progress import Silent
from xbench.reports.claims import margin_of
from xbench.reports.comparison import compare_sides
from xbench.reports.sides import load_side


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Chance in two dimensions, three seeds each, on facts in three languages, and one seed of another grid."""
    folder = tmp_path_factory.mktemp("results")

    def make(name: str, seeds: tuple[int, ...], **settings: Any) -> None:
        chosen = {"model.dimension": 8, **settings}
        storage = Storage(cache=tmp_path_factory.getbasetemp() / "cache", offline=True)
        asked = {"models": ("random",), "tasks": ("facts",), "languages": ("de", "en", "th"), "settings": chosen}
        run(Request(**asked, seeds=seeds, out=folder / name, storage=storage), Silent())

    make("low", (0, 1, 2))
    make("high", (0, 1, 2), **{"model.dimension": 64})
    make("half", (0,), **{"task.grid.multilingual": False})
    return folder


def test_a_side_is_all_seeds_of_a_folder_or_one_file(results: Path) -> None:
    side = load_side(results / "low")
    assert [found.seed for found in side.results] == [0, 1, 2]
    (file,) = results.rglob("low/**/*-seed-1.json")
    assert load_side(file).results == side.results[1:2]


def test_the_sides_and_their_differences_are_those_of_the_results(results: Path) -> None:
    sides = [load_side(results / name) for name in ("low", "high")]
    found = compare_sides(*sides, pairs=("de-en", "en-pool"))
    assert [one.name for one in [*found.macros, *found.pairs]] == ["Mo", "Cr", "Mul", "de-en", "en-pool"]
    for number, side in enumerate(sides):
        scores = [one.scores for one in side.results]
        values = [(one.first, one.second)[number] for one in [*found.macros, *found.pairs]]
        expected = [
            np.mean([one.monolingual.macro["AP"] for one in scores if one.monolingual]),
            np.mean([one.cross_lingual.macro["AP"] for one in scores if one.cross_lingual]),
            np.mean([one.multilingual.macro["AP"] for one in scores if one.multilingual]),
            np.mean([one.cross_lingual.pairs["de-en"]["AP"] for one in scores if one.cross_lingual]),
            np.mean([one.multilingual.languages["en"]["AP"] for one in scores if one.multilingual]),
        ]
        assert values == pytest.approx(expected, abs=1e-12)
    for one in found.macros:
        assert one.low <= one.value <= one.high
        assert one.p_holm >= one.p


def test_all_pairs_are_corrected_together(results: Path) -> None:
    found = compare_sides(load_side(results / "low"), load_side(results / "high"), pairs=("all",))
    assert len(found.pairs) == 9
    lowest = min(found.pairs, key=lambda one: one.p)
    assert lowest.p_holm == pytest.approx(min(1, 9 * lowest.p))


def test_single_seeds_test_questions_and_say_so(results: Path) -> None:
    (file,) = results.rglob("low/**/*-seed-1.json")
    (other,) = results.rglob("high/**/*-seed-1.json")
    notes = compare_sides(load_side(file), load_side(other)).notes
    assert any("One run a side: the test is of these two encoders, not of the recipe" in note for note in notes)
    notes = compare_sides(load_side(file), load_side(results / "high")).notes
    assert any(note.startswith("A is one run: the test is of that encoder") for note in notes)
    notes = compare_sides(load_side(results / "low"), load_side(results / "high")).notes
    assert not any("one run" in note.lower() for note in notes)


def test_runs_of_other_grids_are_refused(results: Path) -> None:
    with pytest.raises(DataError, match="do not score the same"):
        compare_sides(load_side(results / "low"), load_side(results / "half"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["low", "absent"], "no result"),
        (["low", "."], "several configurations"),
        (["low", "high", "--pair", "de-fr"], "xbench: pair de-fr: not scored in these runs"),
        (["low", "high", "--metric", "RR"], "xbench: metric RR: not in both runs"),
        (["low", "high", "--task", "xquad-r"], "no result of task xquad-r"),
        (["low", "high", "--examples", "3"], "--examples needs a --pair"),
        (["low", "high", "--pair", "all", "--examples", "3"], "of one setting"),
        (["low", "high", "--with-texts"], "--with-texts needs --examples"),
        (["low", "high", "--margin", "-0.5"], "--margin -0.5: expected points of the metric above 0"),
        (["low", "high", "--equivalent", "nan"], "'--equivalent': found 'nan', expected a number in plain digits"),
        (["low", "high", "--margin", "1", "--equivalent", "1"], "found both, expected one"),
        (["low", "high", "--format", "csv", "--pair", "de-en", "--examples", "3"], "goes without --examples"),
    ],
)
def test_a_wrong_request_is_one_line(
    results: Path, arguments: list[str], words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(results)
    monkeypatch.setattr(sys, "argv", ["xbench", "compare", *arguments])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    shown = capsys.readouterr()
    (line,) = shown.err.splitlines()
    assert words in line
    assert shown.out == ""  # nothing is shown of a comparison that cannot be carried out


def test_a_frame_has_a_row_per_setting(results: Path) -> None:
    found = compare_sides(load_side(results / "low"), load_side(results / "high"), pairs=("de-en",))
    frame = found.to_frame()
    assert frame["setting"].tolist() == ["Mo", "Cr", "Mul", "de-en"] and set(frame["metric"]) == {"AP"}
    assert frame["difference"].tolist() == [one.value for one in (*found.macros, *found.pairs)]
    assert frame[["low", "high", "p_holm"]].values.tolist() == [
        [one.low, one.high, one.p_holm] for one in (*found.macros, *found.pairs)
    ]


def test_a_notebook_shows_both_sides_with_the_notes(results: Path) -> None:
    found = compare_sides(load_side(results / "low"), load_side(results / "high"))
    shown = found._repr_html_()
    assert found.first.name in shown and found.notes[0] in shown
    assert all(f"{one.value:+.4f}" in shown for one in found.macros)


def test_a_margin_is_said_in_words_and_in_records(results: Path) -> None:
    """Two kinds of chance are within ten points of each other, and not shown to be within a hundredth."""
    sides = load_side(results / "low"), load_side(results / "high")
    found = compare_sides(*sides, margin=margin_of(None, 10))
    assert "Mo: A is within 10 of B: shown (p <.0001)" in found.claims
    assert found.claims[0].startswith("Margin: 10 points of AP x 100, higher is better; two one-sided tests")
    assert all(line in str(found) for line in found.claims)
    assert [record["margin_shown"] for record in found.records()] == [True] * 3
    assert {record["equivalent"] for record in found.records()} == {10}
    narrow = compare_sides(*sides, margin=margin_of(0.01, None))
    assert all("not worse than B by 0.01 or more: not shown" in line for line in narrow.claims[1:])


@pytest.mark.parametrize("style", ["csv", "json"])
def test_a_comparison_is_data_on_request(
    results: Path, style: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(results)
    monkeypatch.setattr(sys, "argv", ["xbench", "compare", "low", "high", "--margin", "5", "--format", style])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert not stopped.value.code
    text = capsys.readouterr().out
    shown = json.loads(text) if style == "json" else list(csv.DictReader(io.StringIO(text)))
    expected = compare_sides(load_side(Path("low")), load_side(Path("high")), margin=margin_of(5, None)).records()
    assert [record["setting"] for record in shown] == ["Mo", "Cr", "Mul"]
    for record, known in zip(shown, expected, strict=True):
        assert list(record) == list(known)
        assert float(record["margin_p_holm"]) == known["margin_p_holm"] and float(record["margin"]) == 5


def test_sides_that_share_runs_are_told(tmp_path: Path) -> None:
    for seed in (0, 1):
        file_result(tmp_path, {"de-de": 0.5, "de-en": 0.25}, seed=seed)
    both = load_side(tmp_path)
    one = load_side(next(tmp_path.rglob("*-seed-1.json")))
    assert any("The sides share 1 run, so" in note for note in compare_sides(both, one).notes)
    assert any("The sides share 2 runs, so" in note for note in compare_sides(both, both).notes)
