"""Pieces of evaluation texts that stand in training texts with a word or two put in, left out or changed.

A piece is a text of under 13 words, or 13 words of a longer one. Runs of a few tokens point to places in training
texts; there its tokens are looked for, each near where it should stand. What two texts have in common because both fill
one template is no copy. docs/zero-shot.md has the definition. Knows wordings; nothing of tasks or corpora.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from xbench.arrays import Flags, Hashes, Ints
from xbench.zero_shot.lookup import Lookup
from xbench.zero_shot.wording import BASE, DENSE, LETTER, LOOSE, TENTHS, Wording, powers

FEWEST = 4 * TENTHS  # words of a piece
ONE = 6 * TENTHS  # from here on a common word may be missing
SURE = 7 * TENTHS  # from here on a rare word may be missing; in a shorter piece it may be all that makes it another
MISSING_WORDS = 2  # at most, of a piece
TWO = 8 * TENTHS  # from here on so many may be missing, and one before
RARE_SHARE = 3  # of the rare words at most one in so many
COMMON_SHARE, COMMON_TEXTS = 500, 10  # a word is common in at least every 500th evaluation text, and in 10
ANCHOR_USES = 20  # an anchor that stands more often in the evaluation texts points to nothing
TABLE_BITS = 22  # of the tables of frequencies: their size is fixed
LOOKED_AT = 1 << 13  # places at once


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
                anchors += np.bincount(_slot(_anchors(wording, family)[1]), minlength=len(anchors))
        return cls(texts, words, anchors)

    def rare(self, tokens: Hashes) -> Flags:
        """[tokens]: whether a word is not common."""
        return np.asarray(self.words[_slot(tokens)] < max(COMMON_TEXTS, self.texts / COMMON_SHARE))

    def pointing(self, anchors: Hashes) -> Flags:
        """[anchors]: whether an anchor is rare enough to point to a place."""
        return np.asarray(self.anchors[_slot(anchors)] <= ANCHOR_USES)


def _slot(hashes: Hashes) -> Ints:
    return (hashes >> np.uint64(64 - TABLE_BITS)).astype(np.int64)


def _anchors(words: Wording, family: Family) -> tuple[Ints, Hashes]:
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
        at, hashes = _anchors(words, family)
        piece = np.searchsorted(first, at, "right") - 1  # the last piece that begins before it
        offset = at - first[piece]
        kept = (piece >= 0) & (offset + family.anchor <= size[piece]) & frequencies.pointing(hashes)
        anchors = Lookup.of(hashes[kept], (piece * longest + offset)[kept])
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


class _Places(NamedTuple):
    """Near copies in training texts: [places] piece, text, hash of what is missing (0: nothing), hash of what stands
    there instead."""

    piece: Ints
    text: Ints
    pattern: Hashes
    filling: Hashes


def _places(pieces: Pieces, words: Wording) -> Iterator[_Places]:
    """Where pieces stand in texts, or nearly; a piece may be found twice in a text."""
    first, hashes = _anchors(words, pieces.family)
    match, value = pieces.anchors.matches(hashes)
    longest = pieces.tokens.shape[1]
    piece, offset = np.divmod(value, longest)
    place = first[match]
    likely = _beside(pieces, words, piece, offset, place)
    piece, offset, place = piece[likely], offset[likely], place[likely]
    text, origin = words.text[place], place - offset
    _, once = np.unique(piece * (len(words) + 2 * longest) + origin + longest, return_index=True)
    for start in range(0, len(once), LOOKED_AT):
        chosen = once[start : start + LOOKED_AT]
        yield _near(pieces, words, piece[chosen], text[chosen], origin[chosen])


def _beside(pieces: Pieces, words: Wording, piece: Ints, offset: Ints, place: Ints) -> Flags:
    """[anchors]: whether the token before or after the anchor is there too. Most places that are none end here."""
    size, found = pieces.family.anchor, np.zeros(len(piece), bool)
    for shift in range(pieces.family.slack + 1):
        for own, other in ((offset - 1, place - 1 - shift), (offset + size, place + size + shift)):
            inside = (own >= 0) & (own < pieces.size[piece]) & (other >= 0) & (other < len(words))
            there = np.where(inside, other, 0)
            same = pieces.tokens[piece, np.where(inside, own, 0)] == words.tokens[there]
            found |= inside & same & (words.text[there] == words.text[place])
    return found


def _near(pieces: Pieces, words: Wording, piece: Ints, text: Ints, origin: Ints) -> _Places:
    """Those of the places where enough of the piece stands. `origin` [places]: where its first token should stand."""
    slack, longest = pieces.family.slack, pieces.tokens.shape[1]
    begin, end = words.bounds
    seen = origin[:, None] + np.arange(-slack, longest + slack)
    inside = (seen >= begin[text][:, None]) & (seen < end[text][:, None])
    around = np.where(inside, words.tokens[np.where(inside, seen, 0)], np.uint64(1))
    wanted = pieces.tokens[piece]
    shifts = [_together(wanted == around[:, at : at + longest], pieces.family.together) for at in range(2 * slack + 1)]
    missing = (wanted != 0) & ~np.logical_or.reduce(shifts)
    kept = pieces.enough(piece, missing)
    place = _place_of([shift[kept] for shift in shifts], slack) + origin[kept, None]
    pattern, filling = _fillings(words, wanted[kept], missing[kept], place, text[kept])
    return _Places(piece[kept], text[kept], pattern, filling)


def _place_of(shifts: Sequence[Flags], slack: int) -> Ints:
    """[places, tokens]: where each token was found, nearest to where it should stand, from the place's origin."""
    place = np.broadcast_to(np.arange(shifts[0].shape[1]), shifts[0].shape).copy()
    for number in sorted(range(len(shifts)), key=lambda number: -abs(number - slack)):  # the nearest comes last
        place[shifts[number]] = np.nonzero(shifts[number])[1] + number - slack
    return place


