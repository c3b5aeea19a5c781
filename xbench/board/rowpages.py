"""What each row has of its own: a data file, and a page and a copy of each of its results. Knows how to make them in
several processes where there are many; every one is a function of its row alone.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from xbench.board import run_page
from xbench.board.clusters import Clusters
from xbench.board.details import RowDetail, detail, script
from xbench.board.edition import Pages, Site
from xbench.board.standings import Board, Standing
from xbench.files import digest

MANY = 100  # rows to make from which several processes are worth their start
Work = list[tuple[Board, Standing]]
_forked: list[tuple[Pages, Work]] = []  # what a forked process finds of its parent


@dataclass(frozen=True)
class RowContent:
    """A row's numbers for scripts, what it shares with its board, and the sums by cluster of its results."""

    own: RowDetail
    shared: dict[str, object] | None
    sums: list[Clusters | None]


def row_content(site: Site, board: Board, standing: Standing) -> RowContent:
    """What a row has of its own, from its results and the arrays beside them."""
    sources = site.of(standing)
    sums = [source.clusters() for source in sources]
    return RowContent(*detail(standing, board, [source.file.result for source in sources], sums), sums)


def write_rows(pages: Pages) -> None:
    """Write what is not kept of every row."""
    every = [(board, standing) for board in pages.site.boards for standing in board.standings.values()]
    work = [(board, standing) for board, standing in every if not _kept(pages, board, standing)]
    processes = os.cpu_count() or 1
    if len(work) < MANY or processes < 2 or sys.platform != "linux":
        for board, standing in work:
            _write(pages, board, standing)
        return
    _forked[:] = [(pages, work)]
    try:
        with ProcessPoolExecutor(processes, multiprocessing.get_context("fork")) as pool:
            for files in pool.map(_write_part, range(processes), [processes] * processes):
                pages.output.adopt(files)
    finally:
        _forked.clear()


def _write_part(first: int, step: int) -> dict[str, list[str]]:
    """In a forked process: every `step`-th row of the work; what was written."""
    ((pages, work),) = _forked
    before = set(pages.output.since(()))
    for board, standing in work[first::step]:
        _write(pages, board, standing)
    return pages.output.since(before)


def _made_from(site: Site, board: Board, standing: Standing) -> str:
    linked = [bool(site.reports.studies), bool(site.reports.alignments)]  # in the head of every page
    sources = [source.key for source in site.of(standing)]
    return digest([board.name, board.title, board.setting, standing.note, *linked, *sources])


def _kept(pages: Pages, board: Board, standing: Standing) -> bool:
    made_from, sources = _made_from(pages.site, board, standing), pages.site.of(standing)
    names = [f"data/runs/{standing.page}.js"]
    names += [name for run in standing.runs for name in (f"runs/{run.page}.html", f"data/results/{run.page}.json")]
    kept = [pages.output.keep(name, made_from) for name in names]
    return all(kept) and (not sources[0].shared or pages.output.keep(_shared(sources[0].shared), "content"))


def _shared(name: str) -> str:
    return f"data/shared-{name}.js"


def _write(pages: Pages, board: Board, standing: Standing) -> None:
    site, output = pages.site, pages.output
    made_from, sources = _made_from(site, board, standing), site.of(standing)
    content = row_content(site, board, standing)
    output.write(f"data/runs/{standing.page}.js", script(standing.page, content.own.plain()), made_from)
    if content.shared is not None:
        output.write(_shared(sources[0].shared), script(sources[0].shared, content.shared), "content")
    for source, sums in zip(sources, content.sums, strict=True):
        values = run_page.run(source, standing, board, sums)
        pages.write(f"runs/{source.run.page}.html", "run", "../", values, made_from)
        output.write(f"data/results/{source.run.page}.json", source.file.content, made_from)
