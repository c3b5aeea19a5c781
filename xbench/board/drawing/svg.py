"""Elements of a picture: the frame with its name, rules, ticks, marks and intervals.

Colours come from the style sheet by class, so that both themes and print have their own; a page may hold no style of
its own. Texts are escaped here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from markupsafe import Markup

from xbench.board.drawing.axes import Axis, digits_of
from xbench.board.drawing.values import Picture
from xbench.board.pages import number
from xbench.errors import visible

BROAD, SLIM = 1120, 360  # widths, for a desk and for a phone
LETTER, WIDE_LETTER, LINE = 7.2, 12.4, 15.0  # room that text takes, of 12 pixels
WIDE_FROM = "\u2e80"  # letters as wide as high start here
ELLIPSIS = "…"


def frame(picture: Picture, name: str, size: tuple[float, float], parts: Iterable[str], links: bool = False) -> Markup:
    """The whole picture. `name`: its id on the page; with `links` inside it is a group, else an image."""
    head = Markup(
        '<svg class="chart" viewBox="0 0 {} {}" role="{}" aria-labelledby="{}-title"{}><title id="{}-title">{}</title>'
    ).format(*size, "group" if links else "img", name, _described(picture, name), name, visible(picture.title))
    told = Markup('<desc id="{}-desc">{}</desc>').format(name, visible(picture.description))
    return head + (told if picture.description else "") + joined(parts) + Markup("</svg>")


def _described(picture: Picture, name: str) -> Markup:
    return Markup(' aria-describedby="{}-desc"').format(name) if picture.description else Markup("")


def joined(parts: Iterable[str]) -> Markup:
    """Elements one after the other; each is escaped already."""
    return Markup("").join(parts)


def text(x: float, y: float, words: str, *classes: str) -> Markup:
    """A text at its baseline; the classes `end` and `mid` anchor it."""
    return Markup('<text class="{}" x="{}" y="{}">{}</text>').format(
        " ".join(classes), round(x, 1), round(y, 1), visible(words)
    )


def path(where: str, *classes: str) -> Markup:
    """A line along `where`, as SVG writes it."""
    return Markup('<path class="{}" d="{}"/>').format(" ".join(classes), where)


def circle(x: float, y: float, words: str, *classes: str, radius: float = 4) -> Markup:
    """A point with what it says on hover."""
    return Markup('<circle class="{}" cx="{}" cy="{}" r="{}"><title>{}</title></circle>').format(
        " ".join(classes), x, y, radius, visible(words)
    )


def diamond(x: float, y: float, words: str, *classes: str) -> Markup:
    """A point of another kind."""
    return Markup('<path class="{}" d="M{},{}l5,5l-5,5l-5,-5z"><title>{}</title></path>').format(
        " ".join(classes), x, round(y - 5, 1), visible(words)
    )


def linked(mark: str, href: str, words: str) -> Markup:
    """A mark that leads somewhere, by keyboard too; as it is where it leads nowhere."""
    if not href:
        return Markup(mark)
    return Markup('<a href="{}" aria-label="{}">{}</a>').format(href, visible(words), Markup(mark))


def whisker(x: Axis, y: Axis, at: float, low: float | None, high: float | None) -> Markup:
    """An interval up and down at `at`; nothing where an end is not known."""
    return Markup("") if low is None or high is None else path(f"M{x.at(at)},{y.at(low)}V{y.at(high)}", "line")


def bar(x: Axis, height: float, low: float | None, high: float | None) -> Markup:
    """An interval from left to right at `height`; nothing where an end is not known."""
    return Markup("") if low is None or high is None else path(f"M{x.at(low)},{height}H{x.at(high)}", "line")


def _shown(axis: Axis, show: Callable[[float], str] | None) -> list[tuple[float, str]]:
    """The pixel and the text of every tick, by default with as many decimals as they need."""
    ticks = axis.ticks()
    digits = digits_of([] if axis.logarithmic else ticks)
    return [
        (axis.at(tick), show(tick) if show else number(tick, digits_of([tick]) if axis.logarithmic else digits))
        for tick in ticks
    ]


def scale_up(y: Axis, left: float, right: float) -> list[Markup]:
    """Rules across the picture with their values at the left."""
    every = _shown(y, None)
    rules = [path(f"M{left},{height}H{right}", "rule") for height, _ in every]
    return rules + [text(left - 6, height + 4, shown, "tick", "end") for height, shown in every]


def scale_across(x: Axis, bottom: float, show: Callable[[float], str] | None = None) -> list[Markup]:
    """Values below the picture, as many as have room."""
    shown: list[Markup] = []
    free = -1e9
    for at, words in _shown(x, show):
        half = room(words) / 2
        if at - half > free:
            shown.append(text(at, bottom + 16, words, "tick", "mid"))
            free = at + half + LETTER
    return shown


def room(words: str) -> float:
    """About how many pixels a text of 12 pixels takes."""
    return sum(WIDE_LETTER if letter >= WIDE_FROM else LETTER for letter in words)


def shortened(words: str, most: float) -> str:
    """The text, or as much of its beginning as has room."""
    if room(words) <= most:
        return words
    while words and room(words) > most - room(ELLIPSIS):
        words = words[:-1]
    return words.rstrip() + ELLIPSIS
