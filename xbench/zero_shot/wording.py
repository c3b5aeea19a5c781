"""Texts as numbers that stay the same when only their form changes (folding); for finding copied text.

A token is a word, or a single character in scripts that are written without spaces. Every token has a 64-bit hash, and
so has every run of tokens, in constant time (Karp and Rabin 1987). Knows kinds of characters; nothing of tasks.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

from xbench.arrays import Flags, Hashes, Ints
from xbench.scripts import DENSE_BLOCKS, LOOSE_BLOCKS
from xbench.zero_shot import folding

BREAK, LETTER, DENSE, LOOSE, IGNORED, END = range(6)
SEPARATOR = "\0"
TENTHS = 10  # of a word: what tokens weigh
WEIGHTS = np.array([0, 10, 5, 2], np.int64)  # by kind: a word of Chinese has about 2 characters, one of Thai 5
BASE = 0x9E3779B97F4A7C15
INVERSE = pow(BASE, -1, 2**64)
SCRAMBLE = np.uint64(0xD6E8FEB86659FD93)
LONGEST_WORD = 64  # characters weighed differently in a word's hash; the text itself decides in the end


@dataclass(frozen=True)
class Wording:
    """Texts as tokens. `letters` [characters] uint32 and `kinds` [characters] uint8 are the tokens' characters joined;
    `starts` [tokens + 1] where each token begins in them; `text` [tokens] the number of its text, of `texts`."""

    letters: npt.NDArray[np.uint32]
    kinds: npt.NDArray[np.uint8]
    starts: Ints
    text: Ints
    texts: int

    def __len__(self) -> int:
        return len(self.text)

    @cached_property
    def sizes(self) -> Ints:
        """[texts]: tokens of each text."""
        return np.bincount(self.text, minlength=self.texts)

    @cached_property
    def bounds(self) -> tuple[Ints, Ints]:
        """[texts] each: a text's first token, and one past its last."""
        end = np.cumsum(self.sizes)
        return end - self.sizes, end

    @cached_property
    def weights(self) -> Ints:
        """[tokens + 1]: running sums of what tokens weigh, in tenths of a word."""
        return np.concatenate([[0], np.cumsum(WEIGHTS[self.kinds[self.starts[:-1]]])]).astype(np.int64)

    @cached_property
    def characters(self) -> Ints:
        """[texts]: letters, digits and marks."""
        return np.bincount(self._owner, minlength=self.texts)

    @cached_property
    def spaceless_characters(self) -> Ints:
        """[texts]: those of scripts without spaces."""
        return np.bincount(self._owner[self.kinds != LETTER], minlength=self.texts)

    @property
    def _owner(self) -> Ints:
        """[characters]: the text of each character."""
        return np.repeat(self.text, np.diff(self.starts))

    @cached_property
    def tokens(self) -> Hashes:
        """[tokens]: a hash of each."""
        return _token_hashes(self.letters, self.starts)

    @cached_property
    def numbers(self) -> Flags:
        """[tokens]: whether a digit is in it."""
        if not len(self):
            return np.zeros(0, bool)
        return np.asarray(np.logical_or.reduceat(_digits()[self.letters], self.starts[:-1]))

    @cached_property
    def _sums(self) -> Hashes:
        """[tokens + 1]: running sums of token hashes times powers of BASE; wraps around at 2^64, as all sums here."""
        weighed = self.tokens * powers(BASE, len(self))[: len(self)]
        return np.concatenate([np.zeros(1, np.uint64), np.cumsum(weighed, dtype=np.uint64)])

    def every_hash(self, size: int) -> Hashes:
        """[tokens - size + 1]: hashes of all runs of `size` tokens, also of those that leave their text."""
        differences = self._sums[size:] - self._sums[:-size]
        return np.asarray(differences * powers(INVERSE, len(self))[: len(differences)])

    def hashes(self, first: Ints, sizes: Ints) -> Hashes:
        """[runs]: hashes of the runs of `sizes` tokens that start at the tokens `first`."""
        return np.asarray((self._sums[first + sizes] - self._sums[first]) * powers(INVERSE, len(self))[first])

    def run(self, first: int, size: int) -> tuple[bytes, bytes]:
        """A run of tokens itself, to be compared: its characters, and the lengths of its tokens."""
        starts = self.starts[first : first + size + 1]
        return self.letters[starts[0] : starts[-1]].tobytes(), np.diff(starts).tobytes()

    def take(self, chosen: Flags) -> Wording:
        """The texts that `chosen` [texts] names, with their numbers as they are."""
        tokens = chosen[self.text]
        characters = np.repeat(tokens, np.diff(self.starts))
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.diff(self.starts)[tokens])])
        return Wording(self.letters[characters], self.kinds[characters], starts, self.text[tokens], self.texts)


