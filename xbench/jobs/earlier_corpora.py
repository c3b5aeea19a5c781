"""The corpora that a model was trained on before a run, read again so that tasks can be looked for in them.

Nothing is fetched: what is compared already is taken, then a table in the cache, then the files where they are here.
Only the text that the record names counts. Knows storage and lineages.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from xbench import specs
from xbench.data.collection import Collection
from xbench.data.download import Storage
from xbench.data.fetches import missing
from xbench.errors import XbenchError
from xbench.progress import Reporter
from xbench.results.record import OverlapRecord
from xbench.specs import registry
from xbench.specs.registry import Entry
from xbench.training.corpus import Corpus
from xbench.zero_shot import exposure
from xbench.zero_shot.lineage import Training


def earlier_overlap(
    task: specs.TaskBase, collection: Collection, training: Training, storage: Storage, reporter: Reporter
) -> OverlapRecord | None:
    """Overlap of a task with the corpus of a training; None where its text cannot be read any more.

    Raises DataError where what is kept of it is damaged.
    """
    if (kept := exposure.kept(task, collection, training.corpus_sha256, storage.cache)) is not None:
        return kept
    corpus = _read_again(training, storage)
    return exposure.compare(task, collection, corpus, storage.cache, reporter) if corpus else None


def _read_again(training: Training, storage: Storage) -> Corpus | None:
    from xbench.training.corpus_loading import find_table, load_corpus

    name, sha256 = training.corpus.name, training.corpus_sha256
    if table := find_table(name, sha256, training.corpus.relation, storage):
        return table
    for entry in _entries(training):
        with suppress(XbenchError):  # of another machine, or half here: it cannot be read, whatever the reason
            if not missing(entry, storage) and (corpus := load_corpus(entry, storage)).digest == sha256:
                return corpus
    return None


def _entries(training: Training) -> Iterator[Entry[specs.Corpus]]:
    """What may be that corpus: as recorded, where it is embedded; and what is listed here by its name. A record's own
    paths are another machine's, and are not opened."""
    if isinstance(training.corpus, specs.FactsCorpus):
        yield Entry(training.corpus, Path())
    elif training.corpus.name in registry.known("corpus"):
        with suppress(XbenchError):
            entry = registry.load("corpus", training.corpus.name)
            yield Entry(entry.spec.model_copy(update={"lexicons": None}), entry.base)
