"""Names beside points, so that none hides another or a point: tried near first, then farther with a line that leads.

The same points give the same places. What finds no room within reach is left out; its point still says its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from xbench.board.drawing.svg import LINE, path, room, text

NEAR = 9.0  # pixels between a point and its name
FAR = (20.0, 34.0, 50.0, 68.0)  # with a line
MARK = 5.0  # half of what a point takes
SIDES = ((1, 0), (-1, 0), (1, -1), (-1, -1), (1, 1), (-1, 1), (0, -1), (0, 1))


@dataclass(frozen=True)
class Box:
    """What a name or a point takes of the picture."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether two boxes share more than an edge."""
        apart = self.right <= other.left or other.right <= self.left
        return not (apart or self.bottom <= other.top or other.bottom <= self.top)

    def within(self, other: Box) -> bool:
        """Whether this one lies inside the other."""
        inside = self.left >= other.left and self.right <= other.right
        return inside and self.top >= other.top and self.bottom <= other.bottom


@dataclass(frozen=True)
class Label:
    """A name and its point; `box` is where the name stands, `leads` whether a line joins them."""

    words: str
    x: float
    y: float
    box: Box
    leads: bool = False

    def drawn(self) -> Markup:
        """The name, anchored at the end that is next to its point, and its line."""
        middle = (self.box.left + self.box.right) / 2
        ends = {"name": self.box.left, "name end": self.box.right, "name mid": middle}
        side = "name end" if self.box.right <= self.x else "name" if self.box.left >= self.x else "name mid"
        name = text(ends[side], self.box.bottom - 4, self.words, side)
        return path(f"M{self.x},{self.y}L{self._joint(side)}", "lead") + name if self.leads else name

    def _joint(self, side: str) -> str:
        """Where the line meets the name."""
        if side == "name mid":
            return f"{self.x},{self.box.top if self.box.top > self.y else self.box.bottom}"
        end = self.box.left - 2 if side == "name" else self.box.right + 2
        return f"{round(end, 1)},{round((self.box.top + self.box.bottom) / 2, 1)}"


def place(
    names: Iterable[tuple[str, float, float]],
    points: Sequence[tuple[float, float]],
    area: Box,
    written: Sequence[Box] = (),
) -> Iterator[Label]:
    """Labels of (name, x, y), those that matter most first; `points`: every point of the picture, `written`: what else
    must stay free."""
    taken = [*written, *(Box(x - MARK, y - MARK, x + MARK, y + MARK) for x, y in points)]
    for words, x, y in names:
        label = next((label for label in _places(words, x, y) if _free(label.box, taken, area)), None)
        if label is not None:
            taken.append(label.box)
            yield label


def _free(box: Box, taken: Sequence[Box], area: Box) -> bool:
    return box.within(area) and not any(box.meets(other) for other in taken)


def _places(words: str, x: float, y: float) -> Iterator[Label]:
    wide = room(words)
    for distance in (NEAR, *FAR):
        for across, up in SIDES:
            reach = distance if distance == NEAR or across == 0 or up == 0 else distance * 0.7
            left = x + across * reach - (wide if across < 0 else 0 if across else wide / 2)
            middle = y + up * (reach if across == 0 or distance > NEAR else reach * 0.8)
            box = Box(round(left, 1), round(middle - LINE / 2, 1), round(left + wide, 1), round(middle + LINE / 2, 1))
            yield Label(words, x, y, box, distance > NEAR)


def stack(names: Iterable[tuple[str, float, float]], left: float, top: float, bottom: float) -> list[Label]:
    """Labels of (name, x, y) in one column from `left`, in the order of their heights and as near to them as there is
    room between `top` and `bottom`; all of them stand, closer than a line where there are too many."""
    order = sorted(names, key=lambda name: (name[2], name[0]))
    step = min(LINE, (bottom - top) / max(1, len(order)))
    heights: list[float] = []
    for place, (_, _, y) in enumerate(order):
        last = bottom - step * (len(order) - place - 0.5)
        heights.append(min(last, max(y, heights[-1] + step if heights else top + step / 2)))
    return [
        Label(words, x, y, _beside(words, left, height), abs(height - y) > step / 2)
        for (words, x, y), height in zip(order, heights, strict=True)
    ]


def _beside(words: str, left: float, height: float) -> Box:
    return Box(left, round(height - LINE / 2, 1), round(left + room(words), 1), round(height + LINE / 2, 1))
