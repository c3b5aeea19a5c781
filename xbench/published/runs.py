"""A published run: what one model at one revision scored on a split of a task, as someone else measured it.

Values are hundred-thousandths of 1, the five digits that mteb's files have, so that reading and writing change none.
Knows the facts of tasks and models; no file.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from xbench.errors import printable
from xbench.published.model_facts import ModelFacts
from xbench.published.task_facts import Pair, PublishedTask
from xbench.specs.mteb_names import MODEL, REVISION

DIGITS = 5
STEPS = 10**DIGITS
ABSENT = -1
LONGEST_NAME = 200
COMMIT = re.compile(r"[0-9a-f]{40}")
Steps: TypeAlias = "array[int]"
"""[pairs] int32, hundred-thousandths; ABSENT where there is no value"""


@dataclass(frozen=True)
class Mean:
    """A macro mean over `n` pairs; None of none."""

    value: float | None
    n: int


@dataclass(frozen=True)
class Origin:
    """Who published numbers, and the commit of their repository that they were read at ('' where there is none)."""

    source: str
    commit: str = ""

    def __post_init__(self) -> None:
        if not self.source.strip() or len(self.source) > LONGEST_NAME or printable(self.source, "") != self.source:
            raise ValueError(f"source: found {self.source!r:.60}, expected text that can be seen")
        if self.commit and not COMMIT.fullmatch(self.commit):
            raise ValueError(f"commit: found {self.commit!r:.60}, expected 40 digits of a git commit")


@dataclass(frozen=True)
class RunKey:
    """What tells a run from the others of a source."""

    model: str
    revision: str
    split: str

    def __post_init__(self) -> None:
        if len(self.model) > LONGEST_NAME or not MODEL.fullmatch(self.model):
            raise ValueError(f"model: found {self.model!r:.80}, expected ORG/MODEL as mteb names it")
        if len(self.revision) > LONGEST_NAME or not REVISION.fullmatch(self.revision):
            raise ValueError(f"revision: found {self.revision!r:.80}, expected one word")


@dataclass(frozen=True)
class Versions:
    """Of the data and of mteb; None where a file does not state it."""

    dataset_revision: str | None
    mteb_version: str | None

    def __post_init__(self) -> None:
        for name, value in (("dataset_revision", self.dataset_revision), ("mteb_version", self.mteb_version)):
            if value is not None and not re.fullmatch(r"[\w.+-]{1,100}", value, re.ASCII):
                raise ValueError(f"{name}: found {value!r:.60}, expected one word")


@dataclass(frozen=True)
class PublishedRun:
    """Scores of a model on a split of a task; `columns` hold each metric's value of each of `pairs`."""

    key: RunKey
    task: PublishedTask
    origin: Origin
    versions: Versions
    pairs: Sequence[Pair]
    columns: Mapping[str, Steps]
    facts: ModelFacts | None = None

    @property
    def model(self) -> str:
        """mteb's name of the model."""
        return self.key.model

    @property
    def revision(self) -> str:
        """Of the model, as mteb files it."""
        return self.key.revision

    @property
    def split(self) -> str:
        """mteb's name of the split."""
        return self.key.split

    @property
    def metric(self) -> str:
        """The task's main score."""
        return self.task.metric

    @property
    def values(self) -> dict[Pair, float]:
        """The main score of every pair that the run has."""
        return self.scores(self.metric)

    @property
    def complete(self) -> bool:
        """Whether the run has all pairs that mteb has."""
        return self.n >= self.task.grid

    @property
    def n(self) -> int:
        """How many pairs have a main score."""
        return sum(step != ABSENT for step in self.columns[self.metric])

    def scores(self, metric: str) -> dict[Pair, float]:
        """The value of every pair that has one, by (query language, document language)."""
        column = self.columns.get(metric, ())
        return {pair: step / STEPS for pair, step in zip(self.pairs, column, strict=False) if step != ABSENT}

    def mean(self, crossing: bool, metric: str = "") -> Mean:
        """The macro mean over the pairs of two languages (Cr), or of one (Mo)."""
        column = self.columns.get(metric or self.metric, ())
        steps = [
            step
            for (query, document), step in zip(self.pairs, column, strict=False)
            if step != ABSENT and (query != document) == crossing
        ]
        return Mean(sum(steps) / (len(steps) * STEPS) if steps else None, len(steps))


def steps_of(value: object) -> int:
    """A score as hundred-thousandths. Raises ValueError for what is no number of 0..1."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"found {value!r:.60}, expected a number of 0 to 1")
    if not -1e-9 <= value <= 1 + 1e-9:  # also of NaN
        raise ValueError(f"found {value!r:.60}, expected a number of 0 to 1")
    steps: int = round(round(value, DIGITS) * STEPS)
    return max(steps, 0)
