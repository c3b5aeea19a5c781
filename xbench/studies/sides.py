"""What a contrast says: which arms on which tasks stand on each side, and with what weight.

`A - B`: a side names levels, joined by ` x `; what is not named is averaged over, the same on both sides. An
interaction `(A - B) - (C - D)` is a difference of two contrasts. Knows arms and names of tasks; no result.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xbench.errors import SpecError, near_miss
from xbench.specs import Hypothesis
from xbench.studies.arms import Arm

CONTRAST = re.compile(r"(\S+(?: x \S+)*) - (\S+(?: x \S+)*)")
INTERACTION = re.compile(r"\((.+)\) - \((.+)\)")


@dataclass(frozen=True)
class Cell:
    """An arm on a task, and how much of it counts."""

    arm: Arm
    task: str
    weight: float


@dataclass(frozen=True)
class Contrast:
    """Two sides of different arms; the value is the weighted sum of the first less that of the second."""

    first: tuple[Cell, ...]
    second: tuple[Cell, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        return (*self.first, *self.second)

    @property
    def arms(self) -> list[Arm]:
        """Every arm of it once."""
        return list({cell.arm.name: cell.arm for cell in self.cells}.values())

    @property
    def tasks(self) -> list[str]:
        """Every task of it once."""
        return list(dict.fromkeys(cell.task for cell in self.cells))


def contrasts_of(
    hypothesis: Hypothesis, arms: Sequence[Arm], tasks: Sequence[str], own: Sequence[str] = ()
) -> dict[str, Contrast]:
    """By what is tested ("" or the name of a task): the contrast, on its `own` tasks or on all.

    Raises SpecError where a side is no arm, or the two sides are not alike in what they do not name.
    """
    where = f"hypothesis {hypothesis.name!r}"
    named = any(task in _words(hypothesis) for task in tasks)
    chosen = own or tasks
    if named:
        return {"": _contrast(where, hypothesis, arms, tasks)}
    return {(task if len(chosen) > 1 else ""): _contrast(where, hypothesis, arms, [task]) for task in chosen}


def _words(hypothesis: Hypothesis) -> list[str]:
    return re.findall(r"[^\s()]+", hypothesis.contrast or hypothesis.interaction)


def _contrast(where: str, hypothesis: Hypothesis, arms: Sequence[Arm], tasks: Sequence[str]) -> Contrast:
    if hypothesis.contrast:
        one, other = _sides(where, hypothesis.contrast, arms, tasks)
        return _parted(where, one, (), other, ())
    match = INTERACTION.fullmatch(hypothesis.interaction)
    if match is None:
        raise SpecError(f"{where}: found interaction {hypothesis.interaction!r}, expected (A - B) - (C - D)")
    (a, b), (c, d) = (_sides(where, text, arms, tasks) for text in match.groups())
    if sorted(map(_key, [*a, *d])) == sorted(map(_key, [*b, *c])):
        raise SpecError(f"{where}: the two differences are one and the same, so nothing is compared")
    if _disjoint([*a, *b], [*c, *d]):
        return _parted(where, a, b, c, d)
    return _parted(where, a, c, b, d)


def _key(cell: tuple[Arm, str]) -> tuple[str, str]:
    return cell[0].name, cell[1]


def _sides(
    where: str, text: str, arms: Sequence[Arm], tasks: Sequence[str]
) -> tuple[list[tuple[Arm, str]], list[tuple[Arm, str]]]:
    match = CONTRAST.fullmatch(text)
    if match is None:
        raise SpecError(f"{where}: found {text!r}, expected A - B, such as cross-lingual - monolingual")
    words = [side.split(" x ") for side in match.groups()]
    one, other = (_chosen(where, side, arms, tasks) for side in words)
    _require_alike(where, text, [arm for arm, _ in one], [arm for arm, _ in other])
    return one, other


def _chosen(where: str, words: Sequence[str], arms: Sequence[Arm], tasks: Sequence[str]) -> list[tuple[Arm, str]]:
    """The arms on the tasks that have all the words."""
    wanted = [word for word in words if word not in tasks]
    for word in wanted:
        if not any(arm.has(word) for arm in arms):
            known = dict.fromkeys(word for arm in arms for word in arm.words)
            raise SpecError(f"{where}: no arm has {word!r}{near_miss(word, known)}")
        if len(factors := {factor for arm in arms for factor, level in arm.levels.items() if word == level.name}) > 1:
            ways = " or ".join(f"{factor}={word}" for factor in sorted(factors))
            raise SpecError(f"{where}: {word!r} is a level of several factors; write {ways}")
    chosen = [arm for arm in arms if all(arm.has(word) for word in wanted)]
    if not chosen:
        raise SpecError(f"{where}: no arm is {' x '.join(words)}; those of the study: {_some(arms)}")
    on = [word for word in words if word in tasks] or list(tasks)
    return [(arm, task) for arm in chosen for task in on]


def _some(arms: Sequence[Arm]) -> str:
    names = [arm.name for arm in arms]
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def _require_alike(where: str, text: str, one: Sequence[Arm], other: Sequence[Arm]) -> None:
    """What is averaged over has to be the same on both sides, or a difference is one of that too."""
    grids = [[arm for arm in side if arm.levels] for side in (one, other)]
    if not all(grids):
        return
    factors = {factor for side in grids for arm in side for factor in arm.levels}
    open_ = [
        factor for factor in sorted(factors) if all(len({_level(arm, factor) for arm in side}) > 1 for side in grids)
    ]
    kinds = [{tuple(_level(arm, factor) for factor in open_) for arm in side} for side in grids]
    if kinds[0] != kinds[1] or len(grids[0]) != len(grids[1]):
        raise SpecError(
            f"{where}: the sides of {text} are not alike: {_some(one)} against {_some(other)}; name a level of each "
            "factor that differs"
        )


def _level(arm: Arm, factor: str) -> str:
    return arm.levels[factor].name if factor in arm.levels else ""


Chosen = Sequence[tuple[Arm, str]]


def _disjoint(one: Chosen, other: Chosen) -> bool:
    return not {arm.name for arm, _ in one} & {arm.name for arm, _ in other}


def _parted(where: str, plus: Chosen, minus: Chosen, other_plus: Chosen, other_minus: Chosen) -> Contrast:
    """(plus - minus) - (other_plus - other_minus), the two of different arms: their seeds are drawn apart."""
    if not _disjoint([*plus, *minus], [*other_plus, *other_minus]):
        raise SpecError(f"{where}: an arm stands on both sides, so nothing is compared; name different levels")
    return Contrast(_summed(plus, minus), _summed(other_plus, other_minus))


def _summed(plus: Chosen, minus: Chosen) -> tuple[Cell, ...]:
    weights: dict[tuple[str, str], float] = {}
    arms: Mapping[str, Arm] = {arm.name: arm for arm, _ in (*plus, *minus)}
    for chosen, sign in ((plus, 1.0), (minus, -1.0)):
        for arm, task in chosen:
            weights[arm.name, task] = weights.get((arm.name, task), 0.0) + sign / len(chosen)
    return tuple(Cell(arms[name], task, weight) for (name, task), weight in weights.items() if weight)
