"""The report of a study of published runs: the answer first, then its tests, means, models, and what it cannot say."""

from __future__ import annotations

import csv
import io
import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from xbench.board.studies import written
from xbench.errors import DataError
from xbench.evaluation.statistics import Sample
from xbench.files import whole
from xbench.reports.caveats import few_clusters
from xbench.reports.claims import probability
from xbench.specs.study_outcomes import parse_outcome
from xbench.studies.analyses.contrast import claim
from xbench.studies.board_report import hypothesis_of, page_of
from xbench.studies.document import Report, Section, Table
from xbench.studies.machine import Declared
from xbench.studies.observed import reliability, scaling
from xbench.studies.observed.contrasts import POPULATIONS, verdicts_of
from xbench.studies.observed.evidence import Observed
from xbench.studies.observed.overlap import overlap_section
from xbench.studies.report import write_forms
from xbench.studies.shown import amount, change, interval, mean
from xbench.studies.verdicts import Verdict, margin_size

HEAD = ("hypothesis", "claim", "effect", "95 % interval", "p (Holm)", "models", "clusters", "verdict")
RULE = (
    "A family is what mteb's `adapted_from` joins, and models of one organisation whose names differ in sizes, "
    "versions and words such as `embedding` alone. Families that share data, or a base that is not stated, stand apart."
)
LIMITS = (
    "Models are no random sample, and not independent: they share training data, teachers and base models beyond what "
    "families join; intervals over families are too narrow by that.",
    "Kinds of models differ in much besides what names them (size, data, year): nothing here is a cause.",
    "The numbers were public before the hypotheses were written, so every test here is exploratory.",
    "Scores are as published: one run of each model, no values by question, prompts and revisions as they were.",
)
Analysis = Callable[[Observed], tuple[str, list[Section]]]
ANALYSES: Mapping[str, Analysis] = {
    "reliability": reliability.analysis,
    "scaling": scaling.analysis,
}


def report_of(observed: Observed, held: list[Verdict]) -> Report:
    """The report as a value; `held`: the verdicts."""
    spec = observed.study.spec
    analysis = ANALYSES.get(spec.analysis)
    said, more = analysis(observed) if analysis else ("", [])
    sections = (
        Section("Answer", (" ".join(part for part in (said, answer(held)) if part),)),
        Section("Question", (spec.question,), points=tuple(_design(observed))),
        *([_verdict_section(held)] if held else []),
        *more,
        Section("Means", tables=tuple(_means(observed))),
        Section("Models and families", (RULE,), tables=tuple(_models(observed))),
        overlap_section(observed),
        Section("What this cannot tell", points=tuple(_limits(observed, held))),
        Section("Commands", ("Everything from nothing, without a network.",), code=(_command(observed.study),)),
    )
    return Report(spec.title or spec.name, sections, tuple(map(_record, held)))


def write_observed(study: Declared, folder: Path) -> tuple[list[Path], list[Verdict]]:
    """Write the report in every form, and values.csv with each model's outcomes; the files and the verdicts."""
    observed = Observed(study)
    held = verdicts_of(observed)
    report = report_of(observed, held)
    words = (answer(held), _command(study), "")
    page = page_of(study.spec, report, words, list(observed.grids), [hypothesis_of(one, 0) for one in held], ())
    paths = write_forms(report, folder, {"report.json": written(page)})
    with whole(folder / "values.csv") as temporary:
        temporary.write_text(values_csv(observed), encoding="utf-8", newline="\n")
    return [*paths, folder / "values.csv"], held


def answer(held: list[Verdict]) -> str:
    """The verdicts in a few words, findings first."""
    parts = []
    tested = [one for one in held if one.test.estimate]
    for word in ("supported", "refuted", "undecided"):
        named = [f"{one.test.name}{_effect(one)}" for one in tested if one.word == word]
        if named:
            parts.append(f"{word.capitalize()}: {'; '.join(named)}.")
    if len(held) > len(tested):
        parts.append(f"{len(held) - len(tested)} of {len(held)} claims cannot be tested for want of runs.")
    return " ".join(parts)


def _effect(verdict: Verdict) -> str:
    """The effect with its interval."""
    test = verdict.test
    if test.estimate is None:
        return ""
    return f" ({change(test.estimate.value, test.outcome)}, {interval(test.estimate, test.outcome)})"


def _design(observed: Observed) -> Iterator[str]:
    spec = observed.study.spec
    for kind, models in observed.kinds.items():
        yield f"{kind}: {len(models)} models of {len({observed.families[model] for model in models})} families"
    for name, languages in spec.groups.items():
        yield f"{name}: {', '.join(languages)}"
    for grid in observed.grids.values():
        left = f"; {grid.partial} with a part of them are left out" if grid.partial else ""
        yield f"{grid.name}: {len(grid.runs)} published runs of {len(grid.pairs)} pairs{left}"
    origins = {(run.origin.source, run.origin.commit) for grid in observed.grids.values() for run in grid.runs.values()}
    yield "source: " + "; ".join(f"{source} {commit}".strip() for source, commit in sorted(origins))


