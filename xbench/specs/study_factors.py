"""What is varied in a study: lists of levels, points of a simplex, ladders of sizes. Knows words and numbers only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from xbench.specs.parts import Spec

Scalar: TypeAlias = str | int | float | bool
LEVEL = re.compile(r"[\w.+:/@-]+")
NAMED = ("model", "recipe", "corpus")
KINDS = ("mono", "cross", "mixed", "parallel", "codeswitch")
SUM = 1e-6


def _label(value: str) -> str:
    if not LEVEL.fullmatch(value) or value in ("x", "-"):
        raise ValueError("a name of letters, digits and . _ + : / @ -, without spaces, such as 'legal'")
    return value


Label = Annotated[str, AfterValidator(_label)]
Settings = Annotated[Mapping[str, object], Field(description="as --set has them: steps, recipe.tau, model.init")]


class Arm(Spec):
    """Names and settings that go together, under one name."""

    name: Label
    model: str = ""
    recipe: str = ""
    corpus: str = ""
    set: Settings = {}


class Simplex(Spec):
    """Shares of kinds of batches that sum to 1: a lattice {parts, n} with or without points inside, or points."""

    of: tuple[str, ...] = Field(min_length=2, description="kinds of batches: mono, cross, mixed, parallel, codeswitch")
    lattice: int | None = Field(None, ge=1, le=10, description="shares are multiples of 1 / lattice")
    interior: bool = Field(False, description="also the points half way between the centre and each corner")
    points: tuple[tuple[float, ...], ...] = Field((), description="shares, in the order of `of`")

    @model_validator(mode="after")
    def _shares(self) -> Simplex:
        for kind in self.of:
            if kind not in KINDS or self.of.count(kind) > 1:
                raise ValueError(f"`of` kinds of batches, each once ({', '.join(KINDS)}), not {kind!r}")
        if bool(self.points) == (self.lattice is not None):
            raise ValueError("either `lattice` or `points`")
        for point in self.points:
            if len(point) != len(self.of) or min(point) < 0 or abs(sum(point) - 1) > SUM:
                shown = " + ".join(f"{share:g}" for share in point)
                raise ValueError(f"points of {len(self.of)} shares that sum to 1, not {shown} = {sum(point):g}")
        return self

    def shares(self) -> list[tuple[float, ...]]:
        """Every point, the corners among them."""
        if self.points:
            return list(self.points)
        assert self.lattice is not None
        steps, parts = self.lattice, len(self.of)
        grid = [point for point in product(range(steps, -1, -1), repeat=parts) if sum(point) == steps]
        shares = [tuple(part / steps for part in point) for point in grid]
        inside = [
            tuple((1 / parts + (1.0 if place == corner else 0.0)) / 2 for place in range(parts))
            for corner in range(parts)
        ]
        return list(dict.fromkeys([*shares, *(inside if self.interior else [])]))


class Ladder(Spec):
    """Levels that have a size: names with their sizes, or numbers that are their own."""

    ladder: Mapping[str, float | int] | tuple[float | int, ...] = Field(description="sizes, by name or as they are")

    @model_validator(mode="after")
    def _rising(self) -> Ladder:
        sizes = list(self.ladder.values()) if isinstance(self.ladder, Mapping) else list(self.ladder)
        if len(set(sizes)) < 2 or min(sizes) <= 0 or sorted(sizes) != sizes:
            raise ValueError("at least two sizes above 0, the smaller first")
        return self


def _kind_of(value: object) -> str:
    if isinstance(value, Simplex | Ladder):
        return type(value).__name__
    if isinstance(value, Mapping):
        return "Ladder" if "ladder" in value else "Simplex"
    return "levels"


LevelText: TypeAlias = Arm | str | bool | int | float
Factor = Annotated[
    Annotated[Simplex, Tag("Simplex")]
    | Annotated[Ladder, Tag("Ladder")]
    | Annotated[tuple[LevelText, ...], Field(min_length=1), Tag("levels")],
    Discriminator(_kind_of),
]


@dataclass(frozen=True)
class Level:
    """One value of a factor: what it is called, what it changes, and its size or shares where it has some."""

    factor: str
    name: str
    model: str = ""
    recipe: str = ""
    corpus: str = ""
    settings: Mapping[str, object] = field(default_factory=dict)
    size: float | None = None
    shares: tuple[float, ...] = ()


def levels(factor: str, value: Simplex | Ladder | Sequence[LevelText]) -> list[Level]:
    """The levels of a factor, in order."""
    if isinstance(value, Simplex):
        return [_mixture(factor, value.of, shares) for shares in value.shares()]
    if isinstance(value, Ladder):
        return [_of_size(factor, name, size) for name, size in _sizes(value)]
    return [_level(factor, one) for one in value]


def _sizes(value: Ladder) -> Iterator[tuple[Scalar, float]]:
    if isinstance(value.ladder, Mapping):
        yield from value.ladder.items()
    else:
        yield from ((size, size) for size in value.ladder)


def _of_size(factor: str, name: Scalar, size: float) -> Level:
    plain = _level(factor, name)
    return Level(factor, plain.name, plain.model, plain.recipe, plain.corpus, plain.settings, float(size))


def _level(factor: str, value: LevelText) -> Level:
    if isinstance(value, Arm):
        return Level(factor, value.name, value.model, value.recipe, value.corpus, dict(value.set))
    if factor in NAMED:
        model, recipe, corpus = (str(value) if factor == kind else "" for kind in NAMED)
        return Level(factor, short_name(str(value)), model, recipe, corpus)
    return Level(factor, _shown(value), settings={factor: value})


def short_name(name: str) -> str:
    """What a model, recipe or corpus is called in a contrast: a YAML by its file's name."""
    return name.rpartition("/")[2].removesuffix(".yaml") if name.endswith(".yaml") else name


def _shown(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def _mixture(factor: str, kinds: Sequence[str], shares: tuple[float, ...]) -> Level:
    parts = {kind: share for kind, share in zip(kinds, shares, strict=True) if share > 0}
    name = "-".join(f"{kind}{round(100 * share)}" for kind, share in parts.items())
    return Level(factor, name, settings={"recipe.mix": parts}, shares=shares)
