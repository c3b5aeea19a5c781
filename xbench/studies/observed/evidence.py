"""What published runs say of a study's outcomes: a value of each model, and samples for the project's one test.

Over families: a model counts once, clusters are families. Over languages: the models stand as they are, clusters are
the languages of the queries (of an English query, the language of what is searched). Over tasks: clusters are tasks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

import numpy as np

from xbench.arrays import Floats
from xbench.errors import DataError, SpecError, near_miss
from xbench.evaluation.statistics import Sample, cluster_parts
from xbench.published.library import published_runs, runs_of
from xbench.published.runs import PublishedRun
from xbench.published.task_facts import Pair
from xbench.specs.study_outcomes import ALIGNMENT, parse_outcome
from xbench.studies.machine import Declared
from xbench.studies.observed.families import families_of
from xbench.studies.outcomes import Outcome, Parts, outcome_of

ENGLISH = "en"


@dataclass(frozen=True)
class Grid:
    """A task: the runs with all of its `pairs`, by model; `partial`: how many have not, and are left out."""

    name: str
    pairs: tuple[Pair, ...]
    runs: Mapping[str, PublishedRun]
    partial: int

    def values(self, model: str, metric: str = "") -> Floats:
        """[pairs] the scores of a model. Raises DataError where one is missing."""
        if model not in self.runs:
            raise DataError(f"{model} on {self.name}: no published run of the whole grid")
        scores = self.runs[model].scores(metric or self.runs[model].metric)
        if any(pair not in scores for pair in self.pairs):
            raise DataError(f"{model} on {self.name}: no {metric} of every pair")
        return np.array([scores[pair] for pair in self.pairs])


def grid_of(task: str) -> Grid:
    """The runs of a task that have all pairs; where no run has, those of the pairs that most runs have."""
    runs = published_runs(task)
    if not runs:
        raise DataError(f"task {task}: no published run")
    common = Counter(tuple(sorted(run.values)) for run in runs).most_common(1)[0][0]
    whole = [run for run in runs if run.complete] or [run for run in runs if tuple(sorted(run.values)) == common]
    shared = set.intersection(*(set(run.values) for run in whole))
    by_model = {run.model: run for run in whole}
    return Grid(whole[0].task.name, tuple(sorted(shared)), by_model, len(runs) - len(whole))


class Observed:
    """A study's published runs. Raises XbenchError where a task has none or a model is not known."""

    def __init__(self, study: Declared) -> None:
        self.study = study
        self.grids = {grid.name: grid for grid in map(grid_of, study.spec.tasks)}
        self.facts = {run.model: run.facts for run in runs_of(None)}
        self.kinds = self._kinds()
        self.families = families_of(self.facts, self.models)

    def _kinds(self) -> dict[str, tuple[str, ...]]:
        """The models of each kind that are on any task; all of them where the study names none."""
        there = sorted({model for grid in self.grids.values() for model in grid.runs})
        if not self.study.spec.models:
            return {"all": tuple(there)}
        kinds: dict[str, tuple[str, ...]] = {}
        for kind, patterns in self.study.spec.models.items():
            for pattern in patterns:
                if not any(fnmatchcase(model, pattern) for model in self.facts):
                    raise SpecError(
                        f"study {self.study.spec.name}: models: {kind}: no published run of {pattern!r}"
                        f"{near_miss(pattern, self.facts)}"
                    )
            taken = {model for models in kinds.values() for model in models}
            kinds[kind] = tuple(
                model for model in there if model not in taken and any(fnmatchcase(model, one) for one in patterns)
            )
        return kinds

    @cached_property
    def models(self) -> tuple[str, ...]:
        """Every model of any kind."""
        return tuple(dict.fromkeys(model for models in self.kinds.values() for model in models))

    def side(self, word: str) -> tuple[str, ...]:
        """The models that a side of a contrast names. Raises SpecError."""
        if word in self.kinds:
            return self.kinds[word]
        if word in self.facts:
            return (word,)
        raise SpecError(
            f"study {self.study.spec.name}: no kind of models, no group of languages and no model is called {word!r}"
            f"{near_miss(word, [*self.kinds, *self.study.spec.groups, *self.facts])}"
        )

    def outcome(self, task: str, text: str) -> Outcome:
        """An outcome over the pairs of a task. Raises DataError where the task has none for it."""
        name = parse_outcome(text)
        if name.kind in ALIGNMENT:
            raise DataError(f"task {task}: {text}: published runs hold no metric of alignment")
        grid = self.grids[task]
        return outcome_of(name, grid.pairs, Parts((), self.study.spec.groups), task)

    def value(self, model: str, task: str, text: str) -> float:
        """An outcome of a model. Raises DataError where it has none."""
        outcome = self.outcome(task, text)
        return outcome.value(self.grids[task].values(model, outcome.name.metric))

    def values(self, models: Sequence[str], task: str, text: str) -> dict[str, float]:
        """An outcome of the models that have one. Raises DataError where none has."""
        found = {model: self.value(model, task, text) for model in models if model in self.grids[task].runs}
        if not found:
            raise DataError(f"{task}: none of the models has a run of the whole grid")
        return found

    def over_families(self, models: Sequence[str], task: str, text: str, families: Sequence[str]) -> Sample:
        """The mean over models; clusters are `families`, those of both sides of a contrast."""
        found = self.values(models, task, text)
        places = [families.index(self.families[model]) for model in found]
        return _clustered(np.array(list(found.values())), places, len(families))

    def over_languages(self, models: Sequence[str], task: str, text: str) -> Sample:
        """The outcome of the models' mean scores; clusters are the languages of the task."""
        outcome, grid = self.outcome(task, text), self.grids[task]
        if outcome.name.kind in ("worst language", "spread"):
            raise DataError(f"{text}: no mean of languages, so no test over languages")
        scores = np.mean([grid.values(model, outcome.name.metric) for model in models], axis=0)
        names = languages_of(grid.pairs)
        chosen = outcome.weights != 0
        total, count = np.zeros((len(names), len(chosen))), np.zeros((len(names), len(chosen)))
        for place, pair in enumerate(grid.pairs):
            cluster = names.index(cluster_of(pair))
            total[cluster] += chosen[:, place] * scores[place]
            count[cluster] += chosen[:, place]
        signs = np.sign(outcome.weights.sum(axis=1))
        return Sample(np.array([outcome.value(scores)]), (cluster_parts(total, count) @ signs)[None])

    def over_tasks(self, models: Sequence[str], tasks: Sequence[str], text: str) -> Sample:
        """The mean over tasks of the models' mean outcome; clusters are the tasks."""
        means = [float(np.mean(list(self.values(models, task, text).values()))) for task in tasks]
        return _clustered(np.array(means), list(range(len(tasks))), len(tasks))


def _clustered(values: Floats, places: Sequence[int], clusters: int) -> Sample:
    """The mean of values that lie in clusters."""
    total = np.bincount(places, values, minlength=clusters)[:, None].astype(np.float64)
    count = np.bincount(places, minlength=clusters)[:, None].astype(np.float64)
    return Sample(np.array([values.mean()]), cluster_parts(total, count)[:, 0][None])


def cluster_of(pair: Pair) -> str:
    """The language that a pair is counted for: of the query, or of what is searched where the query is English."""
    return pair[1] if pair[0] == ENGLISH else pair[0]


def languages_of(pairs: Sequence[Pair]) -> list[str]:
    """The clusters of pairs."""
    return sorted({cluster_of(pair) for pair in pairs})
