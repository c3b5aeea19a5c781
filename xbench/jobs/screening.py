"""The zero-shot verdicts of a plan's runs: contaminated ones are refused, by declarations first, then by their texts.

Knows plans; what a verdict is stands in zero_shot, what texts have in common in exposure.
"""

from __future__ import annotations

from xbench import specs
from xbench.jobs.inputs import Collections, LoadedCorpus
from xbench.jobs.plan import Plan, Run
from xbench.jobs.request import Request
from xbench.progress import Reporter
from xbench.results.record import ZeroShotRecord
from xbench.zero_shot import exposure, verdict
from xbench.zero_shot.verdict import Overlaps


class Screening:
    """Made from a plan, before anything is read; told the texts, before anything is trained."""

    def __init__(self, plan: Plan, request: Request, reporter: Reporter) -> None:
        """Raises SpecError for names of data sets that are none, and for runs that their declarations contaminate."""
        self._plan, self._request, self._reporter = plan, request, reporter
        self._overlaps: Overlaps = {}
        self._cases = [self._case(run, task.spec) for run in plan.runs for task in plan.tasks]
        verdict.require_clean(self._cases, self._overlaps, request.allow_contaminated)

    def compare(self, collections: Collections, loaded: LoadedCorpus | None) -> None:
        """Look for the tasks in the corpus, and say every verdict. Raises SpecError for runs that texts contaminate."""
        if loaded is not None and any(case.corpus for case in self._cases):
            cache = self._request.storage.cache
            self._overlaps = {
                task.spec.name: exposure.compare(
                    task.spec, collections[task.spec.name], loaded.text, cache, self._reporter
                )
                for task in self._plan.tasks
            }
        verdict.require_clean(self._cases, self._overlaps, self._request.allow_contaminated)
        for line in verdict.lines(self._cases, self._overlaps):
            self._reporter.say(line)

    def record(self, run: Run, task: specs.TaskBase) -> ZeroShotRecord:
        """What the result of `run` on `task` keeps."""
        return self._case(run, task).record(self._overlaps)

    def _case(self, run: Run, task: specs.TaskBase) -> verdict.Case:
        """A corpus that only a tokenizer was taken from trains no encoder."""
        corpus = self._plan.corpus.spec if self._plan.corpus and run.training else None
        return verdict.Case(task, run.model.spec, corpus)
