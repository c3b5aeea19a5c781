"""The texts of a plan: what its tasks hold, and the corpus that its encoders are made from. Knows plans and storage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xbench import specs
from xbench.data import readers
from xbench.data.collection import Collection
from xbench.jobs.plan import Plan
from xbench.jobs.request import Request
from xbench.results.run_files import require_known
from xbench.training.corpus import Corpus

Collections = Mapping[str, Collection]
"""By the name of the task."""


@dataclass(frozen=True)
class LoadedCorpus:
    """A corpus as it is declared, and its units."""

    spec: specs.CorpusBase
    text: Corpus

    def __str__(self) -> str:
        return f"corpus {self.spec.name}: {len(self.text):,} units, relation {self.text.relation}"


def read_tasks(plan: Plan, request: Request) -> Collections:
    """The collection of every task. Raises DataError, or SpecError where none has a setting that is to be saved."""
    collections = {task.spec.name: readers.read(task, request.storage) for task in plan.tasks}
    if request.runs:
        require_known(request.runs, collections.values())
    return collections


def read_corpus(plan: Plan, request: Request) -> LoadedCorpus | None:
    """The corpus of a plan that has one.

    Raises DataError or SpecError; and TrainingError now, not hours later, where it cannot fill a recipe's batches.
    """
    if plan.corpus is None:
        return None
    from xbench.training.corpus_loading import load_corpus
    from xbench.training.streams import make_streams

    loaded = LoadedCorpus(plan.corpus.spec, load_corpus(plan.corpus, request.storage))
    for run in plan.runs:
        if run.recipe and run.training:
            make_streams(loaded.text, run.recipe, run.training, run.seed).train.check()
    return loaded


def summary(task: specs.TaskBase, collection: Collection) -> str:
    """What a task holds, in one line."""
    queries = sum(map(len, collection.queries.values()))
    documents = sum(map(len, collection.documents.values()))
    languages = len({*collection.queries, *collection.documents})
    notes = "".join(f"; {note}" for note in collection.notes)
    return f"task {task.name}: {languages} languages, {queries:,} queries, {documents:,} documents{notes}"
