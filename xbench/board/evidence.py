"""What of a task stands in training texts, as one table by language. Knows records of overlap; no page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xbench.results.record import OverlapCounts, OverlapRecord, ZeroShotRecord

ROLES = ("queries", "documents")
COUNTS = ("texts", "compared", "copied", "partial")


@dataclass(frozen=True)
class OverlapTable:
    """`rows`: by language, the counts of queries and then of documents. `copied`, `partial`: over all of them.
    `rest`: what else the record says."""

    title: str
    rows: list[tuple[str, list[int | None]]]
    copied: int
    partial: int
    rest: dict[str, object]

    @property
    def clean(self) -> bool:
        """Whether nothing of the task was found in the training texts."""
        return not (self.copied or self.partial)


def overlap_tables(record: ZeroShotRecord) -> list[OverlapTable]:
    """One for the run's own training, and one for each earlier training whose texts were compared."""
    return list(_tables(record))


def _tables(record: ZeroShotRecord) -> Iterator[OverlapTable]:
    if record.overlap is not None:
        yield _table("The corpus of this run", record.overlap)
    for earlier in record.earlier:
        if earlier.overlap is not None:
            name = " on ".join(part for part in (earlier.recipe, earlier.corpus) if part) or "not named"
            yield _table(f"Earlier training: {name}", earlier.overlap)


def _table(title: str, overlap: OverlapRecord) -> OverlapTable:
    by_role = {
        code: [roles.get(role) or OverlapCounts() for role in ROLES] for code, roles in overlap.languages.items()
    }
    rows = [(code, [getattr(counts, name) for counts in roles for name in COUNTS]) for code, roles in by_role.items()]
    every = [counts for roles in by_role.values() for counts in roles]
    rest = {key: value for key, value in overlap.plain().items() if key != "languages" and value not in (None, {}, [])}
    return OverlapTable(
        title, rows, sum(one.copied or 0 for one in every), sum(one.partial or 0 for one in every), dict(rest)
    )
