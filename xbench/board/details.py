"""A row's own numbers for scripts: what the task page and the compare page load. Knows runs, no page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from xbench.board import clusters
from xbench.board.standings import Board, Standing
from xbench.board.summaries import RunSummary, mean
from xbench.board.systems import language_means
from xbench.evaluation.bias_scores import LanguageShare
from xbench.evaluation.scores import Means, Number
from xbench.results.result import Result


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
    """A row's own numbers; `ranked`: the mean that its board ranks by; `sums` by cluster where they are known of each
    of its results."""

    page: str
    label: str
    board: str
    metric: str
    ranked: str
    queries: list[str]
    documents: list[str]
    pairs: dict[str, list[Number]]
    languages: dict[str, dict[str, Number]]
    share: dict[str, dict[str, list[Number]]]
    values: dict[str, Number]
    sums: clusters.RowSums | None

    def plain(self) -> dict[str, object]:
        """As scripts read it."""
        named: dict[str, object] = {"id": self.page, "label": self.label, "board": self.board, "metric": self.metric}
        named |= {"ranked": self.ranked}
        named |= {"queries": self.queries, "documents": self.documents, "pairs": self.pairs}
        named |= {"languages": self.languages, "share": self.share, "values": self.values}
        return named | ({"sums": self.sums.plain()} if self.sums else {})


def detail(
    standing: Standing, board: Board, results: Sequence[Result], sums: Sequence[clusters.Clusters | None]
) -> tuple[RowDetail, dict[str, object] | None]:
    """(the row's numbers, what all rows of its board share or None where there are no sums by cluster).

    `results`, `sums`: the row's results and their clusters, in one order.
    """
    known = [part for part in sums if part is not None]
    mean_sums = clusters.average(known) if len(known) == len(sums) else None
    own = RowDetail(
        page=standing.page,
        label=label(standing),
        board=board.name,
        metric=standing.first.metric,
        ranked=board.setting,
        queries=list(standing.first.queries),
        documents=list(standing.first.documents),
        pairs=standing.pairs,
        languages=standing.languages,
        share=share_of(standing, results),
        values=standing.values,
        sums=clusters.row_sums(mean_sums, known, _tested(standing.first)) if mean_sums else None,
    )
    return own, mean_sums.shared() if mean_sums else None


def _tested(run: RunSummary) -> dict[str, list[str]]:
    """The columns of each mean that pages test."""
    return clusters.settings(run) | language_means(run)


def script(name: str, value: object) -> str:
    """A script file that hands `value` over, for a page opened from disk cannot fetch."""
    return f"(self.xbenchData??={{}})[{safe_json(name)}]={safe_json(value)};\n"


def safe_json(value: object) -> str:
    """JSON that may stand in a script element or file: ASCII, and nothing that ends a tag."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
