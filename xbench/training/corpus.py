"""Text to train on: units (one meaning in several languages) with a query side and a passage side, under one relation.

Values only; nothing of files, formats, recipes, models or tasks. A unit's
query and passage are related in the same way in every language, so a recipe that mixes languages changes the language
and nothing else.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from xbench.arrays import Ints, Numbers, blocks
from xbench.training.lexicons import Lexicons


@dataclass(frozen=True)
class Negatives:
    """Hard negatives, where the corpus has them. Negative n of unit u is row `start[u] + n` of `text`.

    `start` [units + 1]; `text` [negatives, languages] int32: the number of a negative's text in a language, -1 where it
    has none.
    """

    start: Ints
    text: Numbers

    def of(self, unit: int, language: int) -> Numbers:
        """The numbers of a unit's negatives in a language; empty where it has none."""
        first, last = self.start[unit : unit + 2]
        texts = np.array(self.text[int(first) : int(last), language])
        return texts[texts >= 0]


@dataclass(frozen=True)
class Index:
    """What can be drawn from the arrays `query` and `passage` of a corpus, and from no others: `asks`, `answers` per
    language, the units that have a query, a passage there; `counts` [languages, languages]: units with a query in the
    one and a passage in the other; `distinct` per language, how many groups have both sides there; and how many groups
    there are."""

    query: Numbers
    passage: Numbers
    asks: tuple[Numbers, ...]
    answers: tuple[Numbers, ...]
    counts: Ints
    distinct: tuple[int, ...]
    groups: int


@dataclass(frozen=True)
class Corpus:
    """Units as numbers into one table of distinct texts; texts and arrays of a loaded corpus are mapped from disk.

    `query`, `passage` [languages, units] int32: the text of a unit in a language, -1 where it has none. `group` [units]
    int32: units that share a passage text in any language (under relation qa also a query text), or are joined by
    others that do; one of each in a batch. `negatives`: none where the corpus has no hard negatives; `negative_texts`
    gives those of one unit. `index`: what the batches draw from, where it is known. `lexicons`: beside the units, and
    no part of `digest`.
    """

    languages: tuple[str, ...]
    texts: Sequence[str]
    query: Numbers
    passage: Numbers
    group: Numbers
    digest: str
    negatives: Negatives | None = None
    relation: str = ""
    index: Index | None = dataclasses.field(default=None, repr=False, compare=False)
    lexicons: Lexicons | None = None

    def __len__(self) -> int:
        return len(self.group)

    @cached_property
    def has_queries_as_documents(self) -> bool:
        """Whether a query text may stand as a document in a batch with its unit: it is a passage, or a hard negative,
        somewhere. In a corpus of translations it is its own unit's, and of units that share a passage one is drawn.

        Reads the numbers of the corpus once at most, in blocks, and holds a byte for each text.
        """
        asked = np.zeros(len(self.texts), bool)
        for block in blocks(len(self)):
            asked[_present(self.query[:, block])] = True
        documents = [] if self.relation == "translation" else [self.passage.T]
        if self.negatives is not None:
            documents.append(self.negatives.text)
        return any(asked[_present(rows[block])].any() for rows in documents for block in blocks(len(rows)))

    def negative_texts(self, unit: int, language: int) -> list[int]:
        """Numbers (into `texts`) of the hard negatives that a unit has in a language, by the language's number; empty
        where it has none. None of them is the unit's own passage. They are passages: the document prompt goes before
        them."""
        if self.negatives is None:
            return []
        own = self.passage[language, unit]
        return [int(text) for text in self.negatives.of(unit, language) if text != own]


def _present(numbers: Numbers) -> Numbers:
    return numbers[numbers >= 0]
