"""How often a study's verdicts err, by simulation: true effects of none, at the margin and beyond it.

    python benchmarks/study_verdicts.py [studies]           # the tables of docs/studies.md; minutes

A study has three hypotheses of two arms (higher; not worse by the margin; the same within it), each a family alone,
and a family of four claims of which none is true. Clusters of questions are normal, and so is what a seed adds, whose
noise is in standard errors of the clusters' part, as in error_rates.py. Effects are in margins; a margin is six of
these standard errors, or six and the seeds' own.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from error_rates import World

from xbench.specs import Hypothesis
from xbench.specs.study_outcomes import POINT
from xbench.studies.evidence import Weighted
from xbench.studies.verdicts import Test, tested, verdicts

SEEDS, NOISE, CLUSTERS, STUDIES = (3, 5, 10), (0.0, 1.0, 3.0), 240, 1_000
EFFECTS = {"none": 0.0, "at the margin": -1.0, "beyond": -2.0}
CLAIMS = {
    "higher": {"direction": "higher"},
    "not worse": {},
    "same": {"direction": "same"},
}
FAMILY = 4


def hypothesis(claim: str, margin: float, family: str) -> Hypothesis:
    """A claim about Mo with a margin in what is measured."""
    size = {} if claim == "higher" else {"margin": f"{margin / POINT:.6f} points"}
    return Hypothesis(name=claim, contrast="A - B", outcome="Mo", family=family, **CLAIMS[claim], **size)


def one(world: World, draw: np.random.Generator, effect: float, claim: Hypothesis) -> Test:
    """One hypothesis on two arms that truly differ by `effect`."""
    seeds = tuple(range(world.seeds[0]))
    first, second = (Weighted(side, seeds) for side in world.sides(draw, effect))
    return tested(claim, "", first, second)


def margin_of(world: World) -> float:
    """Six standard errors of a difference, so that what is none, at it and beyond it are far apart."""
    return float(6 * np.sqrt(1 + sum(noise**2 / count for noise, count in zip(world.noise, world.seeds, strict=True))))


def rates(world: World, effect: float, studies: int, seed: int = 0) -> dict[str, Counter[str]]:
    """By claim: how many of so many studies say what."""
    draw, margin = np.random.default_rng(seed), margin_of(world)
    found: dict[str, Counter[str]] = {claim: Counter() for claim in CLAIMS}
    for _ in range(studies):
        tests = [one(world, draw, effect * margin, hypothesis(claim, margin, claim)) for claim in CLAIMS]
        for verdict in verdicts(tests):
            found[verdict.test.hypothesis.name][verdict.word] += 1
    return found


def false_families(world: World, studies: int, seed: int = 1) -> float:
    """Share of studies in which any of four claims that are false, each at its margin, is called supported."""
    draw, margin = np.random.default_rng(seed), margin_of(world)
    wrong = 0
    for _ in range(studies):
        tests = [one(world, draw, -margin, hypothesis("not worse", margin, "all")) for _ in range(FAMILY)]
        wrong += any(verdict.word == "supported" for verdict in verdicts(tests))
    return wrong / studies


def main() -> None:
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else STUDIES
    print(f"supported / refuted, in % of {studies:,} studies; {CLUSTERS} clusters\n")
    print(f"| seeds | noise | effect | {' | '.join(CLAIMS)} | any of {FAMILY} false claims supported |")
    print("|---|---|---|---|---|---|---|")
    for seeds in SEEDS:
        for noise in NOISE:
            world = World((seeds, seeds), (noise, noise), CLUSTERS)
            for name, effect in EFFECTS.items():
                found = rates(world, effect, studies)
                cells = [
                    f"{100 * one['supported'] / studies:.1f} / {100 * one['refuted'] / studies:.1f}"
                    for one in found.values()
                ]
                family = f"{100 * false_families(world, studies):.1f}" if name == "at the margin" else ""
                print(f"| {seeds} | {noise:g} | {name} | {' | '.join(cells)} | {family} |", flush=True)


if __name__ == "__main__":
    main()
