"""What each row has of its own: its numbers for scripts, and a page and a copy of each of its results. Made a few rows
at a time, in several processes where there are many; every part is a function of its rows alone.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from xbench.board import run_page
from xbench.board.carried import Block, Carried, blocks_of, carried, index_of, packed, pair_sums, shared_part
from xbench.board.clusters import average, settings
from xbench.board.details import RowDetail, script, share_of
from xbench.board.edition import Pages, Site
from xbench.board.output import Written
from xbench.board.processes import spread
from xbench.board.sources import ResultFile, ResultSource, unexpected
from xbench.board.standings import Board, Standing
from xbench.board.systems import language_means
from xbench.errors import DataError
from xbench.files import digest

INDEX = "data/rows.js"


@dataclass
class Made:
    """What a process made of a block: `files` for the site's record; `failed`: why, by page of a run."""

    files: Written = ({}, [])
    failed: dict[str, str] = field(default_factory=dict)


def row_detail(site: Site, board: Board, standing: Standing) -> RowDetail:
    """A row's own numbers, from its results."""
    sources = site.of(standing)
    return _detail(board, standing, sources, [source.file() for source in sources])


def _detail(
    board: Board, standing: Standing, sources: Sequence[ResultSource], files: Sequence[ResultFile]
) -> RowDetail:
    share = share_of(standing, [file.result for file in files])
    evidence = [source.evidence for source in sources]
    if len({one.shared for one in evidence}) > 1:
        return RowDetail(standing, board, share)
    return RowDetail(standing, board, share, evidence[0].shared, evidence[0].clusters)


def write_rows(pages: Pages) -> dict[str, str]:
    """Write what is not kept of every row. Gives why no page could be made of a run, by its page: then the site cannot
    be as it is, and is made without these."""
    blocks = [block for board in pages.site.boards for block in blocks_of(board)]
    room = carried(pages.site)
    work = [block for block in blocks if not _kept(pages, block, room)]
    _ = pages.output.stage  # before other processes write there
    failed: dict[str, str] = {}
    for made in spread(partial(_write, pages, room), work, weight=8):
        pages.output.adopt(made.files)
        failed |= made.failed
    shared = {source.evidence.shared: source for source in pages.site.measured.chosen if source.evidence.shared}
    for name, source in sorted(shared.items()):
        _write_shared(pages, name, source)
    pages.output.write(INDEX, script("rows", packed(index_of(blocks, room))))
    return failed


def _write_shared(pages: Pages, name: str, source: ResultSource) -> None:
    if not pages.output.keep(_shared(name), "content"):
        sums = source.clusters()
        assert sums is not None  # its evidence came from them
        pages.output.write(_shared(name), script(f"shared-{name}", shared_part(sums)), "content")


def _shared(name: str) -> str:
    return f"data/shared-{name}.js"


def _row_made_from(site: Site, board: Board, standing: Standing, room: Carried) -> str:
    """Of what its files are a function: among it the pages that the head of every page leads to."""
    linked = [bool(site.reports.studies), bool(site.reports.alignments)]
    sources = [source.key for source in site.of(standing)]
    named = [board.name, board.title, board.setting, standing.note]
    return digest([*named, *linked, sources, standing.page in room.results])


def _block_files(site: Site, block: Block, room: Carried) -> dict[str, str]:
    """The files of a block's rows together, and what each is made from."""
    board = block.board
    every = {standing.page: _row_made_from(site, board, standing, room) for standing in block.standings}
    files = {f"data/rows/{block.name}.js": digest(list(every.values()))}
    if summed := [made for page, made in every.items() if page in room.sums]:
        files[f"data/sums/{block.name}.js"] = digest(summed)
    return files


def _run_files(standing: Standing, page: str, room: Carried) -> list[str]:
    copied = [f"data/results/{page}.json.gz"] if standing.page in room.results else []
    return [f"runs/{page}.html", *copied]


def _kept(pages: Pages, block: Block, room: Carried) -> bool:
    """Whether everything of a block stands there already; a page that does stays in any case."""
    site, keep = pages.site, pages.output.keep
    kept = [keep(name, made_from) for name, made_from in _block_files(site, block, room).items()]
    for standing in block.standings:
        made_from = _row_made_from(site, block.board, standing, room)
        kept += [keep(name, made_from) for run in standing.runs for name in _run_files(standing, run.page, room)]
    return all(kept)


def _write(pages: Pages, room: Carried, block: Block) -> Made:
    """What is not kept of a block."""
    made, before = Made(), set(pages.output.since(())[0])
    rows, sums = {}, {}
    for standing in block.standings:
        sources = pages.site.of(standing)
        try:
            files = [source.file() for source in sources]
            rows[standing.page] = _detail(block.board, standing, sources, files).packed()
            if standing.page in room.sums and (own := _sums(sources)):
                sums[standing.page] = own
            for source, file in zip(sources, files, strict=True):
                _write_run(pages, room, block.board, standing, source, file)
        except DataError as error:
            made.failed[standing.page] = str(error)
        except Exception as error:  # whatever it is, it is that of this row
            made.failed[standing.page] = unexpected(sources[0].path, error)
    names = _block_files(pages.site, block, room)
    for (name, made_from), values in zip(names.items(), (rows, sums), strict=False):
        pages.output.write(name, script(name.removeprefix("data/").removesuffix(".js"), values), made_from)
    made.files = pages.output.since(before)
    return made


def _sums(sources: list[ResultSource]) -> dict[str, object] | None:
    """A row's sums by pair; None where its seeds do not score the same questions."""
    every = [sums for source in sources if (sums := source.clusters())]
    mean, run = average(every), sources[0].run
    return pair_sums(mean, every, settings(run) | language_means(run)) if mean else None


def _write_run(
    pages: Pages, room: Carried, board: Board, standing: Standing, source: ResultSource, file: ResultFile
) -> None:
    made_from, page = _row_made_from(pages.site, board, standing, room), source.run.page
    copied = standing.page in room.results
    writes: dict[str, Callable[[str], None]] = {
        f"runs/{page}.html": lambda name: pages.write(
            name, "run", "../", run_page.run(source, file.result, standing, board, copied), made_from
        ),
        f"data/results/{page}.json.gz": lambda name: pages.output.write(
            name, gzip.compress(file.content, mtime=0), made_from
        ),
    }
    for name in _run_files(standing, page, room):
        if not pages.output.keep(name, made_from):
            writes[name](name)
