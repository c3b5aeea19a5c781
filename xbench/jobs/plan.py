"""From a request to checked runs: every name resolved and every setting checked, before any work is done.

Knows specs, storage and what a model's folder looks like; no model is loaded here and nothing is encoded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

from xbench import specs
from xbench.encoders.lexical import require_tokenizer
from xbench.encoders.model_loading import hub_fetch, require_model_folder
from xbench.encoders.task_vectors import TaskVectors
from xbench.errors import EncoderError, SpecError, XbenchError, joined, near_miss
from xbench.jobs.folder_lineage import lineage_of
from xbench.jobs.request import DEFAULT_CORPUS, NO_RECIPE, Overrides, ProgramModel, Request
from xbench.jobs.training_settings import training_settings
from xbench.jobs.unused_settings import require_used
from xbench.processes import require_even_shares
from xbench.specs import registry
from xbench.specs.registry import Entry
from xbench.specs.strict_yaml import Value

Item = TypeVar("Item")
TRACKERS = ("tensorboard", "wandb")


@dataclass(frozen=True)
class Run:
    """One encoder: a model, as it is or trained by a recipe on a corpus from a seed."""

    model: Entry[specs.ModelBase]
    recipe: specs.Recipe | None
    training: specs.Training | None
    seed: int
    program_model: ProgramModel | None = None

    @property
    def recipe_name(self) -> str:
        """The recipe's, or that of a model as it is."""
        return self.recipe.name if self.recipe else NO_RECIPE

    @property
    def label(self) -> str:
        """The run in a few words; no two of a plan are called the same."""
        return f"{self.model.spec.name} x {self.recipe_name}, seed {self.seed}"


@dataclass(frozen=True)
class Plan:
    """All runs of a request, its tasks, and the corpus that they train on (or take a tokenizer from).

    `post_corpora`: by model, what its `post` is fitted on. `unusable`: why something that was asked for cannot be
    carried out, by the label of a run, or by the name of a model that is not on this machine.
    """

    runs: tuple[Run, ...]
    tasks: tuple[Entry[specs.Task], ...]
    corpus: Entry[specs.Corpus] | None
    post_corpora: Mapping[str, Entry[specs.Corpus]] = field(default_factory=dict)
    unusable: Mapping[str, XbenchError] = field(default_factory=dict)

    def narrowed(self, labels: set[str], unusable: Mapping[str, XbenchError]) -> Plan:
        """The plan of these runs alone, and of the corpora that they need; `unusable` says why the others are left out.

        Raises these errors as one where no run is left.
        """
        if not unusable:
            return self
        runs = tuple(run for run in self.runs if run.label in labels)
        if not runs:
            raise joined(unusable.values())
        models = {run.model.spec.name for run in runs}
        posts = {model: entry for model, entry in self.post_corpora.items() if model in models}
        needed = any(_makes_from_corpus(run) for run in runs) or self.corpus in posts.values()
        return replace(self, runs=runs, corpus=self.corpus if needed else None, post_corpora=posts, unusable=unusable)


def make_plan(request: Request) -> Plan:
    """Resolve and check a request. Raises SpecError or DataError; nothing is written."""
    overrides = Overrides.of(request.settings)
    tasks = tuple(_task(request, task, overrides.task) for task in _distinct(request.tasks))
    models, absent = _models(request, overrides.model)
    _require_different_names("task", [entry.spec.name for entry in tasks])
    _require_different_names("model", [entry.spec.name for entry in models])
    recipes = [
        None if name == NO_RECIPE else registry.load("recipe", name, overrides.recipe).spec
        for name in dict.fromkeys(request.recipes)
    ]
    program_models = {model.spec.name: model for model in request.models if isinstance(model, ProgramModel)}
    runs = tuple(_runs(models, recipes, dict.fromkeys(request.seeds), overrides.training, program_models))
    _require_training(request, overrides, runs)
    require_used(overrides, [(run.model.spec, run.recipe) for run in runs])
    corpus = _corpus(request, overrides, models, runs, bool(absent))
    for recipe in recipes:
        if recipe and corpus:
            require_lexicons(recipe, corpus.spec)
    faults = {run.label: fault for run in runs if (fault := _fault(run, request, runs))}
    return Plan(runs, tasks, corpus, dict(_post_corpora(models, corpus)), absent | faults)


