"""What a corpus must hold for a recipe's batches: what is plainly too little is refused before anything is drawn.

Knows pools and numbers; draws nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from xbench.errors import TrainingError
from xbench.training.pools import Pools


@dataclass(frozen=True)
class Requirements:
    """Batches of `size` rows of `kinds`; `versions` rows a unit in parallel ones, code-switched ones in `switched`."""

    pools: Pools
    kinds: Collection[str]
    size: int
    versions: int
    switched: str = ""

    def check(self) -> None:
        """Raise TrainingError where some kind cannot be drawn."""
        corpus, pools = self.pools.corpus, self.pools
        if corpus.relation == "translation" and {"mono", "mixed", "codeswitch"} & set(self.kinds):
            raise TrainingError(
                "mono, mixed and codeswitch batches: in a corpus of relation translation a text's translation into its "
                "own language is the text; take another relation, or cross and parallel batches"
            )
        if "cross" in self.kinds and not (pools.counts * (1 - np.eye(len(pools.counts), dtype=np.int64))).any():
            left = ", ".join(name for name, asks in zip(corpus.languages, pools.asks, strict=True) if len(asks))
            raise TrainingError(
                f"cross batches need units in two languages at once; the corpus has only {left or 'none'}"
            )
        if "mono" in self.kinds:
            self._check_mono()
        if self.switched:
            self._check_codeswitch()
        if "mixed" in self.kinds and not np.diag(pools.counts).any():
            raise TrainingError("mixed batches: no unit has both sides in one language")
        needed = self.size if set(self.kinds) != {"parallel"} else -(-self.size // self.versions)
        if pools.groups < needed:
            raise TrainingError(f"batch of {self.size} is larger than the corpus; lower it with --set batch_size=...")

    def _check_mono(self) -> None:
        for number, language in enumerate(self.pools.corpus.languages):
            if not len(self.pools.asks[number]) and not len(self.pools.answers[number]):
                continue  # excluded
            if not self.pools.counts[number, number]:
                raise TrainingError(f"mono batches: no unit has both sides in {language!r}; leave the language out")
            self._require_distinct(number)

    def _check_codeswitch(self) -> None:
        languages = self.pools.corpus.languages
        number = languages.index(self.switched) if self.switched in languages else None
        if number is None or not self.pools.counts[number, number]:
            raise TrainingError(
                f"codeswitch batches: no unit that may be drawn has both sides in {self.switched!r}, which the "
                "corpus's lexicons translate from"
            )
        self._require_distinct(number)

    def _require_distinct(self, number: int) -> None:
        if self.pools.distinct[number] < self.size:
            raise TrainingError(
                f"batch of {self.size} is larger than the {self.pools.distinct[number]} distinct units of "
                f"{self.pools.corpus.languages[number]!r}; lower it with --set batch_size=..."
            )
