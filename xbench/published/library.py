"""Where published runs are: stores that are named, those in folders that are looked through, and the one that ships."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from xbench.errors import SpecError
from xbench.published.runs import PublishedRun
from xbench.published.store import is_store
from xbench.published.store_reading import read_store
from xbench.published.task_facts import PublishedTask, published_task
from xbench.specs.mteb_names import model_name
from xbench.specs.registry import shipped

FOLDER = Path("baselines/published")
SHIPPED = "mteb"
Place = str | os.PathLike[str]


def stores(named: Sequence[Place] = ()) -> list[Path]:
    """Those that are named, then what lies in baselines/published of the working directory, of the folders in
    XBENCH_PATH and of xbench: the order in which a run is looked for."""
    extra = [Path(part) for part in os.environ.get("XBENCH_PATH", "").split(os.pathsep) if part]
    folders = [FOLDER, *(place / FOLDER for place in extra), shipped("baselines") / "published"]
    paths = [*map(Path, named), *(path for folder in folders for path in _in(folder))]
    return list({path.resolve(): path for path in reversed(paths)}.values())[::-1]


def named_places(places: Sequence[Path]) -> tuple[Path | None, list[Path]]:
    """The folder of tables among them, and the stores of published runs. Raises SpecError for two folders of tables."""
    runs = [place for place in places if holds_runs(place)]
    tables = [place for place in places if place not in runs]
    if len(tables) > 1:
        raise SpecError(f"published: found two folders of tables, {tables[0]} and {tables[1]}; expected one")
    return (tables[0] if tables else None), runs


def holds_runs(place: Path) -> bool:
    """Whether this is a store of published runs, by its name or the names in it."""
    return is_store(place) or (place.is_dir() and any(map(is_store, place.iterdir())))


def _in(folder: Path) -> list[Path]:
    """The files that are stores, and the folders that hold such files."""
    inside = sorted(folder.iterdir()) if folder.is_dir() else []
    return [path for path in inside if holds_runs(path)]


def published_runs(
    task: str, model: str | None = None, *, split: str | None = None, published: Sequence[Place] = ()
) -> list[PublishedRun]:
    """Every published run of a task on a split, by default the task's first; of one model where one is named.

    `published` names stores that `xbench import` wrote elsewhere than in baselines/published. A run that two stores
    hold from one source is taken from the first. Raises SpecError for a task, split or model that there is not.
    """
    wanted = published_task(task)
    chosen = wanted.splits[0] if split is None else split
    if chosen not in wanted.splits:
        raise SpecError(f"split {chosen!r:.60}: {wanted.name} has {' and '.join(wanted.splits)}")
    runs = [run for run in runs_of(wanted, published) if run.split == chosen]
    if model is None:
        return runs
    found = [run for run in runs if run.model == model_name(model)]
    if not found:
        raise SpecError(_no_run(model, wanted, {run.model for run in runs}))
    return found


def runs_of(task: PublishedTask | None, published: Sequence[Place] = ()) -> Iterator[PublishedRun]:
    """The runs of a task, or of all, on all splits; the first of those from one source."""
    seen = set()
    for path in stores(published):
        for run in read_store(path, task):
            place = (run.task.name, run.origin.source, run.key)
            if place not in seen:
                seen.add(place)
                yield run


def _no_run(model: str, task: PublishedTask, models: set[str]) -> str:
    text = f"no published run of {model!r:.100} on {task.name}"
    if not models:
        return f"{text}: there is none of any model"
    close = nearest(model, models)
    meant = f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
    return f"{text}{meant}; `xbench published list --task {task.name}` names all {len(models)}"


def nearest(model: str, models: set[str]) -> list[str]:
    """At most three names that are like it, by what stands behind the slash where it has none."""
    small = {name.lower() if "/" in model else name.lower().partition("/")[2]: name for name in sorted(models)}
    return [small[name] for name in get_close_matches(model.lower(), small, n=3, cutoff=0.6)]
