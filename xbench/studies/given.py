"""Whether the tasks of a study can give its outcomes at all: asked before anything is run. Knows specs; no result."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xbench import specs
from xbench.errors import SpecError
from xbench.specs.study_outcomes import ALIGNMENT, DISTANCE, GAP, SEEN, UNSEEN, OutcomeName, parse_outcome
from xbench.studies.findings import tests_of
from xbench.studies.machine import Declared
from xbench.studies.runs import PlannedArm


def require_given(study: Declared, arms: Sequence[PlannedArm]) -> None:
    """Raise SpecError for an outcome that a task cannot give, and for a contrast of no arms."""
    spec, tasks = study.spec, {task.spec.name: task.spec for task in arms[0].plan.tasks}
    asked = [(text, task) for text in spec.outcomes for task in tasks.values()]
    for hypothesis, _, contrast in tests_of(study, list(tasks)):
        asked += [(hypothesis.outcome, tasks[task]) for task in contrast.tasks]
    for text, task in asked:
        if fault := next(_faults(parse_outcome(text), task, spec, arms), ""):
            raise SpecError(f"study {spec.name}: outcome {text!r}: task {task.name} cannot give it: {fault}")


def _faults(name: OutcomeName, task: specs.TaskBase, study: specs.Study, arms: Sequence[PlannedArm]) -> Iterator[str]:
    if name.kind in ALIGNMENT:
        return
    halves = ("Mo", "Cr") if name.kind == GAP else ("Mul",) if name.kind == DISTANCE else (name.half,)
    for half in halves:
        if not _scores(half, task):
            yield f"its grid has no {half} (relevance {task.relevance}); score the half there, or leave the outcome out"
    if name.kind == DISTANCE and (task.relevance != "parallel" or len(task.document_languages) < 2):
        yield "rank distance needs relevance parallel and documents in two languages or more"
    if name.metric and name.metric not in task.metrics:
        yield f"its metrics are {', '.join(task.metrics)}"
    for part in filter(None, (name.part, name.less)):
        yield from _part_faults(part, task, study, arms)


def _scores(half: str, task: specs.TaskBase) -> bool:
    if half == "Mul":
        return task.grid.multilingual and task.relevance != "same-language"
    sides = (task.query_languages, task.document_languages)
    return bool(task.grid.alone(*sides) if half == "Mo" else task.grid.pairs(*sides))


def _part_faults(part: str, task: specs.TaskBase, study: specs.Study, arms: Sequence[PlannedArm]) -> Iterator[str]:
    if part not in (SEEN, UNSEEN):
        if not set(study.groups[part]) & set(task.query_languages):
            yield f"none of its query languages is in group {part}"
        return
    trained = {languages for arm in arms if (languages := trained_languages(arm))}
    if len(trained) != 1:
        yield "no arm is trained" if not trained else "arms are trained on different languages"
        return
    (seen,) = trained
    kept = [language for language in task.languages if (language in seen) == (part == SEEN)]
    if not kept:
        yield f"all its languages are {'unseen' if part == SEEN else 'seen'}; exclude some: recipe.languages.exclude"


def trained_languages(arm: PlannedArm) -> tuple[str, ...]:
    """The languages that an arm is trained on; none where it is not trained."""
    corpus, recipe = arm.plan.corpus, arm.run.recipe
    if not (corpus and recipe):
        return ()
    return tuple(sorted(recipe.trains_on(corpus.spec.languages, corpus.spec.lexicons)))