def _verdict_section(held: list[Verdict]) -> Section:
    used = dict.fromkeys(one.test.hypothesis.over for one in held)
    points = [f"Tests over {name} speak of {POPULATIONS[name]}." for name in used]
    points += [f"{one.test.name}: not tested: {one.test.why}." for one in held if one.test.estimate is None]
    note = (
        "Effects in points (metric x 100), the first side less the second, by the project's test over these clusters; "
        "Holm's correction within the family of hypotheses; intervals are of single effects."
    )
    return Section("Verdicts", points=tuple(points), tables=(Table("", HEAD, [_row(one) for one in held], note),))


def _row(verdict: Verdict) -> tuple[str, ...]:
    test = verdict.test
    said = (test.name, claim(verdict))
    if test.estimate is None:
        return (*said, "-", "-", "-", "-", "-", verdict.word)
    effect, around = change(test.estimate.value, test.outcome), interval(test.estimate, test.outcome)
    models = " and ".join(map(str, test.seeds))
    clusters = f"{test.estimate.clusters} {test.hypothesis.over}"
    return (*said, effect, around, probability(verdict.p), models, clusters, verdict.word)


def _means(observed: Observed) -> Iterator[Table]:
    outcomes = observed.study.spec.outcomes
    for task, grid in observed.grids.items():
        rows = []
        for kind, models in observed.kinds.items():
            there = [model for model in models if model in grid.runs]
            if there:
                families = sorted({observed.families[model] for model in there})
                cells = (_mean(observed, there, task, text, families) for text in outcomes)
                rows.append((kind, str(len(there)), str(len(families)), *cells))
        note = f"{grid.runs[next(iter(grid.runs))].metric} in points; ± half of the 95 % interval over families."
        yield Table(task, ("kind", "models", "families", *outcomes), rows, note)


def _mean(observed: Observed, models: list[str], task: str, text: str, families: list[str]) -> str:
    try:
        sample: Sample = observed.over_families(models, task, text, families)
    except DataError:
        return "-"
    name = parse_outcome(text)
    return mean(sample, name) if len(families) > 1 else amount(sample.value, name)


def _models(observed: Observed) -> Iterator[Table]:
    for kind, models in observed.kinds.items():
        counts = Counter(observed.families[model] for model in models)
        rows = [
            (family, str(count), ", ".join(model for model in models if observed.families[model] == family))
            for family, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        ]
        yield Table(kind, ("family of", "models", "which"), rows)


def _limits(observed: Observed, held: list[Verdict]) -> Iterator[str]:
    yield from observed.study.spec.limits
    yield from LIMITS
    clusters = min((one.test.estimate.clusters for one in held if one.test.estimate), default=0)
    if clusters:
        yield from few_clusters(clusters)
    if any(one.word == "undecided" for one in held):
        yield "Undecided is no finding of sameness: that needs a margin, and data that rule out more than it."


def _command(study: Declared) -> str:
    return shlex.join(["xbench", "study", "report", study.source, "--to", f"docs/studies/{study.spec.name}"])


def values_csv(observed: Observed) -> str:
    """A row per model, task and outcome, unrounded."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("kind", "family", "model", "task", "outcome", "value"))
    for kind, models in observed.kinds.items():
        for model in models:
            for task, grid in observed.grids.items():
                for outcome in observed.study.spec.outcomes if model in grid.runs else ():
                    try:
                        value = observed.value(model, task, outcome)
                    except DataError:
                        continue
                    writer.writerow((kind, observed.families[model], model, task, outcome, f"{value:.7f}"))
    return text.getvalue()


def _record(verdict: Verdict) -> dict[str, str | float | None]:
    test, estimate = verdict.test, verdict.test.estimate
    return {
        "hypothesis": test.hypothesis.name,
        "task": test.task,
        "sides": test.hypothesis.contrast,
        "outcome": test.hypothesis.outcome,
        "over": test.hypothesis.over,
        "claim": claim(verdict),
        "margin": margin_size(test.hypothesis) or None,
        "effect": estimate.value if estimate else None,
        "low": estimate.value - estimate.half if estimate else None,
        "high": estimate.value + estimate.half if estimate else None,
        "error": estimate.error if estimate else None,
        "freedom": estimate.freedom if estimate else None,
        "clusters": estimate.clusters if estimate else None,
        "p_holm": verdict.p,
        "family": test.hypothesis.family,
        "verdict": verdict.word,
        "why": test.why,
    }
