"""What each row has of its own: a data file, and a page and a copy of each of its results. Knows how to make them in
several processes where there are many; every one is a function of its row alone.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

from xbench.board import views
from xbench.board.clusters import Clusters
from xbench.board.details import detail, script
from xbench.board.edition import Pages, Site
from xbench.board.rows import Board, Entry
from xbench.files import digest

MANY = 100  # rows to make from which several processes are worth their start
Work = list[tuple[Board, Entry]]
_forked: list[tuple[Pages, Work]] = []  # what a forked process finds of its parent


@dataclass(frozen=True)
class Loaded:
    """A row's numbers for scripts, what it shares with its board; bytes, content and sums by cluster of its results."""

    own: dict[str, Any]
    shared: dict[str, Any] | None
    contents: list[bytes]
    data: list[dict[str, Any]]
    sums: list[Clusters | None]


def load(site: Site, board: Board, entry: Entry) -> Loaded:
    contents = [source.content() for source in site.of(entry)]
    data = [json.loads(content) for content in contents]
    sums = [source.clusters() for source in site.of(entry)]
    return Loaded(*detail(entry, board, data, sums), contents, data, sums)


def write_rows(pages: Pages) -> None:
    """Write what is not kept of every row."""
    every = [(board, entry) for board in pages.site.boards for entry in board.entries.values()]
    work = [(board, entry) for board, entry in every if not _kept(pages, board, entry)]
    processes = os.cpu_count() or 1
    if len(work) < MANY or processes < 2 or sys.platform != "linux":
        for board, entry in work:
            _write(pages, board, entry)
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
    for board, entry in work[first::step]:
        _write(pages, board, entry)
    return pages.output.since(before)


def _made_from(site: Site, board: Board, entry: Entry) -> str:
    return digest([board.name, board.title, *[source.key for source in site.of(entry)]])


def _kept(pages: Pages, board: Board, entry: Entry) -> bool:
    made_from, sources = _made_from(pages.site, board, entry), pages.site.of(entry)
    names = [f"data/runs/{entry.page}.js"]
    names += [name for run in entry.runs for name in (f"runs/{run.page}.html", f"data/results/{run.page}.json")]
    kept = [pages.output.keep(name, made_from) for name in names]
    return all(kept) and (not sources[0].shared or pages.output.keep(_shared(sources[0].shared), "content"))


def _shared(name: str) -> str:
    return f"data/shared-{name}.js"


def _write(pages: Pages, board: Board, entry: Entry) -> None:
    site, output = pages.site, pages.output
    made_from, sources, loaded = _made_from(site, board, entry), site.of(entry), load(site, board, entry)
    output.write(f"data/runs/{entry.page}.js", script(entry.page, loaded.own), made_from)
    if loaded.shared is not None:
        output.write(_shared(sources[0].shared), script(sources[0].shared, loaded.shared), "content")
    for source, content, data, found in zip(sources, loaded.contents, loaded.data, loaded.sums, strict=True):
        values = views.run(source, entry, board, data, found)
        pages.write(f"runs/{source.run.page}.html", "run", "../", made_from, **values)
        output.write(f"data/results/{source.run.page}.json", content, made_from)
