"""Do measurements agree, and would they again? Kendall's W and tau-b, generalisability, split halves, a bootstrap.

Scores are [systems, tasks] or [judges, systems]; a judge is whatever orders systems: a task, a metric, a seed. A recipe
that makes systems equal lowers W by itself, for there is less left to agree on: read W beside the standard deviations
and the generalisability coefficient. Knows numbers only: no run, no model, no task.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from xbench.arrays import Floats, Ints
from xbench.evaluation.statistics import LEVEL

HALVINGS = 200
DRAWS = 2_000

Statistic = Callable[[Floats], float]
"""Of scores [systems, tasks]."""


@dataclass(frozen=True)
class Interval:
    """A value with what `LEVEL` leaves on both sides; NaN where there is none."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Generalisability:
    """What the variance of scores [systems, tasks] comes from, and what that is worth over as many tasks again.

    `systems`, `tasks`, `rest`: variance components, none below 0; interaction and noise are one. `relative`: E rho^2,
    of the order of systems; `absolute`: Phi, of their scores. Both are 0 to 1, and of the mean over the tasks.
    """

    systems: float
    tasks: float
    rest: float
    relative: Interval
    absolute: Interval


def kendall_w(scores: Floats) -> float:
    """Kendall's coefficient of concordance of [judges, systems], corrected for ties: 1 where all judges give one order,
    about 1 / judges by chance. NaN where no judge tells any two systems apart.

    12 S / (m^2 (n^3 - n) - m sum T) over mean ranks, T = sum (t^3 - t) of a judge's ties (Kendall and Gibbons 1990).
    """
    judges, systems = scores.shape
    ranks = np.stack([_ranks(row) for row in scores])
    ties = sum(_tied(row) for row in scores)
    squares = float(((ranks.sum(axis=0) - judges * (systems + 1) / 2) ** 2).sum())
    possible = judges**2 * (systems**3 - systems) - judges * ties
    return 12 * squares / possible if possible > 0 else float("nan")


def tau_b(first: Floats, second: Floats) -> float:
    """Kendall's tau-b of two lists of scores, corrected for ties: -1 to 1. NaN where one has no order."""
    signs = [np.sign(scores[:, None] - scores) for scores in (first, second)]
    untied = float(np.sqrt(np.square(signs[0]).sum() * np.square(signs[1]).sum()))
    return float((signs[0] * signs[1]).sum()) / untied if untied else float("nan")


def tau_table(scores: Floats) -> Floats:
    """[judges, judges] tau-b of every two judges of [judges, systems]."""
    return np.array([[tau_b(first, second) for second in scores] for first in scores])


def generalisability(scores: Floats) -> Generalisability:
    """The generalisability study of [systems, tasks], at least two of both, one score each (Brennan 2001).

    E rho^2 = s / (s + e / n) and Phi = s / (s + (t + e) / n) of components from mean squares. Intervals: Feldt (1965),
    exact for normal scores, and Arteaga, Jeyaratnam and Franklin (1982), as in Urbano et al. (SIGIR 2013).
    """
    squares = _mean_squares(scores)
    systems, tasks = scores.shape
    between, across, rest = squares
    parts = (max(0.0, (between - rest) / tasks), max(0.0, (across - rest) / systems), rest)
    relative = parts[0] / (parts[0] + rest / tasks) if parts[0] + rest > 0 else float("nan")
    absolute = parts[0] / (parts[0] + (parts[1] + rest) / tasks) if sum(parts) > 0 else float("nan")
    ends = [_relative_end(squares, scores.shape, share) for share in (1 - LEVEL / 2, LEVEL / 2)]
    wide = [_absolute_end(squares, scores.shape, share) for share in (1 - LEVEL / 2, LEVEL / 2)]
    return Generalisability(*parts, Interval(relative, *ends), Interval(absolute, *wide))


