"""Every metric in one place: its name, its formula, its words, and what others call it.

A new metric is a new line of FAMILIES, and what reads or writes metrics follows: specs and their JSON Schema, scores,
captions, TREC files, mteb's files and model cards. Formulas are written in the ranks of relevant documents,
which evaluation/gold_ranks.py takes from counts; ties are resolved by expectation there. AP is uncut with the number of
relevant documents of the setting as divisor, AP@k with min(R, k) (XTREME-R's); nDCG has linear gain, as in trec_eval.
Imports no numpy, for whatever reads a spec imports this.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from xbench.arrays import Floats, Ints

DIGITS = 6  # of a depth, at most
SHAPE = re.compile(rf"[A-Za-z]+(@[0-9]{{1,{DIGITS}}})?")
"""What the name of any metric looks like, also of one that only another version knows."""


class Ranks(Protocol):
    """What a formula may use of the relevant documents (golds) of one setting; see gold_ranks.GoldRanks.

    Of each query [Q]: `relevant`, how many there are; `first`, the place of its best one. Of each gold [G]: `query`,
    `grade`, `above`, `tied`, `rho` and `r`.
    """

    @property
    def first(self) -> Ints: ...
    @property
    def query(self) -> Ints: ...
    @property
    def grade(self) -> Ints: ...
    @property
    def above(self) -> Ints: ...
    @property
    def tied(self) -> Ints: ...
    @property
    def rho(self) -> Ints: ...
    @property
    def r(self) -> Ints: ...
    @property
    def relevant(self) -> Ints: ...

    def mean_per_query(self, values: Floats) -> Floats:
        """Mean of a per-gold value over each query's golds [Q]."""

    def precision(self, depth: int | None = None) -> Floats:
        """Expected precision at each gold's position [G]; 0 beyond `depth`."""

    def within(self, depth: int) -> Floats:
        """Probability that each gold stands among the first `depth` [G]."""

    def gain(self, depth: int) -> Floats:
        """Expected discounted gain of each gold [G] among the first `depth`."""

    def ideal_gain(self, depth: int) -> Floats:
        """What each gold would gain if the golds stood first, by grade [G]."""

    def reciprocal_rank(self) -> Floats:
        """Expected 1/rank of the best gold [Q]."""

    def success(self, depth: int) -> Floats:
        """Probability that a gold stands among the first `depth` [Q]."""

    def judged_share(self, depth: int) -> Floats:
        """Expected share of the first `depth` documents that have a judgement, of any grade [Q]."""


@dataclass(frozen=True)
class Family:
    """A metric that is uncut, or one for every depth k.

    `formula` gives the value of every query [Q], in 0..1, at a depth (0 where there is none). `words` say what it is in
    a caption; `trec`, `mteb` and `card` are its names in pytrec_eval, in mteb's files and on model cards, empty where
    theirs does not mean the same (on cards: our own in small letters). `{k}` stands for the depth.
    """

    name: str
    formula: Callable[[Ranks, int], Floats]
    words: str
    cut: bool = True
    trec: str = ""
    mteb: str = ""
    card: str = ""

    def __str__(self) -> str:
        return f"{self.name}@k" if self.cut else self.name


FAMILIES = (
    Family(
        "AP",
        lambda golds, _: golds.mean_per_query(golds.precision()),
        "average precision, uncut, divisor the number of relevant documents",
        cut=False,
        trec="map",
        card="map",
    ),
    Family(
        "RR",
        lambda golds, _: golds.reciprocal_rank(),
        "reciprocal rank, uncut",
        cut=False,
        trec="recip_rank",
        card="mrr",
    ),
    Family(
        "AP",
        lambda golds, k: golds.mean_per_query(golds.precision(k)) * (golds.relevant / golds.relevant.clip(max=k)),
        "average precision at {k}, divisor the smaller of {k} and the number of relevant documents",
    ),
    Family(
        "nDCG",
        lambda golds, k: golds.mean_per_query(golds.gain(k)) / golds.mean_per_query(golds.ideal_gain(k)),
        "nDCG at {k}, linear gain",
        trec="ndcg_cut.{k}",
        mteb="ndcg_at_{k}",
    ),
    Family(
        "R",
        lambda golds, k: golds.mean_per_query(golds.within(k)),
        "recall at {k}",
        trec="recall.{k}",
        mteb="recall_at_{k}",
    ),
    Family("S", lambda golds, k: golds.success(k), "success at {k}", trec="success.{k}"),
    Family(
        "Judged",
        lambda golds, k: golds.judged_share(k),
        "share of judged documents in the first {k}",
    ),
)


def pattern() -> str:
    """The regular expression of all names, as JSON Schema writes it."""
    uncut = "|".join(family.name for family in FAMILIES if not family.cut)
    cut = "|".join(family.name for family in FAMILIES if family.cut)
    return f"^({uncut}|({cut})@[1-9][0-9]{{0,{DIGITS - 1}}})$"


def names(chosen: Callable[[Family], object] = str) -> str:
    """The names of all metrics, or of some, for a message: AP, RR, AP@k, nDCG@k or R@k."""
    *most, last = (str(family) for family in FAMILIES if chosen(family))
    return f"{', '.join(most)} or {last}"


@dataclass(frozen=True, order=True)
class Metric:
    """`AP`, `RR`, `AP@20`, `nDCG@10`, `R@1`, `S@10`, `Judged@10`: parsed once, compared, hashed, printed as written."""

    name: str
    cutoff: int | None = None

    @classmethod
    def parse(cls, text: str) -> Metric:
        """The metric of this name. Raises ValueError, whose text says what is expected."""
        if re.fullmatch(pattern(), text) is None:
            raise ValueError(f"metric {text[:60]!r}: expected {names()}, k of at most {DIGITS} digits")
        name, _, depth = text.partition("@")
        return cls(name, int(depth) if depth else None)

    def __str__(self) -> str:
        return self.name if self.cutoff is None else f"{self.name}@{self.cutoff}"

    @property
    def family(self) -> Family:
        """What is known of it. Raises LookupError for a name that is in no family."""
        for family in FAMILIES:
            if family.name == self.name and family.cut == (self.cutoff is not None):
                return family
        raise LookupError(f"no metric {self}")

    def of(self, golds: Ranks) -> Floats:
        """The metric of every query of a setting [Q], in 0..1."""
        return self.family.formula(golds, self.cutoff or 0)

    @property
    def words(self) -> str:
        """Its name and what it is, for a caption."""
        return f"{self} ({self._filled(self.family.words)})"

    @property
    def trec(self) -> str:
        """pytrec_eval's name; empty where it has no measure that means the same."""
        return self._filled(self.family.trec)

    @property
    def mteb(self) -> str:
        """mteb's name; empty where it computes another thing."""
        return self._filled(self.family.mteb)

    @property
    def card(self) -> str:
        """What model cards call it."""
        return self.family.card or str(self).lower()

    def _filled(self, text: str) -> str:
        return text.replace("{k}", str(self.cutoff))
