"""What the clusters of a run say of the error of its means, kept from one build to the next: a few numbers a cluster,
of however many settings. Knows sums by cluster; no page.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from xbench.arrays import Flags, Floats
from xbench.board.clusters import Clusters, settings
from xbench.board.summaries import RunSummary
from xbench.evaluation.statistics import half_interval

Influence: TypeAlias = npt.NDArray[np.float32]
"""[clusters] each cluster's part in the error of one of a run's means."""


@dataclass(frozen=True)
class RunEvidence:
    """`influence`: of Mo, Cr and Mul. `halves`: of the 95 % interval of every setting, in the order of `columns`.
    `shared`: names the settings, clusters and counts, which runs of one task share; "" where nothing is known."""

    influence: Mapping[str, Influence] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    halves: Influence = field(default_factory=lambda: np.zeros(0, np.float32))
    shared: str = ""
    clusters: int = 0

    @property
    def cells(self) -> int:
        """Clusters x settings."""
        return self.clusters * len(self.columns)

    def mean_halves(self) -> dict[str, float]:
        """Half of the 95 % interval of each mean, over clusters."""
        parts = {name: part.astype(np.float64) for name, part in self.influence.items()}
        return {name: half_interval(float(np.sqrt((part**2).sum())), len(part)) for name, part in parts.items()}

    def setting_halves(self) -> dict[str, float]:
        """The same of every setting."""
        return dict(zip(self.columns, self.halves.tolist(), strict=True))

    def plain(self) -> dict[str, Any]:
        """JSON-ready."""
        influence = {name: encode(part) for name, part in self.influence.items()}
        kept = {"columns": list(self.columns), "halves": encode(self.halves)}
        return {"influence": influence, **kept, "shared": self.shared, "clusters": self.clusters}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> RunEvidence:
        """What `plain` gave in an earlier build."""
        influence = {name: decode(part) for name, part in stored["influence"].items()}
        columns = _once(tuple(stored["columns"]))
        return cls(influence, columns, decode(stored["halves"]), stored["shared"], stored["clusters"])


@lru_cache(maxsize=100)
def _once(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Runs of one task share them."""
    return columns


@dataclass
class _Total:
    """The mean of some columns' parts, as they come."""

    parts: Floats
    present: Flags
    columns: int = 0

    def add(self, piece: Clusters, chosen: list[int]) -> None:
        self.parts += piece.parts[:, chosen].sum(axis=1)
        self.present |= piece.count[:, chosen].any(axis=1)
        self.columns += len(chosen)


def evidence_of_run(pieces: Iterable[Clusters], run: RunSummary) -> RunEvidence:
    """Of the sums of a run, which come some columns at a time; nothing of one cluster, which varies with nothing."""
    wanted = {name: set(columns) for name, columns in settings(run).items()}
    totals: dict[str, _Total] = {}
    columns: list[str] = []
    halves: list[float] = []
    names, counts, clusters = hashlib.sha256(), hashlib.sha256(), 0
    for piece in pieces:
        clusters = len(piece.count)
        own = piece.halves()
        columns += piece.columns
        halves += own.values()
        names.update("".join(f"{name}\0" for name in piece.columns).encode())
        counts.update(np.ascontiguousarray(piece.count.T).astype("<u4").tobytes())
        for name, which in wanted.items():
            chosen = [place for place, column in enumerate(piece.columns) if column in which]
            total = totals.setdefault(name, _Total(np.zeros(clusters), np.zeros(clusters, bool)))
            total.add(piece, chosen)
    if clusters < 2:
        return RunEvidence()
    influence = {
        name: (total.parts / total.columns)[total.present].astype(np.float32)
        for name, total in totals.items()
        if total.columns
    }
    shared = hashlib.sha256(names.digest() + counts.digest()).hexdigest()[:12]
    return RunEvidence(influence, tuple(columns), np.array(halves, np.float32), shared, clusters)


def encode(values: Influence) -> str:
    """Numbers of 32 bits as base64."""
    return base64.b64encode(values.astype("<f4").tobytes()).decode()


def decode(text: str) -> Influence:
    """As `encode` packed it."""
    return np.frombuffer(base64.b64decode(text), "<f4")
