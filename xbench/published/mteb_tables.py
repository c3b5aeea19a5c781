"""Tables of mteb results: `retrieval.parquet` and `bitext.parquet`, a row per subset; `models.jsonl`, a line per model.

An extraction of mteb's repository that is quicker to carry about than its files. Checked as those are: a run is whole,
or one line says why not. Knows the tables; the facts of tasks come from `task_facts`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from xbench.data.parquet import parquet_rows
from xbench.data.rows import File, json_rows
from xbench.errors import DataError, visible
from xbench.published.model_facts import ModelFacts, model_facts
from xbench.published.mteb_files import Rows
from xbench.published.runs import Origin, PublishedRun, RunKey, Versions
from xbench.published.task_facts import BITEXT, RETRIEVAL, PublishedTask, mteb_key, task_of_mteb
from xbench.specs.mteb_names import model_name

TABLES = ("retrieval.parquet", "bitext.parquet")
MODELS = "models.jsonl"
NAMES = ("model", "revision", "task", "dataset_revision", "mteb_version", "split", "subset", "main_score")
KEYS = {metric: mteb_key(metric) for metric in (*RETRIEVAL, *BITEXT)}
MOST_ROWS = 5_000_000
Facts: TypeAlias = Mapping[tuple[str, str], ModelFacts]
"""By model and revision"""


def read_models(path: Path) -> tuple[Facts, list[str]]:
    """What a `models.jsonl` states, and a line for each model of which it states what cannot be."""
    facts: dict[tuple[str, str], ModelFacts] = {}
    faults = []
    for where, row in json_rows(File(path)):
        model, revision = row.get("model"), row.get("revision")
        if not isinstance(model, str) or not isinstance(revision, str):
            faults.append(f"{where}: model and revision: found {model!r:.60} and {revision!r:.60}, expected text")
            continue
        try:
            facts[model_name(model), revision] = model_facts(row)
        except ValueError as error:
            faults.append(f"{where}: {visible(error, 300)}")
    return facts, faults


@dataclass
class _Open:
    """A run of which rows still come."""

    key: RunKey
    versions: Versions
    rows: Rows


@dataclass
class Table:
    """What is read of a table: `faults` are lines for runs that are left out, `others` rows of tasks not known here."""

    path: Path
    faults: list[str] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    _tasks: dict[str, PublishedTask | None] = field(default_factory=dict)
    _open: dict[tuple[object, ...], _Open] = field(default_factory=dict)
    _spoilt: set[tuple[object, ...]] = field(default_factory=set)

    def runs(self, origin: Origin, facts: Facts) -> list[PublishedRun]:
        """Read it. Raises DataError where it is no such table."""
        for number, (where, row) in enumerate(parquet_rows(self.path, (*NAMES, *KEYS.values()))):
            if number >= MOST_ROWS:
                raise DataError(f"{self.path}: more than {MOST_ROWS:,} rows")
            if number == 0 and (lacking := [name for name in NAMES if name not in row]):
                raise DataError(f"{self.path}: no column {lacking[0]!r}; expected a table of mteb results")
            self._add(where, row)
        return [
            run.rows.run(run.key, origin, run.versions, facts.get((run.key.model, run.key.revision)))
            for place, run in self._open.items()
            if place not in self._spoilt
        ]

    def _add(self, where: str, row: Mapping[str, object]) -> None:
        name = row["task"]
        if not isinstance(name, str):
            raise DataError(f"{where}: task: found {name!r:.60}, expected text")
        if name not in self._tasks:
            self._tasks[name] = task_of_mteb(name)
        task = self._tasks[name]
        if task is None:
            self.others[name] += 1
            return
        words = {key: _word(row, key, where) for key in NAMES[:-1]}
        place = (name, words["model"], words["revision"], words["split"])
        if place in self._spoilt:
            return
        try:
            self._row(task, place, words, row)
        except ValueError as error:
            self._spoilt.add(place)
            said = f"{where}: {words['model']}: {error}"
            self.faults.append(visible(said, 600))

    def _row(
        self, task: PublishedTask, place: tuple[object, ...], words: Mapping[str, str | None], row: Mapping[str, object]
    ) -> None:
        versions = Versions(words["dataset_revision"], words["mteb_version"])
        if place not in self._open:
            split = words["split"] or ""
            key = RunKey(model_name(words["model"] or ""), words["revision"] or "", split)
            self._open[place] = _Open(key, versions, Rows(task, split))
        if self._open[place].versions != versions:
            raise ValueError(f"{versions}: the run's other rows have {self._open[place].versions}")
        stored = {metric: row.get(KEYS[metric]) for metric in task.metrics if metric in KEYS}
        self._open[place].rows.add(words["subset"], row["main_score"], stored)


def _word(row: Mapping[str, object], key: str, where: str) -> str | None:
    value = row[key]
    if value is not None and not isinstance(value, str):
        raise DataError(f"{where}: {key}: found {value!r:.60}, expected text")
    return value
