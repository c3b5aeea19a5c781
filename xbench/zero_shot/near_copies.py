"""Pieces of evaluation texts that stand in training texts with a word or two put in, left out or changed.

A piece is a text of under 13 words, or 13 words of a longer one. Runs of a few tokens point to places in training
texts; there its tokens are looked for, each near where it should stand. What two texts have in common because both fill
one template is no copy. docs/zero-shot.md has the definition. Knows wordings; nothing of tasks or corpora.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from xbench.arrays import Flags, Hashes, Ints
from xbench.zero_shot.pieces import FAMILIES, Frequencies, Pieces, anchor_runs, cut
from xbench.zero_shot.wording import BASE, Wording, powers

LOOKED_AT = 1 << 13  # places at once


class _Places(NamedTuple):
    """Near copies in training texts: [places] piece, text, hash of what is missing (0: nothing), hash of what stands
    there instead."""

    piece: Ints
    text: Ints
    pattern: Hashes
    filling: Hashes


def _places(pieces: Pieces, words: Wording) -> Iterator[_Places]:
    """Where pieces stand in texts, or nearly; a piece may be found twice in a text."""
    first, hashes = anchor_runs(words, pieces.family)
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
