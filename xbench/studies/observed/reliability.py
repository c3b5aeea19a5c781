"""Do scores of alignment (bitext mining) predict retrieval across languages, over models, by language and by task?

A task whose score is F1 is one of alignment, the others are of retrieval. Tau-b over models; intervals draw families
with replacement, and a second tau takes the mean of each family, one value each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np

from xbench.arrays import Floats
from xbench.errors import DataError
from xbench.evaluation.concordance import kendall_w, split_half, tau_b
from xbench.evaluation.statistics import LEVEL
from xbench.studies.analyses.reliability import HEAD, NOTE, agreement_row
from xbench.studies.document import Section, Table
from xbench.studies.observed.evidence import ENGLISH, Observed, cluster_of, languages_of

DRAWS = 400
FEWEST_MODELS = 5
ALIGNMENT = "F1"
FEWEST_FAMILIES = 10
LOWEST = 5  # languages that are named
TAUS = ("alignment", "retrieval", "models", "families", "tau-b", "95 % interval", "of family means", "better half")
BY_LANGUAGE = ("alignment", "retrieval", "languages", "models", "median tau-b", "10 % to 90 %", "lowest", "W")


def analysis(observed: Observed) -> tuple[str, list[Section]]:
    """The answer, and the sections."""
    rows, found = _over_models(observed)
    by_language, medians = _by_language(observed)
    told = "; ".join(
        f"{one} with {other} {tau:.2f} ({low:.2f} to {high:.2f}), {upper:.2f} in the better half"
        for one, other, tau, low, high, upper in found
    )
    across = ", ".join(f"{one} with {other} {median:.2f}" for one, other, median in medians)
    said = (
        "Over published models, tau-b between the scores of bitext mining and of retrieval across languages is: "
        f"{told}. Language by language its median is: {across}."
    )
    note = (
        "Over the models that both tasks have. Interval: bootstrap over families, so of other families, from "
        f"{FEWEST_FAMILIES} families on. Better half: of the models, by the retrieval task."
    )
    tables = [
        Table("Over models", TAUS, rows, note),
        Table("Language by language", BY_LANGUAGE, by_language, LANGUAGES),
    ]
    agreement = Section("Agreement of tasks and languages", tables=tuple(_agreement(observed)))
    return said, [Section("Does alignment predict retrieval?", tables=tuple(tables)), agreement]


LANGUAGES = (
    "For each language but English, the mean of its two pairs with English in both tasks, tau-b over models. W: do the "
    "languages of the retrieval task order these models alike?"
)


def is_alignment(observed: Observed, task: str) -> bool:
    """Whether a task is one of alignment."""
    return next(iter(observed.grids[task].runs.values())).metric == ALIGNMENT


def score(observed: Observed, model: str, task: str) -> float:
    """Cr of a model on a task; Mo where the task crosses no languages."""
    try:
        return observed.value(model, task, "Cr")
    except DataError:
        return observed.value(model, task, "Mo")


def _tasks(observed: Observed) -> tuple[list[str], list[str]]:
    both: tuple[list[str], list[str]] = ([], [])
    for task in observed.grids:
        both[not is_alignment(observed, task)].append(task)
    return both


def _shared(observed: Observed, *tasks: str) -> list[str]:
    return [model for model in observed.models if all(model in observed.grids[task].runs for task in tasks)]


Found = tuple[str, str, float, float, float, float]


def _over_models(observed: Observed) -> tuple[list[tuple[str, ...]], list[Found]]:
    rows: list[tuple[str, ...]] = []
    found: list[Found] = []
    for one, other in product(*_tasks(observed)):
        models = _shared(observed, one, other)
        if len(models) < FEWEST_MODELS:
            continue
        scores = np.array([[score(observed, model, task) for model in models] for task in (one, other)])
        families = [observed.families[model] for model in models]
        low, high = family_interval(scores, families)
        means = np.stack([scores[:, np.array(families) == name].mean(axis=1) for name in sorted(set(families))], axis=1)
        tau, upper = tau_b(*scores), tau_b(*scores[:, scores[1] > np.median(scores[1])])
        counts = (str(len(models)), str(means.shape[1]))
        few = means.shape[1] < FEWEST_FAMILIES
        around = "too few families" if few else f"{low:.3f} to {high:.3f}"
        rows.append((one, other, *counts, f"{tau:.3f}", around, f"{tau_b(*means):.3f}", f"{upper:.3f}"))
        if not few:
            found.append((one, other, tau, low, high, upper))
    return rows, found


def family_interval(scores: Floats, families: Sequence[str], draws: int = DRAWS) -> tuple[float, float]:
    """The interval of tau-b of [2, models] over families drawn with replacement.

    A model that is drawn twice is no pair with itself, or ties would weaken the order: pairs of draws of one family
    count within it alone.
    """
    random = np.random.default_rng(0)
    names = sorted(set(families))
    place = np.array([names.index(name) for name in families])
    signs = [np.sign(row[:, None] - row) for row in scores]
    both, one, other = signs[0] * signs[1], signs[0] ** 2, signs[1] ** 2
    same = place[:, None] == place
    taus = []
    for _ in range(draws):
        times = np.bincount(random.integers(len(names), size=len(names)), minlength=len(names))[place].astype(float)
        weights = np.where(same, np.minimum(times[:, None], times), times[:, None] * times)
        untied = float(np.sqrt((weights * one).sum() * (weights * other).sum()))
        if untied:
            taus.append(float((weights * both).sum()) / untied)
    if not taus:
        return float("nan"), float("nan")
    low, high = np.quantile(taus, (LEVEL / 2, 1 - LEVEL / 2))
    return float(low), float(high)


def with_english(observed: Observed, models: Sequence[str], task: str) -> dict[str, Floats]:
    """[models] for each language, the mean over its pairs with English."""
    grid = observed.grids[task]
    values = np.stack([grid.values(model) for model in models])
    found = {}
    for language in languages_of(grid.pairs):
        places = [
            place
            for place, pair in enumerate(grid.pairs)
            if ENGLISH in pair and pair[0] != pair[1] and cluster_of(pair) == language
        ]
        if places:
            found[language] = np.asarray(values[:, places].mean(axis=1))
    return found


def _by_language(observed: Observed) -> tuple[list[tuple[str, ...]], list[tuple[str, str, float]]]:
    rows: list[tuple[str, ...]] = []
    medians: list[tuple[str, str, float]] = []
    for one, other in product(*_tasks(observed)):
        models = _shared(observed, one, other)
        if len(models) < FEWEST_MODELS:
            continue
        first, second = (with_english(observed, models, task) for task in (one, other))
        taus = {language: tau_b(first[language], second[language]) for language in sorted(first.keys() & second.keys())}
        known = {language: tau for language, tau in taus.items() if np.isfinite(tau)}
        if len(known) < 2:
            continue
        low, median, high = np.quantile(list(known.values()), (0.1, 0.5, 0.9))
        lowest = ", ".join(f"{name} {known[name]:.2f}" for name in sorted(known, key=lambda name: known[name])[:LOWEST])
        w = kendall_w(np.stack([second[language] for language in known]))
        counts = (str(len(known)), str(len(models)))
        rows.append((one, other, *counts, f"{median:.3f}", f"{low:.3f} to {high:.3f}", lowest, f"{w:.3f}"))
        medians.append((one, other, float(median)))
    return rows, medians


def _agreement(observed: Observed) -> Iterator[Table]:
    alignment, retrieval = _tasks(observed)
    nano = [task for task in retrieval if task.startswith("nanobeir")]
    large = [task for task in retrieval if task not in nano]
    rows = []
    for name, tasks in (("alignment tasks", alignment), ("retrieval tasks", large), ("NanoBEIR's tasks", nano)):
        for chosen in (tasks, [task for task in tasks if len(observed.grids[task].runs) > 50]):
            models = _shared(observed, *chosen)
            if len(chosen) > 1 and len(models) >= FEWEST_MODELS:
                scores = np.array([[score(observed, model, task) for task in chosen] for model in models])
                rows.append(agreement_row(f"{name}: {', '.join(chosen)}" if len(chosen) < 6 else name, scores))
                break
    for task in [*alignment, *large]:
        models = _shared(observed, task)
        by_language = with_english(observed, models, task)
        if len(by_language) > 1 and len(models) >= FEWEST_MODELS:
            rows.append(agreement_row(f"languages of {task}", np.stack(list(by_language.values()), axis=1)))
    yield Table("", HEAD, rows, NOTE)
    halves = []
    for task in [*alignment, *large]:
        models, grid = _shared(observed, task), observed.grids[task]
        if len(models) >= FEWEST_MODELS and len(grid.pairs) > 3:
            part = split_half(np.stack([grid.values(model) for model in models]))
            halves.append((task, str(len(models)), str(len(grid.pairs)), f"{part.value:.4f}"))
    note = "Correlation of models' means over two halves of the pairs, stepped up (Spearman and Brown): a ceiling."
    yield Table("Split halves over pairs", ("task", "models", "pairs", "reliability"), halves, note)
