"""A board's values as a script for static/published.js: hundred-thousandths of every pair of every row, packed.

A page opened from disk cannot fetch, so values travel as base64 in a script, and only where a reader asks for them.
Knows boards; no page.
"""

from __future__ import annotations

import base64
import zlib

import numpy as np

from xbench.board.details import script
from xbench.board.elsewhere.boards import PublishedBoard, SourceRows
from xbench.published.runs import ABSENT, STEPS

BYTES = 3  # of a value and one, which is up to 100,001


def packed_board(board: PublishedBoard) -> str:
    """The script `data/published/<task>.js`."""
    return script(
        f"published/{board.name}",
        {
            "name": board.name,
            "title": board.title,
            "metric": board.task.metric,
            "ranked": board.ranked,
            "page": board.page,
            "steps": STEPS,
            "grid": board.task.grid,
            "pairs": " ".join(f"{query} {document}" for query, document in board.pairs),
            "sources": [_source(source) for source in board.sources],
            "values": _values(board),
        },
    )


def _source(source: SourceRows) -> dict[str, object]:
    return {
        "title": source.title,
        "rows": [[row.run.model, row.note, row.address, row.parameters, int(row.whole)] for row in source.rows],
    }


def _values(board: PublishedBoard) -> str:
    """[rows, pairs] of all sources, a value and one (0: none), as three planes of bytes, for high bytes repeat."""
    steps = np.stack([row.steps for source in board.sources for row in source.rows])
    counted = (steps - ABSENT).astype("<u4")
    planes = counted.reshape(-1, 1).view(np.uint8)[:, :BYTES].T
    return base64.b64encode(zlib.compress(np.ascontiguousarray(planes).tobytes(), 9)).decode()
