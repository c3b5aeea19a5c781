"""What travels with a site, so that any two rows can be compared without a server: numbers of rows, their sums by
cluster, and the result files. A site has a size: what is largest travels with the best rows first.

Files are scripts, for a page opened from disk cannot fetch: an object by row of base64, of what `DecompressionStream`
inflates. A file holds a few rows, told apart by a hash of their names, so that one new row changes one file. Knows
boards and sums; no template.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np

from xbench.board.clusters import Clusters, seed_part
from xbench.evaluation.statistics import SeedPart

if TYPE_CHECKING:
    from xbench.board.edition import Site
    from xbench.board.standings import Board, Standing

MOST_SUMS = 8_000_000  # clusters x settings of all rows that carry the sums of every pair
MOST_RESULTS = 40_000_000  # bytes of all result files that are copied, before they are packed
ROWS = 16  # of a file, or fewer
STEPS = 255  # a cluster's mean in 8 bits


@dataclass(frozen=True)
class Carried:
    """Pages of the rows that carry their sums by pair, and of those that carry their result files."""

    sums: frozenset[str]
    results: frozenset[str]


def carried(site: Site) -> Carried:
    """The rows of all boards by their places, the first ones first; of the others those for which there is room."""
    sums, results = [], []
    cells = size = 0
    for standing in _by_place(site.boards):
        sources = site.of(standing)
        own, copies = sources[0].evidence.cells, sum(source.size for source in sources)
        if own and cells + own <= MOST_SUMS and len({source.evidence.shared for source in sources}) == 1:
            cells += own
            sums.append(standing.page)
        if size + copies <= MOST_RESULTS:
            size += copies
            results.append(standing.page)
    return Carried(frozenset(sums), frozenset(results))


def _by_place(boards: Sequence[Board]) -> Iterator[Standing]:
    for rows in zip_longest(*(board.standings.values() for board in boards)):
        yield from (standing for standing in rows if standing is not None)


@dataclass(frozen=True)
class Block:
    """Rows of a board whose data stand in one file."""

    board: Board
    number: int
    standings: tuple[Standing, ...]

    @property
    def name(self) -> str:
        """Of its files."""
        return f"{self.board.name}-{self.number}"


def blocks_of(board: Board) -> Iterator[Block]:
    """The rows of a board by a hash of their names, in a power of two of blocks."""
    count = 1
    while count * ROWS < len(board.standings):
        count *= 2
    parts: dict[int, list[Standing]] = {}
    for standing in board.standings.values():
        number = int(hashlib.sha256(standing.page.encode()).hexdigest()[:8], 16) % count
        parts.setdefault(number, []).append(standing)
    for number, rows in sorted(parts.items()):
        yield Block(board, number, tuple(sorted(rows, key=lambda standing: standing.page)))


def packed(value: object) -> str:
    """JSON, deflated, as base64."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return deflated(text.encode())


def deflated(data: bytes) -> str:
    """Bytes as `DecompressionStream("deflate")` inflates them, as base64."""
    return base64.b64encode(zlib.compress(data, 6)).decode()


def shared_part(sums: Clusters) -> dict[str, object]:
    """What all runs of a task have in common: settings, and counts by setting and cluster in 32 bits."""
    count = deflated(np.ascontiguousarray(sums.count.T).astype("<u4").tobytes())
    return {"columns": list(sums.columns), "clusters": len(sums.count), "count": count}


def pair_sums(mean: Clusters, every: Sequence[Clusters], means: Mapping[str, Sequence[str]]) -> dict[str, object]:
    """A row's means by setting and cluster in 8 bits, and what its seeds add to the variance of every setting, and of
    `means` over some columns."""
    steps = np.round(np.clip(mean.mean.T, 0, 1) * STEPS).astype(np.uint8)
    parts = {name: list(columns) for name, columns in means.items()} | {name: [name] for name in mean.columns}
    seeds = {name: seed_numbers(seed_part(every, part)) for name, part in parts.items()} if len(every) > 1 else {}
    return {"mean": deflated(np.ascontiguousarray(steps).tobytes()), "seeds": seeds}


def mean_parts(standing: Standing, means: Sequence[str]) -> dict[str, object]:
    """By ranked mean: each cluster's part in its error, in 16 bits of the largest, and what the seeds add."""
    made: dict[str, object] = {}
    for name in means:
        evidence = standing.evidence.get(name)
        if evidence is not None and len(evidence.influence) > 1:
            largest = float(np.abs(evidence.influence).max()) or 1.0
            steps = np.round(evidence.influence / largest * 32767).astype("<i2")
            part = {"parts": base64.b64encode(steps.tobytes()).decode(), "largest": largest}
            made[name] = part | {"seeds": seed_numbers(evidence.seeds)}
    return made


def seed_numbers(part: SeedPart) -> list[float]:
    """[excess, variance] of a seed part."""
    return [float(f"{value:.6g}") for value in (part.excess, part.variance)]


def index_of(blocks: Sequence[Block], room: Carried) -> dict[str, tuple[str, bool]]:
    """By page of a row, its block and whether it carries sums by pair."""
    rows = [(block.name, standing.page) for block in blocks for standing in block.standings]
    return {page: (name, page in room.sums) for name, page in rows}
