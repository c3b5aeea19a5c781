"""Results for programs: read, set side by side, turned into pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from xbench.api.options import Place, names_of
from xbench.board.site import build_site
from xbench.errors import DataError
from xbench.reports import comparison
from xbench.reports.comparison import Comparison


def compare(
    first: Place,
    second: Place,
    *,
    task: str | None = None,
    corpus: str | None = None,
    pairs: str | Iterable[str] = (),
    metric: str | None = None,
    draw: int = 0,
) -> Comparison:
    """Is `first` better than `second`?"""
    one, other = (comparison.load_side(Path(place), task, corpus) for place in (first, second))
    return comparison.compare_sides(one, other, metric, names_of(pairs, "pairs"), draw)


def build_leaderboard(results: Place | Sequence[Place] = "results", out: Place = "site") -> Path:
    """Write the static site of the results under a folder, or several; its first page, which opens from disk.

    Raises DataError where a result cannot be shown; the site of the others is written then.
    """
    built = build_site([Path(folder) for folder in names_of(results, "results")], Path(out))
    if built.skipped:
        raise DataError(f"{len(built.skipped)} results were left out of {out}: {built.skipped[0]}")
    return Path(out) / "index.html"
