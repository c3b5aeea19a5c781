"""From a request to checked runs: every name resolved and every setting checked, before any work is done.

Knows specs, storage and what a model's folder looks like; no model is loaded here and nothing is encoded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from xbench import specs
from xbench.data.download import Storage
from xbench.encoders.lexical import require_tokenizer
from xbench.encoders.model_loading import Loading, require_model_folder
from xbench.encoders.prompts import takes_instruction
from xbench.errors import SpecError, near_miss
from xbench.processes import ALONE, Processes, require_even_shares
from xbench.results.run_files import Wanted
from xbench.specs import registry
from xbench.specs.faults import expected
from xbench.specs.registry import Entry

DEFAULT_TASKS = ("xquad-r", "mlqa-r")
DEFAULT_CORPUS = "squad-translated"
NO_RECIPE = "none"
TRACKERS = ("tensorboard", "wandb")


@dataclass(frozen=True)
class Request:
    """What a command asks for, in words."""

    models: tuple[str, ...]
    recipes: tuple[str, ...] = (NO_RECIPE,)
    tasks: tuple[str, ...] = DEFAULT_TASKS
    seeds: tuple[int, ...] = (0,)
    corpus: str | None = None
    languages: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    out: Path = Path("results")
    storage: Storage = field(default_factory=Storage)
    loading: Loading = field(default_factory=Loading)
    allow_contaminated: bool = False
    processes: Processes = ALONE
    trackers: tuple[str, ...] = ()
    command: str = ""
    runs: Wanted | None = None


@dataclass(frozen=True)
class Run:
    """One encoder: a model, as it is or trained by a recipe on a corpus from a seed."""

    model: Entry[specs.ModelBase]
    recipe: specs.Recipe | None
    training: specs.Training | None
    seed: int

    @property
    def recipe_name(self) -> str:
        return self.recipe.name if self.recipe else NO_RECIPE

    @property
    def label(self) -> str:
        return f"{self.model.spec.name} x {self.recipe_name}, seed {self.seed}"


@dataclass(frozen=True)
class Plan:
    """All runs of a request, its tasks, and the corpus that they train on (or take a tokenizer from)."""

    runs: tuple[Run, ...]
    tasks: tuple[Entry[specs.Task], ...]
    corpus: Entry[specs.Corpus] | None
    post_corpora: Mapping[str, Entry[specs.Corpus]]  # by model: what its `post` is fitted on


def make_plan(request: Request) -> Plan:
    """Resolve and check a request. Raises SpecError or DataError; nothing is written."""
    overrides = _sections(request.settings)
    tasks = tuple(_task(request, name, overrides["task"]) for name in dict.fromkeys(request.tasks))
    models = [registry.load("model", name, overrides["model"]) for name in dict.fromkeys(request.models)]
    for kind, named in (("task", tasks), ("model", models)):
        names = [entry.spec.name for entry in named]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise SpecError(f"--{kind}: two {kind}s are called {twice}; score them one after the other")
    recipes = [
        None if name == NO_RECIPE else registry.load("recipe", name, overrides["recipe"]).spec
        for name in dict.fromkeys(request.recipes)
    ]
    runs = tuple(_runs(models, recipes, dict.fromkeys(request.seeds), overrides["training"]))
    trains = any(run.recipe for run in runs)
    for run in runs:
        if run.training:
            require_even_shares(run.training.batch_size, request.processes.count)
    if request.trackers:
        _require_trackers(request.trackers, trains)
    if trains:
        _require_first_gpu(request.loading.device)
    needs_corpus = trains or any(isinstance(run.model.spec, specs.StaticModel) for run in runs)
    needs_corpus = needs_corpus or _post_needs_corpus(models, request.corpus)
    if not needs_corpus and (request.corpus is not None or overrides["corpus"]):
        raise SpecError(f"--corpus {request.corpus or ''}: no run trains; name a --recipe, or leave the corpus out")
    if not trains and (overrides["training"] or overrides["recipe"]):
        raise SpecError("--set: no run trains, so recipe and training settings have no effect; name a --recipe")
    corpus_name = DEFAULT_CORPUS if request.corpus is None else request.corpus
    corpus = registry.load("corpus", corpus_name, overrides["corpus"]) if needs_corpus else None
    for recipe in recipes:
        if recipe and corpus:
            _require_lexicons(recipe, corpus.spec)
    return Plan(runs, tasks, corpus, dict(_post_corpora(models, corpus)))


def _require_lexicons(recipe: specs.Recipe, corpus: specs.CorpusBase) -> None:
    if recipe.mix.codeswitch and corpus.lexicons is None:
        raise SpecError(
            f"recipe {recipe.name}: its codeswitch batches need lexicons, and corpus {corpus.name} has none; add to "
            "its YAML, for example, lexicons: {from: en, to: [de, es], source: {path: 'en-{lang}.txt'}}"
        )


def _post_needs_corpus(models: Sequence[Entry[Any]], corpus: str | None) -> bool:
    """Whether a model's `post` is fitted on the corpus of the run. Raises SpecError where none is named."""
    unfitted = [model.spec for model in models if model.spec.post and not model.spec.post_corpus]
    if unfitted and corpus is None:
        name = unfitted[0].name
        raise SpecError(f"model {name}: post {unfitted[0].post} is fitted on a corpus; name one with --corpus")
    return bool(unfitted)


