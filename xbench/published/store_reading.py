"""A store of published runs read again: every line is checked, whoever wrote it. `store` says what stands where."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from xbench.data.rows import File, json_rows
from xbench.errors import DataError, visible
from xbench.published.model_facts import ModelFacts, first_fault
from xbench.published.runs import ABSENT, STEPS, Origin, PublishedRun, RunKey, Steps, Versions
from xbench.published.store import MODELS_FILE, VERSION, Line, is_store
from xbench.published.task_facts import Pair, PublishedTask, task_of_mteb

MOST_VALUES = 20_000_000
MOST_PAIRS = 50_000


def read_store(path: Path, task: PublishedTask | None = None) -> list[PublishedRun]:
    """The runs of one task, or of all, in the order of the file. Raises DataError naming file and line.

    Of a folder, only the file of that task is read, and the models.
    """
    return _Reader(task).read(_files(path, task))


def _files(path: Path, task: PublishedTask | None) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.iterdir() if is_store(file) and file.name != MODELS_FILE)
    some = [file for file in found if task is None or file.name.partition(".jsonl")[0] == task.name]
    models = [path / MODELS_FILE] if some and (path / MODELS_FILE).is_file() else []
    return models + some


class _Reader:
    """Files of one store, line by line."""

    def __init__(self, wanted: PublishedTask | None) -> None:
        self._wanted, self._values = wanted, 0
        self._origin: Origin | None = None
        self._task: PublishedTask | None = None
        self._passing = False
        self._pairs: tuple[Pair, ...] = ()
        self._facts: dict[tuple[str, str], ModelFacts] = {}
        self._seen: set[tuple[str, RunKey]] = set()

    def read(self, files: Sequence[Path]) -> list[PublishedRun]:
        """The runs of all files."""
        runs: list[PublishedRun] = []
        for file in files:
            self._origin = self._task = None
            for where, row in json_rows(File(file)):
                try:
                    runs += self._line(row)
                except ValueError as error:
                    raise DataError(f"{where}: {visible(_fault(error), 300)}") from None
            if self._origin is None:
                raise DataError(f"{file}: no line; expected a store of published runs")
        return runs

    def _line(self, row: Line) -> Iterator[PublishedRun]:
        if self._origin is None:
            self._origin = _origin(row)
        elif "facts" in row:
            key = RunKey(_word(row, "model"), _word(row, "revision"), "")
            self._facts[key.model, key.revision] = ModelFacts.model_validate_json(json.dumps(row["facts"]))
        elif "task" in row:
            self._begin(row)
        elif "run" not in row:
            raise ValueError(f"found keys {', '.join(map(repr, row))}, expected 'facts', 'task' or 'run' among them")
        elif not self._passing:
            yield self._run(row, self._origin)

    def _begin(self, row: Line) -> None:
        name = _word(row, "task")
        self._passing = self._wanted is not None and name != self._wanted.mteb
        if not self._passing:
            task = self._wanted or task_of_mteb(name)
            if task is None:
                raise ValueError(f"task: found {name!r:.60}, which is no task of mteb that is known here")
            self._task, self._pairs = task, _pairs(row.get("pairs"), task)

    def _run(self, row: Line, origin: Origin) -> PublishedRun:
        task = self._task
        if task is None:
            raise ValueError("a run before its task")
        key = RunKey(_word(row, "run"), _word(row, "revision"), _word(row, "split"))
        if key.split not in task.splits:
            raise ValueError(f"split: found {key.split!r:.60}, expected {' or '.join(task.splits)}")
        if (task.name, key) in self._seen:
            raise ValueError(f"{key.model} at {key.revision}, {key.split}: stands twice")
        self._seen.add((task.name, key))
        versions = Versions(_optional(row, "dataset_revision"), _optional(row, "mteb_version"))
        facts = self._facts.get((key.model, key.revision))
        return PublishedRun(key, task, origin, versions, self._pairs, self._columns(row.get("values"), task), facts)

    def _columns(self, values: object, task: PublishedTask) -> dict[str, Steps]:
        if not isinstance(values, dict) or task.metric not in values:
            raise ValueError(f"values: expected {task.metric} and other metrics of the task")
        if other := [metric for metric in values if metric not in task.metrics]:
            raise ValueError(f"values: found {other[0]!r:.40}, expected {', '.join(task.metrics)}")
        self._values += len(values) * len(self._pairs)
        if self._values > MOST_VALUES:
            raise ValueError(f"more than {MOST_VALUES:,} values")
        return {metric: _steps(column, len(self._pairs), metric) for metric, column in values.items()}


def _fault(error: ValueError) -> str:
    return first_fault(error) if isinstance(error, ValidationError) else str(error)


def _origin(row: Line) -> Origin:
    if row.get("published") != VERSION or isinstance(row["published"], bool):
        raise ValueError(f"found {row!r:.80}, expected a store of published runs of version {VERSION}")
    return Origin(_word(row, "source"), _word(row, "commit"))


def _word(row: Line, key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str):
        raise ValueError(f"{key}: found {value!r:.60}, expected text")
    return value


def _optional(row: Line, key: str) -> str | None:
    return None if row.get(key) is None else _word(row, key)


def _pairs(value: object, task: PublishedTask) -> tuple[Pair, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= MOST_PAIRS:
        raise ValueError(f"pairs: expected a list of 1 to {MOST_PAIRS:,}")
    pairs = [tuple(pair) if isinstance(pair, list) else (pair,) for pair in value]
    for pair in pairs:
        if len(pair) != 2 or not all(isinstance(code, str) for code in pair) or not task.has(pair):
            raise ValueError(f"pairs: found {pair!r:.80}, which {task.mteb} does not have")
    if len(set(pairs)) < len(pairs):
        raise ValueError("pairs: one stands twice")
    return tuple(pairs)


def _steps(value: object, pairs: int, metric: str) -> Steps:
    if not isinstance(value, list) or len(value) != pairs:
        raise ValueError(f"values: {metric}: expected a list of {pairs:,}, one of each pair")
    for step in value:
        if step is not None and (type(step) is not int or not 0 <= step <= STEPS):
            raise ValueError(f"values: {metric}: found {step!r:.40}, expected a whole number of 0 to {STEPS:,}")
    return array("i", [ABSENT if step is None else step for step in value])
