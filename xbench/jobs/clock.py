"""How long the parts of one piece of work took. Knows time only."""

from __future__ import annotations

import time


class Clock:
    """Seconds per named part of the work."""

    def __init__(self) -> None:
        self._started = self._last = time.perf_counter()
        self.seconds: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """End the part called `name`; the next one begins."""
        now = time.perf_counter()
        self.seconds |= {name: round(now - self._last, 3), "total": round(now - self._started, 3)}
        self._last = now