def split_half(values: Floats, seed: int = 0, halvings: int = HALVINGS) -> Interval:
    """How far two sets of as many questions as these would agree on systems: the ceiling of any agreement.

    `values` [systems, questions]. The questions are halved at random; the correlation r of the systems' means in both
    halves becomes 2 r / (1 + r) for the whole (Spearman and Brown). The mean over halvings, and the range that
    `LEVEL` of them leave on both sides, which is of the halving and not of the questions.
    """
    random, count = np.random.default_rng(seed), values.shape[1]
    stepped = np.empty(halvings)
    for number in range(halvings):
        order = random.permutation(count)
        halves = [values[:, part].mean(axis=1) for part in (order[: count // 2], order[count // 2 : count // 2 * 2])]
        half = _correlation(*halves)
        stepped[number] = 2 * half / (1 + half) if half > -1 else -1.0
    return Interval(float(stepped.mean()), *_ends(stepped))


def bootstrap(
    values: Sequence[Floats], statistic: Statistic, seed: int = 0, draws: int = DRAWS, redraw_tasks: bool = True
) -> Interval:
    """A statistic of the mean scores [systems, tasks], with a percentile interval over questions, seeds and tasks.

    `values[task]` [systems, seeds, questions]. Each draw takes tasks, within a task its questions (the same for all
    systems and seeds), and seeds (the same for all tasks of a system, whose runs they are), with replacement. All tasks
    have the same systems and seeds. Draws of which nothing can be said are left out.
    """
    random = np.random.default_rng(seed)
    systems, seeds, _ = values[0].shape
    drawn = np.empty(draws)
    for number in range(draws):
        tasks = random.integers(len(values), size=len(values)) if redraw_tasks else np.arange(len(values))
        chosen = random.integers(seeds, size=(systems, seeds))
        columns = [_redrawn(values[task], chosen, random) for task in tasks]
        drawn[number] = statistic(np.stack(columns, axis=1))
    whole = np.stack([part.mean(axis=(1, 2)) for part in values], axis=1)
    return Interval(statistic(whole), *_ends(drawn))


def label_permutation(values: Floats, statistic: Callable[[Floats], float], seed: int = 0, draws: int = DRAWS) -> float:
    """p, two-sided, of a statistic of [recipes, seeds] values when nothing but chance says which recipe is which.

    The recipes of each seed are permuted; the p of m as-extreme draws of n is (m + 1) / (n + 1), which is never 0.
    """
    random, found = np.random.default_rng(seed), abs(statistic(values))
    extreme = sum(abs(statistic(random.permuted(values, axis=0))) >= found - 1e-12 for _ in range(draws))
    return (extreme + 1) / (draws + 1)


def _redrawn(values: Floats, chosen: Ints, random: np.random.Generator) -> Floats:
    """[systems] Means of one task over drawn seeds and questions."""
    questions = random.integers(values.shape[2], size=values.shape[2])
    weights = np.bincount(questions, minlength=values.shape[2]) / values.shape[2]
    return np.asarray(np.take_along_axis(values @ weights, chosen, axis=1).mean(axis=1))


def _ends(drawn: Floats) -> tuple[float, float]:
    known = drawn[np.isfinite(drawn)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, (LEVEL / 2, 1 - LEVEL / 2))
    return float(low), float(high)


def _ranks(row: Floats) -> Floats:
    """Mean ranks from 1."""
    return np.asarray((row[:, None] > row).sum(axis=1) + ((row[:, None] == row).sum(axis=1) + 1) / 2)


def _tied(row: Floats) -> int:
    _, counts = np.unique(row, return_counts=True)
    return int((counts**3 - counts).sum())


def _correlation(first: Floats, second: Floats) -> float:
    first, second = first - first.mean(), second - second.mean()
    norm = float(np.sqrt((first @ first) * (second @ second)))
    return float(first @ second) / norm if norm else 0.0


def _mean_squares(scores: Floats) -> tuple[float, float, float]:
    """Of systems, of tasks, and of what is left, [systems, tasks]."""
    systems, tasks = scores.shape
    rows, columns, middle = scores.mean(axis=1), scores.mean(axis=0), scores.mean()
    rest = scores - rows[:, None] - columns + middle
    between = tasks * ((rows - middle) ** 2).sum() / (systems - 1)
    across = systems * ((columns - middle) ** 2).sum() / (tasks - 1)
    return float(between), float(across), float((rest**2).sum() / ((systems - 1) * (tasks - 1)))


def _relative_end(squares: tuple[float, float, float], shape: tuple[int, int], share: float) -> float:
    """One end of Feldt's interval: 1 - e F / s at a quantile of F."""
    from scipy.special import fdtri

    between, _, rest = squares
    freedom = (shape[0] - 1, (shape[0] - 1) * (shape[1] - 1))
    return min(1.0, max(0.0, 1 - rest * float(fdtri(*freedom, share)) / between)) if between > 0 else float("nan")


def _absolute_end(squares: tuple[float, float, float], shape: tuple[int, int], share: float) -> float:
    """One end of the interval of Arteaga et al., of one task's proportion, stepped up to that of all tasks."""
    from scipy.special import chdtri, fdtri

    between, across, rest = squares
    systems, tasks = shape
    own, other = systems - 1, tasks - 1
    far = float(chdtri(own, 1 - share)) / own  # F with infinite freedom below
    near = float(fdtri(own, own * other, share))
    beside = float(fdtri(own, other, share))
    above = between**2 - far * between * rest + (far - near) * near * rest**2
    below = own * far * between * rest + beside * between * across
    if below <= 0:
        return float("nan")
    ratio = max(0.0, systems * above / below)
    alone = ratio / (ratio + tasks)
    return tasks * alone / (1 + (tasks - 1) * alone)
