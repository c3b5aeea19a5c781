"""Response surfaces on a simplex of shares: Scheffé's polynomials (1958) and an exponential law (arXiv 2403.16952).

Both are fitted by least squares to a value per mixture; which of them predicts is asked of mixtures that were left out.
Knows numbers only: no run, no recipe.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

import numpy as np

from xbench.arrays import Floats

STEEPEST = 20.0  # of the law's exponents: beyond, two mixtures a hundredth apart would differ threefold
ENOUGH, MOST = 1e-6, 60  # change of the fit, and tries, at which it ends
GRID = 40  # steps from corner to corner where an optimum is looked for


class Surface(Protocol):
    """A family of surfaces: a name, how many parameters it has for so many shares, and its fit."""

    @property
    def name(self) -> str: ...
    def parameters(self, parts: int) -> int: ...
    def fit(self, shares: Floats, values: Floats) -> Floats: ...
    def at(self, coefficients: Floats, shares: Floats) -> Floats: ...


@dataclass(frozen=True)
class Scheffe:
    """Sums of products of up to `degree` different shares; there is no constant, for shares sum to 1. Degree 0 is the
    constant alone."""

    name: str
    degree: int

    def terms(self, parts: int) -> list[tuple[int, ...]]:
        """The shares that each coefficient multiplies."""
        return [term for size in range(1, self.degree + 1) for term in combinations(range(parts), size)]

    def parameters(self, parts: int) -> int:
        return len(self.terms(parts)) if self.degree else 1

    def design(self, shares: Floats) -> Floats:
        """[mixtures, parameters]."""
        if not self.degree:
            return np.ones((len(shares), 1))
        return np.stack([shares[:, list(term)].prod(axis=1) for term in self.terms(shares.shape[1])], axis=1)

    def fit(self, shares: Floats, values: Floats) -> Floats:
        return np.asarray(np.linalg.lstsq(self.design(shares), values, rcond=None)[0])

    def at(self, coefficients: Floats, shares: Floats) -> Floats:
        return np.asarray(self.design(shares) @ coefficients)


@dataclass(frozen=True)
class Law:
    """c + k exp(sum of t times share); on a simplex k is in t but for its sign. Coefficients: c, the sign, t."""

    name: str = "exponential law"

    def parameters(self, parts: int) -> int:
        return parts + 1

    def fit(self, shares: Floats, values: Floats) -> Floats:
        from scipy.optimize import least_squares

        centre, width = float(values.mean()), float(values.std()) or 1.0
        scaled, parts = (values - centre) / width, shares.shape[1]
        best, least = np.array([0.0, 1.0, *np.full(parts, -STEEPEST)]), float((scaled**2).sum())
        for sign in (1.0, -1.0):
            start = np.array([scaled.min() if sign > 0 else scaled.max(), *np.zeros(parts)])
            found = least_squares(
                lambda guess, sign=sign: guess[0] + sign * np.exp(shares @ guess[1:]) - scaled,
                start,
                jac=lambda guess, sign=sign: _slope(guess, sign, shares),
                bounds=([-np.inf, *[-STEEPEST] * parts], [np.inf, *[STEEPEST] * parts]),
                ftol=ENOUGH,
                xtol=ENOUGH,
                max_nfev=MOST,
            )
            if 2 * found.cost < least:
                best, least = np.array([found.x[0], sign, *found.x[1:]]), 2 * float(found.cost)
        best[0] = centre + width * best[0]
        best[2:] += np.log(width)
        return best

    def at(self, coefficients: Floats, shares: Floats) -> Floats:
        return np.asarray(coefficients[0] + coefficients[1] * np.exp(shares @ coefficients[2:]))


def _slope(guess: Floats, sign: float, shares: Floats) -> Floats:
    """[mixtures, parameters] of the law's residuals."""
    return np.concatenate([np.ones((len(shares), 1)), sign * np.exp(shares @ guess[1:])[:, None] * shares], axis=1)


CONSTANT = Scheffe("constant", 0)
SURFACES: tuple[Surface, ...] = (
    CONSTANT,
    Scheffe("linear", 1),
    Scheffe("quadratic", 2),
    Scheffe("special cubic", 3),
    Law(),
)


def left_out(surface: Surface, shares: Floats, values: Floats) -> Floats:
    """[mixtures] what is predicted of each from the others alone."""
    every = np.arange(len(values))
    predicted = np.empty(len(values))
    for place in every:
        others = every != place
        predicted[place] = surface.at(surface.fit(shares[others], values[others]), shares[place : place + 1])[0]
    return predicted


def error_of(predicted: Floats, values: Floats) -> float:
    """Root of the mean squared error."""
    return float(np.sqrt(np.mean((predicted - values) ** 2)))


def fitting(parts: int, mixtures: int) -> Sequence[Surface]:
    """The surfaces with fewer parameters than there are mixtures when one is left out."""
    return [one for one in SURFACES if one.parameters(parts) < mixtures - 1]


def simplex_grid(parts: int, steps: int = GRID) -> Floats:
    """[points, parts] shares that are multiples of 1 / steps."""
    return np.array(_compositions(parts, steps), np.float64) / steps


def _compositions(parts: int, total: int) -> list[list[int]]:
    if parts == 1:
        return [[total]]
    return [[first, *rest] for first in range(total, -1, -1) for rest in _compositions(parts - 1, total - first)]
