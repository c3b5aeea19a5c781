"""What training on a corpus would mean for tasks: the verdict of each, and which of its texts stand in the corpus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xbench.data import readers
from xbench.data.download import Storage
from xbench.progress import Reporter
from xbench.results.record import OverlapRecord
from xbench.specs import registry
from xbench.zero_shot import exposure
from xbench.zero_shot.verdict import Case, Verdict


@dataclass(frozen=True)
class CorpusCheck:
    """One task: its verdict, and what it has in common with the corpus."""

    task: str
    verdict: Verdict
    overlap: OverlapRecord


def check_corpus(name: str, tasks: Sequence[str], storage: Storage, reporter: Reporter) -> Iterator[CorpusCheck]:
    """One task after another. Raises SpecError for wrong names, before anything is read; DataError."""
    from xbench.training.corpus_loading import load_corpus

    entry = registry.load("corpus", name)
    chosen = [registry.load("task", task) for task in dict.fromkeys(tasks)]
    cases = [Case(task.spec, None, entry.spec) for task in chosen]
    for case in cases:
        case.verdict({})
    corpus = load_corpus(entry, storage)
    for task, case in zip(chosen, cases, strict=True):
        overlap = exposure.compare(task.spec, readers.read(task, storage), corpus, storage.cache, reporter)
        yield CorpusCheck(task.spec.name, case.verdict({task.spec.name: overlap}), overlap)
