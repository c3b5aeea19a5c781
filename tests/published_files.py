"""Published runs for tests of the board: models with chosen values on tasks of mteb, as a store on disk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mteb_results import META, file_of, subset, write_file

from xbench.published.importing import read_mteb
from xbench.published.runs import Origin, PublishedRun
from xbench.published.store import write_store
from xbench.published.task_facts import published_task

SOURCE = Origin("a laboratory", "c" * 40)
Values = Mapping[str, Mapping[str, float]]
"""model -> pair (query-document) -> nDCG@10"""


def published(
    folder: Path, values: Values, task: str = "mlqa", origin: Origin = SOURCE, size: int | None = 7_000_000
) -> list[PublishedRun]:
    """The runs, by way of mteb's files."""
    known = published_task(task)
    split = known.splits[0]
    for name, pairs in values.items():
        subsets = [subset(_name(task, pair), value) for pair, value in pairs.items()]
        content = file_of(known.mteb, {split: subsets})
        write_file(folder, known.mteb, content, META | {"name": f"org/{name}", "n_parameters": size})
    read = read_mteb([folder], origin)
    assert not read.faults
    return list(read.runs)


def _name(task: str, pair: str) -> str:
    """mteb's name of a pair, documents first where it has two languages."""
    known = published_task(task)
    query, document = pair.split("-")
    if known.order == "same":
        return known.languages[query]
    return f"{known.languages[document]}-{known.languages[query]}"


def whole_grid(task: str = "mlqa", own: float = 0.5, cross: float = 0.25) -> dict[str, float]:
    """A value for every pair of a task whose pairs are all of its languages."""
    codes = published_task(task).languages
    return {f"{one}-{other}": own if one == other else cross for one in codes for other in codes}


def write_published(runs: list[PublishedRun], path: Path) -> Path:
    """The runs as a store."""
    write_store(runs, path)
    return path
