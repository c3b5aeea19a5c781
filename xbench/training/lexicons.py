"""What a bilingual lexicon is and how its file is read: words of one language with their translations into another.

Knows lines and words; no corpus, no batch and no recipe. A word is a run of letters, digits and the marks that belong
to them; it is looked up without regard to case.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import TypeAlias

from xbench.errors import DataError

Lexicon: TypeAlias = Mapping[str, tuple[str, ...]]
"""From a folded word to its distinct translations, in the order of the file."""
Lines: TypeAlias = Iterable[tuple[str, str]]
"""(file:line, line)"""
LAST_MARK = 0x1FFFF  # above it stand variation selectors alone


class Lexicons:
    """Lexicons out of `language` into each of `languages`; a file is read when it is first asked for."""

    def __init__(self, language: str, languages: Sequence[str], lines: Callable[[str], Lines]) -> None:
        self.language, self.languages = language, tuple(languages)
        self._lines = lines
        self._read: dict[str, Lexicon] = {}

    def of(self, language: str) -> Lexicon:
        """The lexicon into a language. Raises DataError for what is no lexicon."""
        if language not in self._read:
            self._read[language] = read_lexicon(self._lines(language), language)
        return self._read[language]

    def digest(self) -> str:
        """sha256 of all that can be looked up."""
        seen = hashlib.sha256(self.language.encode())
        for language in self.languages:
            seen.update(f"\n\n{language}".encode())
            for word, translations in sorted(self.of(language).items()):
                seen.update("\t".join((f"\n{word}", *translations)).encode())
        return seen.hexdigest()


@cache
def words() -> re.Pattern[str]:
    """What a word is. A mark, such as a vowel sign of Hindi, is no letter to `re`; asked for only where letters end and
    no ASCII follows, the long class of marks costs little."""
    marks = (chr(code) for code in range(LAST_MARK + 1) if unicodedata.category(chr(code))[0] == "M")
    return re.compile(rf"\w+(?:(?![\0-\x7f])[{''.join(marks)}]+\w*)*")


def folded(word: str) -> str:
    """A word as it is looked up."""
    return unicodedata.normalize("NFC", word.casefold())


def read_lexicon(lines: Lines, language: str) -> Lexicon:
    """Entries of several words are read past: only single words are looked up. Raises DataError naming the line."""
    translations_of: dict[str, dict[str, None]] = {}
    where = f"lexicon into {language}"
    for where, line in lines:
        if not line.strip():
            continue
        word, translation = _entry(where, line)
        if words().fullmatch(word):
            translations_of.setdefault(folded(word), {})[translation] = None
    if not translations_of:
        raise DataError(f"{where}: the lexicon into {language!r} has no entry for a single word")
    return {word: tuple(translations) for word, translations in translations_of.items()}


def _entry(where: str, line: str) -> tuple[str, str]:
    """A word and one translation: the two parts around a tab, or two words with a space between them."""
    parts = [part.strip() for part in line.split("\t")] if "\t" in line else line.split()
    if len(parts) != 2 or not all(parts):
        raise DataError(
            f"{where}: found {line!r:.60}, expected a word and its translation, with a tab between them (or a space, "
            "where both are single words)"
        )
    return parts[0], parts[1]
