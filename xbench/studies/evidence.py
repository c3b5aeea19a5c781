"""What the runs of a study measured: an outcome of an arm on a task, over its seeds, ready for the one test.

Arrays are read once, summed by cluster and let go. Knows records and result files; no hypothesis.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from xbench.arrays import Floats
from xbench.errors import DataError
from xbench.evaluation.statistics import Sample
from xbench.metrics import Metric
from xbench.reports.comparison import DISTANCE, side_sums
from xbench.reports.sides import Side, require_comparable
from xbench.reports.significance import Sums
from xbench.results.reading import read_result
from xbench.results.result import SUM, Result
from xbench.results.settings import Setting, scored_settings
from xbench.specs import Study
from xbench.specs.study_outcomes import ALIGNMENT, parse_outcome
from xbench.studies.arms import Arm
from xbench.studies.folder import StudyFolder
from xbench.studies.outcomes import Parts, outcome_of
from xbench.studies.runs import StudyRun
from xbench.studies.sides import Cell


@dataclass(frozen=True)
class Weighted:
    """One side of a contrast, over the seeds that all its arms have."""

    sample: Sample
    seeds: tuple[int, ...]


class Evidence:
    """The results of a study's runs, as far as they are there."""

    def __init__(self, study: Study, folder: StudyFolder, runs: Sequence[StudyRun]) -> None:
        self._study, self._folder = study, folder
        self._planned: dict[tuple[str, str], set[int]] = {}
        self.results: dict[tuple[str, str], dict[int, Result]] = {}
        for run in runs:
            self._planned.setdefault((run.arm.name, run.task), set()).add(run.seed)
            if result := self._result(run):
                self.results.setdefault((run.arm.name, run.task), {})[run.seed] = result
        self._sums: dict[tuple[str, str, str], tuple[Sums, list[Setting]]] = {}
        self._require_one_data()

    def _result(self, run: StudyRun) -> Result | None:
        record = self._folder.record(run)
        if record is None or not self._folder.is_done(run):
            return None
        result = read_result(self._folder.out / record.result)
        if getattr(result.provenance, SUM) != record.result_sha256:
            raise DataError(
                f"{self._folder.out / record.result}: another result than this study's run filed; delete it and run "
                "the study again"
            )
        return result

    def _require_one_data(self) -> None:
        """Raise DataError where the results of a task are of several versions of its data: they cannot be mixed."""
        for task in dict.fromkeys(task for _, task in self.results):
            found: dict[str | None, Result] = {}
            for (_, other), by_seed in self.results.items():
                if other == task:
                    require_comparable(list(by_seed.values()))
                    found |= {result.provenance.collection_sha256: result for result in by_seed.values()}
            if len(found) > 1:
                paths = " and ".join(str(result.path) for result in list(found.values())[:2])
                raise DataError(
                    f"task {task}: its data changed between the runs: {paths}; delete the older and run again"
                )

    @cached_property
    def seen(self) -> tuple[str, ...]:
        """The languages that training saw. Raises DataError where arms saw different ones."""
        known = {
            tuple(sorted(result.gap.trained_on))
            for by_seed in self.results.values()
            for result in by_seed.values()
            if result.gap.trained_on
        }
        if len(known) > 1:
            raise DataError("arms were trained on different languages, so seen and unseen are not the same pairs")
        return next(iter(known), ())

    def metric(self, task: str) -> str:
        """The first metric of a task. Raises DataError where no result is there."""
        return str(self._any(task).metrics[0])

    def _any(self, task: str) -> Result:
        for (_, other), by_seed in self.results.items():
            if other == task:
                return next(iter(by_seed.values()))
        raise DataError(f"task {task}: no run is done")

    def seeds(self, arm: Arm, task: str) -> tuple[int, ...]:
        """The seeds of an arm whose results are there."""
        return tuple(sorted(self.results.get((arm.name, task), {})))

    def drawn(self, arm: Arm, task: str) -> bool:
        """Whether an arm is drawn from seeds, or the same whatever the seed."""
        return len(self._planned.get((arm.name, task), ())) > 1

    def sample(self, arm: Arm, task: str, outcome: str) -> Sample:
        """An outcome over the seeds of an arm that are there. Raises DataError where it cannot be had."""
        name = parse_outcome(outcome)
        if name.kind in ALIGNMENT:
            raise DataError(f"task {task}: {outcome}: these results hold no metric of alignment")
        if (arm.name, task) not in self.results:
            raise DataError(f"{arm.name} on {task}: no run is done")
        side, columns = self._side(arm, task, name.metric or self.metric(task))
        parts = Parts(self._seen_for(name.part, name.less), self._study.groups)
        return outcome_of(name, columns, parts, task).sample(side)

    def _seen_for(self, *parts: str) -> tuple[str, ...]:
        return self.seen if {"seen", "unseen"} & set(parts) else ()

    def _side(self, arm: Arm, task: str, metric: str) -> tuple[Sums, list[Setting]]:
        key = (arm.name, task, metric)
        if key not in self._sums:
            by_seed = self.results[arm.name, task]
            results = tuple(by_seed[seed] for seed in sorted(by_seed))
            if metric not in results[0].metrics:
                raise DataError(f"task {task}: metric {metric}: found {', '.join(results[0].metrics)} in its results")
            Metric.parse(metric)
            columns = scored_settings(results[0])
            asked = results[0].bias.distance.languages
            columns |= {f"{language}-{DISTANCE}": (language, DISTANCE) for language in asked}
            side = Side(results, tuple(result.arrays() for result in results))
            self._sums[key] = side_sums(side, metric, columns), list(columns.values())
        return self._sums[key]

    def weighted(self, cells: Iterable[Cell], outcome: str) -> Weighted:
        """The weighted sum of cells, seed by seed; clusters of one task after those of another.

        Raises DataError where a cell has no run, or its arms share no seed.
        """
        chosen = list(cells)
        samples = [self.sample(cell.arm, cell.task, outcome) for cell in chosen]
        drawn = [self.drawn(cell.arm, cell.task) for cell in chosen]
        own = [set(self.seeds(cell.arm, cell.task)) for cell, is_drawn in zip(chosen, drawn, strict=True) if is_drawn]
        seeds = tuple(sorted(set.intersection(*own))) if own else (0,)
        if not seeds:
            raise DataError(f"{chosen[0].arm.name} and the others of its side share no seed that is done")
        levels, parts = np.zeros(len(seeds)), dict[str, Floats]()
        for cell, sample, is_drawn in zip(chosen, samples, drawn, strict=True):
            rows = [self.seeds(cell.arm, cell.task).index(seed) if is_drawn else 0 for seed in seeds]
            levels += cell.weight * sample.levels[rows]
            parts[cell.task] = parts.get(cell.task, 0) + cell.weight * sample.parts[rows]
        ordered = [parts[task] for task in sorted(parts)]
        return Weighted(Sample(levels, np.concatenate(ordered, axis=1)), seeds)
