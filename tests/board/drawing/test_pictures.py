"""Every kind of picture: accessible, escaped, without style, the same for the same value; and what each one shows."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from board_reports import CURVES, DOTS, FOREST, MATRIX, SCATTER, TERNARY
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from xbench.board.drawing.heat import FAINT, STRONG, opacity
from xbench.board.drawing.plots import Plot, draw, draw_both
from xbench.board.drawing.scatter import Scatter, ScatterPoint, front
from xbench.board.drawing.svg import SLIM, room, shortened

EVERY = [FOREST, CURVES, SCATTER, TERNARY, MATRIX, DOTS]
HOSTILE = "</title><script>alert(1)</script>\"'\u202e"
read: TypeAdapter[Plot] = TypeAdapter(Plot)


def plot(value: dict[str, Any], **fields: Any) -> Any:
    return read.validate_python({**value, **fields}, strict=False)


def tree(drawn: str) -> ElementTree.Element:
    return ElementTree.fromstring(drawn)


@pytest.mark.parametrize("value", EVERY, ids=lambda value: value["kind"])
@pytest.mark.parametrize("width", [960, SLIM])
def test_a_picture_has_a_name_is_drawn_alike_and_holds_no_style(value: dict[str, Any], width: float) -> None:
    drawn = draw(plot(value, description="what it shows"), "here", width)
    root = tree(drawn)
    assert root.get("aria-labelledby") == root[0].get("id") == "here-title" and root[0].text == value["title"]
    assert root.get("aria-describedby") == root[1].get("id") and root[1].text == "what it shows"
    assert drawn == draw(plot(value, description="what it shows"), "here", width)
    assert not re.search(r"style|<script|\son\w+=|nan|inf", drawn)
    assert root.get("role") == ("group" if "<a " in drawn else "img")


@pytest.mark.parametrize("value", EVERY, ids=lambda value: value["kind"])
def test_texts_of_a_picture_are_escaped_and_seen(value: dict[str, Any]) -> None:
    def hostile(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: one if key in ("kind", "mark", "href") else hostile(one) for key, one in part.items()}
        return [hostile(one) for one in part] if isinstance(part, list) else HOSTILE if isinstance(part, str) else part

    drawn = draw_both(plot(hostile(value)), "here")
    assert "<script" not in drawn and "\u202e" not in drawn and "⟨202E⟩" in drawn
    tree(f"<div>{drawn}</div>")


@pytest.mark.parametrize("href", ["javascript:alert(1)", "//example.org", "https://example.org", "/etc", 'x" y'])
def test_a_picture_leads_nowhere_but_to_this_site(href: str) -> None:
    with pytest.raises(ValidationError):
        ScatterPoint(x=1.0, y=1.0, label="a", href=href)


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        (MATRIX, {"values": [[1.0]]}),
        (MATRIX, {"sure": [[True]]}),
        (FOREST, {"rows": []}),
        (SCATTER, {"points": [{"x": float("nan"), "y": 1.0, "label": "a"}]}),
        (SCATTER, {"points": [{"x": 1e300, "y": 1.0, "label": "a"}]}),
        (CURVES, {"svg": "<svg/>"}),
    ],
)
def test_what_no_picture_can_show_is_refused(value: dict[str, Any], fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        plot(value, **fields)


NUMBERS = st.floats(-1e18, 1e18) | st.floats(-100, 100) | st.integers(-5, 5).map(float)
HIGHER = st.none() | st.floats(5e-324, 1e18)


@given(st.lists(st.tuples(HIGHER, NUMBERS, NUMBERS), min_size=1, max_size=12), st.booleans())
def test_any_numbers_make_a_picture(values: list[tuple[float | None, float, float]], logarithmic: bool) -> None:
    cloud = [{"x": x, "y": y, "low": low, "high": y, "label": "a", "short": "a"} for x, y, low in values]
    line = [{"x": x or 0.0, "y": y, "low": low, "high": y} for x, y, low in values]
    effects = [{"label": "a", "effect": y, "low": low, "high": y} for _, y, low in values]
    scatter = {"kind": "scatter", "points": cloud, "logarithmic": logarithmic, "better": "low", "gaps": not logarithmic}
    curves = {"kind": "curves", "curves": [{"name": "a", "points": line}] * 2, "logarithmic": logarithmic}
    matrix = {"kind": "matrix", "rows": ["a"], "columns": ["b"] * len(values), "values": [[y for _, y, _ in values]]}
    for value in (scatter, curves, {"kind": "forest", "rows": effects}, matrix):
        drawn = draw_both(plot({"title": "t", **value}), "here")
        assert not re.search(r"\b(nan|inf)\b", drawn)
        tree(f"<div>{drawn}</div>")


def points(*pairs: tuple[float | None, float]) -> list[ScatterPoint]:
    return [ScatterPoint(x=x, y=y, label=f"{x} {y}", short=f"name {y}") for x, y in pairs]


def test_the_front_holds_what_nothing_cheaper_reaches() -> None:
    every = points((3, 50), (1, 10), (2, 60), (4, 70), (1, 5), (None, 90))
    assert [(one.x, one.y) for one in front(every)] == [(1, 10), (2, 60), (4, 70)]
    assert [(one.x, one.y) for one in front(every, "high")] == [(4, 70)]


def test_a_point_without_a_place_stands_at_the_edge_with_what_it_lacks() -> None:
    picture = Scatter(
        title="t", points=tuple(points((1e6, 1.0), (1e9, 2.0), (None, 3.0))), logarithmic=True, edge="none or unknown"
    )
    drawn = draw(picture, "here")
    marks = {
        circle.findtext("{*}title"): float(circle.get("cx", ""))
        for circle in tree(drawn).iter()
        if circle.tag.endswith("circle")
    }
    assert marks["None 3.0: 3"] < min(at for words, at in marks.items() if words != "None 3.0: 3")
    assert ">none<" in drawn and ">or unknown<" in drawn and ">name 3.0<" in drawn


def test_names_stand_beside_the_front_and_not_on_its_line() -> None:
    picture = Scatter(title="t", points=tuple(points((1, 10), (2, 60), (3, 70))), better="low")
    every = list(tree(draw(picture, "here")).iter())
    named = [one for one in every if (one.get("class") or "").startswith("name")]
    marks = [(float(one.get("cx", "")), float(one.get("cy", ""))) for one in every if one.tag.endswith("circle")]
    right = [(float(one.get("x", "")), float(one.get("y", "")) - 4) for one in named if one.get("class") == "name"]
    assert len(named) == 3
    for x, y in marks[:2]:  # from here the line goes to the right
        assert not [name for name in right if name[0] > x and abs(name[1] - y) < 5]


def test_a_point_that_leads_somewhere_is_a_link_with_a_name() -> None:
    one = ScatterPoint(x=1.0, y=2.0, label="alpha", href="../runs/a.html", mark="published")
    drawn = draw(Scatter(title="t", points=(one,)), "here")
    assert '<a href="../runs/a.html" aria-label="alpha: 2 at 1, published">' in drawn


def test_lines_of_equal_gap_are_written_with_their_gap() -> None:
    assert "gap 20" in draw(plot(SCATTER), "here") and "gap" not in draw(plot(SCATTER, gaps=False), "here")


def test_a_forest_has_the_line_of_no_effect_its_margins_and_the_numbers() -> None:
    drawn = draw(plot(FOREST), "here")
    assert drawn.count('class="zero"') == 1 and drawn.count("dashed") == 2 and "2.1 (1.4 to 2.8)" in drawn
    assert drawn.count('class="front"') == 1 and drawn.count('class="dot"') == 2


def test_bands_need_two_intervals_and_whiskers_one() -> None:
    lone = [{"name": "a", "points": [{"x": 0.0, "y": 1.0, "low": 0.5, "high": 1.5}, {"x": 1.0, "y": 2.0}]}]
    assert "band" not in draw(plot(CURVES, curves=lone), "here") and draw(plot(CURVES), "here").count("band") == 3
    drawn = {
        kind: draw(plot(CURVES, curves=lone, interval=kind), "here").count('class="line"')
        for kind in ("band", "whisker")
    }
    assert drawn == {"band": 0, "whisker": 1}


def test_shades_go_from_faint_to_strong() -> None:
    assert opacity(0, 0, 10) == FAINT and opacity(10, 0, 10) == STRONG and FAINT < opacity(3, 3, 3) < STRONG
    drawn = draw(plot(MATRIX), "here")
    assert 'class="less"' in drawn and drawn.count('class="cell mid sure"') == 3 and ">–<" in drawn


def test_a_mix_stands_where_its_shares_are() -> None:
    corner = {"shares": [0, 0, 2], "value": 1.0, "label": "top"}
    drawn = tree(draw(plot(TERNARY, points=[corner]), "here", 600))
    (disc,) = [one for one in drawn.iter() if one.get("class") == "more"]
    assert (float(disc.get("cx", "")), float(disc.get("cy", ""))) == (300.0, 40.0)


def test_a_text_is_as_long_as_there_is_room() -> None:
    assert shortened("alpha", 100) == "alpha" and room(shortened("a" * 100, 60)) <= 60 and room("中") > room("a")
