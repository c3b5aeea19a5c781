"""How a model's languages lie beside each other on a task: its kept vectors in, the alignment of every pair out.

`xbench align` asks for it alone (alignment_job.py), `xbench run --align` adds it to results. Knows plans, collections
and vectors; the metrics are evaluation's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import fmean

import numpy as np

from xbench import specs
from xbench.arrays import Ints
from xbench.data.collection import Collection
from xbench.encoders.base import Role
from xbench.errors import DataError, SpecError
from xbench.evaluation.alignment import (
    FEWEST_UNITS,
    LanguageVectors,
    Values,
    pair_alignment,
    random_alignment,
)
from xbench.evaluation.alignment_scores import ALIGNMENT_METRICS, Alignment, Side
from xbench.evaluation.cross_similarity import SAMPLE
from xbench.evaluation.parallel_units import ParallelUnits, parallel_units
from xbench.evaluation.scores import Means
from xbench.jobs.clock import Clock
from xbench.jobs.encoder_job import EncoderJob
from xbench.jobs.inputs import Collections
from xbench.jobs.plan import Plan
from xbench.jobs.rankers import Preparation
from xbench.progress import Reporter, Silent
from xbench.results.reading import read_result
from xbench.results.writing import rewrite_result

ROLES: Mapping[Side, Role] = {"queries": "query", "documents": "document"}


def require_alignable(plan: Plan, side: Side | None) -> None:
    """Raise SpecError where a side is asked for and a model has no vectors, or a task no parallel texts in two
    languages on that side."""
    if side is None:
        return
    for run in plan.runs:
        if isinstance(run.model.spec, specs.LexicalModel):
            name = run.model.spec.name
            raise SpecError(f"align: model {name} is lexical and has no vectors; name models that encode texts")
    for entry in plan.tasks:
        task = entry.spec
        if task.relevance != "parallel":
            raise SpecError(
                f"align: task {task.name} has no parallel questions: its relevance is {task.relevance}, expected "
                "parallel; name a task whose questions are asked in several languages"
            )
        languages = task.query_languages if side == "queries" else task.document_languages
        if len(languages) < 2:
            raise SpecError(
                f"align: task {task.name} has {side} in {', '.join(languages)} alone, expected at least two languages"
            )


def units_of_tasks(collections: Collections, side: Side, reporter: Reporter) -> dict[str, list[ParallelUnits]]:
    """By task, as `alignable_units`."""
    return {name: alignable_units(name, collection, side, reporter) for name, collection in collections.items()}


def alignable_units(task: str, collection: Collection, side: Side, reporter: Reporter) -> list[ParallelUnits]:
    """The units of every two languages that share enough. Raises DataError where no two do; says which do not."""
    every = list(parallel_units(collection, side))
    enough = [units for units in every if len(units) >= FEWEST_UNITS]
    few = [f"{'-'.join(units.languages)} {len(units)}" for units in every if len(units) < FEWEST_UNITS]
    shown = ", ".join(few[:5]) + (f" and {len(few) - 5} more pairs" if len(few) > 5 else "")
    what = "parallel questions" if side == "queries" else "parallel golds"
    if not enough:
        raise DataError(
            f"align: task {task} has too few {what}: found {shown}, expected at least {FEWEST_UNITS} in two languages"
        )
    if few:
        reporter.say(f"task {task}: left out of the alignment, with under {FEWEST_UNITS} {what}: {shown}")
    if (fewest := min(map(len, enough))) < SAMPLE:
        reporter.say(f"task {task}: mutual_nn is defined among {SAMPLE} {what}, and some pairs have {fewest}: no value")
    return enough


def measured_alignment(
    preparation: Preparation, collection: Collection, side: Side, every: Sequence[ParallelUnits], reporter: Reporter
) -> Alignment:
    """Encode what is not kept, and measure all pairs. Raises EncoderError for vectors that say nothing."""
    rows = _rows(every)
    vectors = preparation.vectors(collection, ROLES[side], rows)
    clock, spaces = Clock(), _Spaces(vectors, rows, side)
    pairs: dict[str, Values] = {}
    with reporter.bar(f"align {side}", 2 * len(every), "pairs") as bar:
        for units in every:
            pairs |= dict(zip(_names(units), pair_alignment(*map(spaces.of, units.languages, units.rows)), strict=True))
            bar.advance(2)
    counts = {name: len(units) for units in every for name in _names(units)}
    first, typical = spaces.of(every[0].languages[0], every[0].rows[0]), round(fmean(counts.values()))
    references = (random_alignment(typical, first.vectors.shape[1]), pair_alignment(first, first)[0])
    clock.lap("metrics")
    return Alignment(
        side=side,
        questions=counts,
        values={
            metric.name: {pair: values[metric.name] for pair, values in pairs.items()} for metric in ALIGNMENT_METRICS
        },
        random=_ordered(references[0]),
        perfect_copy=_ordered(references[1]),
        seconds=clock.seconds["metrics"],
    )


class _Spaces:
    """The vectors of languages at the units that they are asked for, each prepared once."""

    def __init__(self, vectors: Mapping[str, np.ndarray], rows: Mapping[str, Ints], side: Side) -> None:
        self._vectors, self._rows, self._side = vectors, rows, side
        self._known: dict[tuple[str, bytes], LanguageVectors] = {}

    def of(self, language: str, places: Ints) -> LanguageVectors:
        key = (language, places.tobytes())
        if key not in self._known:
            chosen = self._vectors[language][np.searchsorted(self._rows[language], places)]
            self._known[key] = LanguageVectors(chosen, f"{self._side} in {language}")
        return self._known[key]


def _rows(every: Iterable[ParallelUnits]) -> dict[str, Ints]:
    """By language the places of all texts that stand in a unit, ascending."""
    places: dict[str, list[Ints]] = {}
    for units in every:
        for language, rows in zip(units.languages, units.rows, strict=True):
            places.setdefault(language, []).append(rows)
    return {language: np.unique(np.concatenate(parts)) for language, parts in places.items()}


def _names(units: ParallelUnits) -> tuple[str, str]:
    """Both directions of a pair, as they are written."""
    first, second = units.languages
    return f"{first}-{second}", f"{second}-{first}"


def _ordered(values: Values) -> Means:
    return {metric.name: values[metric.name] for metric in ALIGNMENT_METRICS}


def cost_line(model: str, task: str, alignment: Alignment) -> str:
    """What was measured, and what it took."""
    pairs, seconds = len(alignment.questions), alignment.seconds or 0.0
    return f"aligned {model} on {task}, {alignment.side}: {pairs} pairs, {seconds:.1f} s beside encoding"


def is_aligned(path: Path, side: Side) -> bool:
    """Whether the result in a file has the alignment of this side."""
    alignment = read_result(path).alignment
    return alignment is not None and alignment.side == side


def add_alignment(job: EncoderJob, task: specs.Task, collection: Collection, side: Side) -> None:
    """Put the alignment into the result that is filed, where it is not there yet; its digest stays."""
    path = job.path(task, collection)
    if is_aligned(path, side):
        return
    units = alignable_units(task.name, collection, side, Silent())
    alignment = measured_alignment(job.preparation(task), collection, side, units, job.reporter)
    rewrite_result(path, read_result(path).model_copy(update={"alignment": alignment}).sealed())
    job.reporter.say(cost_line(job.run.model.spec.name, task.name, alignment))
