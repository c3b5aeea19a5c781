"""Scores as values: what the grid gives and a result holds, each field with its meaning. docs/methods.md has the
formulas. Knows no array and no file; the values of language bias stand in bias_scores.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, JsonValue, Strict

MOST = 1e30  # of any number: sums and squares of such are still numbers
EDGE = 1e-9  # beyond 0 and 1, and beyond -1: rounding

Number: TypeAlias = Annotated[float, Strict(), Field(ge=-MOST, le=MOST)] | None
"""A number; None where there was nothing to measure."""
Count: TypeAlias = Annotated[int, Strict(), Field(ge=0, le=2**53)]
"""How many; no more than a float counts exactly."""
Amount: TypeAlias = (
    Annotated[int, Strict(), Field(ge=-(10**30), le=10**30)] | Annotated[float, Strict(), Field(ge=-MOST, le=MOST)]
)
"""A number that is written again as it was read, with or without a decimal point."""
Share: TypeAlias = Annotated[float, Strict(), Field(ge=-EDGE, le=1 + EDGE)] | None
"""Of a whole, or a score."""
Shift: TypeAlias = Annotated[float, Strict(), Field(ge=-1 - EDGE, le=1 + EDGE)] | None
"""One share less another, or a correlation."""
Ranks: TypeAlias = Annotated[float, Strict(), Field(ge=0, le=2**53)] | None
"""A rank, or a number of ranks; a mean of such."""
Size: TypeAlias = Annotated[Amount, Field(ge=0, le=1e15)]
"""How large a model is, in parameters."""
Dimension: TypeAlias = Annotated[Amount, Field(ge=1, le=1e9)]
"""How long a vector is."""
Shares: TypeAlias = dict[str, Share]
"""By language."""
Shifts: TypeAlias = dict[str, Shift]
"""By language, or by pair."""
Means: TypeAlias = dict[str, Number]
"""By metric, or by language."""
ScoredEntry: TypeAlias = dict[str, Amount]
"""One pair, or one query language against the pool: every metric, and `n`, the queries scored there."""
HALVES = {"Mo": "monolingual", "Cr": "cross-lingual", "Mul": "multilingual"}


class Part(BaseModel):
    """A part of a result. No NaN and no Infinity; a key that nobody set stays absent when the part is written."""

    model_config = ConfigDict(populate_by_name=True, extra="forbid", allow_inf_nan=False)

    def plain(self) -> dict[str, JsonValue]:
        """The part as it is written: JSON values under the keys of the file."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


class WholePart(Part):
    """A part of which every key is written, null where there is nothing."""

    def model_post_init(self, context: object) -> None:
        self.model_fields_set.update(type(self).model_fields)


class OpenPart(Part):
    """A part that keeps keys of other versions of xbench as they are."""

    model_config = ConfigDict(extra="allow")

    __pydantic_extra__: dict[str, JsonValue]


class LanguageValues(Part):
    """A value per language beside named ones: languages are keys of their own, next to the fields."""

    model_config = ConfigDict(extra="allow")

    __pydantic_extra__: dict[str, Number]

    @property
    def languages(self) -> dict[str, Number]:
        """The value of each language."""
        return dict(self.__pydantic_extra__)


class WithoutOwnLanguage(LanguageValues):
    """Mul by query language, the relevant documents in the query's own language taken out."""

    __pydantic_extra__: dict[str, Share]

    metric: str | None = None
    macro: Share = Field(None, description="mean over query languages")


class TargetScores(LanguageValues):
    """Mul by document language: only its relevant documents count; a mean over query languages."""

    __pydantic_extra__: dict[str, Share]

    metric: str | None = None


class PairScores(Part):
    """A half of the grid: the monolingual pairs, or the cross-lingual ones."""

    macro: Means = Field(description="by metric: unweighted mean over pairs")
    micro: Means = Field(description="by metric: mean over all queries")
    pairs: dict[str, ScoredEntry] = Field(description='by pair, "en-de" is English queries and German documents')

    @property
    def entries(self) -> dict[str, ScoredEntry]:
        """What the means are taken over, by name."""
        return self.pairs


class PooledScores(Part):
    """Queries of each language against the documents of all languages."""

    macro: Means = Field(description="by metric: unweighted mean over query languages")
    micro: Means = Field(description="by metric: mean over all queries")
    languages: dict[str, ScoredEntry] = Field(description="by query language")

    @property
    def entries(self) -> dict[str, ScoredEntry]:
        """What the means are taken over, by name."""
        return self.languages


class PoolScores(PooledScores):
    """The pool as a score, with the views that show weak alignment."""

    without_own_language: WithoutOwnLanguage
    targets: TargetScores


class Scores(WholePart):
    """All settings that were scored; null for a half that the grid leaves out."""

    monolingual: PairScores | None = None
    cross_lingual: PairScores | None = Field(None, alias="cross-lingual")
    multilingual: PoolScores | None = None

    @property
    def halves(self) -> dict[str, PairScores | PoolScores]:
        """Those that were scored, by the names of the file."""
        parts = (self.monolingual, self.cross_lingual, self.multilingual)
        return {name: part for name, part in zip(HALVES.values(), parts, strict=True) if part is not None}

    @property
    def pairs(self) -> dict[str, ScoredEntry]:
        """Every scored pair of languages, the monolingual ones first."""
        halves = (self.monolingual, self.cross_lingual)
        return {name: entry for half in halves if half for name, entry in half.pairs.items()}

    def macro(self, column: str, metric: str) -> float | None:
        """Mo, Cr or Mul in a metric; None where it was not scored."""
        part = self.halves.get(HALVES[column])
        return part.macro.get(metric) if part else None


class Gap(OpenPart):
    """Mo - Cr of the primary metric; it can be negative. Of trained runs also the split into seen and unseen."""

    metric: str | None = None
    absolute: Shift = None
    relative: Number = Field(None, description="absolute, as a share of Mo")
    pairs: Shifts = Field({}, description='"en-de": AP(de->de) - AP(en->de) over the same questions')
    trained_on: list[str] = Field([], description="the languages that training saw")
    seen: Shares = Field({}, description="by half: macro mean over pairs of seen languages")
    unseen: Shares = Field({}, description="by half: macro mean over the other pairs")
