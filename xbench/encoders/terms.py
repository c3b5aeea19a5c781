"""From text to the terms that a lexical model counts: words, n-grams of characters, or subwords. Knows no language.

Which rule applies is decided by the characters of the text itself, so a Japanese title with an English name in it gives
n-grams and a word. Python's own `\\w` leaves out combining marks and would cut Hindi words at every vowel sign.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from xbench.errors import EncoderError
from xbench.scripts import TERM_BLOCKS
from xbench.specs import Tokens

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Terms: TypeAlias = Iterator[list[str]]
AT_ONCE = 10_000  # texts that a subword tokenizer is given at once

# Invisible characters inside words: soft hyphen, joiners, direction marks, byte order mark.
INVISIBLE = dict.fromkeys([0x00AD, 0x061C, *range(0x200C, 0x2010), *range(0x2060, 0x2065), 0xFEFF])


def splitter(tokens: Tokens) -> Callable[[Sequence[str]], Terms]:
    """What turns texts into their terms; an empty one is a piece that the tokenizer does not know.

    Raises EncoderError for a tokenizer file that cannot be used.
    """
    if tokens.kind == "words":
        return lambda texts: (words(text, tokens.characters) for text in texts)
    return _subwords(Path(tokens.tokenizer))


def words(text: str, characters: int = 2) -> list[str]:
    """Terms of one text, in order and with repetitions."""
    return [term for run, spaceless in _runs(normalised(text)) for term in _terms(run, spaceless, characters)]


def normalised(text: str) -> str:
    """NFKC, case folded, without invisible characters: what two texts must share to share a term."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).translate(INVISIBLE)


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    """Every run of letters, marks and digits, and whether its script is written without spaces."""
    for match in _patterns()[0].finditer(text):
        yield match[0], match.lastgroup == "spaceless"


def _terms(run: str, spaceless: bool, size: int) -> Iterable[str]:
    """The word, or its n-grams; a run that is shorter than an n-gram is a term of its own."""
    if not spaceless:
        return (run,)
    letters = _patterns()[1].findall(run)
    return ("".join(letters[first : first + size]) for first in range(max(1, len(letters) - size + 1)))


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """(runs, letters with the marks that belong to them), from the categories of all characters."""
    kinds = [unicodedata.category(chr(code))[0] for code in range(sys.maxunicode + 1)]
    inside = bytearray(sys.maxunicode + 1)
    for first, last in TERM_BLOCKS:
        inside[first : last + 1] = b"\1" * (last + 1 - first)
    spaceless = _characters(code for code, kind in enumerate(kinds) if inside[code] and kind in "LMN")
    spaced = _characters(code for code, kind in enumerate(kinds) if not inside[code] and kind in "LMN")
    marks = _characters(code for code, kind in enumerate(kinds) if kind == "M")
    return re.compile(f"(?P<spaceless>[{spaceless}]+)|[{spaced}]+"), re.compile(f".[{marks}]*")


def _characters(codes: Iterable[int]) -> str:
    """The inside of a regular expression's class: code points as ranges."""
    ranges: list[list[int]] = []
    for code in codes:
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)


def _subwords(path: Path) -> Callable[[Sequence[str]], Terms]:
    tokenizer = load_tokenizer(path)
    unknown = _unknown(tokenizer)

    def split(texts: Sequence[str]) -> Terms:
        parts = (list(texts[first : first + AT_ONCE]) for first in range(0, len(texts), AT_ONCE))
        encoded = (tokenizer.encode_batch(part, add_special_tokens=False) for part in parts)
        for encoding in chain.from_iterable(encoded):
            yield ["" if token == unknown else token for token in encoding.tokens]

    return split


def load_tokenizer(path: Path) -> Tokenizer:
    """The tokenizer of a file, without truncation or padding. Raises EncoderError."""
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises nothing narrower
        reason = " ".join(str(error).split())[:200] if path.is_file() else "no such file"
        raise EncoderError(f"tokenizer {path}: {reason}; name a tokenizer.json of the tokenizers library") from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _unknown(tokenizer: Tokenizer) -> str | None:
    """The piece that stands for whatever the tokenizer does not know; two of them have nothing in common."""
    model = json.loads(tokenizer.to_str())["model"]
    number = model.get("unk_id")
    named: str | None = model.get("unk_token")
    return named if number is None else tokenizer.id_to_token(number)


class Vocabulary:
    """Numbers of terms, given in the order of their first appearance; the empty term has none."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def numbers(self) -> dict[str, int]:
        """Number by term."""
        return self._numbers

    def add(self, terms: Iterable[str]) -> array[int]:
        """The numbers of terms; new ones enter."""
        numbers = self._numbers
        return array("i", (numbers.setdefault(term, len(numbers)) for term in terms if term))

    def known(self, terms: Iterable[str]) -> array[int]:
        """The numbers of the terms that are known; the others are left out."""
        numbers = self._numbers
        return array("i", (numbers[term] for term in terms if term in numbers))
