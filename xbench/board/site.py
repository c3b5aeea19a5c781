"""The leaderboard: result files and published rows in, static pages out. The same input gives the same bytes anywhere.

Reads results and templates; knows no task data, no model and no ranking. No clock, no randomness: a second build writes
only what changed. Pages need no network, and no script to be read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xbench.board import answers, downloads, language_page, report_pages, task_page, views
from xbench.board.clusters import decode_influence
from xbench.board.details import label, safe_json, script
from xbench.board.distinctions import told_apart
from xbench.board.edition import Pages, Site
from xbench.board.output import Output
from xbench.board.pages import slug
from xbench.board.rowpages import row_content, write_rows
from xbench.board.sources import find_sources
from xbench.board.standings import boards_of, rows_of
from xbench.board.studies import Report, every_report, read_reports, report_files, shipped_reports, written
from xbench.board.systems import task_systems
from xbench.board.templates import page_templates
from xbench.board.twins import on_board
from xbench.published.papers import published_files, read_published
from xbench.specs.registry import shipped


@dataclass(frozen=True)
class SiteFiles:
    """`files`: every file of the site, the index first. `skipped`: a line for each result that was left out."""

    files: list[Path]
    skipped: list[str]


def build_site(
    results: Sequence[Path], out: Path, published: Path | None = None, studies: Sequence[Path] | None = ()
) -> SiteFiles:
    """Write the site of all results under the folders `results` to `out`. Raises DataError where there is none to show.

    `published`: the folder of published rows; by default what ships. `studies`: reports of studies and of alignment;
    None: those that ship, as far as their tasks are among the results'.
    """
    reports = read_reports(report_files(studies or ()))
    papers = published_files(published)
    output = Output(out, _generator(papers))
    measured = find_sources(results, output.known)
    influence = {
        source.run.page: {name: decode_influence(part) for name, part in source.influence.items()}
        for source in measured.chosen
    }
    if studies is None:
        reports = shipped_reports({source.run.task for source in measured.chosen})
    read = {source.run.page: source.file for source in measured.chosen}
    boards = told_apart(
        boards_of([source.run for source in measured.chosen], influence), lambda page: read[page].result
    )
    shown = read_published(papers)
    site = Site(measured, boards, rows_of(boards), {board.name: on_board(board, shown) for board in boards}, reports)
    _write(site, output)
    files = output.finish({source.key: source.plain() for source in measured.chosen})
    return SiteFiles(files, measured.skipped)


def _generator(papers: Sequence[Path]) -> str:
    """Digest of what makes pages of results: the code of this package, of results and of the test, templates, style and
    scripts, published rows."""
    import babel
    import jinja2
    import numpy

    package = Path(__file__).parents[1]
    own = [path for room in ("board", "results") for path in sorted((package / room).rglob("*.py"))]
    own.append(package / "evaluation" / "statistics.py")
    shown = sorted(path for path in shipped("leaderboard").rglob("*") if path.suffix in (".j2", ".css", ".js", ".svg"))
    seen = hashlib.sha256(repr([module.__version__ for module in (babel, jinja2, numpy)]).encode())
    for path in [*own, *shown, *papers]:
        seen.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return seen.hexdigest()[:16]


def _write(site: Site, output: Output) -> None:
    pages = Pages(page_templates(), site, output)
    page = pages.write
    tasks = task_systems(site.boards, site.published)
    page("index.html", "index", "", views.overview(site.boards, site.rows, tasks))
    for task in tasks:
        output.write(f"data/answers/{task.name}.js", script(f"answers/{task.name}", answers.plain(task)))
    write_rows(pages)
    for board in site.boards:
        shown = row_content(site, board, next(iter(board.standings.values()))).own
        page(f"tasks/{board.name}.html", "task", "../", task_page.task(board, site, shown))
    page("languages/index.html", "languages", "../", views.languages(site.boards, site.languages))
    for code in site.languages:
        page(
            f"languages/{slug(code)}.html", "language", "../", language_page.language(code, site.boards, site.published)
        )
    choices = [
        [board.name, standing.page, label(standing), board.title]
        for board in site.boards
        for standing in board.standings.values()
    ]
    page("compare.html", "compare", "", {"choices": safe_json(choices)})
    page("methods.html", "methods", "")
    page("add.html", "add", "")
    _write_reports(site, pages)
    for name, content in downloads.every(site.boards):
        output.write(f"data/{name}", content)
    for path in sorted((shipped("leaderboard") / "static").iterdir()):
        if path.is_file():
            output.write(f"static/{path.name}", path.read_bytes())


def _write_reports(site: Site, pages: Pages) -> None:
    """Pages of studies and of alignment metrics, with a list of each kind, where there are some."""
    reports = site.reports
    lists: list[tuple[str, str, str, Sequence[Report]]] = [
        (
            "studies",
            "Studies",
            "A question, hypotheses fixed before the runs, and what became of each.",
            reports.studies,
        ),
        (
            "alignment",
            "Alignment",
            "How close the vectors of translations lie, by pair of languages.",
            reports.alignments,
        ),
    ]
    for folder, title, words, some in lists:
        if some:
            values: dict[str, object] = {"title": title, "words": words, "reports": some}
            pages.write(f"{folder}/index.html", "reports-list", "../", values)
    for study in reports.studies:
        pages.write(f"studies/{slug(study.name)}.html", "study", "../", report_pages.study(study))
    for one in reports.alignments:
        pages.write(f"alignment/{slug(one.name)}.html", "alignment", "../", report_pages.alignment(one))
    for report in every_report(reports):
        pages.output.write(f"data/{report.kind}-{slug(report.name)}.json", written(report))
