"""A list of results as people look at it."""

from __future__ import annotations

from pathlib import Path

from written_results import file_result

from xbench.results.reading import read_result
from xbench.results.result_list import Results, by_task


def test_tasks_stand_one_after_the_other_and_all_else_as_it_came(tmp_path: Path) -> None:
    tasks = [{"name": name, "title": name, "group": "question"} for name in ("second", "first")]
    mixed = Results(
        read_result(file_result(tmp_path, {"de-de": 0.5}, model=model, task=task))
        for model in ("two", "one")
        for task in tasks
    )
    assert [(result.task, result.model) for result in by_task(mixed)] == [
        ("second", "two"), ("second", "one"), ("first", "two"), ("first", "one")
    ]  # fmt: skip
    rows = mixed._repr_html_().split("<tr>")[2:]
    assert ["second" in row for row in rows] == [True, True, False, False]
    assert [result.task for result in mixed] == ["second", "first"] * 2
