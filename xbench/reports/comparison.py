"""Two configurations side by side: per-query values in, differences with intervals out. Knows no model, no data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xbench.arrays import Array, Floats
from xbench.errors import DataError, SpecError, near_miss
from xbench.evaluation.statistics import Margin
from xbench.languages import canonical_names
from xbench.reports.caveats import few_clusters, few_seeds
from xbench.reports.claims import POINT, claim_lines, probability
from xbench.reports.data_versions import DIGITS
from xbench.reports.sides import Side
from xbench.reports.significance import Difference, Sums, compare, sums
from xbench.results.notebook import decimal, html_table
from xbench.results.result import Result
from xbench.results.settings import POOL, Setting, scored_settings

if TYPE_CHECKING:
    from pandas import DataFrame

SCORED_POOL = "multilingual"
DISTANCE = "rank distance"
HEADINGS = ("A", "B", "A - B", "95 % interval", "p", "p (Holm)", "detectable")


@dataclass(frozen=True)
class Example:
    """A query with the rank of its first gold and its score on both sides, means over seeds."""

    query: str
    first_rank: float
    second_rank: float
    first: float
    second: float


@dataclass(frozen=True)
class Comparison:
    """`macros`: Mo, Cr and Mul as far as scored; `pairs`: those asked for; `notes`: what the reader must know;
    `examples`: queries of the first pair, won and then lost, where some are asked for and any differs.

    With a `margin` each difference has a `claim`, and `claims` says which of them are shown.
    """

    task: str
    metric: str
    first: Side
    second: Side
    macros: list[Difference]
    pairs: list[Difference]
    notes: list[str]
    examples: tuple[Example, ...] = ()
    margin: Margin | None = None

    def to_frame(self) -> DataFrame:
        """A pandas frame of `records`."""
        from pandas import DataFrame

        return DataFrame(self.records())

    def records(self) -> list[dict[str, str | float | bool | None]]:
        """A record per setting: setting, metric, first, second, difference, low, high (95 % interval by Student's t),
        p, p_holm, detectable, clusters, freedom (degrees of); with a margin also margin (or equivalent), in points,
        margin_p, margin_p_holm and margin_shown."""
        return [self._record(setting) for setting in (*self.macros, *self.pairs)]

    def _record(self, setting: Difference) -> dict[str, str | float | bool | None]:
        record: dict[str, str | float | bool | None] = {
            "setting": setting.name,
            "metric": self.metric,
            "first": setting.first,
            "second": setting.second,
            "difference": setting.value,
            "low": setting.low,
            "high": setting.high,
            "p": setting.p,
            "p_holm": setting.p_holm,
            "detectable": setting.detectable,
            "clusters": setting.clusters,
            "freedom": setting.freedom,
        }
        if self.margin and (claim := setting.claim):
            record["equivalent" if self.margin.equivalent else "margin"] = self.margin.size / POINT
            record |= {"margin_p": claim.p, "margin_p_holm": claim.p_holm, "margin_shown": claim.shown}
        return record

    @property
    def claims(self) -> list[str]:
        """The margin in words, then what is shown and what is not, setting by setting; nothing without a margin."""
        claims = {setting.name: setting.claim for setting in (*self.macros, *self.pairs) if setting.claim}
        return list(claim_lines(self.margin, self.metric, claims)) if self.margin else []

    def _repr_html_(self) -> str:
        """For notebooks: both sides and their difference, with what the reader must know."""
        words = " ".join([*self.notes, *self.claims])
        caption = f"{self.task}, {self.metric}. A: {self.first.name}. B: {self.second.name}. {words}"
        return html_table(("", *HEADINGS), self._rows(), caption)

    def __repr__(self) -> str:
        macros = ", ".join(f"{macro.name} {macro.value:+.4f}" for macro in self.macros)
        return f"<comparison {self.task}: {self.first.name} against {self.second.name}: {self.metric} {macros}>"

    def __str__(self) -> str:
        """The table in words, as the command shows it."""
        rows = [("setting", *HEADINGS), *self._rows()]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(text.rjust(width) if place else text.ljust(width) for place, (text, width) in enumerate(cells))
            for cells in (list(zip(row, widths, strict=True)) for row in rows)
        ]
        titles = (f"{self.task}, {self.metric}", f"A: {self.first.name}", f"B: {self.second.name}")
        shown = [f"{one.query}: rank {one.first_rank:,.1f} against {one.second_rank:,.1f}" for one in self.examples]
        return "\n".join([*titles, *self.notes, *lines, *self.claims, *shown])

    def _rows(self) -> list[list[str]]:
        return [
            [
                setting.name,
                decimal(setting.first),
                decimal(setting.second),
                f"{setting.value:+.4f}",
                f"{setting.low:+.4f} to {setting.high:+.4f}",
                probability(setting.p),
                probability(setting.p_holm),
                decimal(setting.detectable),
            ]
            for setting in (*self.macros, *self.pairs)
        ]


def compare_sides(
    first: Side,
    second: Side,
    metric: str | None = None,
    pairs: Sequence[str] = (),
    margin: Margin | None = None,
) -> Comparison:
    """Compare two sides on their common task. `pairs`: such as `en-de`, `en-pool`, or `all` (pairs of languages)."""
    run, other = first.results[0], second.results[0]
    _require_same_data(run, other)
    metric = metric or run.metrics[0]
    if metric not in run.metrics or metric not in other.metrics:
        raise SpecError(f"metric {metric}: not in both runs{near_miss(metric, run.metrics)}")
    columns = scored_settings(run)
    own, others = side_sums(first, metric, columns), side_sums(second, metric, columns)
    names = list(columns)
    macros = {
        "Mo": [number for number, name in enumerate(names) if half_of(columns[name]) == "mono"],
        "Cr": [number for number, name in enumerate(names) if half_of(columns[name]) == "cross"],
        "Mul": [number for number, name in enumerate(names) if half_of(columns[name]) == POOL],
    }
    chosen = {name: [names.index(name)] for name in chosen_settings(pairs, names)}
    scored = {name: numbers for name, numbers in macros.items() if numbers}
    return Comparison(
        run.task,
        metric,
        first,
        second,
        compare(own, others, scored, margin=margin),
        compare(own, others, chosen, margin=margin) if chosen else [],
        list(_notes(first, second, run)),
        margin=margin,
    )


def _require_same_data(run: Result, other: Result) -> None:
    """Raise DataError where two results are of other tasks, languages or texts, and say which."""
    digests = [result.provenance.collection_sha256 or "" for result in (run, other)]
    if run.task != other.task:
        raise DataError(f"{run.task} and {other.task}: not the same data; compare runs of one task")
    if digests[0] == digests[1]:
        return
    alone = [
        f"{', '.join(languages)} in {side} alone"
        for side, one, two in (("A", run, other), ("B", other, run))
        if (languages := [language for language in one.languages if language not in two.languages])
    ]
    if alone:
        raise DataError(f"{run.task}: not the same data: {'; '.join(alone)}; compare runs of the same languages")
    data = " and ".join(digest[:DIGITS] for digest in digests)
    raise DataError(f"{run.task}: not the same data: one set of languages, other texts ({data}); run one of them again")


def half_of(column: Setting) -> str:
    """What a column is part of: mono, cross, the pool, or the rank distance (DISTANCE for a document language)."""
    if column[1] in (POOL, DISTANCE):
        return column[1]
    return "mono" if column[0] == column[1] else "cross"


def chosen_settings(asked: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    """The settings of `--pair`, in codes or FLORES' names; `all` is every pair. Raises SpecError."""
    for name in map(canonical_names, asked):
        if name == "all":
            yield from (other for other in names if not other.endswith(f"-{POOL}"))
        elif name in names:
            yield name
        else:
            raise SpecError(f"pair {name}: not scored in these runs{near_miss(name, names)}")


def column_values(arrays: Mapping[str, Array], metric: str, column: Setting) -> Floats:
    """A metric of every query in one setting [queries], NaN where it is not scored there."""
    query, document = column
    asked = arrays["query_language"] == query
    pooled = {POOL: f"{metric}.{SCORED_POOL}", DISTANCE: "rank_distance"}
    name = pooled.get(document, metric)
    if name not in arrays:  # this run's grid has no such setting
        return np.full(len(asked), np.nan)
    column_of = arrays["document_languages"].tolist()
    values = np.asarray(arrays[name], np.float64)
    return np.where(asked, values if document in pooled else values[:, column_of.index(document)], np.nan)


def side_sums(side: Side, metric: str, columns: Mapping[str, Setting]) -> Sums:
    """One side's values by cluster, for `compare`."""
    values = np.stack(
        [
            np.stack([column_values(arrays, metric, column) for column in columns.values()], axis=1)
            for arrays in side.arrays
        ]
    )
    return sums(values, np.unique(side.arrays[0]["group"], return_inverse=True)[1])


def is_contaminated(result: Result) -> bool:
    """Whether the encoder saw the task's own data."""
    return result.verdict == "contaminated"


def _notes(first: Side, second: Side, run: Result) -> Iterator[str]:
    clusters = len(np.unique(first.arrays[0]["group"]))
    seeds = " and over seeds" if max(len(first.results), len(second.results)) > 1 else ""
    yield (
        f"t test over {clusters:,} clusters of queries ({run.task_spec.group}) with all their languages{seeds}; "
        "95 % intervals."
    )
    yield from few_clusters(clusters)
    for side in (first, second):
        if any(map(is_contaminated, side.results)):
            yield f"{side.name}: contaminated, it saw the task's own data."
    if shared := {(one.digest, one.seed) for one in first.results} & {(one.digest, one.seed) for one in second.results}:
        runs = "1 run" if len(shared) == 1 else f"{len(shared)} runs"
        yield f"The sides share {runs}, so they are not independent, and the test of seeds does not hold."
    yield from few_seeds(first.results, second.results)
