"""The arms of a study: one level of every factor, over what is fixed; and the controls. Nothing is resolved here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import cast

from xbench import specs
from xbench.errors import SpecError
from xbench.specs.strict_yaml import Value
from xbench.specs.study_factors import Level, short_name


@dataclass(frozen=True)
class Arm:
    """One configuration: `levels` by factor, none of a control; the names and settings that they come to."""

    name: str
    levels: Mapping[str, Level]
    model: str
    recipe: str
    corpus: str
    settings: Mapping[str, Value]

    def has(self, word: str) -> bool:
        """Whether a word of a contrast is of this arm: its own name, a level's, or `factor=level`."""
        return word == self.name or any(
            word in (level.name, f"{factor}={level.name}") for factor, level in self.levels.items()
        )

    @property
    def words(self) -> list[str]:
        """The words that a contrast may name it by."""
        return [level.name for level in self.levels.values()] or [self.name]


def arms_of(study: specs.Study) -> list[Arm]:
    """Every arm in order, the controls last. Raises SpecError where one lacks a model, or two have one name."""
    grid = [_arm(study, combination) for combination in product(*study.levels().values())]
    controls = [
        _arm(study, [Level("", one.name, one.model, one.recipe, one.corpus, dict(one.set))], one.name)
        for one in study.controls
    ]
    arms = [*grid, *controls]
    names = [arm.name for arm in arms]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise SpecError(f"study {study.name}: two arms are called {twice}; give a control another name")
    for name, factor in ((one.name, factor) for one in study.controls for factor in study.levels()):
        if any(name in (level.name, f"{factor}={level.name}") for level in study.levels()[factor]):
            raise SpecError(f"study {study.name}: control {name} has the name of a level of {factor}; give it another")
    return arms


def _arm(study: specs.Study, levels: Sequence[Level], control: str = "") -> Arm:
    fixed = study.fixed
    names = {"model": fixed.model, "recipe": fixed.recipe or "none", "corpus": fixed.corpus}
    settings = dict(fixed.set)
    for level in levels:
        names |= {kind: chosen for kind in names if (chosen := getattr(level, kind))}
        settings |= level.settings
    name = control or " x ".join(level.name for level in levels)
    if not names["model"]:
        raise SpecError(f"study {study.name}: arm {name} has no model; name one under factors or fixed")
    by_factor = {} if control else {level.factor: level for level in levels}
    return Arm(name, by_factor, **names, settings=cast(Mapping[str, Value], settings))


def different(arms: Sequence[Arm]) -> Iterator[str]:
    """The factors in which these arms do not all agree, and `model`, `recipe`, `corpus` where a control differs."""
    for factor in dict.fromkeys(factor for arm in arms for factor in arm.levels):
        if len({arm.levels[factor].name if factor in arm.levels else "" for arm in arms}) > 1:
            yield factor
    for kind in ("model", "recipe", "corpus"):
        if len({short_name(getattr(arm, kind)) for arm in arms}) > 1:
            yield kind
