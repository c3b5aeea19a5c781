"""Results as a list that a notebook shows as a table. Knows results alone; pandas is imported when a frame is made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from xbench.evaluation.scores import HALVES
from xbench.results.notebook import decimal, html_table
from xbench.results.result import Result

if TYPE_CHECKING:
    from pandas import DataFrame


class Results(list[Result]):
    """A list of results; what `evaluate` and `read_results` give."""

    def to_frame(self) -> DataFrame:
        """The frames of all results, one below the other; without a row where there is no result."""
        from pandas import DataFrame, concat

        return concat([result.to_frame() for result in self], ignore_index=True) if self else DataFrame()

    def __repr__(self) -> str:
        return f"[{(chr(10) + ' ').join(map(repr, self))}]"

    def _repr_html_(self) -> str:
        """For notebooks: a row per result, task by task, its means in percent of its primary metric."""
        headings = ["task", "encoder", "metric", *HALVES]
        rows = [[result.task, result.label, result.metric, *_means(result)] for result in by_task(self)]
        return html_table(headings, rows, "means in percent", names=3)


def by_task(results: Iterable[Result]) -> list[Result]:
    """The same results, those of one task together; tasks, and the results of each, as they came."""
    tasks: dict[str, list[Result]] = {}
    for result in results:
        tasks.setdefault(result.task, []).append(result)
    return [result for group in tasks.values() for result in group]


def _means(result: Result) -> list[str]:
    values = [result.scores.macro(column, result.metric) for column in HALVES]
    return [decimal(None if value is None else 100 * value, 1) for value in values]
