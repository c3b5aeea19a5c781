"""Reports of studies and alignment: what a file may hold, and the pages that show it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from board_reports import ALIGNMENT, STUDY, file_reports, study
from boards import file_result
from click.testing import CliRunner

from xbench.board.site import build_site
from xbench.board.studies import Study, parse_report, read_reports, report_files, written
from xbench.cli import cli
from xbench.errors import DataError

HOSTILE = "</h1><script>alert(1)</script>\u202e"


def site_with(folder: Path, *reports: dict[str, Any]) -> Path:
    if not (folder / "results").exists():
        file_result(folder / "results")
    build_site([folder / "results"], folder / "site", studies=[file_reports(folder / "reports", *reports)])
    return folder / "site"


def page(site: Path, name: str) -> str:
    return (site / name).read_text(encoding="utf-8")


def test_a_study_shows_its_question_verdicts_pictures_tables_and_command(tmp_path: Path) -> None:
    shown = page(site_with(tmp_path), "studies/hybrid-or-not.html")
    for words in (STUDY["question"], STUDY["answer"], STUDY["command"], "2.10 (1.40 to 2.80)", "&lt; 0.0001", "41.25"):
        assert words in shown
    assert shown.count('<span class="verdict supported">') == 1 and shown.count('<span class="verdict undecided">') == 1
    assert shown.count("<figure>") == 2 + len(STUDY["plots"])  # the effects in each of two units, and its own
    assert '<a href="../tasks/tiny.html">' in shown and "style=" not in shown


def test_alignment_is_a_map_for_each_metric(tmp_path: Path) -> None:
    shown = page(site_with(tmp_path), "alignment/static-tiny.html")
    assert "Shades go from 0.200 to 0.610" in shown and re.search(r'<td class="h19">0\.610', shown)
    assert "higher is better" in shown and '<td class="hx">–' in shown


def test_pages_of_reports_are_linked_where_there_are_some_and_only_there(tmp_path: Path) -> None:
    file_result(tmp_path / "results")
    build_site([tmp_path / "results"], tmp_path / "site")
    names = ["index.html", "tasks/tiny.html", "languages/de.html", next((tmp_path / "site" / "runs").iterdir()).name]
    names[-1] = f"runs/{names[-1]}"
    assert not any("studies/" in page(tmp_path / "site", name) for name in names)
    site = site_with(tmp_path)
    assert all(
        "studies/index.html" in page(site, name) and "alignment/index.html" in page(site, name) for name in names
    )
    assert "studies/hybrid-or-not.html" in page(site, "tasks/tiny.html")
    assert "H1: supported, H2: undecided" in page(site, "studies/index.html")
    build_site([tmp_path / "results"], tmp_path / "site")  # and are gone again
    assert not (site / "studies" / "index.html").exists()
    assert not any("studies/" in page(site, name) for name in names)


def test_what_is_written_is_read_again_and_lies_beside_the_page(tmp_path: Path) -> None:
    report = parse_report(json.dumps(STUDY), "here")
    assert isinstance(report, Study) and parse_report(written(report), "there") == report
    assert page(site_with(tmp_path), "data/study-hybrid-or-not.json") == written(report)


def test_every_text_of_a_report_is_escaped_and_seen(tmp_path: Path) -> None:
    def hostile(value: Any) -> Any:
        kept = ("kind", "name", "date", "verdict", "mark", "href", "better", "tasks", "schema", "pairs", "interval")
        if isinstance(value, dict):
            return {key: part if key in kept else hostile(part) for key, part in value.items()}
        return (
            [hostile(part) for part in value]
            if isinstance(value, list)
            else HOSTILE
            if isinstance(value, str)
            else value
        )

    site = site_with(tmp_path, hostile(STUDY), hostile(ALIGNMENT))
    for name in ("studies/hybrid-or-not.html", "studies/index.html", "alignment/static-tiny.html", "tasks/tiny.html"):
        shown = page(site, name)
        assert "<script>alert" not in shown and "\u202e" not in shown and "&lt;script&gt;" in shown


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": "../x"}, "name: "),
        ({"kind": "essay"}, "kind: "),
        ({"schema": 2}, "schema: "),
        ({"question": 5}, "question: "),
        ({"extra": 1}, "extra: "),
        ({"date": "yesterday"}, "date: "),
        ({"plots": ["<svg/>"]}, "plots.0: "),
        ({"plots": [{"kind": "svg", "title": "t"}]}, "plots.0: "),
        ({"tables": [{"title": "t", "columns": ["a"], "rows": [[1, 2]]}]}, "tables.0: "),
        ({"hypotheses": [{"name": "H", "statement": "s", "verdict": "won"}]}, "hypotheses.0.verdict: "),
        ({"hypotheses": [{"name": "H", "statement": "s", "verdict": "refuted", "p": 1.5}]}, "hypotheses.0.p: "),
    ],
)
def test_a_fault_is_one_line_with_file_and_key(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError) as raised:
        parse_report(json.dumps(study(**fields)), "study.json")
    assert str(raised.value).startswith(f"study.json: {words}") and "\n" not in str(raised.value)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"kind": NaN}', '{"a": 1, "a": 2}', "[" * 100_000])
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(DataError, match=r"study\.json"):
        parse_report(text, "study.json")


def test_two_reports_of_one_name_are_refused_and_so_is_a_place_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a second study 'hybrid-or-not'"):
        read_reports(report_files([file_reports(tmp_path, STUDY, STUDY)]))
    with pytest.raises(DataError, match="no such file or folder"):
        report_files([tmp_path / "none"])


def test_the_command_takes_reports_and_names_a_fault(tmp_path: Path) -> None:
    file_result(tmp_path / "results")
    file_reports(tmp_path / "reports")
    words = ["leaderboard", "build", "--results", str(tmp_path / "results"), "--out", str(tmp_path / "site")]
    done = CliRunner().invoke(cli, [*words, "--studies", str(tmp_path / "reports")])
    assert done.exit_code == 0 and (tmp_path / "site" / "studies" / "index.html").is_file()
    (tmp_path / "reports" / "0.json").write_text("{")
    assert isinstance(CliRunner().invoke(cli, [*words, "--studies", str(tmp_path / "reports")]).exception, DataError)
