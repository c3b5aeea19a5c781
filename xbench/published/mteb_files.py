"""mteb's own result files, `results/{org}__{model}/{revision}/{Task}.json` beside `model_meta.json`, as published runs.

Everything is checked where it is read: a file either gives runs or one line that says why not. Knows mteb's files; the
facts of its tasks come from `task_facts`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path

from xbench.errors import DataError, visible
from xbench.published.model_facts import ModelFacts, model_facts
from xbench.published.runs import ABSENT, Origin, PublishedRun, RunKey, Steps, Versions, steps_of
from xbench.published.task_facts import Pair, PublishedTask, mteb_key
from xbench.specs.mteb_names import model_name
from xbench.specs.strict_json import strict_json

LARGEST = 1 << 26  # bytes of a file
META = "model_meta.json"
ROUNDING = 2  # hundred-thousandths between a main score and the metric that it is


def read_object(path: Path) -> dict[str, object]:
    """The object in a JSON file of mteb, which writes NaN for some numbers. Raises DataError."""
    size = path.stat().st_size
    if size > LARGEST:
        raise DataError(f"{path}: {size:,} bytes; expected at most {LARGEST:,}")
    try:
        found = strict_json(path.read_text(encoding="utf-8"), parse_constant=float)
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 (byte {error.start})") from None
    except ValueError as error:
        raise DataError(f"{path}: not valid JSON ({error}); truncated?") from None
    if not isinstance(found, dict):
        raise DataError(f"{path}: found {type(found).__name__}, expected an object")
    return found


def read_meta(folder: Path) -> tuple[str, str, ModelFacts | None]:
    """Model and revision of a folder of results, and what is stated of the model. Raises DataError.

    Without `model_meta.json` the names of the folders say both.
    """
    path = folder / META
    if not path.is_file():
        organisation, parted, model = folder.parent.name.partition("__")
        if not parted:
            raise DataError(f"{folder}: no {META}, and not results/ORG__MODEL/REVISION; so no model is named")
        return model_name(f"{organisation}/{model}"), folder.name, None
    meta = read_object(path)
    name, revision = meta.get("name"), meta.get("revision")
    if not isinstance(name, str) or not isinstance(revision, str | None):
        raise DataError(f"{path}: found name {name!r:.60} and revision {revision!r:.60}, expected text")
    try:
        return name, revision or folder.name, model_facts(meta)
    except ValueError as error:
        raise DataError(f"{path}: {error}") from None


def read_result_file(
    path: Path, task: PublishedTask, origin: Origin, model: str, revision: str, facts: ModelFacts | None
) -> list[PublishedRun]:
    """A run for every split. Raises DataError with one line for whatever is wrong."""
    content = read_object(path)
    name, scores = content.get("task_name"), content.get("scores")
    if not isinstance(scores, dict) or not isinstance(name, str):
        raise DataError(f"{path}: no `task_name` with `scores`: not a result of mteb 1.11 or later")
    if name != task.mteb:
        raise DataError(f"{path}: task_name: found {name!r:.60}, expected {task.mteb} as the file is called")
    try:
        versions = Versions(_text(content, "dataset_revision"), _text(content, "mteb_version"))
        return [
            _run(task, RunKey(model, revision, split), origin, versions, entries, facts)
            for split, entries in scores.items()
        ]
    except ValueError as error:
        raise DataError(f"{path}: {visible(error, 300)}") from None


def _text(content: Mapping[str, object], key: str) -> str | None:
    value = content.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{key}: found {value!r:.60}, expected text")
    return value


def _run(
    task: PublishedTask, key: RunKey, origin: Origin, versions: Versions, entries: object, facts: ModelFacts | None
) -> PublishedRun:
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError(f"scores.{key.split}: expected a list of objects, one a subset")
    rows = Rows(task, key.split)
    for entry in entries:
        stored = {name: entry.get(mteb_key(name)) for name in task.metrics}
        rows.add(entry.get("hf_subset"), entry.get("main_score"), stored)
    return rows.run(key, origin, versions, facts)


class Rows:
    """The subsets of one run, checked as they come. Raises ValueError, naming split and subset."""

    def __init__(self, task: PublishedTask, split: str) -> None:
        if split not in task.splits:
            raise ValueError(f"split {split!r:.60}: expected {' or '.join(task.splits)}, as {task.mteb} has")
        self._task, self._split = task, split
        self._rows: dict[Pair, dict[str, int]] = {}

    def add(self, subset: object, main_score: object, stored: Mapping[str, object]) -> None:
        """One subset: its main score, and its metrics by our names; those that are None are absent."""
        pair = self._task.pair(subset) if isinstance(subset, str) else None
        where = f"{self._split}: subset {subset!r:.60}"
        if pair is None:
            raise ValueError(f"{where}: not one of {self._task.mteb}")
        if pair in self._rows:
            raise ValueError(f"{where}: stands twice")
        self._rows[pair] = dict(self._steps(where, main_score, stored))
        if len(self._rows) > self._task.grid:
            raise ValueError(f"{where}: more than the {self._task.grid:,} pairs of {self._task.mteb}")

    def _steps(self, where: str, main_score: object, stored: Mapping[str, object]) -> Iterator[tuple[str, int]]:
        main = self._task.metric
        for name, value in {**stored, main: main_score}.items():
            if value is None and name != main:
                continue
            try:
                step = steps_of(value)
                same = stored.get(main) if name == main else None
                if same is not None and abs(steps_of(same) - step) > ROUNDING:
                    raise ValueError(f"found {value!r:.30}, but {mteb_key(main)} is {same!r:.30}")
            except ValueError as error:
                key = "main_score" if name == main else mteb_key(name)
                raise ValueError(f"{where}: {key}: {error}") from None
            yield name, step

    def run(self, key: RunKey, origin: Origin, versions: Versions, facts: ModelFacts | None) -> PublishedRun:
        """All of it, pairs in the order of their codes."""
        if not self._rows:
            raise ValueError(f"{self._split}: no subset")
        pairs = tuple(sorted(self._rows))
        columns: dict[str, Steps] = {}
        for metric in self._task.metrics:
            column = array("i", [self._rows[pair].get(metric, ABSENT) for pair in pairs])
            if any(step != ABSENT for step in column):
                columns[metric] = column
        return PublishedRun(key, self._task, origin, versions, pairs, columns, facts)