def _post_corpora(
    models: Sequence[Entry[Any]], corpus: Entry[specs.Corpus] | None
) -> Iterator[tuple[str, Entry[specs.Corpus]]]:
    for model in models:
        if model.spec.post:
            fitted = registry.load("corpus", model.spec.post_corpus) if model.spec.post_corpus else corpus
            assert fitted is not None, "a run with post has a corpus"
            yield model.spec.name, fitted


def _require_first_gpu(device: str) -> None:
    if device.startswith("cuda:"):
        number = device.removeprefix("cuda:")
        raise SpecError(f"--device {device}: training takes the first GPU; set CUDA_VISIBLE_DEVICES={number}")


def _require_trackers(names: Sequence[str], trains: bool) -> None:
    if not trains:
        raise SpecError(f"--track {names[0]}: no run trains; name a --recipe")
    for name in names:
        if name not in TRACKERS:
            raise SpecError(f"--track {name}: unknown tracker{near_miss(name, TRACKERS)}")
        if find_spec(name) is None:
            raise SpecError(f"--track {name}: the package {name} is not installed; pip install {name}")


def _sections(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """`--set` by what it sets: `task.x`, `model.x`, `recipe.x`, `corpus.x`; training settings by their bare name."""
    sections: dict[str, dict[str, Any]] = {kind: {} for kind in ("task", "model", "recipe", "corpus", "training")}
    for key, value in settings.items():
        kind, _, rest = key.partition(".")
        if kind in sections and rest:
            sections[kind][rest] = value
        elif kind in specs.Training.model_fields:
            sections["training"][key] = value
        else:
            choices = [*specs.Training.model_fields, *(f"{kind}.…" for kind in sections)]
            raise SpecError(f"--set {key}: unknown setting{near_miss(key, choices)}")
    return sections


def _task(request: Request, name: str, overrides: Mapping[str, Any]) -> Entry[specs.Task]:
    entry = registry.load("task", name, overrides)
    if not request.languages:
        return entry
    try:
        return Entry(specs.restrict(entry.spec, request.languages), entry.base)
    except ValueError as error:
        raise SpecError(f"--languages {','.join(request.languages)}: {error}") from None


def _runs(
    models: Sequence[Entry[Any]],
    recipes: Sequence[specs.Recipe | None],
    seeds: Mapping[int, None],
    overrides: Mapping[str, Any],
) -> Iterator[Run]:
    for model in models:
        if isinstance(model.spec, specs.SentenceModel):
            require_model_folder(model.spec)
        if isinstance(model.spec, specs.LexicalModel):
            require_tokenizer(model.spec)
        for recipe in recipes:
            if recipe and isinstance(model.spec, specs.RandomModel | specs.LexicalModel):
                raise SpecError(f"model {model.spec.name} cannot be trained; run it with --recipe none")
            training = _training(recipe, model.spec, overrides) if recipe else None
            fixed = recipe is None and isinstance(model.spec, specs.SentenceModel | specs.LexicalModel)
            for seed in list(seeds)[:1] if fixed else seeds:  # as it is, a model knows no seed
                yield Run(model, recipe, training, seed)


def _training(recipe: specs.Recipe, model: specs.ModelBase, overrides: Mapping[str, Any]) -> specs.Training:
    nested: dict[str, Any] = {}
    for key, value in overrides.items():
        name, _, part = key.partition(".")
        if not part:
            nested[name] = value
        elif isinstance(section := nested.setdefault(name, {}), dict):
            section[part] = value
        else:
            raise SpecError(f"--set {key}: {name} is set as a whole too; keep one")
    try:
        return specs.resolve_training(recipe, model, nested)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        key = ".".join(map(str, fault["loc"]))
        if not key:
            raise SpecError(f"model {model.name}, recipe {recipe.name}: expected {expected(fault)}") from None
        if fault["type"] == "extra_forbidden":
            raise SpecError(f"--set {key}: unknown setting{near_miss(key, specs.Training.model_fields)}") from None
        raise SpecError(f"--set {key}: found {fault['input']!r}, expected {expected(fault)}") from None


@dataclass(frozen=True)
class Drawn:
    """A recipe with its settings and the corpus that it draws batches from, without a run."""

    recipe: specs.Recipe
    training: specs.Training
    corpus: Entry[specs.Corpus]


def plan_batches(recipe: str, corpus: str | None, model: str | None, settings: Mapping[str, Any]) -> Drawn:
    """Resolve what a run of these would draw from. Raises SpecError."""
    overrides = _sections(settings)
    if overrides["task"] or (overrides["model"] and model is None):
        raise SpecError("--set: batches depend on recipe, corpus and training settings, and on a --model's alone")
    spec = registry.load("recipe", recipe, overrides["recipe"]).spec
    trained = registry.load("model", model, overrides["model"]).spec if model else specs.ModelBase(name="none")
    entry = registry.load("corpus", DEFAULT_CORPUS if corpus is None else corpus, overrides["corpus"])
    _require_lexicons(spec, entry.spec)
    return Drawn(spec, _training(spec, trained, overrides["training"]), entry)


def plan_mining(corpus: str, model: str, settings: Mapping[str, Any]) -> Plan:
    """One model as it is, and the corpus that it mines. Raises SpecError."""
    overrides = _sections(settings)
    if any(overrides[kind] for kind in ("task", "recipe", "training")):
        raise SpecError("--set: mining depends on corpus.… and model.… alone")
    entry = registry.load("corpus", corpus, overrides["corpus"])
    if entry.spec.relation == "translation":
        raise SpecError(
            f"corpus {entry.spec.name}: relation translation: in its own language a row's passage is its query, "
            "so no margin can be taken; mine a corpus of relation qa, next or halves"
        )
    miner = registry.load("model", model, overrides["model"])
    _require_vectors(miner.spec)
    return Plan((Run(miner, None, None, 0),), (), entry, {})


def _require_vectors(model: specs.ModelBase) -> None:
    """Raise SpecError where a model gives no vectors to search with, or is told what a task asks for."""
    if isinstance(model, specs.LexicalModel):
        raise SpecError(f"model {model.name} gives no vectors to search with; name an encoder")
    if model.post:
        raise SpecError(f"model {model.name}: post {model.post} is not taken when mining; name the model without it")
    if takes_instruction(model.prompts) and not model.instruction:
        raise SpecError(
            f"model {model.name} is told what is asked for; give one sentence with --set model.instruction=..."
        )
    if isinstance(model, specs.SentenceModel):
        require_model_folder(model)
