"""The zero-shot verdicts of a plan's runs: contaminated ones are refused, by declarations first, then by their texts.

Knows plans; what a verdict is stands in zero_shot, what texts have in common in exposure.
"""

from __future__ import annotations

from collections.abc import Iterator

from xbench import specs
from xbench.jobs.earlier_corpora import earlier_overlap
from xbench.jobs.folder_lineage import lineage_of
from xbench.jobs.inputs import Collections, LoadedCorpus
from xbench.jobs.plan import Plan, Run
from xbench.jobs.request import Request
from xbench.progress import Reporter
from xbench.results.record import OverlapRecord, ZeroShotRecord
from xbench.zero_shot import exposure, verdict
from xbench.zero_shot.lineage import Lineage
from xbench.zero_shot.verdict import EarlierOverlaps, Overlaps


class Screening:
    """Made from a plan, before anything is read; told the texts, before anything is trained."""

    def __init__(self, plan: Plan, request: Request, reporter: Reporter) -> None:
        """Raises SpecError for names of data sets that are none, and for runs that their declarations contaminate."""
        self._plan, self._request, self._reporter = plan, request, reporter
        self._overlaps: Overlaps = {}
        self._earlier: EarlierOverlaps = {}
        self._lineages = {run.model.spec.name: _lineage(run) for run in plan.runs}
        for name, lineage in self._lineages.items():
            for line in lineage.lines(name) if lineage else ():
                reporter.say(line)
        verdict.require_clean(self._cases, self._overlaps, request.allow_contaminated)

    def compare(self, collections: Collections, loaded: LoadedCorpus | None) -> None:
        """Look for the tasks in the corpus, and in those that the models were trained on before, and say every verdict.

        Raises SpecError for runs that texts contaminate.
        """
        if loaded is not None and any(case.corpus for case in self._cases):
            cache = self._request.storage.cache
            self._overlaps = {
                task.spec.name: exposure.compare(
                    task.spec, collections[task.spec.name], loaded.text, cache, self._reporter
                )
                for task in self._plan.tasks
            }
        self._earlier = dict(self._compared_before(collections))
        verdict.require_clean(self._cases, self._overlaps, self._request.allow_contaminated)
        for line in verdict.lines(self._cases, self._overlaps):
            self._reporter.say(line)

    def _compared_before(self, collections: Collections) -> Iterator[tuple[tuple[str, str], OverlapRecord | None]]:
        trainings = [each for lineage in self._lineages.values() if lineage for each in lineage.trainings]
        for training in {each.corpus_sha256: each for each in trainings}.values():
            for task in self._plan.tasks:
                name, storage = task.spec.name, self._request.storage
                overlap = earlier_overlap(task.spec, collections[name], training, storage, self._reporter)
                yield (name, training.corpus_sha256), overlap

    def record(self, run: Run, task: specs.TaskBase) -> ZeroShotRecord:
        """What the result of `run` on `task` keeps."""
        return self._case(run, task).record(self._overlaps)

    @property
    def _cases(self) -> list[verdict.Case]:
        return [self._case(run, task.spec) for run in self._plan.runs for task in self._plan.tasks]

    def _case(self, run: Run, task: specs.TaskBase) -> verdict.Case:
        """A corpus that only a tokenizer was taken from trains no encoder."""
        corpus = self._plan.corpus.spec if self._plan.corpus and run.training else None
        name = run.model.spec.name
        lineage = self._lineages[name] if name in self._lineages else _lineage(run)
        return verdict.Case(task, run.model.spec, corpus, lineage, self._earlier)


def _lineage(run: Run) -> Lineage | None:
    return run.program_model.lineage if run.program_model else lineage_of(run.model.spec)
