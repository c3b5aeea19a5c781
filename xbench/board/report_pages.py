"""What the pages of studies and alignment metrics show: values for their templates. Knows reports; no file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from xbench.board.drawing.forest import Forest, ForestRow
from xbench.board.drawing.plots import draw_both
from xbench.board.heat import Scale, language_mark
from xbench.board.pages import number
from xbench.board.studies import Alignment, PairMetric, Report, ReportTable, Study
from xbench.board.views import TemplateValues

SURE = 4  # digits of p


@dataclass(frozen=True)
class MetricMap:
    """A metric of pairs as a table: its languages across, its rows, and the ends of its scale."""

    metric: PairMetric
    columns: list[str]
    rows: Markup
    ends: str


def study(report: Study) -> TemplateValues:
    """A study's page."""
    effects = _effects(report)
    return _shared(report) | {
        "report": report,
        "verdicts": [(one, _effect(one.effect, one.low, one.high), _probability(one.p)) for one in report.hypotheses],
        "effects": [draw_both(one, f"effects-{place}") for place, one in enumerate(effects)],
    }


def alignment(report: Alignment) -> TemplateValues:
    """The page of one model's alignment metrics."""
    return _shared(report) | {"report": report, "maps": [_map(metric) for metric in report.metrics]}


def _shared(report: Report) -> TemplateValues:
    tables = [
        (table, _numeric(table), [[_cell(value, table.digits) for value in row] for row in table.rows])
        for table in report.tables
    ]
    plots = [(plot, draw_both(plot, f"plot-{place}")) for place, plot in enumerate(report.plots)]
    return {"tables": tables, "plots": plots}


def _numeric(table: ReportTable) -> list[bool]:
    """Of every column, whether it has no text."""
    return [not any(isinstance(row[place], str) for row in table.rows) for place in range(len(table.columns))]


def _cell(value: str | float | None, digits: int) -> str:
    return value if isinstance(value, str) else number(value, digits)


def _effect(effect: float | None, low: float | None, high: float | None) -> str:
    if effect is None or low is None or high is None:
        return number(effect, 2)
    return f"{number(effect, 2)} ({number(low, 2)} to {number(high, 2)})"


def _probability(p: float | None) -> str:
    return "< 0.0001" if p is not None and p < 10**-SURE else number(p, SURE)


def _effects(report: Study) -> list[Forest]:
    """A forest plot of the hypotheses for each unit that their effects have."""
    units = dict.fromkeys(one.unit for one in report.hypotheses if one.effect is not None)
    forests = []
    for unit in units:
        chosen = [one for one in report.hypotheses if one.effect is not None and one.unit == unit]
        rows = tuple(
            ForestRow(
                label=one.name, effect=one.effect or 0.0, low=one.low, high=one.high, found=one.verdict == "supported"
            )
            for one in chosen
        )
        margins = {abs(one.margin) for one in chosen if one.margin is not None}
        margin = margins.pop() if len(margins) == 1 else None
        told = f"{len(rows)} effects in {unit} with 95 % intervals."
        forests.append(
            Forest(title=f"Effects in {unit}", description=told, across=unit, rows=rows, margin=margin, digits=2)
        )
    return forests


def _map(metric: PairMetric) -> MetricMap:
    answering = {code for row in metric.pairs.values() for code in row}
    columns = [code for code in metric.pairs if code in answering]  # in the order of the rows, then the others
    columns += sorted(answering - set(columns))
    scale = _scale([value for row in metric.pairs.values() for value in row.values()])
    lines = []
    for first, row in metric.pairs.items():
        cells = [f'<td class="{scale.shade(row.get(code))}">{number(row.get(code), metric.digits)}' for code in columns]
        lines.append(f'<tr><th scope="row">{language_mark(first)}{"".join(cells)}')
    ends = f"{number(scale.low, metric.digits)} to {number(scale.high, metric.digits)}"
    return MetricMap(metric, columns, Markup("\n".join(lines)), ends)


def _scale(values: Sequence[float]) -> Scale:
    low, high = min(values), max(values)
    return Scale(low, high if high > low else low + 1.0)
