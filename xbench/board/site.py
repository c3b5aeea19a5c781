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

from xbench.board import downloads, views
from xbench.board.details import label, safe_json, scores_of, script
from xbench.board.edition import Pages, Site
from xbench.board.memory import Memory
from xbench.board.output import Output, Written
from xbench.board.pages import slug
from xbench.board.processes import spread
from xbench.board.rowpages import row_detail, write_rows
from xbench.board.sources import ResultSources, find_sources
from xbench.board.standings import Board, boards_of, rows_of
from xbench.board.templates import page_templates
from xbench.board.twins import on_board
from xbench.errors import SpecError
from xbench.published.papers import Published, published_files, read_published
from xbench.specs.registry import shipped

ROWS_AT_ONCE = 20  # of a page, that weigh as much as a thing to read


@dataclass(frozen=True)
class SiteFiles:
    """`files`: every file of the site, the index first. `skipped`: a line for each result that was left out."""

    files: list[Path]
    skipped: list[str]


def build_site(results: Sequence[Path], out: Path, published: Path | None = None) -> SiteFiles:
    """Write the site of all results under the folders `results` to `out`. Raises DataError where there is none to show.

    `published`: the folder of published rows; by default what ships.
    """
    papers = published_files(published)
    generator = _generator(papers)
    output, memory = Output(out, generator), Memory(out, generator)
    shown, wrong = _published(papers)
    measured = find_sources(results, memory)
    try:
        site = _written(measured, shown, output)
        files = output.finish()
    finally:
        output.abandon()
    memory.keep({source.key: source.plain() for source in site.measured.chosen})
    return SiteFiles(files, [*wrong, *site.measured.skipped])


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


def _written(measured: ResultSources, shown: Sequence[Published], output: Output) -> Site:
    """The site, its pages written; results whose own pages cannot be made are left out of it."""
    while True:
        site = _site(measured, shown)
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


def _site(measured: ResultSources, shown: Sequence[Published]) -> Site:
    influence = {source.run.page: source.evidence.influence for source in measured.chosen}
    boards = boards_of([source.run for source in measured.chosen], influence)
    return Site(measured, boards, rows_of(boards), {board.name: on_board(board, shown) for board in boards})


def _generator(papers: Sequence[Path]) -> str:
    """Digest of what makes pages of results: the code of this package, of results and of the test, templates, style and
    scripts, published rows."""
    import babel
    import jinja2
    import numpy

    package = Path(__file__).parents[1]
    own = [path for room in ("board", "results") for path in sorted((package / room).glob("*.py"))]
    own.append(package / "evaluation" / "statistics.py")
    shown = sorted(path for path in shipped("leaderboard").rglob("*") if path.suffix in (".j2", ".css", ".js", ".svg"))
    seen = hashlib.sha256(repr([module.__version__ for module in (babel, jinja2, numpy)]).encode())
    for path in [*own, *shown, *papers]:
        seen.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return seen.hexdigest()[:16]


def _write(pages: Pages) -> None:
    """Every page but those of rows; those with a part for every row in several processes where there are many."""
    site, output, page = pages.site, pages.output, pages.write
    work = [partial(_write_overview, pages)]
    work += [partial(_write_task, pages, board) for board in site.boards]
    work += [partial(_write_language, pages, code) for code in site.languages]
    for made in spread(partial(_written_by, output), work, weight=max(1, len(site.rows) // ROWS_AT_ONCE)):
        output.adopt(made)
    page("languages/index.html", "languages", "../", views.languages(site.boards, site.languages))
    choices = [
        [board.name, standing.page, label(standing), board.title]
        for board in site.boards
        for standing in board.standings.values()
    ]
    page("compare.html", "compare", "", {"choices": safe_json(choices)})
    page("methods.html", "methods", "")
    page("add.html", "add", "")
    output.write("data/results.csv", downloads.as_csv(site.boards))
    output.write("data/results.json", downloads.as_json(site.boards))
    for path in sorted((shipped("leaderboard") / "static").iterdir()):
        if path.is_file():
            output.write(f"static/{path.name}", path.read_bytes())


def _written_by(output: Output, work: Callable[[], None]) -> Written:
    before = set(output.since(())[0])
    work()
    return output.since(before)


def _write_overview(pages: Pages) -> None:
    site = pages.site
    pages.write("index.html", "index", "", views.overview(site.boards, site.rows, site.published))


def _write_task(pages: Pages, board: Board) -> None:
    shown = row_detail(pages.site, board, next(iter(board.standings.values())))
    pages.write(f"tasks/{board.name}.html", "task", "../", views.task(board, pages.site, shown))
    pages.output.write(f"data/scores-{board.name}.js", script(f"scores-{board.name}", scores_of(board)))


def _write_language(pages: Pages, code: str) -> None:
    site = pages.site
    pages.write(f"languages/{slug(code)}.html", "language", "../", views.language(code, site.boards, site.published))
