"""Hypotheses on published runs: the project's one test, over families of models, over languages or over tasks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xbench.errors import DataError, SpecError
from xbench.evaluation.statistics import Sample, difference
from xbench.specs import Hypothesis
from xbench.studies.observed.evidence import Observed
from xbench.studies.sides import CONTRAST
from xbench.studies.verdicts import Test, Verdict, claims, untested, verdicts

FEWEST = 2  # clusters
POPULATIONS = {
    "families": "other families of models, on these languages and tasks",
    "languages": "other languages, for these very models",
    "tasks": "other tasks, for these very models",
}


def verdicts_of(observed: Observed) -> list[Verdict]:
    """The verdict on each hypothesis, task by task unless it is over tasks."""
    return verdicts([test for one in observed.study.spec.hypotheses for test in _tests(observed, one)])


def sides_of(hypothesis: Hypothesis) -> tuple[str, str]:
    """The words of both sides. Raises SpecError where a hypothesis is no plain contrast."""
    match = CONTRAST.fullmatch(hypothesis.contrast)
    if match is None or " x " in hypothesis.contrast:
        raise SpecError(f"hypothesis {hypothesis.name!r}: of published runs a contrast is A - B, two names")
    return match[1], match[2]


def _tests(observed: Observed, hypothesis: Hypothesis) -> Iterator[Test]:
    tasks = [task for task in observed.grids if not hypothesis.tasks or task in hypothesis.tasks]
    first, second = sides_of(hypothesis)
    if hypothesis.over == "tasks":
        yield _held(observed, hypothesis, "", tasks, (first, second))
        return
    for task in tasks:
        yield _held(observed, hypothesis, task if len(tasks) > 1 else "", [task], (first, second))


def _held(observed: Observed, hypothesis: Hypothesis, name: str, tasks: Sequence[str], words: tuple[str, str]) -> Test:
    try:
        (first, second), counts = _samples(observed, hypothesis, tasks, words)
    except DataError as error:
        return untested(hypothesis, name, str(error))
    first, second = _used(first, second)
    if first.parts.shape[1] < FEWEST:
        return untested(hypothesis, name, f"all of it is one of its {hypothesis.over}")
    estimate = difference(first, second)
    return Test(hypothesis, name, estimate, counts, *claims(hypothesis, estimate))


def _used(first: Sample, second: Sample) -> tuple[Sample, Sample]:
    """Without clusters that have no part in either: they would count as degrees of freedom."""
    used = (first.parts != 0).any(axis=0) | (second.parts != 0).any(axis=0)
    return Sample(first.levels, first.parts[:, used]), Sample(second.levels, second.parts[:, used])


Samples = tuple[tuple[Sample, Sample], tuple[int, int]]


def _samples(observed: Observed, hypothesis: Hypothesis, tasks: Sequence[str], words: tuple[str, str]) -> Samples:
    """Both samples, and the number of models behind each."""
    outcome, task = hypothesis.outcome, tasks[0]
    groups = observed.study.spec.groups
    if hypothesis.over == "languages" and all(word in groups for word in words):
        models = [model for model in observed.models if model in observed.grids[task].runs]
        one, other = (observed.over_languages(models, task, f"{outcome} {word}") for word in words)
        return (one, other), (len(models), len(models))
    sides = [observed.side(word) for word in words]
    counts = [sum(model in observed.grids[task].runs for model in side) for side in sides]
    if hypothesis.over == "languages":
        for words_of_side, side in zip(words, sides, strict=True):
            _require_runs(observed, words_of_side, side, task)
        present = [[model for model in side if model in observed.grids[task].runs] for side in sides]
        one, other = (observed.over_languages(side, task, outcome) for side in present)
    elif hypothesis.over == "tasks":
        shared = [
            task for task in tasks if all(any(model in observed.grids[task].runs for model in side) for side in sides)
        ]
        if not shared:
            raise DataError("no task with a run of both sides")
        one, other = (observed.over_tasks(side, shared, outcome) for side in sides)
        counts = [len(side) for side in sides]
    else:
        there = [model for side in sides for model in side if model in observed.grids[task].runs]
        for words_of_side, side in zip(words, sides, strict=True):
            _require_runs(observed, words_of_side, side, task)
        _require_families(observed, words, sides, task)
        families = sorted({observed.families[model] for model in there})
        one, other = (observed.over_families(side, task, outcome, families) for side in sides)
    return (one, other), (counts[0], counts[1])


def _require_runs(observed: Observed, word: str, models: Sequence[str], task: str) -> None:
    if not any(model in observed.grids[task].runs for model in models):
        raise DataError(f"{word} has no published run of the whole grid of {task}")


def _require_families(observed: Observed, words: Sequence[str], sides: Sequence[Sequence[str]], task: str) -> None:
    """One family has no part in the error of its own mean, so a test would take its mean for certain."""
    for word, side in zip(words, sides, strict=True):
        families = {observed.families[model] for model in side if model in observed.grids[task].runs}
        if len(families) < FEWEST:
            raise DataError(f"{word} is of one family alone, so nothing is known of others like it")
