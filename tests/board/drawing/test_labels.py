"""Names on pictures: none hides another, or a point; the same points give the same places."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from xbench.board.drawing.labels import Box, place, stack
from xbench.board.drawing.svg import LINE

AREA = Box(0, 0, 960, 400)
POINTS = st.lists(st.tuples(st.integers(20, 940), st.integers(20, 380)), min_size=1, max_size=40)


@given(POINTS)
def test_no_name_hides_another_or_a_point_or_leaves_the_picture(points: list[tuple[int, int]]) -> None:
    labels = list(place([(f"model-{n}", x, y) for n, (x, y) in enumerate(points)], points, AREA))
    boxes = [label.box for label in labels]
    assert not any(one.meets(other) for n, one in enumerate(boxes) for other in boxes[:n])
    assert not any(box.left < x < box.right and box.top < y < box.bottom for box in boxes for x, y in points)
    assert all(box.within(AREA) for box in boxes)
    assert labels == list(place([(f"model-{n}", x, y) for n, (x, y) in enumerate(points)], points, AREA))


def test_a_name_stands_beside_its_point_and_moves_away_on_a_line_where_others_are() -> None:
    (alone,) = place([("alpha", 100, 100)], [(100, 100)], AREA)
    assert not alone.leads and alone.box.left > 100 and "<path" not in alone.drawn()
    crowd = [(100 + 4 * n, 100) for n in range(12)]
    labels = list(place([(f"model-{n}", x, y) for n, (x, y) in enumerate(crowd)], crowd, AREA))
    assert len(labels) > 4 and any(label.leads and "<path" in label.drawn() for label in labels)


def test_what_is_written_already_stays_free() -> None:
    (label,) = place([("alpha", 100, 100)], [(100, 100)], AREA, [Box(105, 80, 400, 120)])
    assert not label.box.meets(Box(105, 80, 400, 120))


@given(st.lists(st.integers(20, 380), min_size=1, max_size=20))
def test_names_in_a_column_stand_apart_in_the_order_of_their_lines(heights: list[int]) -> None:
    labels = stack([(f"line-{n}", 10, y) for n, y in enumerate(heights)], 50, 0, 400)
    tops = [label.box.top for label in labels]
    assert len(labels) == len(heights) and [label.y for label in labels] == sorted(heights)
    assert all(after - before >= LINE - 0.2 for before, after in pairwise(tops))
    assert tops[0] >= -0.1 and labels[-1].box.bottom <= 400.1
