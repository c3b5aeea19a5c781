"""Settings in which any order of the documents, or nearly any, scores well: a number from them tells of no encoder.

Knows collections and what a grid scores; no file and no encoder.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from xbench.arrays import Floats, Ints
from xbench.data.collection import Collection
from xbench.specs.tasks import Grid

SAID = 0.5  # mean AP of an order by chance


@dataclass(frozen=True)
class _Setting:
    """One setting: `relevant` [queries scored in it] of so many `documents`."""

    name: str
    relevant: Ints
    documents: int

    @property
    def certain(self) -> int:
        """Queries to which every document is relevant."""
        return int((self.relevant == self.documents).sum())

    @property
    def by_chance(self) -> float:
        """Mean AP of an order by chance, over all orders."""
        return float(expected_precision(self.relevant, self.documents).mean())


def expected_precision(relevant: Ints, documents: int) -> Floats:
    """Mean AP over all orders of `documents`, for each number of relevant ones (Bestgen, 2015, in closed form)."""
    harmonic = float((1 / np.arange(1, documents + 1)).sum())
    spread = (relevant - 1) / max(documents - 1, 1) * (documents - harmonic)
    result: Floats = (spread + harmonic) / documents
    return result


def certain_scores(collection: Collection, grid: Grid) -> Iterator[str]:
    """A note where every document is relevant to a query, and one where chance alone scores SAID or more."""
    settings = list(_settings(collection, grid))
    if certain := [setting for setting in settings if setting.certain]:
        first = max(certain, key=lambda setting: setting.certain / len(setting.relevant))
        yield (
            f"every document is relevant to {first.certain:,} of {len(first.relevant):,} queries in {first.name}"
            f"{_more(len(certain) - 1)}: any order of them scores the same"
        )
    lucky = [
        (setting.by_chance, setting)
        for setting in settings
        if setting.certain < len(setting.relevant) and setting.by_chance >= SAID
    ]
    if lucky:
        score, best = max(lucky, key=lambda found: found[0])
        yield (
            f"an order by chance has an AP of {score:.2f} in {best.name}, of {best.documents} documents"
            f"{_more(len(lucky) - 1)}"
        )


def _more(others: int) -> str:
    return f", and the like in {others} other settings" if others else ""


def _settings(collection: Collection, grid: Grid) -> Iterator[_Setting]:
    names = collection.document_languages
    sizes = [len(texts) for texts in collection.documents.values()]
    sides = (tuple(collection.queries), names)
    scored = {*grid.alone(*sides), *grid.pairs(*sides)}
    for language, golds in collection.golds.items():
        there = (golds.grade > 0) & (golds.document >= 0)
        keys = golds.query[there] * len(names) + golds.language[there]
        shape = (len(collection.queries[language]), len(names))
        counts = np.bincount(keys, minlength=shape[0] * shape[1]).reshape(shape)
        for column, name in enumerate(names):
            if (language, name) in scored and (counts[:, column] > 0).any():
                yield _Setting(f"{language}-{name}", counts[counts[:, column] > 0, column], sizes[column])
        if grid.multilingual and len(names) > 1 and (pooled := counts.sum(axis=1)).any():
            yield _Setting(f"{language}-pool", pooled[pooled > 0], sum(sizes))
