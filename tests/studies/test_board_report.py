"""A study on the board: the JSON of its report is what `leaderboard build` takes; nothing in it is of this machine."""

from __future__ import annotations

import importlib.util
import tempfile
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner
from study_files import machine, run, study

from xbench.board.site import build_site
from xbench.board.studies import Study, parse_report, shipped_reports
from xbench.cli import cli
from xbench.specs.registry import shipped
from xbench.studies import board_report as rooms
from xbench.studies.board_report import answer, board_report
from xbench.studies.commands import portable, whole_study
from xbench.studies.declared import declared_study
from xbench.studies.document import Report, Section, Table
from xbench.studies.findings import findings_of
from xbench.studies.report import write_report

ROOT = Path(__file__).parents[2]
REPORTS = ROOT / "docs" / "studies"


def written_report(folder: Path) -> Study:
    declared = study(folder)
    run(declared)
    write_report(findings_of(declared, machine(folder)), folder / "reports" / "chance")
    path = folder / "reports" / "chance" / "report.json"
    report = parse_report(path.read_text(encoding="utf-8"), str(path))
    assert isinstance(report, Study)
    return report


def test_the_json_of_a_report_holds_its_verdicts_pictures_and_tables(tmp_path: Path) -> None:
    report = written_report(tmp_path)
    found = findings_of(study(tmp_path), machine(tmp_path))
    assert [one.verdict for one in report.hypotheses] == [verdict.word for verdict in found.verdicts]
    estimate = found.verdicts[1].test.estimate
    assert estimate and report.hypotheses[1].effect == pytest.approx(100 * estimate.value)
    assert report.hypotheses[1].margin == 5.0 and report.hypotheses[1].unit == "points"
    assert [plot.kind for plot in report.plots] == ["scatter", "curves", "curves", "curves"]
    assert {table.title for table in report.tables} == {"Exploratory: 32 - 8", "Means: facts"}
    assert any(note.startswith("What this cannot tell: Questions are those of facts") for note in report.notes)
    assert (
        report.date
        == max(result.provenance.filed or "" for result in found.evidence.results["8", "facts"].values())[:10]
    )


def test_the_board_shows_a_report_and_its_task_leads_there(tmp_path: Path) -> None:
    report = written_report(tmp_path)
    build_site([tmp_path / "out" / "results"], tmp_path / "site", studies=[tmp_path / "reports"])
    page = (tmp_path / "site" / "studies" / "chance.html").read_text(encoding="utf-8")
    assert report.question in page and "more is better" in page and "Mo and Cr on facts" in page
    (task,) = (tmp_path / "site" / "tasks").glob("*.html")
    assert "studies/chance.html" in task.read_text(encoding="utf-8")


def test_without_reports_of_ones_own_the_board_shows_those_that_ship(tmp_path: Path) -> None:
    written_report(tmp_path)
    site = tmp_path / "site"
    command = ["leaderboard", "build", "--results", str(tmp_path / "out" / "results"), "--out", str(site)]
    assert CliRunner().invoke(cli, command).exit_code == 0
    assert (site / "studies" / "facts.html").exists() and not (site / "studies" / "chance.html").exists()
    assert CliRunner().invoke(cli, [*command, "--studies", str(tmp_path / "reports")]).exit_code == 0
    assert (site / "studies" / "chance.html").exists() and not (site / "studies" / "facts.html").exists()


def test_what_the_page_has_no_room_for_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = findings_of(study(tmp_path), machine(tmp_path))
    table = Table("t", ("a", "b"), [("1", "2")])
    document = Report("r", (Section("s", points=tuple(f"point {n}" for n in range(99)), tables=(table,) * 22),))
    report = board_report(found, document, ())
    assert len(report.tables) == 20 and report.notes[0] == "2 more tables stand in the report."
    assert len(report.notes) == 50 and report.notes[-1] == "51 more notes stand in the report."
    monkeypatch.setattr(rooms, "ROWS", 0)
    assert "The table 's: t' is whole in the report alone." in board_report(found, document, ()).notes


def test_verdicts_are_counted() -> None:
    assert answer(["supported", "undecided"]) == "Of 2 hypotheses: 1 supported, 0 refuted, 1 undecided."
    assert answer([]).startswith("No hypothesis was stated")


def test_no_place_of_a_machine_stands_in_a_report(tmp_path: Path) -> None:
    written_report(tmp_path)
    for path in (tmp_path / "reports" / "chance").iterdir():
        text = path.read_text(encoding="utf-8")
        assert str(tmp_path) not in text and str(ROOT) not in text, path.name
    assert "--out studies/chance/results" in (tmp_path / "reports" / "chance" / "report.md").read_text(encoding="utf-8")


def test_commands_name_files_as_everybody_has_them(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    declared = replace(study(tmp_path), source=str(tmp_path / "chance.yaml"))
    corpus = shipped("baselines") / "studies" / "small" / "legal.yaml"
    words = (
        f"xbench run --model {tmp_path}/own/m.yaml --corpus {corpus} --set model.folder=/elsewhere/weights --out /a/b"
    )
    assert portable(words, declared) == (
        "xbench run --model own/m.yaml --corpus baselines/studies/small/legal.yaml "
        "--set model.folder=weights --out studies/chance/results"
    )
    assert whole_study(declared) == ["xbench study run chance.yaml", "xbench study report chance.yaml"]
    assert whole_study(declared_study("facts")) == ["xbench study run facts", "xbench study report facts"]


def table_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("study_table", ROOT / "benchmarks/study_table.py")
    assert spec and spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


def test_the_table_of_verdicts_is_that_of_the_shipped_reports() -> None:
    every = [
        parse_report(path.read_text(encoding="utf-8"), str(path)) for path in sorted(REPORTS.glob("*/report.json"))
    ]
    tasks = {task for report in every for task in report.tasks}
    reports = shipped_reports(tasks).studies
    assert [report.name for report in reports] == sorted(path.parent.name for path in REPORTS.glob("*/report.json"))
    assert table_script().table(list(reports)) == (REPORTS / "README.md").read_text(encoding="utf-8")


def test_shipped_reports_stand_on_boards_of_their_tasks_alone() -> None:
    assert "facts" in [report.name for report in shipped_reports({"facts"}).studies]
    assert not shipped_reports({"another"})


@pytest.mark.parametrize(
    "folder", sorted(path.parent for path in REPORTS.glob("*/report.json")), ids=lambda path: path.name
)
def test_a_shipped_report_names_no_place_and_has_its_pictures(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} >= {"report.md", "report.html", "report.csv", "report.tex"}
    text = "".join(path.read_text(encoding="utf-8") for path in folder.iterdir())
    places = {str(Path.home()), tempfile.gettempdir(), str(Path(__file__).parents[2])} - {"/"}
    assert not [place for place in places if f"{place}/" in text]
    for name in [line.rpartition("](")[2][:-1] for line in text.splitlines() if line.startswith("![")]:
        assert (folder / name).is_file()
