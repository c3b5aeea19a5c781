"""How far the arms of a study are alike in what is not under study: steps, batch, languages, relation, units, lengths.

Units and lengths are counted in the corpora themselves, as far as these are on this machine. Lengths are characters a
text, which stand for tokens: those depend on the model. Knows plans and corpora; no result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from xbench.data.fetches import missing
from xbench.errors import SpecError
from xbench.files import digest
from xbench.studies.given import trained_languages
from xbench.studies.machine import Declared, Machine
from xbench.studies.runs import PlannedArm
from xbench.training.corpus import Corpus
from xbench.training.corpus_loading import load_corpus

ASPECTS = ("steps", "batch", "languages", "relation", "units", "tokens")
TOLERANCES = {"units": 0.02, "tokens": 0.1}
SAMPLE = 1_000  # texts of a language and side whose lengths are taken
VARIED = {"steps": "steps", "batch": "batch_size"}
Counts: TypeAlias = Mapping[str, float]
"""By language."""


@dataclass(frozen=True)
class Likeness:
    """What an arm is trained with; `units` and `lengths` by language, None where its corpus is not here."""

    arm: str
    steps: int
    batch: int
    languages: tuple[str, ...]
    relation: str
    units: Counts | None
    lengths: Counts | None

    def words(self, aspect: str) -> str:
        """One aspect, as people read it."""
        if aspect == "languages":
            return f"{len(self.languages)} ({', '.join(self.languages)})"
        if aspect == "units":
            return "not known" if self.units is None else f"{sum(self.units.values()):,.0f} versions"
        if aspect == "tokens":
            known = list(self.lengths.values()) if self.lengths else []
            return f"{np.mean(known):.0f} characters a text" if known else "not known"
        return str(getattr(self, aspect))


def likenesses(study: Declared, arms: Sequence[PlannedArm], machine: Machine) -> list[Likeness]:
    """What every trained arm is trained with."""
    counted: dict[str, tuple[Counts, Counts] | None] = {}
    return [_likeness(arm, machine, counted) for arm in arms if arm.run.recipe]


def _likeness(arm: PlannedArm, machine: Machine, counted: dict[str, tuple[Counts, Counts] | None]) -> Likeness:
    run, entry = arm.run, arm.plan.corpus
    assert run.recipe and run.training and entry
    languages = trained_languages(arm)
    caps = {language: run.recipe.languages.cap_of(language) for language in languages}
    key = digest([entry.spec.model_dump(mode="json", by_alias=True), caps])
    if key not in counted:
        here = not missing(entry, machine.storage)
        counted[key] = _counted(load_corpus(entry, machine.storage), caps) if here else None
    units, lengths = counted[key] or (None, None)
    relation = str(getattr(entry.spec, "relation", ""))
    return Likeness(arm.arm.name, run.training.steps, run.training.batch_size, languages, relation, units, lengths)


def _counted(corpus: Corpus, caps: Mapping[str, int | None]) -> tuple[Counts, Counts]:
    """(units, mean characters of a text) by language."""
    units, lengths = dict[str, float](), dict[str, float]()
    for place, language in enumerate(corpus.languages):
        if language not in caps:
            continue
        query, passage = np.asarray(corpus.query[place]), np.asarray(corpus.passage[place])
        both = np.flatnonzero((query >= 0) & (passage >= 0))
        cap = caps[language]
        units[language] = float(min(len(both), cap) if cap else len(both))
        chosen = both[:: max(1, len(both) // SAMPLE)]
        texts = [corpus.texts[int(number)] for side in (query, passage) for number in side[chosen]]
        lengths[language] = float(np.mean([len(text) for text in texts])) if texts else 0.0
    return units, lengths


def differing(kinds: Sequence[Likeness], aspect: str) -> tuple[Likeness, Likeness] | None:
    """Two arms that are not alike in an aspect; None where all are, as far as is known."""
    known = [one for one in kinds if _value(one, aspect) is not None]
    for other in known[1:]:
        if not _alike(_value(known[0], aspect), _value(other, aspect), aspect):
            return known[0], other
    return None


def _value(one: Likeness, aspect: str) -> object:
    return one.lengths if aspect == "tokens" else getattr(one, aspect)


def _alike(one: object, other: object, aspect: str) -> bool:
    if aspect not in TOLERANCES:
        return one == other
    assert isinstance(one, Mapping) and isinstance(other, Mapping)
    return one.keys() == other.keys() and all(
        abs(one[name] - other[name]) <= TOLERANCES[aspect] * max(one[name], other[name]) for name in one
    )


def require_matched(study: Declared, kinds: Sequence[Likeness]) -> None:
    """Raise SpecError where arms differ in what the study declares matched."""
    for aspect in study.spec.matched:
        if pair := differing(kinds, aspect):
            one, other = pair
            raise SpecError(
                f"study {study.spec.name}: matched {aspect}: {one.arm} has {one.words(aspect)}{_where(pair, aspect)}, "
                f"{other.arm} has {other.words(aspect)}; make them alike (units: recipe.languages.cap), or take "
                f"{aspect} out of `matched`"
            )


def _where(pair: tuple[Likeness, Likeness], aspect: str) -> str:
    """The language in which two arms are furthest apart, where it is counted by language."""
    one, other = (_value(arm, aspect) for arm in pair)
    if aspect not in TOLERANCES or not (isinstance(one, Mapping) and isinstance(other, Mapping)):
        return ""
    shared = [name for name in one if name in other]
    if not shared:
        return ""
    worst = max(shared, key=lambda name: abs(one[name] - other[name]) / max(one[name], other[name], 1))
    return f" ({worst}: {one[worst]:,.0f} against {other[worst]:,.0f})"


def unmatched(study: Declared, kinds: Sequence[Likeness]) -> list[str]:
    """What arms differ in that is neither declared matched nor varied on purpose; and what could not be looked at."""
    said = []
    for aspect in ASPECTS:
        pair = differing(kinds, aspect)
        if pair and VARIED.get(aspect) not in study.spec.factors:
            one, other = pair
            said.append(
                f"arms differ in {aspect}, which is not under study: {one.arm} has {one.words(aspect)}"
                f"{_where(pair, aspect)}, {other.arm} has {other.words(aspect)}"
            )
    if unknown := [one.arm for one in kinds if one.units is None]:
        said.append(f"units and lengths are not compared: the corpus of {unknown[0]} is not on this machine")
    return said
