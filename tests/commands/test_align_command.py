"""`xbench align`: JSON of models, metrics and pairs; or a table for people, with random vectors and a copy beside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console
from typed_lines import printed, refusal

from xbench.commands.align import align, alignment_table
from xbench.commands.run import run
from xbench.evaluation.alignment_scores import ALIGNMENT_METRICS, Alignment
from xbench.jobs.alignment_job import ModelAlignment
from xbench.results.reading import read_result

TASK = "name: t\nlanguages: [de, en, es]\nformat: facts\noptions: {kinds: [first-day]}\n"
LINE = "--model random --task t.yaml --offline"
NAMES = [
    *("xsim", "mutual_nn", "cosine_gap", "centroid", "silhouette", "probe"),
    *("hubness_skew", "robin_hood", "cka", "rsim", "isoscore"),
]


@pytest.fixture(autouse=True)
def _desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("XBENCH_DATA", raising=False)
    Path("t.yaml").write_text(TASK)


def test_json_is_values_by_model_metric_and_pair_and_nothing_else() -> None:
    Path("narrow.yaml").write_text("name: narrow\nformat: random\ndimension: 16\n")
    found = json.loads(printed(align, f"{LINE} --model narrow.yaml --json")[0])
    assert list(found) == ["random", "narrow"]
    for values in found.values():
        assert list(values) == NAMES
        assert set(values["xsim"]) == {"de-en", "en-de", "de-es", "es-de", "en-es", "es-en"}
        assert all(isinstance(value, float) for pairs in values.values() for value in pairs.values())
    assert found["random"] != found["narrow"]


def test_languages_and_side_are_those_that_are_named() -> None:
    some = json.loads(printed(align, f"{LINE} --languages de,eng_Latn --json")[0])
    assert set(some["random"]["cka"]) == {"de-en", "en-de"}
    other = json.loads(printed(align, f"{LINE} --languages de,en --side documents --json")[0])
    assert other != some


def test_people_see_each_metric_beside_random_vectors_and_a_copy_and_the_cost() -> None:
    out, err = printed(align, LINE)
    head, headings, *rows = out.splitlines()
    assert head.startswith("random on t, queries: 6 pairs, 148 units in each; ") and head.endswith(" s beside encoding")
    assert headings.split() == ["metric", "better", "mean", "lowest", "highest", "random", "copy"]
    table = {row.split()[0]: row.split() for row in rows[: len(NAMES)]}
    assert list(table) == NAMES
    assert table["xsim"][-1] == "0.000" and table["cka"][-1] == "1.000" and table["probe"][-1] == "0.500"
    assert "cka and rsim tell isomorphism, not alignment" in out
    assert "aligned random on t, queries: 6 pairs" in err


def test_the_table_fits_80_columns_whatever_the_values() -> None:
    pairs = {"sr-Latn-zh-Hant": -12.34567, "zh-Hant-sr-Latn": 0.5}
    values = {metric.name: dict(pairs) for metric in ALIGNMENT_METRICS}
    values["mutual_nn"] = dict.fromkeys(pairs)
    ends = {metric.name: -12.345 for metric in ALIGNMENT_METRICS}
    one = ModelAlignment("m", "t", Alignment(values=values, random=ends, perfect_copy=ends | {"mutual_nn": None}))
    screen = Console(width=80)
    with screen.capture() as shown:
        screen.print(alignment_table(one))
    lines = shown.get().splitlines()
    assert max(map(len, lines)) <= 80 and "…" not in shown.get()
    words = [line.split() for line in lines]
    assert words[1][:3] == ["xsim", "low", "-5.923"] and "-12.346" in words[1]
    assert words[2] == ["sr-Latn-zh-Hant", "zh-Hant-sr-Latn"]
    assert words[3][:5] == ["mutual_nn", "high", "-", "-", "-"]


def test_a_run_stores_what_align_prints() -> None:
    values = json.loads(printed(align, f"{LINE} --json")[0])["random"]
    for words, side in (("--align", "queries"), ("--align documents", "documents")):
        (path,) = json.loads(printed(run, f"{LINE} {words} --json")[0])
        alignment = read_result(path).alignment
        assert alignment and alignment.side == side
        assert (alignment.values == values) == (side == "queries")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--languages de,xx", "languages de,xx: task t lacks xx; it has de, en, es"),
        ("--languages de,,en", "--languages: found an empty name, expected codes with commas between, such as de,en"),
        ("--languages de", "align: task t has queries in de alone, expected at least two languages"),
        ("--model bm25", "align: model bm25 is lexical and has no vectors; name models that encode texts"),
        ("--side pool", "Invalid value for '--side': 'pool' is not one of 'queries', 'documents'."),
        ("--model nowhere", "unknown model 'nowhere'; expected one of: "),
    ],
)
def test_a_line_that_cannot_be_carried_out_is_one_line(words: str, says: str) -> None:
    assert refusal(align, f"{LINE} --json {words}").startswith(says)
    assert not Path("cache/vectors").exists()
