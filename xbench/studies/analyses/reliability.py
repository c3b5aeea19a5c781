"""Reliability: would other tasks, languages or seeds order the systems alike? Kendall's W, generalisability, split
halves, and tau-b between outcomes. A recipe that makes systems equal lowers W by itself: the standard deviation of the
systems stands beside it. Intervals of W are of a bootstrap over questions of each task and seeds of each run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xbench.arrays import Floats
from xbench.errors import DataError
from xbench.evaluation.concordance import Interval, generalisability, kendall_w, tau_table
from xbench.evaluation.statistics import LEVEL, Sample
from xbench.studies.analyses import contrast
from xbench.studies.document import Section, Table
from xbench.studies.findings import Findings
from xbench.studies.redrawn import redrawn

DRAWS = 400
SEED = 0
FEWEST = 3  # systems
HEAD = ("what", "systems", "judges", "W", "by chance", "E rho²", "Phi", "SD of systems", "SD over judges")
NOTE = (
    "Judges are the tasks (or languages) that order the systems. W: 1 where all give one order. E rho² and Phi: of the "
    "mean over as many judges, of order and of scores, with 95 % intervals (Feldt; Arteaga). SD in points."
)


def agreement_row(name: str, scores: Floats, around: tuple[float, float] | None = None) -> tuple[str, ...]:
    """A row under HEAD of scores [systems, judges], at least two of both."""
    parts = generalisability(scores)
    systems, judges = scores.shape
    w = f"{kendall_w(scores.T):.3f}" + (f" ({around[0]:.3f} to {around[1]:.3f})" if around else "")
    spread = 100 * float(scores.mean(axis=1).std(ddof=1))
    within = 100 * float(scores.std(axis=1, ddof=1).mean())
    counts = (str(systems), str(judges), w, f"{1 / judges:.3f}")
    return (name, *counts, _shown(parts.relative), _shown(parts.absolute), f"{spread:.2f}", f"{within:.2f}")


def _shown(part: Interval) -> str:
    return f"{part.value:.3f} ({part.low:.3f} to {part.high:.3f})"


def concordance_interval(samples: Sequence[Sequence[Sample]], draws: int = DRAWS) -> tuple[float, float]:
    """The interval of W over questions and seeds; `samples` [tasks][systems]."""
    random = np.random.default_rng(SEED)
    found = [kendall_w(np.stack([redrawn(task, random) for task in samples])) for _ in range(draws)]
    low, high = np.nanquantile(found, (LEVEL / 2, 1 - LEVEL / 2))
    return float(low), float(high)


def sections(findings: Findings) -> list[Section]:
    """The verdicts, agreement over tasks, and agreement between outcomes."""
    rows, means, told = [], {}, []
    for text in findings.study.spec.outcomes:
        try:
            samples = _samples(findings, text)
        except DataError as error:
            told.append(f"{text}: not analysed: {error}.")
            continue
        scores = np.array([[sample.value for sample in task] for task in samples]).T
        means[text] = scores.mean(axis=1)
        if scores.shape[1] > 1:
            rows.append(agreement_row(text, scores, concordance_interval(samples)))
        else:
            told.append(f"{text}: one task alone, so no agreement over tasks.")
    tables = [Table("Over tasks", HEAD, rows, NOTE)] if rows else []
    if len(means) > 1:
        tables.append(tau_between(list(means), np.stack(list(means.values())), "of the arms' means over tasks"))
    return [*contrast.sections(findings), Section("Reliability", points=tuple(told), tables=tuple(tables))]


def tau_between(names: Sequence[str], scores: Floats, what: str) -> Table:
    """Tau-b between judges, [judges, systems]."""
    rows = [(name, *(f"{tau:.3f}" for tau in row)) for name, row in zip(names, tau_table(scores), strict=True)]
    return Table("Kendall's tau-b", ("", *names), rows, f"Between the orders {what}; 1 is the same order, 0 none.")


def _samples(findings: Findings, text: str) -> list[list[Sample]]:
    """[tasks][arms], of the arms that are done on every task. Raises DataError where there are too few."""
    done = [arm for arm in findings.arms if all(findings.evidence.seeds(arm, task) for task in findings.tasks)]
    if len(done) < FEWEST:
        raise DataError(f"{len(done)} of {len(findings.arms)} arms are done on every task, expected {FEWEST} at least")
    return [[findings.evidence.sample(arm, task, text) for arm in done] for task in findings.tasks]
