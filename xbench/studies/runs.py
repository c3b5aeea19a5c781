"""The runs of a study: every arm, seed and task, each under the digest of all that can change its numbers.

Knows plans; nothing is read, trained or scored here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import JsonValue

from xbench import specs
from xbench.errors import SpecError, XbenchError
from xbench.files import digest
from xbench.jobs.plan import Plan, make_plan
from xbench.jobs.plan import Run as EncoderRun
from xbench.specs.parts import Spec
from xbench.studies.arms import Arm, arms_of
from xbench.studies.machine import Declared, Machine, request_of

PROSE = {"title", "description", "cite", "notice", "license", "size", "certainty", "training_sources"}


@dataclass(frozen=True)
class PlannedArm:
    """An arm whose every name is resolved and every setting checked."""

    arm: Arm
    plan: Plan

    @property
    def run(self) -> EncoderRun:
        """Its encoder from the first seed."""
        return self.plan.runs[0]

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds that it is drawn from; one where nothing is drawn."""
        return tuple(run.seed for run in self.plan.runs)

    @property
    def unusable(self) -> XbenchError | None:
        """Why it cannot be carried out on this machine."""
        return next(iter(self.plan.unusable.values()), None)


@dataclass(frozen=True)
class StudyRun:
    """One encoder of an arm on one task. `made_from`: what `key` is the digest of, but for the seed."""

    arm: Arm
    seed: int
    task: str
    key: str
    made_from: dict[str, JsonValue]

    @property
    def label(self) -> str:
        """The run in a few words."""
        return f"{self.arm.name}, seed {self.seed}, {self.task}"

    @property
    def encoder(self) -> str:
        """What the runs of one encoder share, whatever the task."""
        return digest([{part: value for part, value in self.made_from.items() if part != "task"}, self.seed])


def planned_arms(study: Declared, machine: Machine) -> list[PlannedArm]:
    """Every arm, checked. Raises XbenchError, which names the arm."""
    return [_planned(study, machine, arm) for arm in arms_of(study.spec)]


def _planned(study: Declared, machine: Machine, arm: Arm) -> PlannedArm:
    """One plan for each task, as they are carried out; together, a plan of all tasks."""
    seeds = study.spec.all_seeds
    requests = [request_of(study, machine, arm, task, seeds) for task in study.tasks]
    try:
        plans = [make_plan(request) for request in requests]
        return PlannedArm(arm, replace(plans[0], tasks=tuple(task for plan in plans for task in plan.tasks)))
    except XbenchError as error:
        raise type(error)(f"arm {arm.name}: {error}") from None


def runs_of(study: Declared, arms: Sequence[PlannedArm]) -> list[StudyRun]:
    """Every run once, all arms of the first seed first: what is stopped early is still a comparison.

    Raises SpecError where two arms are one configuration.
    """
    seen: dict[str, str] = {}
    runs = []
    for _, arm, run in sorted(_encoders(arms), key=lambda part: part[0]):
        for task in arm.plan.tasks:
            made_from = _made_from(arm.plan, run, task.spec)
            key = digest([made_from, run.seed])
            other = seen.setdefault(key, arm.arm.name)
            if other != arm.arm.name:
                raise SpecError(
                    f"study {study.spec.name}: arms {other} and {arm.arm.name} are one configuration; leave one out"
                )
            runs.append(StudyRun(arm.arm, run.seed, task.spec.name, key, made_from))
    return runs


def _encoders(arms: Sequence[PlannedArm]) -> Iterator[tuple[int, PlannedArm, EncoderRun]]:
    for arm in arms:
        for place, run in enumerate(arm.plan.runs):
            yield place, arm, run


def _made_from(plan: Plan, run: EncoderRun, task: specs.TaskBase) -> dict[str, JsonValue]:
    corpus = plan.corpus.spec if plan.corpus else None
    post = plan.post_corpora.get(run.model.spec.name)
    recipe = run.recipe
    return {
        "model": _plain(run.model.spec),
        "recipe": {"name": recipe.name, **_json(recipe.drawing())} if recipe else None,
        "training": _json(run.training.identity()) if run.training else None,
        "corpus": _plain(corpus),
        "post": _plain(post.spec if post else None),
        "task": _plain(task),
    }


def _json(value: dict[str, object]) -> dict[str, JsonValue]:
    return value  # type: ignore[return-value]


def _plain(spec: Spec | None) -> JsonValue:
    """A spec without prose, and without the folders of this machine."""
    if spec is None:
        return None
    plain: dict[str, JsonValue] = spec.model_dump(mode="json", by_alias=True)
    for section, key in ((plain, "folder"), (plain.get("tokens"), "tokenizer")):
        if isinstance(section, dict) and isinstance(place := section.get(key), str) and place:
            section[key] = Path(place).name
    return {key: value for key, value in plain.items() if key not in PROSE}
