"""The leaderboard: result files and published rows in, static pages out. The same input gives the same bytes anywhere.

Reads results and templates; knows no task data, no model and no ranking. No clock, no randomness: a second build writes
only what changed. Pages need no network, and no script to be read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from xbench.board import downloads, tables, views
from xbench.board.clusters import decode_influence
from xbench.board.details import detail, label, safe_json, scores_of, script
from xbench.board.output import Output
from xbench.board.pages import page_templates, slug
from xbench.board.published import Shown, on_board, published_files, read_published
from xbench.board.rows import Board, Entry, Row, boards_of, rows_of
from xbench.board.sources import Found, Source, find
from xbench.files import digest
from xbench.registry import shipped


@dataclass(frozen=True)
class Built:
    """`files`: every file of the site, the index first. `skipped`: a line for each result that was left out."""

    files: list[Path]
    skipped: list[str]


@dataclass(frozen=True)
class Site:
    """Everything the pages show, in order."""

    found: Found
    boards: list[Board]
    rows: list[Row]
    published: dict[str, list[Shown]]

    @cached_property
    def sources(self) -> dict[str, Source]:
        return {source.run.page: source for source in self.found.sources}

    @cached_property
    def languages(self) -> list[str]:
        return sorted({code for board in self.boards for code in board.languages})

    def of(self, entry: Entry) -> list[Source]:
        return [self.sources[run.page] for run in entry.runs]


def build_site(results: Sequence[Path], out: Path, published: Path | None = None) -> Built:
    """Write the site of all results under the folders `results` to `out`. Raises DataError where there is none to show.

    `published`: the folder of published rows; by default what ships.
    """
    papers = published_files(published)
    output = Output(out, _generator(papers))
    found = find(results, output.known)
    influence = {source.run.page: decode_influence(source.influence) for source in found.sources if source.influence}
    boards = boards_of([source.run for source in found.sources], influence)
    shown = read_published(papers)
    site = Site(found, boards, rows_of(boards), {board.name: on_board(board, shown) for board in boards})
    _write(site, output)
    files = output.finish({source.key: source.plain() for source in found.sources})
    return Built(files, found.skipped)


def _generator(papers: Sequence[Path]) -> str:
    """Digest of what makes pages of results: this package's code, templates, style and scripts, published rows."""
    import babel
    import jinja2
    import numpy

    own = sorted(Path(__file__).parent.glob("*.py"))
    shown = sorted(path for path in shipped("leaderboard").rglob("*") if path.suffix in (".j2", ".css", ".js", ".svg"))
    seen = hashlib.sha256(repr([module.__version__ for module in (babel, jinja2, numpy)]).encode())
    for path in [*own, *shown, *papers]:
        seen.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return seen.hexdigest()[:16]


def _write(site: Site, output: Output) -> None:
    environment = page_templates()
    environment.filters["difference"] = tables.difference

    def page(name: str, template: str, root: str, made_from: str = "", **values: Any) -> None:
        content = environment.get_template(f"{template}.html.j2").render(root=root, site=site, **values)
        output.write(name, content, made_from)

    page("index.html", "index", "", **views.overview(site.boards, site.rows, site.published))
    for board in site.boards:
        first, *others = board.entries.values()
        shown = _row(site, board, first, output, page) or _load(site, board, first)[0]
        for entry in others:
            _row(site, board, entry, output, page)
        page(f"tasks/{board.name}.html", "task", "../", **views.task(board, site, shown))
        output.write(f"data/scores-{board.name}.js", script(f"scores-{board.name}", scores_of(board)))
    page("languages/index.html", "languages", "../", **views.languages(site.boards, site.languages))
    for code in site.languages:
        page(f"languages/{slug(code)}.html", "language", "../", **views.language(code, site.boards, site.published))
    choices = [[board.name, entry.page, label(entry)] for board in site.boards for entry in board.entries.values()]
    page("compare.html", "compare", "", choices=safe_json(choices))
    page("methods.html", "methods", "")
    page("add.html", "add", "")
    output.write("data/results.csv", downloads.as_csv(site.boards))
    output.write("data/results.json", downloads.as_json(site.boards))
    for path in sorted((shipped("leaderboard") / "static").iterdir()):
        if path.is_file():
            output.write(f"static/{path.name}", path.read_bytes())


def _row(site: Site, board: Board, entry: Entry, output: Output, page: Callable[..., None]) -> dict[str, Any] | None:
    """Write a row's data file, and the page and copy of each of its results; the row's numbers unless all is kept."""
    sources = site.of(entry)
    made_from = digest([board.name, board.title, *[source.key for source in sources]])
    shared = f"data/shared-{sources[0].shared}.js"
    names = [f"data/runs/{entry.page}.js"]
    names += [f"runs/{source.run.page}.html" for source in sources]
    names += [f"data/results/{source.run.page}.json" for source in sources]
    kept = [output.keep(name, made_from) for name in names]
    if all(kept) and (not sources[0].shared or output.keep(shared, "content")):
        return None
    own, common, data, sums = _load(site, board, entry)
    output.write(names[0], script(entry.page, own), made_from)
    if common is not None:
        output.write(shared, script(sources[0].shared, common), "content")
    for source, content, found in zip(sources, data, sums, strict=True):
        page(f"runs/{source.run.page}.html", "run", "../", made_from, **views.run(source, entry, board, content, found))
        output.write(f"data/results/{source.run.page}.json", source.content(), made_from)
    return own


def _load(site: Site, board: Board, entry: Entry) -> tuple[dict[str, Any], dict[str, Any] | None, list[Any], list[Any]]:
    """(the row's numbers, what it shares, content and sums by cluster of its results)."""
    data = [json.loads(source.content()) for source in site.of(entry)]
    sums = [source.clusters() for source in site.of(entry)]
    return *detail(entry, board, data, sums), data, sums
