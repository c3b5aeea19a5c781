"""Heat maps: which shade a score has, and what the page can change."""

from __future__ import annotations

import pytest

from xbench.board.heat import Scale, heat_map, one_ideal, share_map

PAIRS = {"de-de": [0.5, 6.0], "de-en": [0.12, 6.0], "en-de": [0.23, 6.0], "en-en": [0.9, 6.0]}


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        ([0.12, 0.23], 0.1, 0.25),
        ([0.61, 0.62], 0.6, 0.7),
        ([0.1, 0.3], 0.1, 0.3),
        ([None], 0, 1),
        ([0.0], 0, 0.1),
        ([0.96, 1.0], 0.9, 1.0),
    ],
)
def test_a_scale_spans_what_is_shown(values: list[float | None], low: float, high: float) -> None:
    scale = Scale.over(values)
    assert (scale.low, scale.high) == (pytest.approx(low), pytest.approx(high))


def test_shades_are_those_of_the_cross_lingual_pairs_and_the_diagonal_has_none() -> None:
    drawn = heat_map(PAIRS, ["de", "en"], ["de", "en"], {"de-de": 0.1})
    assert drawn.framed and (drawn.scale.low, drawn.scale.high) == (pytest.approx(0.1), pytest.approx(0.25))
    assert '<td class=own title="de-de, ± 10.0">50.0' in drawn.rows and "<td class=h2 " in drawn.rows
    assert "data-k" not in drawn.rows and drawn.count == "6"
    uneven = heat_map(PAIRS | {"de-en": [0.12, 5.0]}, ["de", "en"], ["de", "en"], {})
    assert 'title="de-en, n = 5"' in uneven.rows and uneven.count == ""
    changing = heat_map(PAIRS, ["de", "en"], ["de", "en"], {}, "#{query}-{document}", True).rows
    assert 'data-k="pairs/de-en"' in changing and '<a href="#de-en">' in changing


def test_a_map_of_monolingual_pairs_alone_is_shaded() -> None:
    drawn = heat_map({"de-de": [0.5, 6.0]}, ["de"], ["de", "en"], {})
    assert not drawn.framed and '<td class="h0 own"' in drawn.rows and 'title="de-en: not scored">–' in drawn.rows


def test_a_share_has_the_middle_shade_where_it_is_ideal() -> None:
    share = {"de": {"de": [0.5, 0.5], "en": [0.0, 0.5]}}
    assert share_map(share, ["de"], ["de", "en"]).count("class=") == 2
    assert '<td class="h10 own">50.0' in share_map(share, ["de"], ["de", "en"])
    assert one_ideal(share) == "50.0" and one_ideal({"de": {"de": [0.2, 0.5], "en": [0.1, 0.4]}}) == ""
