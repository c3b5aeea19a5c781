"""Language bias, and what a pool costs, as values: docs/methods.md has the formulas. Knows no array and no file."""

from __future__ import annotations

from pydantic import Field

from xbench.evaluation.scores import (
    Count,
    LanguageValues,
    Number,
    OpenPart,
    Ranks,
    ScoredEntry,
    Share,
    Shares,
    Shift,
    Shifts,
)


class DistanceSummary(OpenPart):
    """How far apart the relevant documents of a question stand in the pool; means over queries, in ranks."""

    mean: Ranks = Field(None, description="rank of the worst minus rank of the best")
    median: Ranks = None
    normalised: Number = Field(None, description="0 perfect, 1 chance; not clipped")
    log2_ratio: Number = Field(None, description="log2 of the worst over the best rank")
    perfect: Ranks = Field(None, description="R - 1 for R relevant documents")
    chance: Ranks = Field(None, description="(N + 1)(R - 1)/(R + 1) for N documents")
    worst_rank: Ranks = None
    complete_20: Share = Field(None, alias="complete@20", description="share of queries with all relevant in 20")
    complete_100: Share = Field(None, alias="complete@100", description="share of queries with all relevant in 100")


class RankDistance(DistanceSummary):
    """Rank distance (arXiv 2408.10536): means over query languages."""

    languages: dict[str, DistanceSummary] = Field({}, description="by query language")


class LanguageShare(OpenPart):
    """What share of the top of the pool each document language has."""

    depth: str | None = Field(None, description="R: as many documents as are relevant to the query")
    share: dict[str, Shares] = Field({}, description="share[query language][document language]")
    ideal: dict[str, Shares] = Field({}, description="the same of a perfect ranking")
    chance: Shares = Field({}, description="the share of each language in the pool")


class SameLanguage(OpenPart):
    """How often the first relevant document is in the query's language."""

    mean: Share = None
    chance: Share = None


class Consistency(OpenPart):
    """Mean Spearman correlation between the lists that the language versions of a question give."""

    mean: Shift = None
    depth: Count | None = None
    n: Count | None = Field(None, description="pairs of lists compared")
    disjoint_lists: Shift = Field(None, description="the value of two lists that share no document")


class Bias(OpenPart):
    """Language bias in the pool; where relevance is not parallel, the language share alone."""

    rank_distance: RankDistance | None = None
    language_share: LanguageShare | None = None
    same_language: SameLanguage | None = None
    lift: Shifts = Field({}, description="by document language: how much more often it is first for its own queries")
    document_language_effect: Shifts = Field({}, description="by document language: how often it is first, less chance")
    consistency: Consistency | None = None

    @property
    def distance(self) -> RankDistance:
        """The rank distance; one without values where there is none."""
        return self.rank_distance or RankDistance()


class JudgedShare(LanguageValues):
    """By query language: share of judged documents among the first ten of the pool."""

    __pydantic_extra__: dict[str, Share]

    macro: Share = None


class Pooling(OpenPart):
    """What searching all languages at once costs, where only the query's own language is judged."""

    macro: Shares = {}
    micro: Shares = {}
    languages: dict[str, ScoredEntry] = {}
    cost: Shifts = Field({}, description="by metric: monolingual minus pooled")
    judged: JudgedShare | None = Field(None, alias="Judged@10")
    language_share: LanguageShare | None = None
