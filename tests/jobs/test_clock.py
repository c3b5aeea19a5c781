"""The clock of a piece of work: its parts, and all of it."""

import time

import pytest

from xbench.jobs.clock import Clock


def test_a_lap_ends_one_part_and_the_parts_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([10.0, 10.5, 12.00049, 15.0])
    monkeypatch.setattr(time, "perf_counter", lambda: next(ticks))
    clock = Clock()
    assert clock.seconds == {}
    clock.lap("model")
    assert clock.seconds == {"model": 0.5, "total": 0.5}
    clock.lap("encode")
    clock.lap("rank")
    assert clock.seconds == {"model": 0.5, "encode": 1.5, "rank": 3.0, "total": 5.0}  # to the millisecond