def read_wording(texts: Sequence[str]) -> Wording:
    """Texts as tokens, folded; a text without a letter or digit has no token."""
    letters = folding.letters()[np.frombuffer(_joined(texts).encode("utf-32-le", "surrogatepass"), np.uint32)]
    kinds = character_kinds()[letters]
    kept = kinds != IGNORED
    letters, kinds = letters[kept], kinds[kept]
    word = kinds == LETTER
    begins = word.copy()
    begins[1:] &= ~word[:-1]
    begins |= (kinds == DENSE) | (kinds == LOOSE)
    inside = (kinds >= LETTER) & (kinds <= LOOSE)
    first = np.flatnonzero(begins)
    text = np.cumsum(kinds == END)[first]
    starts = np.cumsum(inside)[first] - 1
    starts = np.append(starts, np.count_nonzero(inside)).astype(np.int64)
    return Wording(letters[inside], kinds[inside], starts, text.astype(np.int64), len(texts))


def _joined(texts: Sequence[str]) -> str:
    """The folded texts with SEPARATOR between them."""
    joined = SEPARATOR.join(map(folding.fold, texts))
    if joined.count(SEPARATOR) == len(texts) - 1:
        return joined
    return SEPARATOR.join(folding.fold(text).replace(SEPARATOR, " ") for text in texts)


@cache
def character_kinds() -> npt.NDArray[np.uint8]:
    """[code points]: LETTER (letters, digits and marks), DENSE, LOOSE, IGNORED (they do not show), END, or BREAK."""
    categories = [unicodedata.category(chr(code)) for code in range(0x110000)]
    kinds = np.array([LETTER if name[0] in "LMN" else IGNORED if name == "Cf" else BREAK for name in categories])
    for kind, blocks in ((DENSE, DENSE_BLOCKS), (LOOSE, LOOSE_BLOCKS)):
        for first, last in blocks:
            block = kinds[first : last + 1]
            block[block == LETTER] = kind
    kinds[folding.left_out()] = IGNORED
    kinds[ord(SEPARATOR)] = END
    return kinds.astype(np.uint8)


@cache
def _digits() -> Flags:
    return np.array([unicodedata.category(chr(code))[0] == "N" for code in range(0x110000)])


def powers(base: int, count: int) -> Hashes:
    """At least `count` powers of `base` modulo 2^64."""
    return _powers(base, 1 << max(count - 1, 1).bit_length())


@cache
def _powers(base: int, count: int) -> Hashes:
    if count == 1:
        return np.ones(1, np.uint64)
    half = _powers(base, count // 2)
    return np.concatenate([half, half * np.uint64(pow(base, count // 2, 2**64))])


def _token_hashes(letters: npt.NDArray[np.uint32], starts: Ints) -> Hashes:
    """[tokens]: a hash of each token's characters in their order."""
    if len(starts) == 1:
        return np.zeros(0, np.uint64)
    within = np.arange(len(letters)) - np.repeat(starts[:-1], np.diff(starts))
    weights = powers(BASE, LONGEST_WORD)[within % LONGEST_WORD]
    found = np.add.reduceat((letters.astype(np.uint64) + np.uint64(1)) * weights, starts[:-1])
    found ^= found >> np.uint64(32)
    found *= SCRAMBLE
    return np.asarray(found ^ (found >> np.uint64(32)))
