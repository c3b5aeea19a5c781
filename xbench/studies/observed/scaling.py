"""Scaling over published models: a slope per doubling within the kinds of a study, which are its blocks; and laws of
the kinds with sizes enough. Sizes are parameters outside the embeddings, where mteb states both numbers, and all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from xbench.arrays import Floats
from xbench.evaluation.statistics import Estimate, Sample, cluster_parts, difference
from xbench.published.model_facts import ModelFacts
from xbench.specs.study_outcomes import parse_outcome
from xbench.studies.analyses.scaling import HEAD, NOTE, Ladder, ladder_row, read_ladder
from xbench.studies.document import Section, Table
from xbench.studies.observed.evidence import Observed
from xbench.studies.shown import change, interval

Size = Callable[[ModelFacts], int | None]
SIZES: Mapping[str, Size] = {
    "parameters outside the embeddings": lambda facts: facts.other_parameters,
    "all parameters": lambda facts: facts.n_parameters,
}
OWN_FEWEST = 2  # sizes of a block
BLOCKS = ("outcome", "per doubling", "95 % interval", "blocks", "models")


def analysis(observed: Observed) -> tuple[str, list[Section]]:
    """The answer, and the sections."""
    made = [_section(observed, task) for task in observed.grids]
    said = []
    for task in observed.grids:
        for text in observed.study.spec.outcomes[:2]:
            found = pooled(observed, task, text, next(iter(SIZES)))
            if found:
                name = parse_outcome(text)
                said.append(f"{change(found[0].value, name)} points of {text} on {task} ({interval(found[0], name)})")
    return f"Within a family, each doubling of the parameters outside the embeddings goes with {'; '.join(said)}.", made


def sized(observed: Observed, task: str, kind: str, by: str) -> dict[str, int]:
    """The size of each model of a kind that has a run of the whole grid and a stated size."""
    found = {}
    for model in observed.kinds[kind]:
        facts = observed.facts[model]
        size = SIZES[by](facts) if facts else None
        if size and model in observed.grids[task].runs:
            found[model] = size
    return found


def pooled(observed: Observed, task: str, text: str, by: str) -> tuple[Estimate, int, int] | None:
    """The slope per doubling within blocks, clusters are the blocks; with the numbers of blocks and models.

    The sum of the blocks' cross products over that of their squares: each block has its own height.
    """
    products, squares, models = [], [], 0
    for kind in observed.kinds:
        sizes = sized(observed, task, kind, by)
        if len(set(sizes.values())) < OWN_FEWEST:
            continue
        doublings = _centred(np.log2(np.array(list(sizes.values()), float)))
        values = np.array([observed.value(model, task, text) for model in sizes])
        products.append(float(doublings @ values))
        squares.append(float(doublings @ doublings))
        models += len(sizes)
    if len(products) < OWN_FEWEST:
        return None
    total, count = np.array(products)[:, None], np.array(squares)[:, None]
    sample = Sample(np.array([sum(products) / sum(squares)]), cluster_parts(total, count)[:, 0][None])
    nothing = Sample(np.zeros(1), np.zeros((1, len(products))))
    return difference(sample, nothing), len(products), models


def _centred(values: Floats) -> Floats:
    return np.asarray(values - values.mean())


def _section(observed: Observed, task: str) -> Section:
    tables = []
    for by in SIZES:
        rows = []
        for text in observed.study.spec.outcomes:
            if found := pooled(observed, task, text, by):
                name = parse_outcome(text)
                slope = (change(found[0].value, name), interval(found[0], name))
                rows.append((text, *slope, str(found[1]), str(found[2])))
        note = "Points per doubling within blocks, each with its own height; the interval is over blocks."
        tables.append(Table(f"{by[0].upper()}{by[1:]}", BLOCKS, rows, note))
    tables += list(_ladders(observed, task))
    return Section(f"Scaling on {task}", tables=tuple(tables))


def _ladders(observed: Observed, task: str) -> Iterator[Table]:
    by = next(iter(SIZES))
    for text in observed.study.spec.outcomes[:3]:
        rows = []
        for kind in observed.kinds:
            sizes = dict(sorted(sized(observed, task, kind, by).items(), key=lambda item: item[1]))
            if len(set(sizes.values())) < OWN_FEWEST:
                continue
            samples = [observed.over_languages([model], task, text) for model in sizes]
            ladder = Ladder(kind, np.array(list(sizes.values()), float), samples, parse_outcome(text))
            rows.append(ladder_row(ladder, read_ladder(ladder)))
        yield Table(f"{text} by block, intervals over languages", HEAD, rows, NOTE)
