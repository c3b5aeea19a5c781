"""A row's own numbers for scripts: what the task page and the compare page load. Knows runs, no page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from xbench.board.carried import mean_parts, packed
from xbench.board.clusters import settings
from xbench.board.standings import Board, Standing
from xbench.board.summaries import mean
from xbench.evaluation.bias_scores import LanguageShare
from xbench.evaluation.scores import Means, Number
from xbench.results.result import Result

DIGITS = 6  # of numbers for scripts


def label(standing: Standing) -> str:
    """How a row is called in a list of choices."""
    run = standing.first
    seeds = f"{len(standing.runs)} seeds" if len(standing.runs) > 1 else f"seed {run.seed}"
    return " · ".join(part for part in (run.model, run.recipe, run.corpus, standing.note, seeds) if part)


def share_of(standing: Standing, results: Sequence[Result]) -> dict[str, dict[str, list[Number]]]:
    """share[query][document] = [share, ideal], mean over seeds; empty where nothing was pooled."""
    shares: dict[str, dict[str, list[Number]]] = {}
    parts = [result.language_share or LanguageShare() for result in results]
    for query in standing.first.queries:
        own = [part.share.get(query, {}) for part in parts]
        ideal = [part.ideal.get(query, {}) for part in parts]
        row = {code: [_mean_of(own, code), _mean_of(ideal, code)] for code in standing.first.documents}
        known = {code: pair for code, pair in row.items() if pair[0] is not None}
        if known:
            shares[query] = known
    return shares


def _mean_of(parts: Sequence[Means], code: str) -> Number:
    return mean([part.get(code) for part in parts])


@dataclass(frozen=True)
class RowDetail:
    """A row's own numbers on one board. `share` as `share_of` gives it; `shared`, `clusters`: of its evidence, where
    all its seeds have the same."""

    standing: Standing
    board: Board
    share: dict[str, dict[str, list[Number]]]
    shared: str = ""
    clusters: int = 0

    @property
    def queries(self) -> list[str]:
        """The languages that ask."""
        return list(self.standing.first.queries)

    @property
    def documents(self) -> list[str]:
        """The languages that answer."""
        return list(self.standing.first.documents)

    def packed(self) -> str:
        """As static/sums.js unpacks it: lists by query and document language, by language, and what a test needs."""
        run = self.standing.first
        pairs = [f"{query}-{document}" for query in run.queries for document in run.documents]
        shares = [self.share.get(query, {}).get(code) for query in run.queries for code in run.documents]
        languages = self.standing.languages
        keys = next(iter(languages.values()), {})
        row: dict[str, object] = {"id": run.page, "label": label(self.standing), "board": self.board.name}
        row |= {"metric": run.metric, "ranked": self.board.setting, "languages": list(languages)}
        row |= {"queries": list(run.queries), "documents": list(run.documents)}
        row |= {"pairs": [_short(self.standing.pairs.get(name, [None])[0]) for name in pairs]}
        row |= {"n": [self.standing.pairs.get(name, [None, None])[1] for name in pairs]}
        row |= {
            "share": [pair and _short(pair[0]) for pair in shares],
            "ideal": [pair and _short(pair[1]) for pair in shares],
        }
        row |= {"own": {key: [_short(values.get(key)) for values in languages.values()] for key in keys}}
        row |= {"values": self.standing.values, "freedom": len(self.standing.runs) - 1}
        row |= {"shared": self.shared, "clusters": self.clusters}
        return packed(row | {"means": mean_parts(self.standing, list(settings(run)))})


def _short(value: Number) -> Number:
    """The value in a few digits; whole where these might be a tie that is rounded another way than the value."""
    if value is None:
        return None
    short = round(value, DIGITS)
    return value if round(short * 10**DIGITS) % 100 == 0 else short


def script(name: str, value: object) -> str:
    """A script file that hands `value` over, for a page opened from disk cannot fetch."""
    return f"(self.xbenchData??={{}})[{safe_json(name)}]={safe_json(value)};\n"


def safe_json(value: object) -> str:
    """JSON that may stand in a script element or file: ASCII, and nothing that ends a tag."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
