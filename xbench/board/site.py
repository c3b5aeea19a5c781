"""The leaderboard: result files and published rows in, static pages out. The same input gives the same bytes anywhere.

Reads results and templates; knows no task data, no model and no ranking. No clock, no randomness: a second build writes
only what changed. Pages need no network, and no script to be read.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from xbench.board import downloads, views
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

    def page(name: str, template: str, root: str, **values: Any) -> None:
        output.write(name, environment.get_template(f"{template}.html.j2").render(root=root, site=site, **values))

    page("index.html", "index", "", **views.overview(site.boards, site.rows, site.published))
    details = _details(site, output)
    for board in site.boards:
        page(f"tasks/{board.name}.html", "task", "../", **views.task(board, site, details))
        output.write(f"data/scores-{board.name}.js", script(f"scores-{board.name}", scores_of(board)))
    page("languages/index.html", "languages", "../", **views.languages(site.boards, site.languages))
    for code in site.languages:
        page(f"languages/{slug(code)}.html", "language", "../", **views.language(code, site.boards, site.published))
    choices = safe_json([[board.name, entry.page, label(entry)] for board in site.boards for entry in board.entries.values()])
    page("compare.html", "compare", "", choices=choices)
    page("methods.html", "methods", "")
    page("add.html", "add", "")
    _runs(site, output, page)
    output.write("data/results.csv", downloads.as_csv(site.boards))
    output.write("data/results.json", downloads.as_json(site.boards))
    for path in sorted((shipped("leaderboard") / "static").iterdir()):
        if path.is_file():
            output.write(f"static/{path.name}", path.read_bytes())


def _details(site: Site, output: Output) -> dict[str, dict[str, Any]]:
    """Write the data file of every row; what the task pages show at first, by board."""
    first = {}
    for board in site.boards:
        for place, entry in enumerate(board.entries.values()):
            sources = site.of(entry)
            made_from = digest([board.name, *[source.key for source in sources]])
            name, shared = f"data/runs/{entry.page}.js", f"data/shared-{sources[0].shared}.js"
            kept = output.keep(name, made_from) and (not sources[0].shared or output.keep(shared, "content"))
            if kept and place:
                continue
            own, common = detail(entry, board, sources)
            output.write(name, script(entry.page, own), made_from)
            if common is not None:
                output.write(shared, script(sources[0].shared, common), "content")
            if not place:
                first[board.name] = own
    return first


def _runs(site: Site, output: Output, page: Any) -> None:
    for board in site.boards:
        for entry in board.entries.values():
            family = [[run.page, run.seed] for run in entry.runs]
            for source in site.of(entry):
                made_from = digest([source.key, board.name, family])
                name = f"runs/{source.run.page}.html"
                if not output.keep(name, made_from):
                    page(name, "run", "../", **views.run(source, entry, board))
                copy = f"data/results/{source.run.page}.json"
                if not output.keep(copy, source.key):
                    output.write(copy, source.content(), source.key)
