"""What `xbench table` promises: right numbers, honest marks, nothing mixed in silence, the same bytes every time."""

import csv
import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from written_results import file_result

from xbench import cli
from xbench.errors import DataError, SpecError
from xbench.reports.claims import margin_of
from xbench.reports.comparison import compare_sides
from xbench.reports.sides import load_side
from xbench.reports.table_text import render
from xbench.reports.table_values import row_key
from xbench.reports.table_words import caption, leaders
from xbench.reports.tables import make_table
from xbench.results.csv_text import csv_text

CELLS = {"de-de": 0.8, "en-en": 0.6, "de-en": 0.5, "en-de": 0.3, "de-pool": 0.4, "en-pool": 0.2}


def cells(more: float) -> dict[str, float]:
    return {name: value + more for name, value in CELLS.items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Chance, a model as it is, and a recipe with two seeds of which the mean is 10 points better."""
    chance = dict.fromkeys(CELLS, 0.01)
    file_result(tmp_path, chance, "random", digest="a" * 64, format="random", distance=0.5)
    file_result(tmp_path, cells(0.0), "some_model", digest="b" * 64, distance=7.0)
    for seed, more in ((0, 0.05), (1, 0.15)):
        file_result(tmp_path, cells(more), "x", "hybrid", "facts", seed, "c" * 64, distance=3.0)
    return tmp_path


GOLDEN_LATEX = r"""\begin{table}[t]
\centering
\caption{CAPTION}
\label{tab:toy}
\begin{tabular}{llrrrrr}
\toprule
Model & Recipe & Mo & Cr & Mul & Rank distance & Gap \\
\midrule
random & none & 1.0 & 1.0 & 1.0 & 0.5 & 0.0 \\
some\_model & none & \underline{70.0} & \underline{40.0} & \underline{30.0} & \underline{7.0} & 30.0 \\
x & hybrid (facts) & \textbf{80.0} & \textbf{50.0} & \textbf{40.0} & \textbf{3.0} & 30.0 \\
\bottomrule
\end{tabular}
\end{table}
"""


def test_the_latex_table_is_the_one_worked_out_by_hand(folder: Path) -> None:
    """Mo (80+60)/2, Cr (50+30)/2, Mul (40+20)/2, gap 70-40; the other row 10 points more; chance is never best."""
    text = render(make_table([folder], None, None), "latex", intervals=False)
    assert re.sub(r"\\caption\{.*\}", r"\\caption{CAPTION}", text) == GOLDEN_LATEX


def test_the_caption_states_task_metric_n_seeds_intervals_test_and_cut(folder: Path) -> None:
    text = caption(make_table([folder], None, None, "some_model/none"))
    for words in (
        "Toy_1: AP (average precision, uncut, divisor the number of relevant documents), in percent.",
        "8 queries in 2 languages, 20 documents in 2; means of seeds 0, 1",
        "In brackets 95 % intervals by Student's t, over 2 clusters of queries (question) and over seeds",
        "differs from some_model/none at 5 % (t test over paired clusters and over seeds, Holm over 10 comparisons)",
        "no difference is found, which does not show that there is none",
        "random/none (aaaaaa) lacks seeds 1.",
        "Fewer than 30 clusters",
    ):
        assert words in text


def test_a_table_prints_as_one_line(folder: Path) -> None:
    assert repr(make_table([folder], None, None)) == "<table toy, AP: 3 rows>"


@pytest.mark.parametrize("style", ["latex", "md", "html", "csv"])
def test_the_same_results_give_the_same_bytes(folder: Path, style: str) -> None:
    first, again = (render(make_table([folder], None, None), style, appendix=True) for _ in range(2))
    assert first == again


@pytest.mark.parametrize("appendix", [False, True])
def test_latex_is_balanced_and_escaped(folder: Path, appendix: bool) -> None:
    text = render(make_table([folder], None, None, "x/hybrid/facts"), "latex", appendix=appendix)
    assert text.isascii()
    assert re.findall(r"\\begin\{(\w+)\}", text) == re.findall(r"\\end\{(\w+)\}", text)[::-1] or appendix
    assert text.count(r"\begin{table}") == text.count(r"\end{table}") == (6 if appendix else 1)
    bare = re.sub(r"\\[\\{}$&#_%]", "", text)
    assert bare.count("{") == bare.count("}")
    assert not re.search(r"[$#_%]", bare)
    for tabular in re.findall(r"\\begin\{tabular\}\{(\w+)\}(.*?)\\end\{tabular\}", bare, re.S):
        rows = [line for line in tabular[1].splitlines() if " & " in line]
        assert {row.count("&") + 1 for row in rows} == {len(tabular[0])}


def test_intervals_come_from_the_clusters_of_questions(tmp_path: Path) -> None:
    """Two clusters at 40 and 60: the standard error is 10, and t of one degree of freedom 12.7062."""
    file_result(tmp_path, {"de-de": 0.5}, spread=0.1, distance=None)
    cell = make_table([tmp_path], None, None).rows[0].cells["Mo"]
    assert cell is not None
    assert (cell.value, cell.low, cell.high) == pytest.approx((0.5, 0.5 - 1.27062, 0.5 + 1.27062), rel=1e-5)


def test_a_difference_without_noise_is_marked_and_none_is_not(tmp_path: Path) -> None:
    for name, more, digest in (("some_model", 0.0, "b"), ("same", 0.1, "e"), ("zzz", 0.1, "f")):
        file_result(tmp_path, cells(more), name, digest=digest * 64, distance=7.0, questions=24)
    table = make_table([tmp_path], None, None, "same/none")
    marks = {row.model: {name for name, cell in row.cells.items() if cell and cell.differs} for row in table.rows}
    assert marks["same"] == marks["zzz"] == set()
    assert marks["some_model"] == {"Mo", "Cr", "Mul"}


def test_differences_are_those_of_compare_and_leave_the_baseline_out(folder: Path) -> None:
    """x is 10 points better than some_model in every setting, 4 ranks nearer, and its gap is the same."""
    file_result(folder, cells(-0.2), "y", digest="e" * 64, distance=7.5)
    table = make_table([folder], None, None, "some_model/none", differences=True)
    assert [row.model for row in table.rows] == ["random", "x", "y"]
    side, base = (load_side(next(folder.rglob(f"*{letter * 12}*.json")).parent) for letter in "cb")
    macros = {one.name: one for one in compare_sides(side, base).macros}
    for name in ("Mo", "Cr", "Mul"):
        cell = table.rows[1].cells[name]
        assert cell is not None
        assert (cell.value, cell.low, cell.high) == (macros[name].value, macros[name].low, macros[name].high)
    text = render(table, "md", intervals=False)
    assert "| x | hybrid (facts) | +10.00 | +10.00 | +10.00 | -4.0 | 0.00 |" in text
    assert "| y | none | -20.00 | -20.00 | -20.00 | +0.5 | 0.00 |" in text
    assert "less that of some_model/none, in points" in caption(table)
    assert "Best bold" not in text
    assert "Rank distance: worst minus best rank of a question's relevant documents in the pool. Gap" in caption(table)
    (headings, *_) = csv.reader(io.StringIO(render(table, "csv")))
    assert "Mo_difference" in headings
    assert "Mo" not in headings


def test_what_all_rows_share_stands_in_the_caption(tmp_path: Path) -> None:
    for recipe, digest in (("mixed", "d"), ("hybrid", "e")):
        file_result(tmp_path, CELLS, "x", recipe, "facts", digest=digest * 64)
    hybrid, mixed = (tmp_path.rglob(f"*{letter * 12}*.json") for letter in "ed")
    text = render(make_table([*mixed, *hybrid], None, None), "md", intervals=False)
    assert [line.split(" | ")[0] for line in text.splitlines()[:4]] == ["| Recipe", "| ---", "| mixed", "| hybrid"]
    assert "Model: x. Corpus of the rows that have one: facts." in text
    file_result(tmp_path, CELLS, "y", "hybrid", "other", digest="f" * 64)
    text = render(make_table([*tmp_path.rglob("hybrid")], None, None), "md", intervals=False)
    assert "| x | hybrid (facts) |" in text
    assert "Model: " not in text
    assert "Corpus of" not in text


def test_differences_name_the_seeds_of_the_baseline_and_what_is_not_compared(tmp_path: Path) -> None:
    for seed in range(3):
        file_result(tmp_path, CELLS, "x", "hybrid", "facts", seed, "a" * 64)
    with pytest.raises(SpecError, match="no row but the baseline x/hybrid/facts"):
        make_table([tmp_path], None, None, "x/hybrid/facts", differences=True)
    file_result(tmp_path, CELLS, "x", "mixed", "facts", 0, "b" * 64)
    file_result(tmp_path, CELLS | {"en-de": 0.1, "de-fr": 0.2}, "x", "mono", "facts", 0, "c" * 64, data="d" * 64)
    table = make_table([tmp_path], None, None, "x/hybrid/facts", differences=True)
    assert table.seeds == (0, 1, 2)
    assert "means of seeds 0, 1, 2" in caption(table)
    told = "x/mono/facts (cccccc) is not compared: it was scored in other settings than x/hybrid/facts"
    assert [note for note in table.notes if "compared" in note] == [told]


def test_a_margin_marks_what_is_shown_to_be_not_worse_and_tells_its_direction(tmp_path: Path) -> None:
    """y is 10 points better in Cr and Mul and as good in Mo: its gap is lower, which is better; z is worse in all."""
    crossed = {name: value + 0.1 * (name[:2] != name[3:]) for name, value in CELLS.items()}
    for name, values, digest in (("x", CELLS, "a"), ("y", crossed, "b"), ("z", cells(-0.1), "c")):
        file_result(tmp_path, values, name, digest=digest * 64, distance=7.0, questions=24)
    table = make_table([tmp_path], None, None, "x/none", margin=margin_of(0.5, None))
    shown = [
        {name for name, cell in row.cells.items() if cell and cell.claim and cell.claim.shown} for row in table.rows
    ]
    assert shown == [set(), {"Mo", "Cr", "Mul", "Gap"}, {"Gap"}]
    assert "§: shown to be not worse by 0.5 points or more than x/none (one-sided test at 5 %" in caption(table)
    assert "the gap when higher; the rank distance, in ranks, has no margin of points" in caption(table)
    assert "**50.0**†§" in render(table, "md", intervals=False) and r"\S{}" in render(table, "latex")
    records = list(csv.DictReader(io.StringIO(render(table, "csv"))))
    assert float(records[1]["Mo_margin_p"]) < 0.05 and records[1]["Rank_distance_margin_p"] == ""


def test_what_is_printed_alike_is_marked_alike(folder: Path) -> None:
    file_result(folder, cells(0.1 - 1e-6), "y", digest="e" * 64, distance=3.0)
    table = make_table([folder], None, None)
    assert leaders(table, "Mo") == ("80.0", "70.0")
    assert render(table, "md", intervals=False).count("**80.0**") == 2


def test_no_gap_is_best_and_of_distances_the_least_is(folder: Path) -> None:
    file_result(folder, CELLS | {"de-en": 0.9, "en-de": 0.6}, "y", digest="e" * 64, distance=2.0)
    table = make_table([folder], None, None)
    assert leaders(table, "Gap") == ("", "") and "nearest to 0" not in caption(table)
    assert render(table, "md", intervals=False).count("| 30.0 |") == 2  # neither bold nor underlined
    assert leaders(table, "Rank distance") == ("2.0", "3.0")


def test_a_configuration_that_is_not_whole_is_named_and_not_ranked(folder: Path) -> None:
    few = {"de-de": 0.99, "de-en": 0.99, "de-pool": 0.99, "en-pool": 0.99}
    file_result(folder, few, "y", "mono", digest="e" * 64, distance=None)
    table = make_table([folder], None, None, "some_model/none")
    row = table.rows[-1]
    assert row.cells["Mo"] and row.cells["Mo"].partial and row.cells["Mo"].p is None
    assert row.cells["Rank distance"] is None
    assert leaders(table, "Mo")[0] == "80.0"
    assert any(note.startswith("y/mono (eeeeee) lacks 4 of 8 settings: en-de, en-en") for note in table.notes)
    assert "y/mono (eeeeee) lacks seeds 1" in table.notes
    assert "| y | mono | 99.0‡ | 99.0‡ | **99.0** | -- | 0.0‡ |" in render(table, "md", intervals=False)


def test_two_configurations_of_one_name_are_two_rows(folder: Path) -> None:
    file_result(folder, cells(0.2), "some_model", digest="e" * 64)
    table = make_table([folder], None, None)
    text = render(table, "md", intervals=False)
    assert r"| some\_model | none \[bbbbbb\] |" in text and r"| some\_model | none \[eeeeee\] |" in text
    assert any("stands for 2 configurations" in note for note in table.notes)
    with pytest.raises(SpecError, match="several configurations"):
        make_table([folder], None, None, "some_model/none")


def test_a_run_that_is_named_twice_counts_once(folder: Path) -> None:
    once, twice = (make_table(paths, None, None) for paths in ([folder], [folder, folder / "toy" / "x"]))
    assert once == twice


def test_csv_has_full_precision_and_plain_headings(folder: Path) -> None:
    table = make_table([folder], None, None, "some_model/none")
    rows = list(csv.DictReader(io.StringIO(render(table, "csv"))))
    assert [row["model"] for row in rows] == ["random", "some_model", "x"]
    found = table.rows[2].cells["Rank distance"]
    assert found is not None
    assert float(rows[2]["Rank_distance"]) == found.value
    assert rows[2]["seeds"] == "0 1"
    assert rows[1]["Mo_p"] == ""
    long = list(csv.DictReader(io.StringIO(render(table, "csv", appendix=True))))
    assert len(long) == 3 * len(CELLS)
    assert next(row for row in long if row["model"] == "some_model" and row["setting"] == "de-en")["value"] == "0.5"


def test_the_appendix_holds_every_language_and_pair(folder: Path) -> None:
    text = render(make_table([folder], None, None), "md", appendix=True)
    assert "| Model | Recipe | de | en |" in text
    assert "| some\\_model | none | 80.0 | 60.0 |" in text
    assert "| some\\_model | none | 40.0 | 20.0 |" in text
    assert "| de | 80.0 | 50.0 |\n| en | 30.0 | 60.0 |" in text
    assert text.count("; n = 4 queries each.") == 2 + 3


def test_a_model_with_post_is_another_row_than_the_model_as_it_is(tmp_path: Path) -> None:
    specs = {"task": {"name": "toy", "title": "", "group": "question"}, "model": {"format": "sentence", "post": "lir"}}
    file_result(tmp_path, cells(0.0), "m", digest="b" * 64)
    file_result(tmp_path, cells(0.1), "m", digest="e" * 64, specs=specs)
    table = make_table([tmp_path], None, None, "m/none")
    assert [row.model for row in table.rows] == ["m", "m + lir"]
    assert not any("stands for" in note for note in table.notes)


def test_a_contaminated_row_is_named(folder: Path) -> None:
    path = file_result(folder, cells(0.2), "leaked", digest="e" * 64, zero_shot={"verdict": "contaminated"})
    table = make_table([folder], None, None)
    assert "leaked/none (eeeeee) is contaminated: it saw the task's own data" in table.notes
    assert "contaminated" in caption(table)
    found = compare_sides(load_side(path), load_side(folder / "toy" / "some_model"))
    assert [note for note in found.notes if "contaminated" in note] == [
        "leaked x none, seed 0: contaminated, it saw the task's own data."
    ]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"provenance": {}}, "provenance.collection_sha256: nothing there that can be used"),
        ({"specs": {"task": "toy", "model": {}}}, "specs.task: nothing there that can be used"),
        ({"specs": {"task": {"name": "toy"}, "model": {}}}, "specs.task.group: nothing there"),
        ({"specs": {"task": {"group": "question"}, "model": []}}, "specs.model: nothing there that can be used"),
    ],
)
@pytest.mark.parametrize("command", [["table"], ["compare"], ["cite"], ["export", "mteb"]])
def test_a_result_that_lacks_what_readers_need_is_one_line(
    tmp_path: Path,
    command: list[str],
    changes: dict[str, Any],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = str(file_result(tmp_path / "in", cells(0.0), **changes))
    more = {"compare": [path], "export": ["--out", str(tmp_path / "out")]}
    monkeypatch.setattr(sys, "argv", ["xbench", *command, path, *more.get(command[0], [])])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    shown = capsys.readouterr()
    (line,) = shown.err.splitlines()
    assert path in line and words in line and shown.out == ""


PACKED = {"cluster_mean": [[1]], "cluster_count": [[1]], "cluster_columns": ["de-de"]}
UNEVEN = {"query_language": ["de"], "query_id": ["1"], "group": ["x", "y"], "document_languages": ["de"]}


def _changed(content: bytes) -> bytes:
    """The packed values of the first array are damaged."""
    return content[:60] + bytes(byte ^ 0xFF for byte in content[60:80]) + content[80:]


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        (PACKED, "are packed to sums for a board; name results as `xbench run` wrote them"),
        ({"AP": [1.0]}, "lack document_languages, group, query_id, query_language"),
        (UNEVEN, "query_language: found shape (1,), expected (8) by the result's counts"),
        (_changed, "cannot be read"),
        (lambda content: content[:50], "cannot be read"),
        (lambda content: b"", "cannot be read"),
        (lambda content: b"\x93NUMPY\x01\0", "cannot be read"),
    ],
)
def test_array_files_of_others_and_damaged_ones_are_one_line(tmp_path: Path, arrays: Any, words: str) -> None:
    path = file_result(tmp_path, cells(0.0)).with_suffix(".npz")
    if callable(arrays):
        path.write_bytes(arrays(path.read_bytes()))
    else:
        np.savez_compressed(path, **{name: np.array(values) for name, values in arrays.items()})
    with pytest.raises(DataError) as refused:
        make_table([tmp_path], None, None)
    assert str(path) in str(refused.value) and words in str(refused.value) and "\n" not in str(refused.value)


def test_results_of_other_data_or_several_tasks_are_refused(folder: Path) -> None:
    other = {"name": "other", "title": "", "group": "question"}
    file_result(folder, cells(0.0), digest="e" * 64, task=other)
    with pytest.raises(DataError, match="results of other, toy; choose one with --task"):
        make_table([folder], None, None)
    assert len(make_table([folder], "toy", None).rows) == 3
    file_result(folder, cells(0.0), "y", digest="f" * 64, data="z" * 64)
    with pytest.raises(DataError, match=r"scored on other data .*; choose the newest with --newest$"):
        make_table([folder], "toy", None)


def test_of_several_versions_of_the_data_the_newest_are_chosen_and_the_others_named(folder: Path) -> None:
    for digest, data, day in (("e", "y", "05"), ("f", "z", "09")):
        said = {"collection_sha256": data * 64, "filed": f"2099-01-{day}T00:00:00Z"}
        file_result(folder, cells(0.0), "y", digest=digest * 64, provenance=said)
    table = make_table([folder], None, None, newest=True)
    assert [row.digest for row in table.rows] == ["f" * 64]
    assert table.notes[0].startswith("On the newest data: data zzzzzzzzzzzz of 2099-01-09; left out: 5 on data ")
    assert "yyyyyyyyyyyy" in table.notes[0] and "to 2099-01-05" in table.notes[0] and table.notes[0] in caption(table)
    assert "newest" not in caption(make_table([folder / "toy" / "x"], None, None, newest=True))


def test_cr_by_scripts_stands_in_the_appendix_where_pairs_are_of_both_kinds(tmp_path: Path) -> None:
    file_result(tmp_path / "two", CELLS)
    file_result(tmp_path / "three", {"de-en": 0.5, "en-de": 0.3, "de-ru": 0.2, "ru-en": 0.1, "ru-ru": 0.9})
    text = render(make_table([tmp_path / "three"], None, None), "md", appendix=True)
    assert (
        "| Model | Recipe | Cr one script | Cr two scripts |\n| --- | --- | ---: | ---: |\n| one | none | 40.0 | 15.0 |"
        in text
    )
    assert "script" not in render(make_table([tmp_path / "two"], None, None), "md", appendix=True)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--metric", "RR"], "--metric RR: not in"),
        (["--baseline", "some_model"], "--baseline some_model: no row of that name"),
        (["--task", "absent"], "no result of task absent"),
        (["--differences"], "--differences needs a --baseline"),
        (["--margin", "0.5"], "--margin and --equivalent need a --baseline"),
        (["--margin", "-1", "--baseline", "some_model/none"], "--margin -1: expected points"),
        (["--differences", "--baseline", "x/hybrid/facts", "--appendix"], "goes without --appendix"),
    ],
)
def test_a_wrong_request_is_one_line_and_writes_nothing(
    folder: Path, options: list[str], words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = folder / "table.tex"
    monkeypatch.setattr(sys, "argv", ["xbench", "table", str(folder), "--out", str(out), *options])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line
    assert not out.exists()


def test_a_frame_has_a_row_per_configuration_and_column(folder: Path) -> None:
    table = make_table([folder], None, None, "some_model/none")
    frame = table.to_frame()
    assert len(frame) == 3 * 5 and list(frame["column"].unique()) == list(table.columns)
    (row,) = frame[(frame["recipe"] == "hybrid") & (frame["column"] == "Mo")].to_dict("records")
    assert (row["seeds"], row["value"]) == ((0, 1), pytest.approx(0.8))
    cell = table.rows[2].cells["Mo"]
    assert cell is not None and (row["low"], row["high"], row["p"]) == (cell.low, cell.high, cell.p)


def test_a_notebook_shows_the_table_with_its_marks_and_escapes_its_names(folder: Path) -> None:
    file_result(folder, cells(-0.2), "<b>&", digest="e" * 64, distance=7.5)
    shown = make_table([folder], None, None)._repr_html_()
    assert "<td>&lt;b&gt;&amp;</td>" in shown and "<b>&" not in shown
    assert "<b>80.0</b>" in shown and "<small>[" in shown
    assert make_table([folder], None, None)._repr_html_() == shown


def test_a_value_of_another_kind_is_a_value_that_a_table_lacks(tmp_path: Path) -> None:
    file_result(tmp_path, cells(0.0), bias={"rank_distance": []})
    (row,) = make_table([tmp_path], None, None).rows
    assert row.cells["Rank distance"] is None and row.cells["Mo"] is not None


def test_a_row_is_named_as_the_baseline_names_it(folder: Path) -> None:
    table = make_table([folder], None, None)
    assert [row.key for row in table.rows] == ["random/none", "some_model/none", "x/hybrid/facts"]
    assert row_key("m", "none", None) == "m/none"


def test_a_hostile_name_breaks_no_row_label_or_cell(tmp_path: Path) -> None:
    hostile = "=cmd|'/C calc'!A0\n\\end{table} % \x1b[31m"
    path = file_result(tmp_path, cells(0.0), "toy-model", task={"name": "toy", "title": hostile, "group": "question"})
    stored = json.loads(path.read_text())
    path.write_text(json.dumps(stored | {"task": "a}b%c", "model": hostile.replace("\n", " ").replace("\x1b", "")}))
    table = make_table([tmp_path], None, None)
    latex, markdown, sheet = (render(table, style) for style in ("latex", "md", "csv"))
    assert "\\label{tab:a-b-c}" in latex and latex.count("\\end{table}") == 1
    assert len([line for line in markdown.splitlines() if line.startswith("|")]) == 3
    (row,) = csv.DictReader(io.StringIO(sheet))
    assert row["model"].startswith("'=cmd")
    assert not {"\x1b"} & set(latex + markdown)


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", " =1", "\ufeff=1", "\uff1d1"])
def test_no_cell_of_a_csv_is_a_formula(text: str) -> None:
    assert csv_text(["a"], [[text]]).splitlines()[1].lstrip('"').startswith("'")
    assert csv_text(["a"], [[-1.5], [None], ["de-en"]]) == 'a\n-1.5\n""\nde-en\n'
