"""What must hold before a study begins: arms matched where it says so, and no more than its budget."""

from __future__ import annotations

from collections.abc import Sequence

from xbench.studies.folder import StudyFolder
from xbench.studies.machine import Declared, Machine
from xbench.studies.runs import PlannedArm, StudyRun


def require_affordable(
    study: Declared, arms: Sequence[PlannedArm], runs: Sequence[StudyRun], folder: StudyFolder, machine: Machine
) -> None:
    """Raise SpecError where the study would cost more than its budget."""


def require_matched(study: Declared, arms: Sequence[PlannedArm], machine: Machine) -> None:
    """Raise SpecError where arms differ in what is declared matched."""
