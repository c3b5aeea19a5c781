"""A study before its runs: what will be made, what it costs, what it can show, and what to be warned of; and frozen.

Knows plans, corpora that are here, and records; trains and scores nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from xbench import specs
from xbench.data.download import locate
from xbench.data.fetches import files
from xbench.data.finder import Finder
from xbench.encoders.model_loading import hub_fetch
from xbench.errors import EncoderError, XbenchError, carefully
from xbench.jobs.folder_lineage import lineage_of
from xbench.progress import Reporter
from xbench.specs.parts import HubSource
from xbench.studies.costs import Costs, costs_of, data_of, models_of, require_affordable
from xbench.studies.declared import decided
from xbench.studies.evidence import Evidence
from xbench.studies.findings import tests_of
from xbench.studies.folder import Decision, StudyFolder, done_of
from xbench.studies.given import require_given
from xbench.studies.machine import Declared, Machine
from xbench.studies.matching import likenesses, require_matched, unmatched
from xbench.studies.power import Smallest, smallest_effect
from xbench.studies.runs import PlannedArm, StudyRun, planned_arms, runs_of
from xbench.zero_shot.verdict import Case

WEIGHTS_OF_OTHERS = ["*.onnx", "*.h5", "*.msgpack", "*.ot", "*.tflite", "openvino/*", "onnx/*"]


@dataclass(frozen=True)
class StudyPlan:
    """All that is known before the runs; `smallest` by hypothesis, and by task where there are several."""

    study: Declared
    arms: tuple[PlannedArm, ...]
    runs: tuple[StudyRun, ...]
    costs: Costs
    smallest: dict[str, tuple[specs.Hypothesis, Smallest]]
    warnings: tuple[str, ...]
    decision: Decision


def checked(study: Declared, machine: Machine) -> tuple[list[PlannedArm], list[StudyRun]]:
    """Arms and runs of a study whose every name, contrast and outcome is right. Raises XbenchError."""
    arms = planned_arms(study, machine)
    require_given(study, arms)
    list(exposure(arms))  # raises for data sets that nobody knows
    return arms, runs_of(study, arms)


def plan_study(study: Declared, machine: Machine, rate: float | None = None) -> StudyPlan:
    """Plan a study and freeze what is decided. Raises SpecError where it is wrong, unmatched or too dear."""
    arms, runs = checked(study, machine)
    costs = costs_of(study, arms, runs, machine, rate)
    require_affordable(study, costs)
    kinds = likenesses(study, arms, machine)
    require_matched(study, kinds)
    warnings = (*_unusable(arms), *unmatched(study, kinds), *exposure(arms))
    folder = StudyFolder(study.out)
    folder.decide(decided(study.spec), len(done_of(folder, runs)))
    smallest = dict(_smallest(study, folder, runs))
    return StudyPlan(study, tuple(arms), tuple(runs), costs, smallest, warnings, folder.decisions()[-1])


def _smallest(
    study: Declared, folder: StudyFolder, runs: list[StudyRun]
) -> Iterator[tuple[str, tuple[specs.Hypothesis, Smallest]]]:
    evidence = Evidence(study.spec, folder, runs)
    for hypothesis, task, contrast in tests_of(study, [run.task for run in runs]):
        name = f"{hypothesis.name} ({task})" if task else hypothesis.name
        yield name, (hypothesis, smallest_effect(study.spec, hypothesis, contrast, evidence))


def _unusable(arms: list[PlannedArm]) -> Iterator[str]:
    by_fault: dict[str, list[str]] = {}
    for arm in arms:
        if arm.unusable:
            by_fault.setdefault(str(arm.unusable), []).append(arm.arm.name)
    for fault, names in by_fault.items():
        others = f" and {len(names) - 1} other arms" if len(names) > 1 else ""
        yield f"{names[0]}{others} cannot be carried out on this machine: {fault}"


def exposure(arms: list[PlannedArm]) -> Iterator[str]:
    """Tasks that arms know differently well by what is declared: a difference may be one of what was seen."""
    for task in arms[0].plan.tasks:
        verdicts: dict[str, str] = {}
        for arm in arms:
            corpus = arm.plan.corpus.spec if arm.plan.corpus and arm.run.training else None
            model = arm.run.model.spec
            with suppress(EncoderError):
                name = Case(task.spec, model, corpus, lineage_of(model)).verdict({}).name
                verdicts.setdefault(name, arm.arm.name)
        if len(verdicts) > 1:
            said = ", ".join(f"{arm} is {name}" for name, arm in verdicts.items())
            yield f"arms differ in what they may have seen of {task.spec.name}: {said}"


def fetch_all(study: Declared, machine: Machine, reporter: Reporter) -> None:
    """Bring here all that a machine without network will need: data, corpora, weights. Raises XbenchError."""
    arms = planned_arms(study, machine)
    for entry in data_of(arms):
        reporter.say(f"data of {entry.spec.name}")
        finder = Finder(machine.storage, entry.base)
        for source, language in files(entry, machine.storage):
            if isinstance(source, HubSource):
                finder.files(source, language)
            else:
                locate(machine.storage, source, language, entry.base)
    for model in models_of(arms):
        if said := hub_fetch(model, machine.loading):
            reporter.say(said)
            carefully(f"model {model.name}", lambda model=model: _weights(model))  # type: ignore[misc]


def _weights(model: specs.SentenceModel) -> str:
    from huggingface_hub import snapshot_download

    try:
        place: str = snapshot_download(model.hub, revision=model.revision or None, ignore_patterns=WEIGHTS_OF_OTHERS)
    except OSError as error:
        raise XbenchError(f"model {model.name}: {model.hub} cannot be fetched: {error}") from None
    return place
