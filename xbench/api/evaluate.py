"""`xbench.evaluate`: an encoder on tasks, trained by a recipe or as it is; the main job, for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xbench import specs
from xbench.api.arguments import (
    Place,
    call_text,
    depth_of,
    languages_of,
    loading_of,
    names_of,
    place_of,
    reporter_of,
    seeds_of,
    settings_of,
    side_of,
    spec_of,
    storage_of,
    switch_of,
    text_of,
)
from xbench.api.loaded_task import LoadedTask
from xbench.api.program_models import model_of
from xbench.api.train import TrainedEncoder
from xbench.api.words import for_programs, shown
from xbench.encoders.task_vectors import TaskVectors
from xbench.errors import SpecError
from xbench.jobs.request import NO_RECIPE, ProgramModel, Request
from xbench.jobs.run import run
from xbench.processes import join
from xbench.results.reading import read_result
from xbench.results.result_list import Results
from xbench.results.run_files import Wanted
from xbench.specs.registry import Entry
from xbench.specs.strict_yaml import Value

Task = str | Path | LoadedTask


@for_programs
def evaluate(
    encoder: object,
    tasks: Task | Iterable[Task],
    *,
    name: str | None = None,
    version: str | None = None,
    recipe: Place | None = None,
    corpus: Place | None = None,
    seeds: int | Sequence[int] = 0,
    languages: str | Iterable[str] | None = None,
    settings: Mapping[str, object] | None = None,
    out: Place = "results",
    save_runs: str | Iterable[str] = (),
    depth: int | None = 1000,
    align: str | None = None,
    data_dir: Place | None = None,
    offline: bool = False,
    device: str | None = "auto",
    remote_code: bool = False,
    allow_contaminated: bool = False,
    progress: bool = True,
) -> Results:
    """Score an encoder on tasks; the results, filed under `out` as `xbench run` files them, seed by seed.

    `encoder`: a model's name, YAML, folder or hub id; what `xbench.train` gave; a loaded SentenceTransformer; an object
    with `encode(texts)`, or with `encode_query` and `encode_document`; a function of (texts, role) that gives an array
    [texts, dim], role being "query" or "document"; or `TaskVectors` of one task. `name` and `version` say what an
    encoder is that cannot say it itself (a folder and a hub id take another `name`): of one name and version, nothing
    is encoded or scored twice.

    `recipe` and `corpus` train a model first. `settings` are those of `--set`: `{"steps": 300, "model.prompts.query":
    "query: "}`. `save_runs`: settings ("en-de", "en-pool", "all") whose TREC runs are written, `depth` documents a
    query, None for all. `align`: "queries" or "documents", whose alignment the results hold too. `progress` speaks on
    standard error. Raises XbenchError, whose `paths` are the results that are filed.
    """
    name, version, folder = text_of(name, "name"), text_of(_text(version), "version"), place_of(out, "out")
    storage, loading = storage_of(data_dir, offline, progress), loading_of(device, offline, remote_code)
    choice = choice_of(encoder, name, version, recipe, corpus, seeds, settings_of(settings))
    chosen = _tasks(tasks, choice.model)
    narrowed = languages_of(languages)
    runs = names_of(save_runs, "save_runs")
    options: dict[str, object] = {"name": name, "version": version, "recipe": recipe, "corpus": corpus}
    drawn = seeds_of(seeds)
    options |= {"seeds": None if drawn == (0,) else _alone(drawn), "languages": narrowed, "settings": settings}
    options |= {"out": None if out == "results" else folder, "save_runs": runs}
    side = None if align is None else side_of(align, "align")
    options |= {"align": side}
    request = Request(
        models=(choice.model,),
        recipes=(choice.recipe,),
        tasks=chosen,
        seeds=choice.seeds,
        corpus=choice.corpus,
        languages=narrowed,
        settings=choice.settings,
        out=folder,
        storage=storage,
        loading=loading,
        allow_contaminated=switch_of(allow_contaminated, "allow_contaminated"),
        processes=join(loading.device),
        command=call_text("evaluate", [encoder, [_name(task) for task in chosen]], options),
        runs=Wanted(runs, depth_of(depth)) if runs else None,
        align=side,
    )
    return Results(read_result(path) for path in run(request, reporter_of(progress)))


@dataclass(frozen=True)
class Choice:
    """What is scored: a model, as it is or trained."""

    model: str | ProgramModel
    recipe: str
    corpus: str | None
    seeds: tuple[int, ...]
    settings: Mapping[str, Value]


def choice_of(
    encoder: object,
    name: str | None,
    version: str | None,
    recipe: Place | None,
    corpus: Place | None,
    seeds: int | Sequence[int],
    settings: Mapping[str, Value],
) -> Choice:
    """The model of a call. Raises SpecError where something is given that an encoder says itself."""
    if isinstance(encoder, TrainedEncoder):
        if not (recipe is corpus is name is version is None and _is_default(seeds)):
            raise SpecError(
                f"encoder {encoder.label}: trained already; leave recipe, corpus, seeds, name and version out"
            )
        settings = {**encoder.settings, **settings}
        return Choice(encoder.model, encoder.recipe, encoder.corpus, (encoder.seed,), settings)
    model = model_of(encoder, name, version, settings)
    if isinstance(model, str) and name is not None:
        settings = {**settings, "model.name": name}
    if isinstance(model, ProgramModel):  # what is set of the model stands in its spec
        settings = {key: value for key, value in settings.items() if not key.startswith("model.")}
    by = "" if recipe is None else spec_of(recipe, "recipe")
    text = None if corpus is None else spec_of(corpus, "corpus")
    return Choice(model, by or NO_RECIPE, text, seeds_of(seeds), settings)


def _text(version: object) -> object:
    """A version that is a number, as text."""
    return str(version) if isinstance(version, int | np.integer) and not isinstance(version, bool) else version


def _alone(seeds: tuple[int, ...]) -> int | tuple[int, ...]:
    return seeds[0] if len(seeds) == 1 else seeds


def _is_default(seeds: object) -> bool:
    return isinstance(seeds, int | np.integer) and seeds == 0


def _tasks(tasks: Task | Iterable[Task], model: str | ProgramModel) -> tuple[str | Entry[specs.Task], ...]:
    """The tasks of a request. Raises SpecError for none, and for several where vectors are of one."""
    several = list(tasks) if isinstance(tasks, Iterable) and not isinstance(tasks, str) else [tasks]
    if not several:
        raise SpecError("tasks: found none, expected at least one, such as ['facts']")
    if isinstance(model, ProgramModel) and isinstance(model.encoder, TaskVectors) and len(several) > 1:
        raise SpecError(f"vectors of {model.spec.name}: found {len(several)} tasks, expected the one that they are of")
    return tuple(task.entry if isinstance(task, LoadedTask) else _only(task) for task in several)


def _only(task: object) -> str:
    if not isinstance(task, str | Path):
        raise SpecError(f"tasks: found {shown(task)}, expected names")
    return str(task)


def _name(task: str | Entry[specs.Task]) -> str:
    return task if isinstance(task, str) else task.spec.name
