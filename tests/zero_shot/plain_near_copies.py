"""The definition of near copies (docs/zero-shot.md) in plain Python: word by word, without hashes or arrays."""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from test_wording import tokens_of

from xbench.zero_shot import overlap, pieces
from xbench.zero_shot.pieces import FAMILIES, Family
from xbench.zero_shot.wording import LETTER, TENTHS, WEIGHTS, character_kinds

Tokens = Sequence[str]
Window = tuple[int, int, int, bool]  # first token, one past the last, training texts, whether most of one


def near_windows(text: Tokens, evaluated: Sequence[Tokens], training: Sequence[str]) -> list[Window]:
    """The pieces of an evaluation text that stand in training texts, or nearly."""
    windows = []
    for start, end in _pieces(text):
        piece = text[start:end]
        templates = {place.missing for other in evaluated for place in _places(piece, other, evaluated)} - {()}
        evidence: dict[tuple[int, ...], _Evidence] = {}
        for number, other in enumerate(map(tokens_of, training)):
            for place in _places(piece, other, evaluated):
                noted = evidence.setdefault(place.missing, _Evidence())
                noted.fillings.add(place.filling)
                noted.texts.add(number)
                noted.copy |= 2 * len(piece) >= len(other)
        for missing, noted in evidence.items():
            if not missing or (len(noted.fillings) == 1 and missing not in templates):
                windows.append((start, end, len(noted.texts), noted.copy))
    return windows


@dataclass
class _Evidence:
    fillings: set[tuple[tuple[str, int], ...]] = field(default_factory=set)
    texts: set[int] = field(default_factory=set)
    copy: bool = False


@dataclass(frozen=True)
class _Place:
    missing: tuple[int, ...]
    filling: tuple[tuple[str, int], ...]


def _kind(token: str) -> int:
    return int(character_kinds()[ord(token[0])])


def _weight(tokens: Tokens) -> int:
    return sum(int(WEIGHTS[_kind(token)]) for token in tokens)


def _pieces(text: Tokens) -> Iterator[tuple[int, int]]:
    window, total = overlap.WINDOW * TENTHS, _weight(text)
    letters = sum(map(len, text))
    spaceless = sum(len(token) for token in text if _kind(token) != LETTER)
    if letters < 12 or (2 * spaceless < letters and (letters + len(text) - 1 < 20 or len(text) < 3)):
        return
    if total < pieces.FEWEST:
        return
    before = [_weight(text[:place]) for place in range(len(text) + 1)]
    count = max(1, -(-total // window))
    for number in range(count):
        start = next(place for place, weight in enumerate(before) if weight >= number * window)
        if number == count - 1:
            start = max([0, *(place for place, weight in enumerate(before) if weight <= total - window)])
        end = next((place for place, weight in enumerate(before) if weight >= before[start] + window), len(text))
        yield start, end


def _family(piece: Tokens) -> Family:
    return max(FAMILIES, key=lambda family: _weight([token for token in piece if _kind(token) == family.kind]))


def _runs(text: Tokens, family: Family) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Where each anchor of a text begins, and its tokens."""
    for place in range(len(text) - family.anchor + 1):
        if _kind(text[place]) == family.kind:
            yield place, tuple(text[place : place + family.anchor])


def _places(piece: Tokens, other: Tokens, evaluated: Sequence[Tokens]) -> Iterator[_Place]:
    family = _family(piece)
    uses = Counter(run for text in evaluated for _, run in _runs(text, family))
    origins = {
        place - offset
        for offset, run in _runs(piece, family)
        if uses[run] <= pieces.ANCHOR_USES
        for place, same in _runs(other, family)
        if run == same and _beside(piece, other, offset, place, family)
    }
    for origin in sorted(origins):
        shift = {place: _shift(piece, other, place, origin, family) for place in range(len(piece))}
        missing = tuple(place for place in shift if shift[place] is None)
        if _enough(piece, missing):
            found = [(place, origin + place + at) for place, at in shift.items() if at is not None]
            start = max(0, found[0][1] - found[0][0])
            stop = min(len(other), found[-1][1] + len(piece) - found[-1][0])
            filling = Counter(other[start:stop])
            filling.subtract(piece[place] for place, _ in found)
            yield _Place(missing, tuple(sorted((token, count) for token, count in filling.items() if count)))


def _beside(piece: Tokens, other: Tokens, offset: int, place: int, family: Family) -> bool:
    pairs = [
        pair
        for shift in range(family.slack + 1)
        for pair in ((offset - 1, place - 1 - shift), (offset + family.anchor, place + family.anchor + shift))
    ]
    inside = [(own, at) for own, at in pairs if 0 <= own < len(piece) and 0 <= at < len(other)]
    return any(piece[own] == other[at] for own, at in inside)


def _shift(piece: Tokens, other: Tokens, place: int, origin: int, family: Family) -> int | None:
    """How far from its place a token stands, the nearest; in a run of `together` tokens that stand as far."""
    for at in sorted(range(-family.slack, family.slack + 1), key=lambda at: (abs(at), -at)):
        for first in range(place - family.together + 1, place + 1):
            run = range(first, first + family.together)
            if all(
                0 <= own < len(piece) and 0 <= origin + own + at < len(other) and piece[own] == other[origin + own + at]
                for own in run
            ):
                return at
    return None


def _enough(piece: Tokens, missing: Sequence[int]) -> bool:
    """With few evaluation texts no word is common."""
    lost, total = _weight([piece[place] for place in missing]), _weight(piece)
    if any(unicodedata.category(letter)[0] == "N" for place in missing for letter in piece[place]):
        return False
    return lost == 0 or (
        lost <= (2 * TENTHS if total >= pieces.TWO else TENTHS)
        and total >= pieces.SURE
        and pieces.RARE_SHARE * lost <= total
    )