def require_lexicons(recipe: specs.Recipe, corpus: specs.CorpusBase) -> None:
    """Raise SpecError where a recipe replaces words and the corpus has no lexicons to do it with."""
    if recipe.mix.codeswitch and corpus.lexicons is None:
        raise SpecError(
            f"recipe {recipe.name}: its codeswitch batches need lexicons, and corpus {corpus.name} has none; add to "
            "its YAML, for example, lexicons: {from: en, to: [de, es], source: {path: 'en-{lang}.txt'}}"
        )


def _require_different_names(kind: str, names: Sequence[str]) -> None:
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise SpecError(f"two {kind}s are called {twice}; score them one after the other")


def _require_training(request: Request, overrides: Overrides, runs: Sequence[Run]) -> None:
    """Raise SpecError or TrainingError where something is asked of training that no run does, or cannot do."""
    trains = any(run.recipe for run in runs)
    for run in runs:
        if run.training:
            require_even_shares(run.training.batch_size, request.processes.count)
    if request.trackers:
        _require_trackers(request.trackers, trains)
    if trains:
        _require_first_gpu(request.loading.device)
    elif overrides.training or overrides.recipe:
        raise SpecError("settings: no run trains, so those of recipe and training have no effect; name a recipe")


def _corpus(
    request: Request,
    overrides: Overrides,
    models: Sequence[Entry[specs.ModelBase]],
    runs: Sequence[Run],
    lacks_models: bool,
) -> Entry[specs.Corpus] | None:
    """The corpus of the request, where a run is made from it. Raises SpecError where one is named and none is, unless
    it may have been for a model that is not here."""
    needs_corpus = any(map(_makes_from_corpus, runs)) or _post_needs_corpus(models, request.corpus)
    if not (needs_corpus or lacks_models) and (request.corpus is not None or overrides.corpus):
        named = f"corpus {request.corpus}" if request.corpus else "settings of the corpus"
        raise SpecError(f"{named}: no run trains; name a recipe, or leave the corpus out")
    corpus = DEFAULT_CORPUS if request.corpus is None else request.corpus
    return registry.load("corpus", corpus, overrides.corpus) if needs_corpus else None


def _makes_from_corpus(run: Run) -> bool:
    """Whether the encoder of a run is trained on the corpus, or has its tokenizer from it."""
    return run.recipe is not None or isinstance(run.model.spec, specs.StaticModel)


def _fault(run: Run, request: Request, runs: Sequence[Run]) -> XbenchError | None:
    """Why a run cannot be carried out though its names are right; None where it can."""
    spec = run.model.spec
    if run.recipe and not isinstance(spec, specs.SentenceModel | specs.StaticModel):
        return SpecError(
            f"{spec.name} x {run.recipe_name}: model {spec.name} cannot be trained; "
            f"score it as it is (recipe {NO_RECIPE})"
        )
    if run.program_model and isinstance(run.program_model.encoder, TaskVectors) and spec.post:
        return SpecError(f"model {spec.name}: post {spec.post} is fitted on texts, and vectors encode none")
    trains = any(other.recipe for other in runs)
    if isinstance(spec, specs.StaticModel) and request.corpus is None and not trains:
        return SpecError(
            f"model {spec.name}: its tokenizer is made from a corpus, and none is named; "
            "name one (`facts` needs no download)"
        )
    try:
        if isinstance(spec, specs.SentenceModel):
            require_model_folder(spec)
            lineage_of(spec)
            hub_fetch(spec, request.loading)
        if isinstance(spec, specs.LexicalModel):
            require_tokenizer(spec)
    except EncoderError as error:
        return error
    return None


