"""A row's own numbers for scripts: what the task page and the compare page load. Knows runs, no page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from xbench.board import clusters
from xbench.board.rows import Board, Entry
from xbench.board.runs import Number, language_share, look, mean, real

MILLION = 1_000_000


def label(entry: Entry) -> str:
    """How a row is called in a list of choices."""
    run = entry.first
    seeds = f"{len(entry.runs)} seeds" if len(entry.runs) > 1 else f"seed {run.seed}"
    return " · ".join(part for part in (run.model, run.recipe, run.corpus, seeds) if part)


def share_of(entry: Entry, data: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, list[Number]]]:
    """share[query][document] = [share, ideal], mean over seeds; empty where nothing was pooled."""
    found: dict[str, dict[str, list[Number]]] = {}
    parts = [[look(language_share(one), part) for one in data] for part in ("share", "ideal")]
    for query in entry.first.queries:
        shares, ideals = ([look(one, query) or {} for one in part] for part in parts)
        row = {code: [_share(shares, code), _share(ideals, code)] for code in entry.first.documents}
        known = {code: pair for code, pair in row.items() if pair[0] is not None}
        if known:
            found[query] = known
    return found


def _share(parts: Sequence[Any], code: str) -> Number:
    if len(parts) == 1:
        return real(look(parts[0], code))
    return mean([real(look(part, code)) for part in parts])


def detail(
    entry: Entry, board: Board, data: Sequence[Mapping[str, Any]], sums: Sequence[clusters.Clusters | None]
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """(the row's numbers, what all rows of its board share or None where there are no sums by cluster).

    `data`, `sums`: content and clusters of the row's results, in their order.
    """
    found: dict[str, Any] = {
        "id": entry.page,
        "label": label(entry),
        "board": board.name,
        "metric": entry.first.metric,
        "queries": list(entry.first.queries),
        "documents": list(entry.first.documents),
        "pairs": entry.pairs,
        "languages": entry.languages,
        "share": share_of(entry, data),
        "values": entry.values,
    }
    known = [part for part in sums if part is not None]
    packed = clusters.for_browser(known) if len(known) == len(sums) else None
    if packed is None:
        return found, None
    found["sums"] = packed[0]
    return found, packed[1]


def scores_of(board: Board) -> dict[str, Any]:
    """Every row's scores by pair and language, in millionths: what the overview needs to show one language or pair.

    By row key: a row of the overview has a run on each of its boards.
    """
    run = board.reference
    pairs = [f"{query}-{document}" for query in run.queries for document in run.documents]
    rows = {}
    for key, entry in board.entries.items():
        rows[key] = {
            "pairs": [_millionths(entry.pairs.get(name, [None])[0]) for name in pairs],
            "Mul": [_millionths(entry.languages.get(code, {}).get("Mul")) for code in run.queries],
            "distance": [_millionths(entry.languages.get(code, {}).get("distance"), 10) for code in run.queries],
        }
    return {"queries": list(run.queries), "documents": list(run.documents), "rows": rows}


def _millionths(value: Number, steps: int = MILLION) -> int | None:
    return None if value is None else round(value * steps)


def script(name: str, value: Any) -> str:
    """A script file that hands `value` over, for a page opened from disk cannot fetch."""
    return f"(self.xbenchData??={{}})[{safe_json(name)}]={safe_json(value)};\n"


def safe_json(value: Any) -> str:
    """JSON that may stand in a script element or file: ASCII, and nothing that ends a tag."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
