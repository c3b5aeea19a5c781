"""Arms as requests of the project's jobs, and the command that makes the same run by hand."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from xbench import specs
from xbench.data.download import Storage
from xbench.encoders.model_loading import Loading
from xbench.errors import XbenchError
from xbench.jobs.request import NO_RECIPE, Overrides, Request
from xbench.specs import registry
from xbench.specs.strict_yaml import Value
from xbench.specs.study_factors import short_name
from xbench.studies.arms import Arm


@dataclass(frozen=True)
class Machine:
    """Where data are found and models are loaded, and whether contaminated runs may go on."""

    storage: Storage = field(default_factory=Storage)
    loading: Loading = field(default_factory=Loading)
    allow_contaminated: bool = False


@dataclass(frozen=True)
class Declared:
    """A study, the folder that its relative paths start from, the file as it was named, and its own folder."""

    spec: specs.Study
    base: Path
    source: str
    out: Path

    @property
    def results(self) -> Path:
        """Where its results are filed, as `xbench run --out` files them."""
        return self.out / "results"

    @cached_property
    def tasks(self) -> dict[str, str]:
        """By the name of a task: what the study calls it, the name or a YAML."""
        return {registry.load("task", self.near(written)).spec.name: written for written in self.spec.tasks}

    def task_names(self, chosen: Sequence[str]) -> list[str]:
        """The names of tasks that a hypothesis calls as the study does, or by the YAML's file."""
        return [name for name, written in self.tasks.items() if {name, written, short_name(written)} & set(chosen)]

    def languages(self, task: str) -> tuple[str, ...]:
        """The languages that a task is restricted to; none where it is not."""
        fixed = self.spec.fixed.languages or ()
        if not isinstance(fixed, Mapping):
            return fixed
        written = self.tasks[task]
        return next((fixed[name] for name in (task, written, short_name(written)) if name in fixed), ())

    def near(self, name: str) -> str:
        """A name, or a YAML: one that lies beside the study by its path there."""
        beside = self.base / name
        return str(beside) if name.endswith((".yaml", ".yml")) and beside.is_file() else name


def request_of(study: Declared, machine: Machine, arm: Arm, task: str, seeds: Sequence[int]) -> Request:
    """What an arm asks the jobs for on one task. Raises XbenchError, which names the arm."""
    try:
        trains = arm.recipe != NO_RECIPE
        corpus = study.near(arm.corpus) if arm.corpus and _needs_corpus(study, arm, trains) else None
        request = Request(
            models=(study.near(arm.model),),
            recipes=(study.near(arm.recipe),),
            tasks=(study.near(study.tasks[task]),),
            seeds=tuple(seeds),
            corpus=corpus,
            languages=study.languages(task),
            settings=_settings(arm, trains, corpus),
            out=study.results,
            storage=machine.storage,
            loading=machine.loading,
            allow_contaminated=machine.allow_contaminated,
        )
    except XbenchError as error:
        raise type(error)(f"arm {arm.name}: {error}") from None
    return request


def _needs_corpus(study: Declared, arm: Arm, trains: bool) -> bool:
    """Whether a run is trained on the corpus, or has its tokenizer or `post` from it."""
    model = registry.load("model", study.near(arm.model), Overrides.of(arm.settings).model).spec
    return trains or isinstance(model, specs.StaticModel) or bool(model.post and not model.post_corpus)


def _settings(arm: Arm, trains: bool, corpus: str | None) -> dict[str, Value]:
    """What of the settings can count for an arm: one that trains nothing has none of training."""
    settings = dict(arm.settings)
    if trains:
        return settings
    sections = Overrides.of(settings)
    kept = {f"model.{key}": value for key, value in sections.model.items()}
    kept |= {f"task.{key}": value for key, value in sections.task.items()}
    return kept | ({f"corpus.{key}": value for key, value in sections.corpus.items()} if corpus else {})


def command_of(request: Request) -> str:
    """The command that makes a request's results by hand."""
    words = ["xbench", "run"]
    options: list[tuple[str, Sequence[object]]] = [
        ("--model", [str(model) for model in request.models]),
        ("--recipe", [name for name in request.recipes if name != NO_RECIPE]),
        ("--corpus", [request.corpus] if request.corpus else []),
        ("--task", [str(task) for task in request.tasks]),
        ("--seed", request.seeds),
        ("--languages", [",".join(request.languages)] if request.languages else []),
        ("--set", list(_written(request.settings))),
        ("--out", [str(request.out)]),
    ]
    words += [str(part) for name, values in options for value in values for part in (name, value)]
    return shlex.join([*words, *(["--allow-contaminated"] if request.allow_contaminated else [])])


def _written(settings: Mapping[str, Value]) -> list[str]:
    return [
        f"{key}={value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for key, value in settings.items()
    ]
