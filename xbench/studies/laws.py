"""Laws of size, fitted to a loss at a few sizes: constant, power law, power law with a floor; and a slope per doubling.

loss = c N^-a + d by least squares; for a given exponent the rest is linear, so only the exponent is searched (variable
projection), and c and d are not below 0. AICc tells which law the points support: n ln(RSS / n) + 2 k + 2 k (k + 1) /
(n - k - 1), k with the variance (Hurvich and Tsai 1989); it is infinite for a floor at fewer than six sizes, so none is
preferred there. Knows numbers only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xbench.arrays import Floats

FEWEST_SIZES = 5  # below, a slope and no exponent
EXPONENTS = np.geomspace(0.01, 3.0, 300)
PARAMETERS = {"constant": 1, "power": 2, "power with floor": 3}
LAWS = tuple(PARAMETERS)
SMALLEST = 1e-30  # of a mean square, whose logarithm is taken


@dataclass(frozen=True)
class Fit:
    """A law at sizes relative to `middle`: `scale` (N / middle)^-`exponent` + `floor`."""

    law: str
    exponent: float
    scale: float
    floor: float
    middle: float
    aicc: float

    def at(self, sizes: Floats) -> Floats:
        """[sizes] the loss that the law says."""
        return np.asarray(self.scale * (np.asarray(sizes) / self.middle) ** -self.exponent + self.floor)


def fit(law: str, sizes: Floats, losses: Floats) -> Fit:
    """The law that is nearest to the losses at these sizes."""
    middle = float(np.exp(np.log(sizes).mean()))
    if law == "constant":
        scale, floor, exponent = 0.0, float(losses.mean()), 0.0
        residual = float(((losses - floor) ** 2).sum())
        return Fit(law, exponent, scale, floor, middle, _aicc(law, residual, len(sizes)))
    powers = (sizes / middle)[None, :] ** -EXPONENTS[:, None]
    scales, floors = _linear(powers, losses, floor=law == "power with floor")
    residuals = ((losses - scales[:, None] * powers - floors[:, None]) ** 2).sum(axis=1)
    best = int(residuals.argmin())
    aicc = _aicc(law, float(residuals[best]), len(sizes))
    return Fit(law, float(EXPONENTS[best]), float(scales[best]), float(floors[best]), middle, aicc)


def _linear(powers: Floats, losses: Floats, floor: bool) -> tuple[Floats, Floats]:
    """[exponents] the best scale and floor of each, neither below 0."""
    alone = np.maximum((powers @ losses) / (powers**2).sum(axis=1), 0.0)
    nothing = np.zeros(len(powers))
    if not floor:
        return alone, nothing
    centred = powers - powers.mean(axis=1, keepdims=True)
    scales = np.maximum((centred @ losses) / (centred**2).sum(axis=1), 0.0)
    floors = losses.mean() - scales * powers.mean(axis=1)
    return np.where(floors > 0, scales, alone), np.maximum(floors, nothing)


def _aicc(law: str, residual: float, count: int) -> float:
    known = PARAMETERS[law] + 1
    if count - known - 1 <= 0:
        return float("inf")
    return (
        count * float(np.log(max(residual / count, SMALLEST)))
        + 2 * known
        + 2 * known * (known + 1) / (count - known - 1)
    )


def fits(sizes: Floats, losses: Floats) -> list[Fit]:
    """Every law, the one that AICc prefers first."""
    return sorted((fit(law, sizes, losses) for law in LAWS), key=lambda one: one.aicc)


def per_doubling(sizes: Floats, values: Floats) -> float:
    """How much a value changes with each doubling of the size: the slope over log2 of it."""
    doublings = np.log2(sizes) - np.log2(sizes).mean()
    return float(doublings @ values / (doublings @ doublings))


def largest_held_out(law: str, sizes: Floats, losses: Floats) -> tuple[float, float]:
    """(what the law says of the largest size from the others, what it is)."""
    order = np.argsort(sizes)
    rest, last = order[:-1], order[-1:]
    return float(fit(law, sizes[rest], losses[rest]).at(sizes[last])[0]), float(losses[last[0]])
