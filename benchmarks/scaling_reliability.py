"""How often the analyses of scaling and reliability err, by simulation with known truth.

    python benchmarks/scaling_reliability.py [studies]      # the tables of docs/studies.md; two minutes

Ladders: sizes that double, three seeds, 240 clusters of questions whose difficulty all sizes share; the loss is
constant, a power law, or one with a floor. Agreement: systems, tasks and their interaction are normal. Covered: how
often a 95 % interval holds the truth.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator

import numpy as np

from xbench.arrays import Floats
from xbench.evaluation.concordance import generalisability, kendall_w
from xbench.evaluation.statistics import Sample
from xbench.specs.study_outcomes import parse_outcome
from xbench.studies.analyses.reliability import concordance_interval
from xbench.studies.analyses.scaling import Ladder, read_ladder
from xbench.studies.laws import per_doubling

STUDIES, CLUSTERS, SEEDS, DRAWS = 200, 240, 3, 100
TRUTHS = {"constant": (0.0, 0.4, 0.0), "power": (0.2, 0.4, 0.0), "power with floor": (0.5, 0.3, 0.2)}
NOISE = {"little": 0.002, "much": 0.02}  # standard deviation that a seed adds to a mean


def samples(values: Floats, seed_noise: float, random: np.random.Generator) -> list[Sample]:
    """[values] a sample of each, over the same clusters."""
    shared = random.normal(0, 0.25, CLUSTERS)
    return [_sample(value, shared, seed_noise, random) for value in values]


def _sample(value: float, shared: Floats, seed_noise: float, random: np.random.Generator) -> Sample:
    own = random.normal(0, 0.05, (SEEDS, CLUSTERS)) + random.normal(0, 0.05, CLUSTERS)
    scores = value + shared + own + random.normal(0, seed_noise, (SEEDS, 1))
    levels = scores.mean(axis=1)
    return Sample(levels, (scores - levels[:, None]) / CLUSTERS / np.sqrt(1 - 1 / CLUSTERS))


def ladders(studies: int) -> Iterator[str]:
    """A row per truth, number of sizes and noise."""
    preferred = "preferred: constant / power / with floor"
    yield f"| truth | sizes | noise of a seed | {preferred} | slope covered | exponent covered |"
    yield "|---|---|---|---|---|---|"
    for law, (exponent, scale, floor) in TRUTHS.items():
        for count in (5, 8):
            for name, noise in NOISE.items():
                yield _ladder_row(law, exponent, scale, floor, count, name, noise, studies)


def _ladder_row(
    law: str, exponent: float, scale: float, floor: float, count: int, name: str, noise: float, studies: int
) -> str:
    sizes = 2.0 ** np.arange(count) * 1e7
    truth = 1 - (scale * (sizes / sizes[count // 2]) ** -exponent + floor)
    random, chosen = np.random.default_rng(0), Counter[str]()
    slopes, exponents = 0, []
    for _ in range(studies):
        found = read_ladder(Ladder("", sizes, samples(truth, noise, random), parse_outcome("Cr")), DRAWS)
        best = found.laws[0].law
        chosen[best] += 1
        slopes += found.around[0] <= per_doubling(sizes, truth) <= found.around[1]
        if best == law and law != "constant":
            exponents.append(found.exponent[0] <= exponent <= found.exponent[1])
    shares = " / ".join(f"{100 * chosen[one] / studies:.0f}" for one in TRUTHS)
    covered = f"{100 * np.mean(exponents):.0f} (of {len(exponents)})" if len(exponents) > 20 else ""
    return f"| {law} | {count} | {name} | {shares} | {100 * slopes / studies:.0f} | {covered} |"


def agreement(studies: int) -> Iterator[str]:
    """A row per number of systems and tasks."""
    yield "| systems | tasks | E rho² | covered | Phi | covered | W of the truth | mean W | covered |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for systems, tasks in ((6, 4), (6, 13), (30, 4), (30, 13)):
        yield _agreement_row(systems, tasks, studies)


def _agreement_row(systems: int, tasks: int, studies: int) -> str:
    own, task, rest = 0.05, 0.05, 0.05
    relative = own**2 / (own**2 + rest**2 / tasks)
    absolute = own**2 / (own**2 + (task**2 + rest**2) / tasks)
    random, held = np.random.default_rng(0), np.zeros(3)
    true, measured = [], []
    for number in range(studies):
        scores = random.normal(0, own, (systems, 1)) + random.normal(0, task, (1, tasks))
        scores = 0.5 + scores + random.normal(0, rest, (systems, tasks))
        parts = generalisability(scores)
        held[0] += parts.relative.low <= relative <= parts.relative.high
        held[1] += parts.absolute.low <= absolute <= parts.absolute.high
        if number < studies // 5:
            noisy = [samples(scores[:, place], 0.01, random) for place in range(tasks)]
            low, high = concordance_interval(noisy, DRAWS)
            true.append(kendall_w(scores.T))
            measured.append(kendall_w(np.array([[sample.value for sample in one] for one in noisy])))
            held[2] += low <= true[-1] <= high
    shares = [f"{100 * held[0] / studies:.0f}", f"{100 * held[1] / studies:.0f}", f"{100 * held[2] / len(true):.0f}"]
    means = (f"{np.mean(true):.2f}", f"{np.mean(measured):.2f}")
    return (
        f"| {systems} | {tasks} | {relative:.2f} | {shares[0]} | {absolute:.2f} | {shares[1]} | {means[0]} | "
        f"{means[1]} | {shares[2]} |"
    )


def main() -> None:
    """Print both tables."""
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else STUDIES
    for line in (*ladders(studies), "", *agreement(studies)):
        print(line, flush=True)


if __name__ == "__main__":
    main()
