"""A duration as people say it. Knows numbers only."""

from __future__ import annotations


def spoken(seconds: float) -> str:
    """Seconds, minutes or hours, in a word or two."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
