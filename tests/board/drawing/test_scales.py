"""Scales of pictures: where values stand, and which ticks are written."""

from __future__ import annotations

import pytest

from xbench.board.drawing.axes import Axis, digits_of, linear, logarithmic


def test_a_scale_spans_its_values_with_room_and_does_not_go_below_zero_alone() -> None:
    axis = linear([0.0, 10.0], 0, 100)
    assert axis.low == 0.0 and axis.high == pytest.approx(10.6)
    assert linear([-1.0, 1.0], 0, 100).low < -1
    assert axis.at(0.0) == 0.0 and axis.at(axis.high) == 100.0


def test_a_scale_spans_at_least_what_is_asked() -> None:
    axis = linear([50.0, 50.2], 0, 100, least=4.0)
    assert axis.high - axis.low > 4


def test_a_power_of_ten_is_as_far_as_the_next() -> None:
    axis = Axis(1, 100, 0, 200, logarithmic=True)
    assert [axis.at(value) for value in (1, 10, 100)] == [0.0, 100.0, 200.0]
    assert logarithmic([5.0], 0, 100).low < 5 < logarithmic([5.0], 0, 100).high


@pytest.mark.parametrize(
    "axis",
    [Axis(0, 1, 0, 300), Axis(3, 3, 0, 300), Axis(-5, 5, 300, 0), Axis(0.5, 2e9, 0, 900, True), Axis(7, 8, 0, 9, True)],
)
def test_ticks_lie_on_the_scale_and_ascend(axis: Axis) -> None:
    ticks = axis.ticks()
    assert 1 <= len(ticks) <= 40 and ticks == sorted(set(ticks)) and axis.low <= ticks[0] and ticks[-1] <= axis.high


def test_a_wide_scale_has_more_ticks_than_a_narrow_one() -> None:
    assert len(Axis(0, 100, 0, 900).ticks()) > len(Axis(0, 100, 0, 200).ticks())


def test_ticks_are_written_as_they_are() -> None:
    assert digits_of([0, 0.25, 0.5]) == 2 and digits_of([0.1, 0.2, 0.30000000000000004]) == 1
    assert digits_of([10.0, 20.0]) == digits_of([]) == 0
