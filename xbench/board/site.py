"""The leaderboard: result files and published rows in, static pages out. The same input gives the same bytes anywhere.

Reads results and templates; knows no task data, no model and no ranking. No clock, no randomness: a second build writes
only what changed. Pages need no network, and no script to be read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from xbench.board import answers, downloads, language_page, report_pages, task_page, views
from xbench.board.carried import carried
from xbench.board.details import label, safe_json, script
from xbench.board.distinctions import told_apart
from xbench.board.edition import Pages, Site
from xbench.board.elsewhere.boards import published_boards
from xbench.board.elsewhere.intake import read_stores
from xbench.board.elsewhere.published_pages import Elsewhere
from xbench.board.memory import Memory
from xbench.board.output import Output, Written
from xbench.board.pages import slug
from xbench.board.processes import spread
from xbench.board.published_files import write_published
from xbench.board.rowpages import row_detail, write_rows
from xbench.board.sources import ResultSources, find_sources
from xbench.board.standings import Board, boards_of, rows_of
from xbench.board.studies import Report, Reports, every_report, read_reports, report_files, shipped_reports, written
from xbench.board.systems import TaskSystems, task_systems
from xbench.board.templates import page_templates
from xbench.board.twins import on_board
from xbench.errors import SpecError
from xbench.published.papers import Published, published_files, read_published
from xbench.published.runs import PublishedRun
from xbench.specs.registry import shipped

ROWS_AT_ONCE = 20  # of a page, that weigh as much as a thing to read


@dataclass(frozen=True)
class SiteFiles:
    """`files`: every file of the site, the index first. `skipped`: a line for each result that was left out."""

    files: list[Path]
    skipped: list[str]


def build_site(
    results: Sequence[Path],
    out: Path,
    published: Path | None = None,
    studies: Sequence[Path] | None = (),
    stores: Sequence[Path] = (),
) -> SiteFiles:
    """Write the site of all results under the folders `results` to `out`. Raises DataError where there is none to show.

    `published`: the folder of published rows; by default what ships. `studies`: reports of studies and of alignment;
    None: those that ship, as far as their tasks are among the results'. `stores` of published runs.
    """
    reports = read_reports(report_files(studies or ()))
    papers = published_files(published)
    generator = _generator(papers)
    output, memory = Output(out, generator), Memory(out, generator)
    shown, wrong = _published(papers)
    runs = read_stores(stores)
    measured = find_sources(results, memory)
    if studies is None:
        known = {source.run.task for source in measured.chosen} | {run.task.name for run in runs.runs}
        reports = shipped_reports(known)
    try:
        site = _written(measured, Others(tuple(shown), reports, runs.runs), output)
        files = output.finish()
    finally:
        output.abandon()
    memory.keep({source.key: source.plain() for source in site.measured.chosen})
    return SiteFiles(files, [*wrong, *runs.skipped, *site.measured.skipped])


def _published(papers: Sequence[Path]) -> tuple[list[Published], list[str]]:
    """What the files of published rows hold, and a line for each that is left out."""
    shown: list[Published] = []
    wrong = []
    for path in papers:
        try:
            shown += read_published([path])
        except SpecError as error:
            wrong.append(str(error))
    return shown, wrong


@dataclass(frozen=True)
class Others:
    """What a site shows beside results: tables of papers, reports, published runs."""

    tables: tuple[Published, ...]
    reports: Reports
    runs: tuple[PublishedRun, ...]


def _written(measured: ResultSources, others: Others, output: Output) -> Site:
    """The site, its pages written; results whose own pages cannot be made are left out of it."""
    while True:
        site = _site(measured, others)
        pages = Pages(page_templates(), site, output)
        failed = write_rows(pages)
        if not failed:
            _write(pages)
            return site
        rows = {
            run.page: line
            for board in site.boards
            for row in board.standings.values()
            for run in row.runs
            if (line := failed.get(row.page))
        }
        measured = measured.without(rows)
        output.forget()


def _site(measured: ResultSources, others: Others) -> Site:
    influence = {source.run.page: source.evidence.influence for source in measured.chosen}
    of_page = {source.run.page: source for source in measured.chosen}
    boards = told_apart(
        boards_of([source.run for source in measured.chosen], influence), lambda page: of_page[page].file().result
    )
    tables = {board.name: on_board(board, others.tables) for board in boards}
    elsewhere = Elsewhere(tuple(published_boards(others.runs, [board.name for board in boards])))
    return Site(measured, boards, rows_of(boards), tables, others.reports, elsewhere)


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


def _write(pages: Pages) -> None:
    """Every page but those of rows; those with a part for every row in several processes where there are many."""
    site, output, page = pages.site, pages.output, pages.write
    tasks = task_systems(site.boards, site.published)
    work = [partial(_write_overview, pages, tasks)]
    work += [partial(_write_answers, pages, task) for task in tasks]
    work += [partial(_write_task, pages, board) for board in site.boards]
    work += [partial(_write_language, pages, code) for code in site.languages]
    for made in spread(partial(_written_by, output), work, weight=max(1, len(site.rows) // ROWS_AT_ONCE)):
        output.adopt(made)
    write_published(pages)
    choices = [
        [board.name, standing.page, label(standing), board.title]
        for board in site.boards
        for standing in board.standings.values()
    ]
    page("compare.html", "compare", "", {"choices": safe_json(choices)})
    page("methods.html", "methods", "")
    page("add.html", "add", "")
    _write_reports(site, pages)
    for name, content in downloads.every(site.boards, carried(site).results):
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


def _written_by(output: Output, work: Callable[[], None]) -> Written:
    before = set(output.since(())[0])
    work()
    return output.since(before)


def _write_overview(pages: Pages, tasks: Sequence[TaskSystems]) -> None:
    pages.write(
        "index.html", "index", "", views.overview(pages.site.boards, pages.site.rows, tasks, pages.site.elsewhere)
    )


def _write_answers(pages: Pages, task: TaskSystems) -> None:
    pages.output.write(f"data/answers/{task.name}.js", script(f"answers/{task.name}", answers.plain(task)))


def _write_task(pages: Pages, board: Board) -> None:
    shown = row_detail(pages.site, board, next(iter(board.standings.values())))
    pages.write(f"tasks/{board.name}.html", "task", "../", task_page.task(board, pages.site, shown))


def _write_language(pages: Pages, code: str) -> None:
    values = language_page.language(code, pages.site.boards, pages.site.published)
    pages.write(f"languages/{slug(code)}.html", "language", "../", values)
