"""What a study has come to so far: its arms, runs, evidence and verdicts together, for analyses and the report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xbench.errors import DataError, SpecError
from xbench.specs import Hypothesis
from xbench.studies.arms import Arm, arms_of
from xbench.studies.evidence import Evidence
from xbench.studies.folder import Decision, StudyFolder
from xbench.studies.machine import Declared, Machine
from xbench.studies.runs import PlannedArm, StudyRun, planned_arms, runs_of
from xbench.studies.sides import Contrast, contrasts_of
from xbench.studies.verdicts import Test, Verdict, tested, untested, verdicts


@dataclass(frozen=True)
class Findings:
    """`contrasts`: of each hypothesis by what it is tested on; `verdicts` in the same order."""

    study: Declared
    planned: Sequence[PlannedArm]
    runs: Sequence[StudyRun]
    folder: StudyFolder
    evidence: Evidence
    verdicts: Sequence[Verdict]
    contrasts: Sequence[Contrast]
    decisions: Sequence[Decision]

    @property
    def arms(self) -> list[Arm]:
        """The arms, controls last."""
        return [arm.arm for arm in self.planned]

    @property
    def tasks(self) -> list[str]:
        """The names of the tasks."""
        return list(dict.fromkeys(run.task for run in self.runs))


def findings_of(study: Declared, machine: Machine) -> Findings:
    """Everything that the runs which are there show. Raises XbenchError where study or results are wrong."""
    planned = planned_arms(study, machine)
    runs = runs_of(study, planned)
    folder = StudyFolder(study.out)
    evidence = Evidence(study.spec, folder, runs)
    parts = list(tests_of(study, [run.task for run in runs]))
    held = verdicts([_held(hypothesis, task, contrast, evidence) for hypothesis, task, contrast in parts])
    return Findings(study, planned, runs, folder, evidence, held, [part[2] for part in parts], folder.decisions())


def tests_of(study: Declared, tasks: Sequence[str]) -> Iterator[tuple[Hypothesis, str, Contrast]]:
    """Every hypothesis on each thing that it is tested on. Raises SpecError for contrasts of no arms."""
    arms, names = arms_of(study.spec), list(dict.fromkeys(tasks))
    for hypothesis in study.spec.hypotheses:
        try:
            contrasts = contrasts_of(hypothesis, arms, names, study.task_names(hypothesis.tasks))
        except SpecError as error:
            raise SpecError(f"study {study.spec.name}: {error}") from None
        for task, contrast in contrasts.items():
            yield hypothesis, task, contrast


def _held(hypothesis: Hypothesis, task: str, contrast: Contrast, evidence: Evidence) -> Test:
    try:
        first, second = (evidence.weighted(side, hypothesis.outcome) for side in (contrast.first, contrast.second))
    except DataError as error:
        return untested(hypothesis, task, str(error))
    return tested(hypothesis, task, first, second)
