"""Evaluation texts in pieces that are looked for with a word or two missing.

What points to a piece, and how much of it is enough. Knows wordings; nothing of training texts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from xbench.arrays import Flags, Hashes, Ints
from xbench.zero_shot.lookup import Lookup
from xbench.zero_shot.wording import BASE, DENSE, LETTER, LOOSE, TENTHS, Wording

FEWEST = 4 * TENTHS  # words of a piece
ONE = 6 * TENTHS  # from here on a common word may be missing
SURE = 7 * TENTHS  # from here on a rare word may be missing; in a shorter piece it may be all that makes it another
MISSING_WORDS = 2  # at most, of a piece
TWO = 8 * TENTHS  # from here on so many may be missing, and one before
RARE_SHARE = 3  # of the rare words at most one in so many
COMMON_SHARE, COMMON_TEXTS = 500, 10  # a word is common in at least every 500th evaluation text, and in 10
ANCHOR_USES = 20  # an anchor that stands more often in the evaluation texts points to nothing
TOGETHER = 3  # pieces that an anchor may stand in: the last piece of a text reaches back into those before it
TABLE_BITS = 22  # of the tables of frequencies: their size is fixed


class Family(NamedTuple):
    """How pieces of one kind of script are compared, in tokens: words, or characters where no spaces are written."""

    kind: int
    anchor: int  # tokens in a row that point to a place
    slack: int  # how far from its place a token may stand: two words
    together: int  # a token counts in a run of so many: one character of Thai is found anywhere


FAMILIES = (Family(LETTER, 2, 2, 1), Family(DENSE, 4, 6, 2), Family(LOOSE, 8, 16, 4))


@dataclass(frozen=True)
class Frequencies:
    """Over all evaluation texts: in how many a word stands, and how often an anchor does; by hash."""

    texts: int
    words: Ints
    anchors: Ints

    @classmethod
    def of(cls, wordings: Iterable[Wording]) -> Frequencies:
        texts, words, anchors = 0, np.zeros(1 << TABLE_BITS, np.int64), np.zeros(1 << TABLE_BITS, np.int64)
        for wording in wordings:
            texts += wording.texts
            by_text = wording.tokens ^ (wording.text.astype(np.uint64) * np.uint64(BASE))
            once = np.unique(by_text, return_index=True)[1]
            words += np.bincount(_slot(wording.tokens[once]), minlength=len(words))
            for family in FAMILIES:
                anchors += np.bincount(_slot(anchor_runs(wording, family)[1]), minlength=len(anchors))
        return cls(texts, words, anchors)

    def rare(self, tokens: Hashes) -> Flags:
        """[tokens]: whether a word is not common."""
        return np.asarray(self.words[_slot(tokens)] < max(COMMON_TEXTS, self.texts / COMMON_SHARE))

    def pointing(self, anchors: Hashes) -> Flags:
        """[anchors]: whether an anchor is rare enough to point to a place."""
        return np.asarray(self.anchors[_slot(anchors)] <= ANCHOR_USES)


def _slot(hashes: Hashes) -> Ints:
    return (hashes >> np.uint64(64 - TABLE_BITS)).astype(np.int64)


def anchor_runs(words: Wording, family: Family) -> tuple[Ints, Hashes]:
    """First token and hash of every run of a family's anchor size that stays in its text and starts in its script."""
    size = family.anchor
    if len(words) < size:
        return np.zeros(0, np.int64), np.zeros(0, np.uint64)
    inside = words.text[size - 1 :] == words.text[: len(words) - size + 1]
    first = np.flatnonzero(inside & (words.kinds[words.starts[: len(words) - size + 1]] == family.kind))
    return first, words.hashes(first, np.full(len(first), size))


@dataclass(frozen=True)
class Pieces:
    """Pieces of one family: [pieces] first token, tokens; [pieces, longest] tokens and what is known of them, 0 beyond.

    `fixed`: a token with a digit, which is never missing from a copy.
    """

    family: Family
    first: Ints
    size: Ints
    tokens: Hashes
    weight: Ints
    rare: Flags
    fixed: Flags
    anchors: Lookup

    @classmethod
    def of(cls, words: Wording, first: Ints, size: Ints, family: Family, frequencies: Frequencies) -> Pieces:
        """`first` and `size` [pieces] are runs of tokens of `words`."""
        longest = int(size.max())
        place = first[:, None] + np.arange(longest)
        inside = np.arange(longest) < size[:, None]
        place = np.where(inside, place, 0)
        tokens = np.where(inside, words.tokens[place], np.uint64(0))
        rare = inside & ((family.kind != LETTER) | frequencies.rare(words.tokens)[place])
        weight = np.where(inside, np.diff(words.weights)[place], 0)
        at, hashes = anchor_runs(words, family)
        pointing = frequencies.pointing(hashes)
        at, hashes = at[pointing], hashes[pointing]
        latest = np.searchsorted(first, at, "right") - 1  # the last piece that begins before it
        piece = (latest[:, None] - np.arange(TOGETHER)).ravel()
        exists, piece = piece >= 0, np.maximum(piece, 0)
        offset = at.repeat(TOGETHER) - first[piece]
        kept = exists & (offset + family.anchor <= size[piece])
        anchors = Lookup.of(hashes.repeat(TOGETHER)[kept], (piece * longest + offset)[kept])
        return cls(family, first, size, tokens, weight, rare, inside & words.numbers[place], anchors)

    def __len__(self) -> int:
        return len(self.first)

    def enough(self, piece: Ints, missing: Flags) -> Flags:
        """[places]: whether what is missing of a piece at a place leaves a copy of it."""
        weight = self.weight[piece]
        total, lost = weight.sum(1), (weight * missing).sum(1)
        rare, rare_lost = (weight * self.rare[piece]).sum(1), (weight * (missing & self.rare[piece])).sum(1)
        sure = (total >= SURE) & (RARE_SHARE * rare_lost <= rare)
        allowed = np.select([total >= TWO, total >= ONE], [MISSING_WORDS * TENTHS, TENTHS], 0)
        return np.asarray((lost <= allowed) & (sure | (rare_lost == 0)) & ~(missing & self.fixed[piece]).any(1))


def cut(words: Wording, compared: Flags, window: int) -> tuple[Ints, Ints]:
    """[pieces] first token and tokens: each text that is compared in runs of `window`, the last one up to its end."""
    begin, end = words.bounds
    weight = words.weights[end] - words.weights[begin]
    texts = np.flatnonzero(compared & (weight >= FEWEST))
    count = np.maximum(1, -(-weight[texts] // window))
    text = np.repeat(texts, count)
    number = np.arange(len(text)) - np.repeat(np.cumsum(count) - count, count)
    first = np.searchsorted(words.weights, words.weights[begin[text]] + number * window)
    final = number == np.repeat(count, count) - 1
    at_end = np.searchsorted(words.weights, words.weights[end[text]] - window, "right") - 1
    first = np.where(final, np.maximum(begin[text], at_end), first)
    reach = np.minimum(end[text], np.searchsorted(words.weights, words.weights[first] + window))
    order = np.argsort(first, kind="stable")
    return first[order], (reach - first)[order]
