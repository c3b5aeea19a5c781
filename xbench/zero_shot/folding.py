"""One way to write a text, whatever was done to its form: markup, width, case, marks that may be left out, letters of
another script that look alike. Knows Unicode and HTML; nothing of tokens, tasks or corpora.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt

INLINE = (
    "a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd mark q rb rp rt ruby s samp small span strike "
    "strong sub sup time tt u var wbr"
)
BLOCK = (
    "address article aside blockquote body br button caption center col colgroup dd details dialog div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hr html iframe img input label legend li link main "
    "meta nav ol optgroup option p pre script section select style summary table tbody td textarea tfoot th thead "
    "title tr ul video"
)
ATTRIBUTES = r"(?:\s[^<>]{0,2000})?"
NAMED_ATTRIBUTES = r"(?:\s[^<>]{0,2000}=[^<>]{0,2000})?"  # "a <b and c> d" is no tag


def _tags(names: str) -> re.Pattern[str]:
    """Tags of these elements. Names of one letter are also written in formulas: they need an attribute, or nothing."""
    letters, words = ("|".join(name for name in names.split() if (len(name) == 1) == one) for one in (True, False))
    return re.compile(rf"</?(?:(?:{words})\b{ATTRIBUTES}|(?:{letters or '(?!)'})\b{NAMED_ATTRIBUTES})\s*/?>", re.I)


COMMENT = re.compile(r"<!--.{0,2000}?-->", re.S)
INLINE_TAGS, BLOCK_TAGS = _tags(INLINE), _tags(BLOCK)
UNESCAPED = 3  # times: text that was escaped and escaped again

MARK_BLOCKS = (
    (0x0300, 0x036F),  # of any script: accents, tones, dots
    (0x0483, 0x0489),  # Cyrillic
    (0x0591, 0x05C7),  # points of Hebrew
    (0x0610, 0x061A),  # Arabic
    (0x064B, 0x065F),
    (0x0670, 0x0670),
    (0x06D6, 0x06ED),
    (0x0711, 0x074A),  # Syriac
    (0x08CA, 0x08FF),  # Arabic
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0xFE20, 0xFE2F),
)
"""Marks that texts are also written without. Those of other scripts stay: a vowel sign of Devanagari or a tone of Thai
is as much of a word as a letter."""

INVISIBLE = (
    (0x0640, 0x0640),  # tatweel: lengthens a line
    (0x115F, 0x1160),  # fillers of Hangul
    (0x3164, 0x3164),
    (0xFFA0, 0xFFA0),
    (0x180B, 0x180F),  # variation selectors
    (0xFE00, 0xFE0F),
    (0xE0100, 0xE01EF),
)
"""Characters without a meaning of their own, besides all of category Cf (zero-width characters, soft hyphen)."""

ALIKE = {
    # Cyrillic as Latin, small or capital, without case
    "а": "a", "в": "b", "ԁ": "d", "е": "e", "һ": "h", "н": "h", "і": "i", "ј": "j", "к": "k", "ӏ": "l", "м": "m",
    "о": "o", "р": "p", "ԛ": "q", "с": "c", "ѕ": "s", "т": "t", "у": "y", "ү": "y", "ѵ": "v", "ԝ": "w", "х": "x",
    # Greek as Latin; nu and eta are other letters as capitals, and are read small
    "α": "a", "β": "b", "ε": "e", "ζ": "z", "η": "n", "ι": "i", "κ": "k", "μ": "m", "ν": "v", "ο": "o", "ρ": "p",
    "τ": "t", "υ": "u", "χ": "x", "ϲ": "c", "ϳ": "j",
    # Latin letters with a stroke or of another shape, which have no decomposition
    "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ɨ": "i", "ł": "l", "ø": "o", "ŧ": "t", "ƀ": "b", "ɑ": "a", "ɡ": "g",
    "ɩ": "i", "ʋ": "v", "ѡ": "w", "ȷ": "j",
    # Arabic letters of Persian, Urdu and Arabic keyboards
    "ى": "ي", "ی": "ي", "ک": "ك", "ہ": "ه", "ھ": "ه", "ە": "ه",
}  # fmt: skip
"""Letters that are read as one another, each small: what is compared is folded first."""


def fold(text: str) -> str:
    """A text without markup and case, in NFKC."""
    if "<" in text or "&" in text:
        text = without_markup(text)
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def without_markup(text: str) -> str:
    """A text without tags of HTML and with its entities read; a tag inside a word leaves no gap, a paragraph's does."""
    for _ in range(UNESCAPED):
        if "&" not in text:
            break
        text = html.unescape(text)
    if "<" not in text:
        return text
    return BLOCK_TAGS.sub(" ", INLINE_TAGS.sub("", COMMENT.sub(" ", text)))


@cache
def left_out() -> npt.NDArray[np.bool_]:
    """[code points]: whether a character makes no difference."""
    out = np.zeros(0x110000, bool)
    for first, last in MARK_BLOCKS:
        out[first : last + 1] = [unicodedata.category(chr(code)) in ("Mn", "Me") for code in range(first, last + 1)]
    for first, last in INVISIBLE:
        out[first : last + 1] = True
    return out


@cache
def letters() -> npt.NDArray[np.uint32]:
    """[code points]: the letter that each is read as: without marks, and one of those that look alike."""
    read = np.arange(0x110000, dtype=np.uint32)
    marks = left_out()
    for code in range(0x80, 0x30000):
        if unicodedata.decomposition(chr(code)):
            base, *rest = list(unicodedata.normalize("NFD", chr(code)))
            if rest and all(marks[ord(mark)] for mark in rest):
                read[code] = ord(base)
    same = np.arange(0x110000, dtype=np.uint32)
    for letter, alike in ALIKE.items():
        same[ord(letter)] = ord(alike)
    return same[read]
