"""What a run would see: batches counted by kind, language and pair. Knows the stream; trains nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from xbench.train.batches import Batch


@dataclass(frozen=True)
class Composition:
    """Counts of some steps: batches per kind; rows per language of the query, of the passage, per ordered pair; units
    and texts that were drawn at least once."""

    steps: int
    rows: int
    units: int
    kinds: Counter[str]
    queries: Counter[str]
    passages: Counter[str]
    pairs: Counter[tuple[str, str]]

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
        }


def compose(batches: Iterable[Batch], languages: tuple[str, ...]) -> Composition:
    """Count batches; `languages` are those of the corpus."""
    kinds: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    units: set[int] = set()
    for batch in batches:
        kinds[batch.kind] += 1
        units.update(batch.units.tolist())
        numbers = zip(batch.query_language.tolist(), batch.passage_language.tolist(), strict=True)
        pairs.update((languages[query], languages[passage]) for query, passage in numbers)
    queries, passages = (Counter[str](), Counter[str]())
    for (query, passage), count in pairs.items():
        queries[query] += count
        passages[passage] += count
    return Composition(kinds.total(), pairs.total(), len(units), kinds, queries, passages, pairs)
