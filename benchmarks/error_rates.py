"""How often the test errs: type I error and coverage by simulation, for few and many seeds and clusters.

    python benchmarks/error_rates.py [trials]           # the tables of docs/methods.md; minutes

Two sides over the same clusters of one column. What a cluster differs by is normal, and so is what a seed adds, to
every cluster alike or, of the noise `own`, to each another value. Noise is in standard errors of the clusters' part.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np

from xbench.arrays import Floats
from xbench.evaluation.statistics import LEVEL, Sample, difference

SEEDS, NOISE, CLUSTERS = (2, 3, 5, 10), (0, 1, 9), (10, 30, 240)
EFFECT = 1.5  # of the trials that count coverage
TRIALS = 4000


@dataclass(frozen=True)
class World:
    """`seeds` and their `noise` (standard deviation of a seed's mean), of each side; `own`: by cluster, of both."""

    seeds: tuple[int, int]
    noise: tuple[float, float]
    clusters: int
    own: float = 0.0

    def sides(self, draw: np.random.Generator, effect: float) -> tuple[Sample, Sample]:
        """Two sides whose true difference is `effect`."""
        varies = draw.normal(size=self.clusters) * np.sqrt(self.clusters)
        return self._side(0, varies + effect, draw), self._side(1, np.zeros(self.clusters), draw)

    def _side(self, side: int, level: Floats, draw: np.random.Generator) -> Sample:
        seeds, clusters = self.seeds[side], self.clusters
        values = level + draw.normal(size=(seeds, 1)) * self.noise[side]
        if self.own:
            values = values + draw.normal(size=(seeds, clusters)) * self.own * np.sqrt(clusters)
        levels = values.mean(axis=1)
        return Sample(levels, (values - levels[:, None]) / clusters / np.sqrt(1 - 1 / clusters))


def rates(world: World, trials: int = TRIALS, seed: int = 0) -> tuple[float, float]:
    """(how often a difference is found where there is none, how often the 95 % interval holds the true one)."""
    draw = np.random.default_rng(seed)
    found = held = 0
    for _ in range(trials):
        found += difference(*world.sides(draw, 0.0)).p < LEVEL
        estimate = difference(*world.sides(draw, EFFECT))
        held += abs(estimate.value - EFFECT) <= estimate.half
    return found / trials, held / trials


def table(worlds: dict[str, list[World]], trials: int) -> str:
    """Type I error / coverage, a row per name and a column per world."""
    lines = []
    for name, row in worlds.items():
        cells = [f"{found:.3f} / {held:.3f}" for found, held in (rates(world, trials) for world in row)]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def grid(seeds: tuple[int, ...], second: bool = True, own: float = 0.0) -> dict[str, list[World]]:
    """A row per number of seeds, a column per noise and number of clusters; `second`: the other side has as many."""
    return {
        str(count): [
            World((count, count if second else 1), (noise, noise if second else 0.0), clusters, own)
            for noise in NOISE
            for clusters in CLUSTERS
        ]
        for count in seeds
    }


def main() -> None:
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS
    columns = " | ".join(f"{noise}, {clusters}" for noise in NOISE for clusters in CLUSTERS)
    head = f"| seeds a side | {columns} |\n|---|{'---|' * len(NOISE) * len(CLUSTERS)}"
    single = {"1": [World((1, 1), (0.0, 0.0), clusters) for _ in NOISE[:1] for clusters in CLUSTERS]}
    print(f"type I error / coverage, {trials:,} trials each; columns: noise of a seed, clusters")
    print(f"\n{head}\n{table(single, trials)}\n{table(grid(SEEDS), trials)}")
    print("\nthe same where seeds differ cluster by cluster too, each by one standard error of the clusters' part")
    print(f"\n{head}\n{table(grid(SEEDS, own=1.0), trials)}")
    print("\nseeds on one side alone, the other has no noise")
    print(f"\n{head}\n{table(grid(SEEDS, second=False), trials)}")


if __name__ == "__main__":
    main()
