"""Scales: numbers onto pixels, and the ticks that are easy to read."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

ROOM = 0.06  # of a scale that stays free at either end
NOTHING = 1e-200  # a step that is none
EVERY = 85  # pixels between ticks, about


@dataclass(frozen=True)
class Axis:
    """A linear or logarithmic scale onto pixels."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def at(self, value: float) -> float:
        """The pixel of a value, to a tenth."""
        low, high, here = (
            map(math.log10, (self.low, self.high, value)) if self.logarithmic else (self.low, self.high, value)
        )
        return round(self.start + (here - low) / ((high - low) or 1) * (self.end - self.start), 1)

    def ticks(self) -> list[float]:
        """Some values that are easy to read, ascending; at least one."""
        few = min(8, max(3, round(abs(self.end - self.start) / EVERY)))
        if not self.logarithmic:
            return _even(self.low, self.high, few)
        decades = math.log10(self.high / self.low)
        return self._powers((1,) if decades > few else (1, 3) if decades > few / 3 else (1, 2, 5))

    def _powers(self, steps: tuple[int, ...]) -> list[float]:
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        every = [step * 10.0**power for power in range(first, last + 1) for step in steps]
        return [value for value in every if self.low <= value <= self.high] or [self.low]


def digits_of(values: Iterable[float]) -> int:
    """How many decimals tell these values as they are; at most six."""
    every = list(values)
    close = max(map(abs, every), default=0.0) * 1e-9
    return next((digits for digits in range(6) if all(abs(round(one, digits) - one) <= close for one in every)), 6)


def _even(low: float, high: float, few: int) -> list[float]:
    rough = (high - low) / few
    if rough <= NOTHING:
        return [low]
    power = 10.0 ** math.floor(math.log10(rough))
    step = min((power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough), default=power)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)] or [low]


def linear(values: Iterable[float], start: float, end: float, least: float = 0.0) -> Axis:
    """A scale that spans the values, and at least `least`; one that starts above zero does not go below it."""
    every = list(values)
    low, high = min(every), max(every)
    lack = max(0.0, least - (high - low)) / 2
    room = (high - low + 2 * lack) * ROOM or max(abs(high), 1) * ROOM
    bottom = low - lack - room
    return Axis(max(0.0, bottom) if low >= 0 else bottom, high + lack + room, start, end)


def logarithmic(values: Iterable[float], start: float, end: float) -> Axis:
    """A logarithmic scale that spans the values, all above zero."""
    every = list(values)
    low, high = min(every), max(every)
    room = max(1.3, (high / low) ** ROOM)
    return Axis(low / room, high * room, start, end, True)
