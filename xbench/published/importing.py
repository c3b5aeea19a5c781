"""Results of mteb as people have them: files, a folder of them, mteb's whole repository, or tables made of it.

Knows where they lie; what is in them is checked by `mteb_files` and `mteb_tables`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xbench.errors import DataError, XbenchError
from xbench.published.model_facts import ModelFacts
from xbench.published.mteb_files import META, read_meta, read_result_file
from xbench.published.mteb_tables import MODELS, TABLES, Facts, Table, read_models
from xbench.published.runs import Origin, PublishedRun
from xbench.published.task_facts import task_of_mteb

EXPERIMENTS = "experiments"  # mteb's folder for runs of a model with settings that are not its own
PACKED = (".jsonl", ".gz", ".xz", ".bz2")


@dataclass
class Imported:
    """`faults`: a line for whatever is left out; `others`: files or rows of tasks that are not known here, by mteb's
    name of the task."""

    runs: list[PublishedRun] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)


def read_mteb(paths: Sequence[Path], origin: Origin, largest: int | None = None) -> Imported:
    """Everything that `paths` hold; no file of more than `largest` bytes. A run that stands twice is taken once.

    Raises DataError for a path that is not there, and where nothing can be read.
    """
    found = Imported()
    for path in paths:
        if path.is_dir():
            _read_folder(path, origin, found, largest)
        elif path.suffix == ".parquet":
            _read_tables([path], path.with_name(MODELS), origin, found)
        elif path.suffix in PACKED:
            raise DataError(f"{path}: not a result of mteb; imported runs are shown by `--published {path}`")
        elif path.is_file():
            _read_files([path], origin, found, largest, named=True)
        else:
            raise DataError(f"{path}: no such file or folder")
    found.runs = list(_distinct(found))
    return found


def _read_folder(folder: Path, origin: Origin, found: Imported, largest: int | None) -> None:
    tables = [folder / name for name in TABLES if (folder / name).is_file()]
    if tables:
        _read_tables(tables, folder / MODELS, origin, found)
    else:
        _read_files(sorted(folder.rglob("*.json")), origin, found, largest, named=False)


def _read_tables(tables: Iterable[Path], models: Path, origin: Origin, found: Imported) -> None:
    facts: Facts = {}
    try:
        facts, faults = read_models(models) if models.is_file() else ({}, [])
        found.faults += faults
    except XbenchError as error:  # runs stay, without what is stated of their models
        found.faults.append(str(error))
    for path in tables:
        try:
            table = Table(path)
            found.runs += table.runs(origin, facts)
            found.faults += table.faults
            found.others += table.others
        except XbenchError as error:
            found.faults.append(str(error))


def _read_files(paths: Iterable[Path], origin: Origin, found: Imported, largest: int | None, named: bool) -> None:
    """`named`: a file of a task that is not known is a fault."""
    models: dict[Path, tuple[str, str, ModelFacts | None] | None] = {}
    for path in paths:
        if path.name == META:
            continue
        task = task_of_mteb(path.stem)
        if task is None:
            if named:
                found.faults.append(f"{path}: no task of mteb that is known here; see `xbench published list`")
            found.others[path.stem] += 1
            continue
        try:
            if EXPERIMENTS in path.parts[-3:-1]:
                raise DataError(f"{path}: an experiment with other settings of the model")
            if largest is not None and path.stat().st_size > largest:
                raise DataError(f"{path}: more than {largest:,} bytes")
            if path.parent not in models:
                models[path.parent] = None
                models[path.parent] = read_meta(path.parent)
            model = models[path.parent]
            if model is not None:
                found.runs += read_result_file(path, task, origin, *model)
        except (XbenchError, OSError) as error:
            found.faults.append(str(error))


def _distinct(found: Imported) -> Iterator[PublishedRun]:
    seen = set()
    for run in found.runs:
        place = (run.task.name, run.key)
        if place in seen:
            where = f"{run.task.mteb}: {run.model} at {run.revision}, {run.split}"
            found.faults.append(f"{where}: stands twice; the first is taken")
        else:
            seen.add(place)
            yield run
