"""`xbench run`: the words of a line become one request, and its results a table with their paths, or JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typed_lines import printed, refusal

from xbench.commands.run import run
from xbench.results.reading import read_result

TASK = "name: t\nlanguages: [de, en]\nformat: facts\noptions: {kinds: [first-day]}\n"
LINE = "--model random --task t.yaml --offline --json"


@pytest.fixture(autouse=True)
def _desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("XBENCH_DATA", raising=False)
    Path("t.yaml").write_text(TASK)


def paths(line: str) -> list[Path]:
    return [Path(path) for path in json.loads(printed(run, line)[0])]


@pytest.mark.parametrize(
    ("words", "seeds"), [("", [0]), ("--seeds 2", [0, 1]), ("--seed 4 --seed 2 --seed 4", [4, 2])], ids=str
)
def test_seeds_are_counted_from_0_or_named(words: str, seeds: list[int]) -> None:
    assert [read_result(path).seed for path in paths(f"{LINE} {words}")] == seeds


def test_languages_are_one_list_however_they_are_typed() -> None:
    together = paths(f"{LINE} --languages de,en")
    assert paths(f"{LINE} --languages en --languages deu_Latn") == together == paths(LINE)
    (alone,) = paths(f"{LINE} --languages de --set task.metrics=[RR]")
    result = read_result(alone)
    assert (result.languages, result.metrics) == (["de"], ["RR"])


def test_paths_stand_below_the_table_each_on_a_line_of_its_own() -> None:
    expected = paths(f"{LINE} --seeds 2")
    out, err = printed(run, f"{LINE.removesuffix('--json')} --seeds 2")
    assert out.splitlines()[-2:] == [str(path) for path in expected]
    assert [line for line in err.splitlines() if line.startswith("kept")] == [f"kept {path}" for path in expected]


@pytest.mark.parametrize(
    ("words", "files"),
    [
        ("--save-run de-en --depth 3", {"de-en.run.gz", "de-en.qrels.gz"}),
        ("--save-run deu_Latn-pool", {"de-pool.run.gz", "de-pool.qrels.gz"}),
        ("--depth all", set()),  # of no run that is saved
    ],
    ids=str,
)
def test_only_the_runs_that_are_named_are_saved(words: str, files: set[str]) -> None:
    paths(f"{LINE} {words}")
    assert {path.name for path in Path("results").rglob("*.gz")} == files


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--seeds 2 --seed 3", "--seeds 2 is seeds 0 to 1, --seed names single ones; give one of the two"),
        ("--depth x", "--depth x: expected a whole number of documents from 1 to 1,000,000,000, or all"),
        ("--depth 0", "--depth 0: expected a whole number of documents from 1 to 1,000,000,000, or all"),
        ("--depth ٣", "--depth ٣: expected a whole number of documents from 1 to 1,000,000,000, or all"),
        ("--set steps", "--set steps: expected KEY=VALUE, such as steps=300"),
        ("--seeds 0", "Invalid value for '--seeds': 0 is not in the range 1<=x<=1000."),
    ],
)
def test_a_line_that_is_no_request_is_refused_before_any_work(words: str, says: str) -> None:
    assert refusal(run, f"{LINE} {words}") == says
    assert not Path("results").exists() and not Path("cache").exists()
