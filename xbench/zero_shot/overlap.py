"""Which evaluation texts stand in training texts: copied, or in part. docs/zero-shot.md defines both.

Evaluation texts are cut into windows (13 words; characters where no spaces are written; a shorter text is one window)
and the training texts stream by; near_copies also finds windows in which a word or two differ. Memory does not grow
with the training side. Knows texts; nothing of tasks or corpora.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from xbench.arrays import Flags, Hashes, Ints
from xbench.zero_shot.lookup import Lookup
from xbench.zero_shot.near_copies import NearCopies
from xbench.zero_shot.pieces import Frequencies
from xbench.zero_shot.wording import TENTHS, Wording, read_wording

RULE = 2  # raised whenever the same texts would give another answer
WINDOW = 13  # words
FEWEST_WORDS = 3  # one or two words are a name
SHORTEST, SHORTEST_SPACELESS = 20, 12  # characters
COPIED = 0.5  # share of a text in windows that are found
STOCK_TEXTS = 10  # a window in more training texts than this is a stock phrase, unless it is most of one of them ..
FULL, WHOLE = 4, 0.8  # .. or part of a text of FULL words or more of which this share is found
SEEDS = (3, 4, 6, 9, 13, 18, 26, 40, 65)  # runs of tokens that are looked up; what follows them is then compared
CHUNK = 1 << 18  # characters of training text at once: its arrays stay near the processor
BLOCK = 1 << 23  # characters of evaluation text at once: bounds the memory of its windows


@dataclass(frozen=True)
class Overlap:
    """For each evaluation text, [texts] bool: long enough to compare; copied; found in part, but not copied."""

    compared: Flags
    copied: Flags
    partial: Flags


def find_overlap(
    evaluated: Sequence[str], training: Iterable[str], advance: Callable[[int], None] = lambda _: None
) -> Overlap:
    """Look for `evaluated` in `training`, which is read once for each BLOCK of evaluation text.

    `advance` is told how many training texts were read, over all rounds. Raises ValueError where there are several
    rounds and `training` is an iterator.
    """
    blocks = list(_portions(evaluated, BLOCK))
    if len(blocks) > 1 and isinstance(training, Iterator):
        raise ValueError("training: an iterator, which can be read only once; these evaluation texts need more")
    frequencies = Frequencies.of(map(read_wording, blocks))
    parts = [_find(read_wording(block), frequencies, evaluated, training, advance) for block in blocks]
    flags = ([getattr(part, name) for part in parts] for name in ("compared", "copied", "partial"))
    return Overlap(*(np.concatenate([np.zeros(0, bool), *flag]) for flag in flags))


def _portions(texts: Iterable[str], most: int) -> Iterator[list[str]]:
    """The texts in lists of about `most` characters."""
    portion: list[str] = []
    size = 0
    for text in texts:
        portion.append(text)
        size += len(text) + 1
        if size >= most:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


@dataclass(frozen=True)
class Windows:
    """The windows of evaluation texts: [windows] first token, tokens, and the hash of all of them.

    Windows of one hash stand for each other: `kind` [windows] is their number among the different ones, `example`
    [kinds] one of them.
    """

    words: Wording
    first: Ints
    size: Ints
    whole: Hashes
    kind: Ints
    example: Ints
    compared: Flags

    @classmethod
    def of(cls, words: Wording) -> Windows:
        compared = _long_enough(words)
        begin, end = words.bounds
        reach = np.searchsorted(words.weights, words.weights[:-1] + WINDOW * TENTHS)  # one past the window's last token
        fits = reach <= end[words.text]
        short = compared & (words.sizes > 0)
        short[words.text[fits]] = False
        first = np.flatnonzero(fits & compared[words.text])
        size = reach[first] - first
        first, size = np.append(first, begin[short]), np.append(size, words.sizes[short])
        whole = words.hashes(first, size)
        _, example, kind = np.unique(whole, return_index=True, return_inverse=True)
        return cls(words, first, size, whole, kind, example, compared)

    def __len__(self) -> int:
        return len(self.first)

    @cached_property
    def seeds(self) -> dict[int, Lookup]:
        """By length, the seeds of the different windows that have no longer one."""
        size = self.size[self.example]
        length = np.array(SEEDS)[np.searchsorted(SEEDS, size, "right") - 1]
        return {
            int(seed): Lookup.of(self.words.hashes(self.first[which], np.full(len(which), seed)), which)
            for seed in np.unique(length)
            for which in [self.example[length == seed]]
        }

    def run(self, window: int) -> tuple[bytes, bytes]:
        return self.words.run(int(self.first[window]), int(self.size[window]))


def _long_enough(words: Wording) -> Flags:
    """[texts]: whether a text is long enough to be compared."""
    characters = words.characters
    written = characters + words.sizes - 1  # with one space between words
    spaceless = 2 * words.spaceless_characters >= np.maximum(characters, 1)
    enough = (written >= SHORTEST) & (words.sizes >= FEWEST_WORDS)
    return np.asarray(np.where(spaceless, characters >= SHORTEST_SPACELESS, enough))


class _Hits(NamedTuple):
    """Windows in training texts, each once for each text: [hits] window; whether it is at least half of the text."""

    window: Ints
    copy: Flags


def _find(
    words: Wording,
    frequencies: Frequencies,
    evaluated: Sequence[str],
    training: Iterable[str],
    advance: Callable[[int], None],
) -> Overlap:
    windows = Windows.of(words)
    near = NearCopies.of(words, windows.compared, WINDOW * TENTHS, frequencies)
    uses = np.zeros(len(windows), np.int64)
    copies = np.zeros(len(windows), bool)
    if len(windows):
        for chunk in _portions(evaluated, CHUNK):
            near.learn(read_wording(chunk))
        for chunk in _portions(training, CHUNK):
            read = read_wording(chunk)
            hits = _hits(windows, read)
            uses += np.bincount(hits.window[~hits.copy], minlength=len(windows))
            copies[hits.window[hits.copy]] = True
            near.read(read)
            advance(len(chunk))
    same = _like_example(windows, copies | (uses > 0))
    exact = uses[windows.example][windows.kind] * same, copies[windows.example][windows.kind] & same
    first, size, near_uses, near_copies = near.windows()
    return _judge(
        words,
        windows.compared,
        np.concatenate([windows.first, first]),
        np.concatenate([windows.size, size]),
        np.concatenate([exact[0], near_uses]),
        np.concatenate([exact[1], near_copies]),
    )


def _hits(windows: Windows, words: Wording) -> _Hits:
    matches: list[tuple[Ints, Ints]] = []
    spaceless = words.take(words.spaceless_characters > 0)
    for length, seed in windows.seeds.items():
        among = words if length <= WINDOW else spaceless  # longer seeds are of scripts without spaces
        if len(among) >= length:
            matches.append(_whole(windows, among, *seed.matches(among.every_hash(length))))
    if not matches:
        return _Hits(np.zeros(0, np.int64), np.zeros(0, bool))
    window, text = (np.concatenate(part) for part in zip(*matches, strict=True))
    pairs = np.unique(window * words.texts + text)
    window, text = pairs // words.texts, pairs % words.texts
    return _Hits(window, 2 * windows.size[window] >= words.sizes[text])


def _whole(windows: Windows, words: Wording, place: Ints, window: Ints) -> tuple[Ints, Ints]:
    """(window, training text) of the matches that hold for the whole window, inside one training text.

    The first match of each window is compared letter by letter; the others stand for it by their 64-bit hash.
    """
    end = place + windows.size[window] - 1
    inside = end < len(words)
    place, window, end = place[inside], window[inside], end[inside]
    same = (words.text[end] == words.text[place]) & (words.hashes(place, windows.size[window]) == windows.whole[window])
    place, window = place[same], window[same]
    _, firsts, member = np.unique(window, return_index=True, return_inverse=True)
    sure = np.array([_equal(windows, words, int(place[at]), int(window[at])) for at in firsts], bool)[member]
    for at in np.flatnonzero(~sure):
        sure[at] = _equal(windows, words, int(place[at]), int(window[at]))
    return window[sure], words.text[place[sure]]


def _equal(windows: Windows, words: Wording, place: int, window: int) -> bool:
    return words.run(place, int(windows.size[window])) == windows.run(window)


def _like_example(windows: Windows, present: Flags) -> Flags:
    """[windows]: whether a window is, letter by letter, the one of its kind that was looked for and found."""
    same = np.zeros(len(windows), bool)
    for window in map(int, np.flatnonzero(present[windows.example][windows.kind])):
        same[window] = windows.run(window) == windows.run(int(windows.example[windows.kind[window]]))
    return same


def _judge(words: Wording, compared: Flags, first: Ints, size: Ints, uses: Ints, copies: Flags) -> Overlap:
    """What windows say of their texts: [windows] first token, tokens, training texts, whether half of one of them."""
    begin, end = words.bounds
    weight = words.weights[end] - words.weights[begin]
    present = copies | (uses > 0)
    counted = present & (copies | (uses <= STOCK_TEXTS))
    share, share_with_stock = (
        _covered(words, first[chosen], size[chosen]) / np.maximum(weight, 1) for chosen in (counted, present)
    )
    whole = (weight >= FULL * TENTHS) & (share_with_stock >= WHOLE)
    copied = compared & ((share >= COPIED) | whole)
    return Overlap(compared, copied, (share > 0) & ~copied)


def _covered(words: Wording, first: Ints, size: Ints) -> npt.NDArray[np.float64]:
    """[texts]: weight of each text's tokens that stand in these windows."""
    steps = np.zeros(len(words) + 1, np.int64)
    np.add.at(steps, first, 1)
    np.add.at(steps, first + size, -1)
    weights = np.diff(words.weights) * (np.cumsum(steps)[:-1] > 0)
    return np.bincount(words.text, weights, minlength=words.texts).astype(np.float64)
