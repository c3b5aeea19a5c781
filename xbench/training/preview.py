"""What a run would see: batches counted by kind, language and pair, what is no negative, and words that are replaced.

Knows the stream; trains nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from xbench.specs import Training
from xbench.training.batch_texts import batch_texts
from xbench.training.batches import Batch, BatchStream
from xbench.training.corpus import Corpus
from xbench.training.negatives import draw_negatives, left_out
from xbench.training.switching import SIDES

SAMPLED = 20  # batches whose words are counted, at most
Words = Mapping[str, Counter[str]]


@dataclass(frozen=True)
class Composition:
    """Counts of some steps: batches per kind; rows per language of the query, of the passage, per ordered pair; units
    that were drawn at least once. `words`: of the first code-switched rows, by side and by their language now; empty
    where there are none. `pairs` has such rows under the language that they are drawn in."""

    steps: int
    rows: int
    units: int
    kinds: Counter[str]
    queries: Counter[str]
    passages: Counter[str]
    pairs: Counter[tuple[str, str]]
    words: Words = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Shares by name; pairs as `query-passage`."""

        def shares(counts: Counter[str], total: int) -> dict[str, float]:
            return {name: count / total for name, count in sorted(counts.items())}

        pairs = Counter({f"{query}-{passage}": count for (query, passage), count in self.pairs.items()})
        return {
            "steps": self.steps,
            "rows": self.rows,
            "distinct_units": self.units,
            "kinds": shares(self.kinds, self.steps),
            "query_languages": shares(self.queries, self.rows),
            "passage_languages": shares(self.passages, self.rows),
            "pairs": shares(pairs, self.rows),
            **(
                {"words": {side: shares(counts, counts.total()) for side, counts in self.words.items()}}
                if self.words
                else {}
            ),
        }


def compose(
    batches: Iterable[Batch], languages: tuple[str, ...], words_of: Callable[[Batch], Words] | None = None
) -> Composition:
    """Count batches; `languages` are those of the corpus, `words_of` counts the words of a code-switched batch."""
    kinds: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    units: set[int] = set()
    words: dict[str, Counter[str]] = {}
    for batch in batches:
        kinds[batch.kind] += 1
        if words_of and batch.seeds is not None and kinds[batch.kind] <= SAMPLED:
            for side, counted in words_of(batch).items():
                words.setdefault(side, Counter()).update(counted)
        units.update(batch.units.tolist())
        numbers = zip(batch.query_language.tolist(), batch.passage_language.tolist(), strict=True)
        pairs.update((languages[query], languages[passage]) for query, passage in numbers)
    queries, passages = (Counter[str](), Counter[str]())
    for (query, passage), count in pairs.items():
        queries[query] += count
        passages[passage] += count
    return Composition(kinds.total(), pairs.total(), len(units), kinds, queries, passages, pairs, words)


def word_counter(corpus: Corpus, stream: BatchStream) -> Callable[[Batch], Words]:
    """Counts the words of a code-switched batch by their language, after some were replaced."""

    def count(batch: Batch) -> Words:
        tallies: dict[str, Counter[str]] = {side: Counter() for side in SIDES}
        texts = batch_texts(corpus, batch)
        if stream.switcher and batch.seeds is not None:
            for side, written, seeds in zip(SIDES, texts, batch.seeds.T.tolist(), strict=True):
                for text, seed in zip(written, seeds, strict=True):
                    stream.switcher.switch(side, text, seed, tally=tallies[side])
        return tallies

    return count


@dataclass
class LeftOutCounts:
    """Documents that rows see beside their own passage, `documents` in all, and how many are no negatives for them:
    `cells` by rule (see negatives.LeftOut), in `rows`."""

    corpus: Corpus
    settings: Training
    seed: int
    documents: int = 0
    cells: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)

    def add(self, batch: Batch, step: int) -> None:
        """Count the batch of a step."""
        count, in_batch = self.settings.hard_negatives, self.settings.in_batch_negatives
        drawn = draw_negatives(self.corpus.negatives, batch, count, self.seed, step)
        size = len(batch.units)
        self.documents += size * ((size - 1 if in_batch else 0) + count * (size if in_batch else 1))
        for rule, cells in vars(left_out(self.corpus, batch, drawn, in_batch)).items():
            self.cells[rule] += len(cells)
            self.rows[rule] += len(np.unique(cells[:, 0]))

    def as_json(self, rows: int) -> dict[str, object]:
        """By rule, shares of the documents and of all `rows`."""
        return {
            rule: {"documents": self.cells[rule] / max(1, self.documents), "rows": self.rows[rule] / rows}
            for rule in self.cells
        }
