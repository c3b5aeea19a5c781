"""What a study is: a question, what is varied and what is held, and hypotheses that are fixed before the runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from xbench.errors import near_miss
from xbench.specs.parts import Language, Languages, Named, Spec
from xbench.specs.recipes import Training
from xbench.specs.study_factors import NAMED, Arm, Factor, Label, Level, Settings, Simplex, levels, short_name
from xbench.specs.study_outcomes import MarginOfOutcome, OutcomeText, parse_margin, parse_outcome

SECTIONS = ("model.", "recipe.", "corpus.", "task.")
Matched = Literal["steps", "batch", "units", "languages", "relation", "tokens"]
Analysis = Literal["contrast", "mixture", "reliability", "scaling"]
Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]
Source = Literal["runs", "published"]
Population = Literal["families", "languages", "tasks"]
Patterns = Annotated[tuple[str, ...], Field(min_length=1)]


class Fixed(Spec):
    """What is the same in every arm, unless a level says otherwise."""

    model: str = ""
    recipe: str = ""
    corpus: str = ""
    set: Settings = {}
    languages: Languages | Mapping[str, Languages] | None = Field(
        None, description="only these languages, of all tasks or by task"
    )


class Hypothesis(Spec):
    """A claim that is fixed before the runs: a contrast of two sides, or an interaction, a difference of two contrasts.

    `direction` alone: the first side is higher, or lower. `margin` alone: the first side is not worse by that much or
    more. Both: higher or lower by more than the margin; `same`: apart by less than it.
    """

    name: str = Field(min_length=1)
    contrast: str = Field("", description="A - B; a side names levels, joined by ' x '")
    interaction: str = Field("", description="(A - B) - (C - D)")
    outcome: OutcomeText
    direction: Literal["lower", "higher", "same"] | None = None
    margin: MarginOfOutcome = Field(None, description="'0.5 points' of a metric x 100, or '20 ranks'")
    tasks: tuple[str, ...] = Field((), description="none: each task of the study, tested one by one")
    family: str = Field("primary", min_length=1, description="hypotheses that Holm's correction counts together")
    over: Population = Field("families", description="of published models: what a claim is to hold for others of")

    @model_validator(mode="after")
    def _says_what_it_claims(self) -> Hypothesis:
        if bool(self.contrast) == bool(self.interaction):
            raise ValueError("either `contrast` or `interaction`")
        if self.direction is None and self.margin is None:
            raise ValueError("`direction` (lower, higher, same), `margin` ('0.5 points'), or both")
        if self.direction == "same" and self.margin is None:
            raise ValueError("a `margin` with direction same: no data show that two sides are exactly the same")
        unit = parse_outcome(self.outcome).unit
        if self.margin is not None and parse_margin(self.margin).unit != unit:
            raise ValueError(f"a margin in {unit} of {self.outcome}, not {self.margin!r}")
        return self


class Budget(Spec):
    """What the study may cost; `plan` and `run` refuse to begin what costs more."""

    runs: int | None = Field(None, ge=1)
    hours: float | None = Field(None, gt=0)
    tokens: float | None = Field(None, gt=0)
    gigabytes: float | None = Field(None, gt=0, description="to fetch")


class Assumed(Spec):
    """What is not measured yet: from other work, or a guess that says so."""

    seed_sd: float | None = Field(None, ge=0, description="points by which a seed's outcome varies")
    question_error: float | None = Field(None, ge=0, description="points: standard error of a difference, one seed")
    clusters: int = Field(240, ge=2, description="of questions")
    tokens_per_second: float | None = Field(None, gt=0, description="of training")
    tokens_per_text: float | None = Field(None, gt=0)
    source: str = Field("", description="where these are from")


class Study(Named):
    """A grid of runs with a question, hypotheses fixed before them, and an analysis."""

    question: str = Field(min_length=1)
    source: Source = Field("runs", description="runs are made; published: nothing is, the runs of others are read")
    factors: Mapping[str, Factor] = Field({}, description="model, recipe, corpus, a setting, or named arms")
    models: Mapping[Label, Patterns] = Field({}, description="published models by kind: mteb's names, * for any part")
    controls: tuple[Arm, ...] = Field((), description="arms beside the grid")
    fixed: Fixed = Fixed()
    seeds: Annotated[int, Field(ge=1, le=1000)] | Annotated[tuple[Seed, ...], Field(min_length=1)] = 5
    tasks: Annotated[tuple[str, ...], Field(min_length=1)]
    outcomes: Annotated[tuple[OutcomeText, ...], Field(min_length=1)]
    groups: Mapping[str, tuple[Language, ...]] = Field({}, description="languages of queries, as parts of outcomes")
    hypotheses: tuple[Hypothesis, ...] = ()
    matched: tuple[Matched, ...] = Field((), description="what no two arms may differ in")
    budget: Budget = Budget()
    assumed: Assumed = Assumed()
    analysis: Analysis = "contrast"
    limits: tuple[str, ...] = Field((), description="what the design cannot tell, in sentences for the report")

    @property
    def all_seeds(self) -> tuple[int, ...]:
        """The seeds, one by one."""
        return tuple(range(self.seeds)) if isinstance(self.seeds, int) else self.seeds

    def levels(self) -> dict[str, list[Level]]:
        """The levels of every factor."""
        return {name: levels(name, value) for name, value in self.factors.items()}

    @field_validator("factors")
    @classmethod
    def _known_factors(cls, factors: Mapping[str, Factor]) -> Mapping[str, Factor]:
        for name, value in factors.items():
            bare = not isinstance(value, Simplex) and not (
                isinstance(value, tuple) and all(isinstance(one, Arm) for one in value)
            )
            if bare and not _is_setting(name):
                choices = [*NAMED, *Training.model_fields]
                raise ValueError(
                    f"factors of model, recipe, corpus or a setting, not {name!r}{near_miss(name, choices)} "
                    "(a factor of another name has levels {name: .., recipe: ..})"
                )
            names = [level.name for level in levels(name, value)]
            if twice := next((one for one in names if names.count(one) > 1), None):
                raise ValueError(f"levels of {name} with different names, not {twice!r} twice")
        return factors

    @model_validator(mode="after")
    def _varies_something(self) -> Study:
        if self.source == "runs" and (self.models or not self.factors):
            raise ValueError("`factors`, at least one; `models` are for source: published")
        if self.source == "published" and (self.factors or self.controls or self.matched):
            raise ValueError(
                "`models` of published runs; `factors`, `controls` and `matched` are for runs that are made"
            )
        return self

    @model_validator(mode="after")
    def _different_names(self) -> Study:
        claims = [hypothesis.name for hypothesis in self.hypotheses]
        if twice := next((name for name in claims if claims.count(name) > 1), None):
            raise ValueError(f"hypotheses with different names, not {twice!r} twice")
        return self

    @model_validator(mode="after")
    def _names_fit(self) -> Study:
        for hypothesis in self.hypotheses:
            for task in hypothesis.tasks:
                if task not in (*self.tasks, *map(short_name, self.tasks)):
                    raise ValueError(f"hypothesis {hypothesis.name!r} of tasks of the study, not {task!r}")
        for task in self.fixed.languages if isinstance(self.fixed.languages, Mapping) else ():
            if task not in (*self.tasks, *map(short_name, self.tasks)):
                raise ValueError(f"fixed.languages of tasks of the study, not {task!r}")
        if self.analysis == "mixture" and sum(isinstance(one, Simplex) for one in self.factors.values()) != 1:
            raise ValueError("one factor {of: [..], lattice: ..} with analysis mixture")
        for outcome in (*self.outcomes, *(hypothesis.outcome for hypothesis in self.hypotheses)):
            name = parse_outcome(outcome)
            for part in (name.part, name.less):
                if part and part not in ("seen", "unseen", *self.groups):
                    choices = ", ".join(["seen", "unseen", *self.groups])
                    raise ValueError(f"outcome {outcome!r} of {choices}, not {part!r}; name it under `groups`")
        return self


def _is_setting(name: str) -> bool:
    return name in (*NAMED, *Training.model_fields) or name.startswith(SECTIONS)
