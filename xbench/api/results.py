"""Results for programs: read, set side by side, turned into pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from xbench.api.arguments import Place, languages_of, names_of, place_of, points_of, switch_of, text_of, whole_of
from xbench.api.words import for_programs
from xbench.board.site import SiteFiles, build_site
from xbench.errors import SpecError
from xbench.published.library import named_places, stores
from xbench.reports import examples as chosen
from xbench.reports.claims import margin_of
from xbench.reports.comparison import Comparison, compare_sides
from xbench.reports.sides import Selection, Side, load_side, require_comparable, side_of
from xbench.results.result import Result

MOST_EXAMPLES = 10**6


@for_programs
def compare(
    first: Place | Result | Sequence[Result],
    second: Place | Result | Sequence[Result],
    *,
    task: str | None = None,
    corpus: str | None = None,
    languages: str | Iterable[str] | None = None,
    pairs: str | Iterable[str] = (),
    metric: str | None = None,
    examples: int = 0,
    margin: float | None = None,
    equivalent: float | None = None,
    newest: bool = False,
) -> Comparison:
    """Is `first` better than `second`? Each is a result, the seeds of one configuration, or where they are filed.

    `task`, `corpus` and `languages` choose where there are several, and `newest` the results on the newest version of
    the task's data. `pairs`: settings ("de-en", "en-pool", or "all" pairs) beside Mo, Cr and Mul. `metric`: by default
    the task's first. `examples`: so many queries that are won, and lost, by most ranks in the first of `pairs`.
    `margin`: also test whether `first` is not worse by so many points (0.5 is half a point of 100; metrics are better
    the higher they are), or, with `equivalent`, whether the two are less than that apart; see `Comparison.claims`.
    Raises XbenchError.
    """
    asked = margin_of(points_of(margin, "margin"), points_of(equivalent, "equivalent"))
    examples = whole_of(examples, "examples", 0, MOST_EXAMPLES)
    task, corpus, metric = text_of(task, "task"), text_of(corpus, "corpus"), text_of(metric, "metric")
    selection = Selection(task or "", corpus or "", languages_of(languages), switch_of(newest, "newest"))
    settings = names_of(pairs, "pairs")
    if examples and not settings:
        raise SpecError("examples: found no pairs; name the setting that they are of, such as pairs='de-en'")
    comparison = compare_sides(_side(first, selection), _side(second, selection), metric, settings, asked)
    if not examples:
        return comparison
    return replace(comparison, examples=tuple(chosen.examples(comparison, settings[0], examples)))


def _side(side: Place | Result | Sequence[Result], selection: Selection) -> Side:
    if isinstance(side, str | Path):
        return load_side(Path(side), selection)
    results = [side] if isinstance(side, Result) or not isinstance(side, Iterable) else list(side)
    for result in results:
        if not isinstance(result, Result):
            raise SpecError(f"compare: found {type(result).__name__}, expected results, or a folder of them")
    require_comparable(results)
    return side_of(results, f"{len(results)} results", selection)


@for_programs
def build_leaderboard(
    results: Place | Iterable[Place] = "results",
    out: Place = "site",
    *,
    published: Place | Iterable[Place] | None = (),
) -> SiteFiles:
    """Write the static site of the results under a folder, or several; its `files`, the one to open from disk first.

    `published` names stores of published runs beside those in baselines/published and those that ship, or a folder of
    tables of papers instead of those that ship; None shows no published runs. `skipped` holds a line for each result
    or store that was left out. Raises DataError where there is no result to show.
    """
    folders = [Path(folder) for folder in names_of(results, "results")]
    tables, runs = named_places([Path(name) for name in names_of(() if published is None else published, "published")])
    shown = () if published is None else stores(runs)
    return build_site(folders, place_of(out, "out"), tables, stores=shown)