def _post_needs_corpus(models: Sequence[Entry[specs.ModelBase]], corpus: str | None) -> bool:
    """Whether a model's `post` is fitted on the corpus of the run. Raises SpecError where none is named."""
    unfitted = [model.spec for model in models if model.spec.post and not model.spec.post_corpus]
    if unfitted and corpus is None:
        name = unfitted[0].name
        raise SpecError(f"model {name}: post {unfitted[0].post} is fitted on a corpus; name the corpus")
    return bool(unfitted)


def _post_corpora(
    models: Sequence[Entry[specs.ModelBase]], corpus: Entry[specs.Corpus] | None
) -> Iterator[tuple[str, Entry[specs.Corpus]]]:
    for model in models:
        if model.spec.post:
            fitted = registry.load("corpus", model.spec.post_corpus) if model.spec.post_corpus else corpus
            assert fitted is not None, "a run with post has a corpus"
            yield model.spec.name, fitted


def _require_first_gpu(device: str) -> None:
    if device.startswith("cuda:"):
        number = device.removeprefix("cuda:")
        raise SpecError(f"device {device}: training takes the first GPU; set CUDA_VISIBLE_DEVICES={number}")


def _require_trackers(names: Sequence[str], trains: bool) -> None:
    if not trains:
        raise SpecError(f"track {names[0]}: no run trains; name a recipe")
    for name in names:
        if name not in TRACKERS:
            raise SpecError(f"track {name}: unknown tracker{near_miss(name, TRACKERS)}")
        if find_spec(name) is None:
            raise SpecError(f"track {name}: the package {name} is not installed; pip install {name}")


def _distinct(values: Sequence[Item]) -> list[Item]:
    """What is asked for, names once."""
    return [value for place, value in enumerate(values) if not isinstance(value, str) or value not in values[:place]]


def _models(
    request: Request, overrides: Mapping[str, Value]
) -> tuple[list[Entry[specs.ModelBase]], dict[str, XbenchError]]:
    """The models, and by name why others are not on this machine. Raises EncoderError where none is, and SpecError for
    a name or a YAML that is wrong on any."""
    models: list[Entry[specs.ModelBase]] = []
    absent: dict[str, XbenchError] = {}
    for model in _distinct(request.models):
        try:
            entry = registry.load("model", model, overrides) if isinstance(model, str) else Entry(model.spec, Path())
            models.append(entry)
        except EncoderError as error:
            absent[str(model)] = error
    if not models:
        raise joined(absent.values())
    return models, absent


def _task(request: Request, task: str | Entry[specs.Task], overrides: Mapping[str, Value]) -> Entry[specs.Task]:
    if not isinstance(task, str) and overrides:
        raise SpecError(
            f"settings: task.{next(iter(overrides))}: task {task.spec.name} is loaded already; set it there"
        )
    entry: Entry[specs.Task] = registry.load("task", task, overrides) if isinstance(task, str) else task
    if not request.languages:
        return entry
    try:
        return Entry(specs.restrict(entry.spec, request.languages), entry.base)
    except ValueError as error:
        raise SpecError(f"languages {','.join(request.languages)}: {error}") from None


def _runs(
    models: Sequence[Entry[specs.ModelBase]],
    recipes: Sequence[specs.Recipe | None],
    seeds: Mapping[int, None],
    overrides: Mapping[str, Value],
    program_models: Mapping[str, ProgramModel],
) -> Iterator[Run]:
    for model in models:
        for recipe in recipes:
            training = training_settings(recipe, model.spec, overrides) if recipe else None
            drawn = recipe is not None or isinstance(model.spec, specs.StaticModel | specs.RandomModel)
            for seed in seeds if drawn else list(seeds)[:1]:  # others know no seed as they are
                yield Run(model, recipe, training, seed, program_models.get(model.spec.name))
