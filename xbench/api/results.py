"""Results for programs: read, set side by side, turned into pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from xbench.api.arguments import Place, names_of
from xbench.board.site import SiteFiles, build_site
from xbench.errors import SpecError
from xbench.reports import comparison
from xbench.reports.claims import margin_of
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
    margin: float | None = None,
    equivalent: float | None = None,
) -> Comparison:
    """Is `first` better than `second`? Each is a result, the seeds of one configuration, or where they are filed.

    `task` and `corpus` choose where there are several. `pairs`: settings ("de-en", "en-pool", or "all" pairs) beside
    Mo, Cr and Mul. `metric`: by default the task's first. `margin`: also test whether `first` is not worse by so many
    points (0.5 is half a point of 100; metrics are better the higher they are), or, with `equivalent`, whether the two
    are less than that apart; see `Comparison.claims`. Raises XbenchError.
    """
    asked = margin_of(margin, equivalent)
    sides = (_side(first, task, corpus), _side(second, task, corpus))
    return comparison.compare_sides(*sides, metric, names_of(pairs, "pairs"), asked)


def _side(side: Place | Result | Sequence[Result], task: str | None, corpus: str | None) -> comparison.Side:
    if isinstance(side, str | Path):
        return comparison.load_side(Path(side), task, corpus)
    results = [side] if isinstance(side, Result) else list(side)
    for result in results:
        if not isinstance(result, Result):
            raise SpecError(f"compare: found {type(result).__name__}, expected results, or a folder of them")
    comparison.require_comparable(results)
    return comparison.side_of(results, f"{len(results)} results", task, corpus)


def build_leaderboard(results: Place | Iterable[Place] = "results", out: Place = "site") -> SiteFiles:
    """Write the static site of the results under a folder, or several; its `files`, the one to open from disk first.

    `skipped` holds a line for each result that was left out. Raises DataError where there is none to show.
    """
    return build_site([Path(folder) for folder in names_of(results, "results")], Path(out))