def _together(same: Flags, count: int) -> Flags:
    """[places, tokens]: those that stand in a run of at least `count`."""
    if count == 1:
        return same
    length = same.shape[1] - count + 1
    found = np.zeros(same.shape, bool)
    if length > 0:
        runs = np.logical_and.reduce([same[:, at : at + length] for at in range(count)])
        for at in range(count):
            found[:, at : at + length] |= runs
    return found


def _fillings(words: Wording, wanted: Hashes, missing: Flags, place: Ints, text: Ints) -> tuple[Hashes, Hashes]:
    """[places] each: a hash of which tokens are missing, and of what stands in the text between and beside the others.

    The second is a sum over the text less what was found there, so it is the same for the same words.
    """
    begin, end = words.bounds
    found = (wanted != 0) & ~missing
    rows, longest = np.arange(len(wanted)), wanted.shape[1]
    before, last = found.argmax(1), longest - 1 - found[:, ::-1].argmax(1)
    after = (wanted != 0).sum(1) - 1 - last
    start = np.maximum(begin[text], place[rows, before] - before)
    stop = np.minimum(end[text], place[rows, last] + 1 + after)
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(words.tokens, dtype=np.uint64)])
    pattern = (missing * powers(BASE, longest + 1)[1 : longest + 1]).sum(1, dtype=np.uint64)
    return pattern, np.asarray(sums[stop] - sums[start] - np.where(found, wanted, np.uint64(0)).sum(1, dtype=np.uint64))


@dataclass
class _Evidence:
    """One pattern of a piece: what stood for the missing words, how many training texts have it, whether in a copy."""

    filling: int
    several: bool = False
    uses: int = 0
    copy: bool = False


@dataclass
class NearCopies:
    """Told the evaluation texts, then the training texts, chunk by chunk; says in the end which pieces stand there."""

    parts: list[Pieces]
    templates: set[tuple[int, int, int]] = field(default_factory=set)
    evidence: dict[tuple[int, int, int], _Evidence] = field(default_factory=dict)

    @classmethod
    def of(cls, words: Wording, compared: Flags, window: int, frequencies: Frequencies) -> NearCopies:
        """`compared` [texts]: those that are looked for; `window`: words of a piece, in tenths."""
        first, size = cut(words, compared, window)
        weight = np.diff(words.weights)
        kinds = words.kinds[words.starts[:-1]]
        shares = [
            np.concatenate([[0], np.cumsum(weight * (kinds == family.kind))])[np.stack([first, first + size])]
            for family in FAMILIES
        ]
        chosen = np.argmax([after - before for before, after in shares], axis=0)
        return cls([
            Pieces.of(words, first[chosen == number], size[chosen == number], family, frequencies)
            for number, family in enumerate(FAMILIES)
            if (chosen == number).any()
        ])  # fmt: skip

    def learn(self, words: Wording) -> None:
        """Take evaluation texts in: what two of them fill differently is a template."""
        for number, pieces in enumerate(self.parts):
            for places in _places(pieces, words):
                varied = places.pattern != 0
                pairs = zip(places.piece[varied].tolist(), places.pattern[varied].tolist(), strict=True)
                self.templates.update((number, piece, pattern) for piece, pattern in pairs)

    def read(self, words: Wording) -> None:
        """Take training texts in."""
        for number, pieces in enumerate(self.parts):
            last: dict[tuple[int, int, int], int] = {}  # places come by piece and text
            for places in _places(pieces, words):
                copy = 2 * pieces.size[places.piece] >= words.sizes[places.text]
                rows = zip(*(part.tolist() for part in (*places, copy)), strict=True)
                for piece, text, pattern, filling, most in rows:
                    key = (number, piece, pattern)
                    noted = self.evidence.setdefault(key, _Evidence(filling))
                    noted.several |= noted.filling != filling
                    noted.uses += last.get(key) != text
                    noted.copy |= most
                    last[key] = text

    def windows(self) -> tuple[Ints, Ints, Ints, Flags]:
        """The pieces that were found: [windows] first token, tokens, training texts, whether most of one of them."""
        rows = [
            (self.parts[number].first[piece], self.parts[number].size[piece], noted.uses, noted.copy)
            for (number, piece, pattern), noted in self.evidence.items()
            if pattern == 0 or not (noted.several or (number, piece, pattern) in self.templates)
        ]
        first, size, uses, copy = zip(*rows, strict=True) if rows else ((), (), (), ())
        return np.array(first, np.int64), np.array(size, np.int64), np.array(uses, np.int64), np.array(copy, bool)


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
