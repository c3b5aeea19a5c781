"""Results for programs: read, set side by side, turned into pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from xbench.api.arguments import MOST_SEED, Place, names_of, place_of, text_of, whole_of
from xbench.board.site import SiteFiles, build_site
from xbench.errors import SpecError
from xbench.reports import comparison
from xbench.reports.comparison import Comparison
from xbench.results.result import Result


def compare(
    first: Place | Result | Sequence[Result],
    second: Place | Result | Sequence[Result],
    *,
    task: str | None = None,
    corpus: str | None = None,
    pairs: str | Iterable[str] = (),
    metric: str | None = None,
    draw: int = 0,
) -> Comparison:
    """Is `first` better than `second`? Each is a result, the seeds of one configuration, or where they are filed.

    `task` and `corpus` choose where there are several. `pairs`: settings ("de-en", "en-pool", or "all" pairs) beside
    Mo, Cr and Mul. `metric`: by default the task's first. `draw`: seed of the resampling. Raises XbenchError.
    """
    task, corpus, metric = text_of(task, "task"), text_of(corpus, "corpus"), text_of(metric, "metric")
    seed = whole_of(draw, "draw", 0, MOST_SEED)
    sides = (_side(first, task, corpus), _side(second, task, corpus))
    return comparison.compare_sides(*sides, metric, names_of(pairs, "pairs"), seed)


def _side(side: Place | Result | Sequence[Result], task: str | None, corpus: str | None) -> comparison.Side:
    if isinstance(side, str | Path):
        return comparison.load_side(Path(side), task, corpus)
    results = [side] if isinstance(side, Result) or not isinstance(side, Iterable) else list(side)
    for result in results:
        if not isinstance(result, Result):
            raise SpecError(f"compare: found {type(result).__name__}, expected results, or a folder of them")
    comparison.require_comparable(results)
    return comparison.side_of(results, f"{len(results)} results", task, corpus)


def build_leaderboard(results: Place | Iterable[Place] = "results", out: Place = "site") -> SiteFiles:
    """Write the static site of the results under a folder, or several; its `files`, the one to open from disk first.

    `skipped` holds a line for each result that was left out. Raises DataError where there is none to show.
    """
    return build_site([Path(folder) for folder in names_of(results, "results")], place_of(out, "out"))
