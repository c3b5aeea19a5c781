"""Words of a text replaced by translations, as in arXiv 2305.05295: a pure function of (text, side, seed).

Knows lexicons and what a recipe chooses of them; no corpus and no batch. A seed is one row's; nothing depends on the
rows beside it, so any process can rewrite any row.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Literal, TypeAlias

from xbench.errors import TrainingError, near_miss
from xbench.specs import Codeswitch
from xbench.training.lexicons import Lexicons, folded, words

Side: TypeAlias = Literal["query", "document"]
SIDES: tuple[Side, Side] = ("query", "document")


class Switcher:
    """Rewrites queries and documents that are written in `language`. Raises TrainingError or DataError at once where a
    lexicon is wanted that is not there or is damaged."""

    def __init__(self, lexicons: Lexicons, choice: Codeswitch, exclude: Collection[str] = ()) -> None:
        self.language = lexicons.language
        self.languages = {side: _chosen(lexicons, getattr(choice, side), exclude) for side in SIDES}
        if not any(self.languages.values()):
            raise TrainingError("codeswitch: languages.exclude leaves none of the languages of the corpus's lexicons")
        self._probability, self._bilingual = choice.probability, choice.mixing == "bilingual"
        self._lexicons = {language: lexicons.of(language) for side in SIDES for language in self.languages[side]}

    def texts(self, side: Side, texts: Sequence[str], seeds: Sequence[int]) -> list[str]:
        """Texts, each rewritten by its seed."""
        return [self.switch(side, text, seed) for text, seed in zip(texts, seeds, strict=True)]

    def switch(self, side: Side, text: str, seed: int, number: int = 0, tally: Counter[str] | None = None) -> str:
        """A text, each of whose words was replaced with the recipe's probability where its lexicon has it.

        `number` tells several texts of one seed apart; bilingual ones have the same target. `tally` counts words by
        their language now.
        """
        languages = self._targets(side, seed)
        # Python promises that random() of a seed is the same in all its versions, and of nothing else in `random`.
        draw = random.Random(seed + number).random

        def replaced(found: re.Match[str]) -> str:
            word, language = found[0], self.language
            if languages and draw() < self._probability:
                target = languages[int(draw() * len(languages))]
                if translations := self._lexicons[target].get(folded(word)):
                    word, language = translations[int(draw() * len(translations))], target
            if tally is not None:
                tally[language] += 1
            return word

        return words().sub(replaced, text)

    def _targets(self, side: Side, seed: int) -> tuple[str, ...]:
        """The languages that words of a text go to: one drawn for the text, or all that each word draws from."""
        languages = self.languages[side]
        return (languages[seed % len(languages)],) if languages and self._bilingual else languages


def _chosen(lexicons: Lexicons, wanted: Sequence[str] | None, exclude: Collection[str]) -> tuple[str, ...]:
    if wanted is None:
        return tuple(language for language in lexicons.languages if language not in exclude)
    for language in wanted:
        if language not in lexicons.languages:
            raise TrainingError(
                f"codeswitch: the corpus has no lexicon from {lexicons.language!r} into {language!r}"
                f"{near_miss(language, lexicons.languages)}"
            )
    return tuple(wanted)
