"""The scripts that are written without spaces between words: their blocks in Unicode, and the languages they write.

One table with two readings. Lexical terms (`TERM_BLOCKS`) are n-grams of characters in the scripts of living languages
whose texts are searched, and words in all else. Copied text (`DENSE_BLOCKS`, `LOOSE_BLOCKS`) is looked for in every
script without spaces, rare and historical ones too, and knows how much a character of it carries. Both are rules that
digests of results stand for: whoever moves a block raises `encoders.lexical.RULES` or `zero_shot.overlap.RULE`.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Range: TypeAlias = tuple[int, int]


class Block(NamedTuple):
    """Code points `first` to `last`. `characters`: a dense one carries far more than a loose one (Chinese or Japanese
    beside Thai, Lao, Khmer or Burmese). `terms`: whether lexical terms are n-grams here."""

    first: int
    last: int
    characters: Literal["dense", "loose"]
    terms: bool


BLOCKS = (
    Block(0x0E00, 0x0EFF, "loose", True),  # Thai, Lao
    Block(0x1000, 0x109F, "loose", True),  # Myanmar
    Block(0x1780, 0x17FF, "loose", True),  # Khmer
    Block(0x1950, 0x19FF, "loose", False),  # Tai Le, New Tai Lue, symbols of Khmer
    Block(0x1A20, 0x1AAF, "loose", False),  # Tai Tham
    Block(0xA9E0, 0xA9FF, "loose", True),  # Myanmar
    Block(0xAA60, 0xAA7F, "loose", True),
    Block(0xAA80, 0xAADF, "loose", False),  # Tai Viet
    Block(0x3005, 0x3007, "dense", True),  # iteration mark and zero of Han
    Block(0x3021, 0x3029, "dense", True),  # numerals of Hangzhou
    Block(0x3031, 0x3035, "dense", False),  # repetition of kana
    Block(0x3038, 0x303F, "dense", False),
    Block(0x3040, 0x30FF, "dense", True),  # kana
    Block(0x3100, 0x312F, "dense", False),  # bopomofo
    Block(0x31A0, 0x31BF, "dense", False),
    Block(0x31F0, 0x31FF, "dense", True),  # kana
    Block(0x3400, 0x4DBF, "dense", True),  # Han
    Block(0x4E00, 0x9FFF, "dense", True),
    Block(0xA000, 0xA4CF, "dense", False),  # Yi
    Block(0xF900, 0xFAFF, "dense", True),  # Han
    Block(0x16FE0, 0x18CFF, "dense", False),  # Tangut, Khitan
    Block(0x1AFF0, 0x1B16F, "dense", True),  # kana
    Block(0x1B170, 0x1B2FF, "dense", False),  # Nüshu
    Block(0x20000, 0x3FFFF, "dense", True),  # Han
)
TERM_BLOCKS: tuple[Range, ...] = tuple((block.first, block.last) for block in BLOCKS if block.terms)
DENSE_BLOCKS: tuple[Range, ...] = tuple((block.first, block.last) for block in BLOCKS if block.characters == "dense")
LOOSE_BLOCKS: tuple[Range, ...] = tuple((block.first, block.last) for block in BLOCKS if block.characters == "loose")

LANGUAGES = frozenset({"ja", "km", "lo", "my", "th", "yue", "zh"})
"""Codes of the languages that these scripts write."""
