"""What makes no difference between two texts, by script; and what does."""

import numpy as np
import pytest
from test_wording import tokens_of

from xbench.zero_shot import folding


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("مُحَمَّدٌ", "محمد"),
        ("العـــربية", "العربية"),
        ("أإآ", "ااا"),
        ("کتابی", "كتابي"),
        ("שָׁלוֹם", "שלום"),
        ("Việt Nam đẹp", "Viet Nam dep"),
        ("İzmir'in çayı", "Izmir'in cayi"),
        ("Ελλάδα", "Ελλαδα"),
        ("ёлка, край", "елка, краи"),
        ("сосна", "cоcна"),
        ("K\u00adr\u200ba\u2060n\ufeff", "Kran"),
        ("ab\u3164c\ufe0f", "abc"),
        ("<div>one<br/>two</div>", "one two"),
        ("t<b>w</b>o", "two"),
        ("<!-- x -->one", "one"),
        ("R&amp;D caf&eacute; &#x41;&#66;", "R D cafe ab"),
        ("&amp;lt;b&amp;gt;one&amp;lt;/b&amp;gt;", "one"),
    ],
)
def test_these_are_one(text: str, same: str) -> None:
    assert tokens_of(text) == tokens_of(same)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("कि", "क"),  # a vowel sign of Devanagari
        ("की", "कि"),
        ("ไม่", "ไม"),  # a tone of Thai
        ("มา", "มี"),
        ("が", "か"),
        ("கா", "க"),
        ("a <b and c> d", "a d"),  # no tag
        ("vector<int> x", "vector x"),
    ],
)
def test_these_are_two(text: str, other: str) -> None:
    assert tokens_of(text) != tokens_of(other)


def test_a_letter_is_read_once() -> None:
    read = folding.letters()
    assert np.array_equal(read[read], read)


def test_markup_without_an_end_is_read_at_once() -> None:
    text = "<b " * 20_000 + "&" * 20_000
    assert folding.without_markup(text) == text
