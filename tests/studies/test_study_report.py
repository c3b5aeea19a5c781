"""The report: what it says, that it says when something was decided, and that the same runs give the same bytes."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from study_files import content, machine, run, study

from xbench.errors import DataError
from xbench.reports.comparison import compare_sides
from xbench.reports.sides import make_side
from xbench.studies.document import Figure, Report, Section, Table
from xbench.studies.findings import findings_of
from xbench.studies.folder import StudyFolder
from xbench.studies.forms.latex import latex
from xbench.studies.forms.markdown import markdown
from xbench.studies.forms.page import page
from xbench.studies.machine import Declared
from xbench.studies.planning import plan_study
from xbench.studies.report import write_report


def report(declared: Declared, to: Path | None = None) -> dict[str, str]:
    paths = write_report(findings_of(declared, machine(declared.out.parent)), to or declared.out / "report")
    return {path.name: path.read_text(encoding="utf-8") for path in paths}


def test_the_same_runs_give_the_same_bytes(tmp_path: Path) -> None:
    declared = study(tmp_path)
    run(declared)
    assert report(declared, tmp_path / "one") == report(declared, tmp_path / "two")


def test_every_form_tells_question_verdicts_and_commands(tmp_path: Path) -> None:
    declared = study(tmp_path)
    run(declared)
    texts = report(declared)
    assert {name for name in texts if not name.endswith(".svg")} == {
        *("report.md", "report.html", "report.tex", "report.csv", "report.json")
    }
    for name in ("report.md", "report.html"):
        assert "Is chance in more dimensions better?" in texts[name]
    commands = re.findall(r"xbench run --model random .*?--seed \d.*# results/\S+json", texts["report.md"])
    assert len(commands) == 6
    rows = list(csv.DictReader(texts["report.csv"].splitlines()))
    assert [row["hypothesis"] for row in rows] == ["more is better", "keeps Mo"]
    assert {row["verdict"] for row in rows} <= {"supported", "refuted", "undecided"}
    ElementTree.fromstring(
        texts["report.html"]
        .removeprefix("<!doctype html>\n")
        .replace('<meta charset="utf-8">', "")
        .replace('initial-scale=1">', 'initial-scale=1"/>')
        .replace('img-src data:">', 'img-src data:"/>')
    )


def test_the_design_names_what_is_the_same_in_every_arm(tmp_path: Path) -> None:
    said = report(study(tmp_path))["report.md"]
    assert "model random, task.options.kinds = official-language\n" in said


def test_an_effect_is_that_of_compare(tmp_path: Path) -> None:
    """One test in the whole project: the same difference, error and degrees of freedom."""
    declared = study(tmp_path)
    run(declared)
    findings = findings_of(declared, machine(tmp_path))
    sides = [make_side(list(findings.evidence.results[name, "facts"].values())) for name in ("32", "8")]
    macros = {one.name: one for one in compare_sides(*sides).macros}
    for verdict, name in zip(findings.verdicts, ("Cr", "Mo"), strict=True):
        estimate = verdict.test.estimate
        assert estimate
        expected = (macros[name].value, macros[name].error, macros[name].freedom)
        assert (estimate.value, estimate.error, estimate.freedom) == pytest.approx(expected)


def test_what_was_decided_after_runs_is_a_deviation(tmp_path: Path) -> None:
    declared = study(tmp_path)
    plan_study(declared, machine(tmp_path))
    run(declared)
    assert "None: what is reported is what was decided before the first run." in report(declared)["report.md"]
    late = {"name": "late", "contrast": "32 - 8", "outcome": "rank distance", "direction": "lower"}
    changed = study(tmp_path, hypotheses=[content()["hypotheses"][0], late], seeds=2)
    said = report(changed)["report.md"]
    assert "The file was changed since it was last frozen: seeds was 3, is 2." in said
    assert "Hypothesis 'late' was decided after the last run; its verdict is exploratory." in said
    assert "Hypothesis 'keeps Mo' was declared and is no more." in said
    assert "8, seed 2, facts: made, and no part of the study any more." in said
    assert "more is better: undecided. " in said and "- late: undecided (exploratory). " in said
    plan_study(changed, machine(tmp_path))
    assert "Hypothesis 'late' was decided after 4 runs" in report(changed)["report.md"]


def test_a_family_that_lost_hypotheses_after_the_runs_is_exploratory(tmp_path: Path) -> None:
    """Holm's correction would otherwise be bought down."""
    declared = study(tmp_path)
    run(declared)
    said = report(study(tmp_path, hypotheses=content()["hypotheses"][:1]))["report.md"]
    assert "- more is better: undecided (exploratory). " in said
    assert "The family 'primary' had 2 hypotheses and has 1: p is corrected for fewer" in said


def test_a_report_of_nothing_says_so(tmp_path: Path) -> None:
    said = report(study(tmp_path))["report.md"]
    assert "not tested" in said and "Nothing was frozen before the report" in said
    assert "8, seed 0, facts: to do." in said


def test_results_on_two_versions_of_the_data_are_not_mixed(tmp_path: Path) -> None:
    declared = study(tmp_path)
    run(declared)
    other = study(
        tmp_path / "other",
        fixed={**content()["fixed"], "set": {"task.options.kinds": ["home-territory"]}},
    )
    run(other)
    folder = StudyFolder(declared.out)
    mine, theirs = folder.records()[0], StudyFolder(other.out).records()
    same = next(one for one in theirs if (one.arm, one.seed) == (mine.arm, mine.seed))
    for suffix in (".json", ".npz"):
        source, target = (place.with_suffix(suffix) for place in (other.out / same.result, declared.out / mine.result))
        target.write_bytes(source.read_bytes())
    with pytest.raises(DataError, match="another result than this study's run filed"):
        findings_of(declared, machine(tmp_path))


def test_a_damaged_file_of_decisions_is_one_line(tmp_path: Path) -> None:
    declared = study(tmp_path)
    plan_study(declared, machine(tmp_path))
    (declared.out / "decisions.json").write_text("[")
    with pytest.raises(DataError, match=r"decisions.json: damaged"):
        report(declared)


HOSTILE = "a|b_<script>&\\ 100 % $x #"
DOCUMENT = Report(
    HOSTILE,
    (
        Section(
            HOSTILE,
            (HOSTILE,),
            points=(HOSTILE,),
            tables=(Table(HOSTILE, ("name", HOSTILE), [(HOSTILE, "1")], HOSTILE),),
            figures=(Figure("one", HOSTILE, "<svg></svg>"),),
            code=("xbench run",),
        ),
    ),
)


def test_words_of_a_study_stay_words_in_every_form() -> None:
    assert "<script>" not in page(DOCUMENT) and "<svg></svg>" in page(DOCUMENT)
    text = markdown(DOCUMENT)
    assert "\\<script>" in text and "a\\|b\\_" in text and "](one.svg)" in text
    assert r"a|b\_\textless{}script\textgreater{}\&\textbackslash{} 100 \% \$x \#" in latex(DOCUMENT)
