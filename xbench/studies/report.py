"""The report of a study: what was asked, what was found, what was done otherwise than planned, what cannot be told, and
the command behind every number. The same runs give the same bytes. Knows findings and forms.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from xbench.board.drawing.forest import Forest
from xbench.board.drawing.plots import draw
from xbench.board.studies import written
from xbench.errors import DataError
from xbench.files import make_folder, whole
from xbench.specs.study_outcomes import parse_outcome
from xbench.studies.analyses import sections_of
from xbench.studies.analyses.contrast import claim
from xbench.studies.arms import Arm
from xbench.studies.board_report import board_report
from xbench.studies.commands import commands
from xbench.studies.deviations import decided_after, deviations
from xbench.studies.document import Figure, Report, Section, Table
from xbench.studies.findings import Findings
from xbench.studies.forms.latex import latex
from xbench.studies.forms.markdown import markdown
from xbench.studies.forms.page import page
from xbench.studies.forms.picture import standalone
from xbench.studies.limits import limits
from xbench.studies.pictures import Named
from xbench.studies.plots import pictures_of
from xbench.studies.shown import mean
from xbench.studies.verdicts import margin_size

FORMS = {"report.md": markdown, "report.html": page, "report.tex": latex}
COMMANDS = "The first two make everything, from nothing; the others a run each, with the file of its numbers."
WIDTH = 800  # of a picture


def report_of(findings: Findings, pictures: Sequence[Named]) -> Report:
    """The report as a value."""
    spec = findings.study.spec
    told = deviations(findings) or ["None: what is reported is what was decided before the first run."]
    sections = (
        Section("Question", (spec.question,), points=tuple(_design(findings))),
        *sections_of(findings),
        *_pictured(pictures),
        Section("Deviations from the plan", points=tuple(told)),
        Section("Means", tables=tuple(_means(findings))),
        Section("What this cannot tell", points=tuple(limits(findings))),
        Section("Commands", (COMMANDS,), code=tuple(commands(findings))),
    )
    return Report(spec.title or spec.name, tuple(sections), tuple(_records(findings)))


def write_report(findings: Findings, folder: Path) -> list[Path]:
    """Write the report in every form, and its pictures; the files."""
    pictures = list(pictures_of(findings))
    report = report_of(findings, pictures)
    others = [picture.plot for picture in pictures if not isinstance(picture.plot, Forest)]
    return write_forms(report, folder, {"report.json": written(board_report(findings, report, others))})


def write_forms(report: Report, folder: Path, more: Mapping[str, str]) -> list[Path]:
    """Write a report in every form, and `more` texts by the names of their files; the files."""
    texts = {name: form(report) for name, form in FORMS.items()} | {"report.csv": _csv(report), **more}
    texts |= {f"{figure.name}.svg": standalone(figure.svg) for section in report.sections for figure in section.figures}
    make_folder(folder)
    for name, text in texts.items():
        with whole(folder / name) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="\n")
    return [folder / name for name in texts]


def _pictured(pictures: Sequence[Named]) -> Iterator[Section]:
    figures = tuple(
        Figure(one.name, f"{one.plot.title}. {one.plot.description}", str(draw(one.plot, one.name, WIDTH)))
        for one in pictures
    )
    if figures:
        yield Section("Pictures", figures=figures)


def _design(findings: Findings) -> Iterator[str]:
    spec = findings.study.spec
    for name, levels in spec.levels().items():
        yield f"{name}: {', '.join(level.name for level in levels)}"
    if spec.controls:
        yield f"controls: {', '.join(control.name for control in spec.controls)}"
    fixed = {"model": spec.fixed.model, "recipe": spec.fixed.recipe, "corpus": spec.fixed.corpus}
    said = [f"{key} {value}" for key, value in fixed.items() if value]
    said += [f"{key} = {_words(value)}" for key, value in spec.fixed.set.items()]
    if said:
        yield f"the same in every arm: {', '.join(said)}"
    seeds = ", ".join(map(str, spec.all_seeds))
    done = sum(findings.folder.is_done(run) for run in findings.runs)
    yield f"tasks: {', '.join(findings.tasks)}; seeds: {seeds}; {done} of {len(findings.runs)} runs are done"


def _words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _means(findings: Findings) -> Iterator[Table]:
    outcomes = findings.study.spec.outcomes
    units = ", ".join(f"{text} in {parse_outcome(text).unit}" for text in outcomes)
    for task in findings.tasks:
        rows = [
            (
                arm.name,
                str(len(findings.evidence.seeds(arm, task))),
                *(_mean(findings, arm, task, one) for one in outcomes),
            )
            for arm in findings.arms
        ]
        note = f"{units}; ± half of the 95 % interval over questions and seeds."
        yield Table(task, ("arm", "seeds", *outcomes), rows, note)


def _mean(findings: Findings, arm: Arm, task: str, outcome: str) -> str:
    try:
        sample = findings.evidence.sample(arm, task, outcome)
    except DataError:
        return "-"
    return mean(sample, parse_outcome(outcome))


def _records(findings: Findings) -> Iterator[dict[str, str | float | None]]:
    for verdict in findings.verdicts:
        test, estimate = verdict.test, verdict.test.estimate
        yield {
            "hypothesis": test.hypothesis.name,
            "task": test.task,
            "sides": test.hypothesis.contrast or test.hypothesis.interaction,
            "outcome": test.hypothesis.outcome,
            "claim": claim(verdict),
            "margin": margin_size(test.hypothesis) or None,
            "effect": estimate.value if estimate else None,
            "low": estimate.value - estimate.half if estimate else None,
            "high": estimate.value + estimate.half if estimate else None,
            "error": estimate.error if estimate else None,
            "freedom": estimate.freedom if estimate else None,
            "clusters": estimate.clusters if estimate else None,
            "p_support": test.support,
            "p_refute": test.refute,
            "p_holm": verdict.p,
            "family": test.hypothesis.family,
            "decided_after_runs": decided_after(test.hypothesis, findings.decisions),
            "verdict": verdict.word,
            "why": test.why,
        }


def _csv(report: Report) -> str:
    text = io.StringIO()
    names = list(dict.fromkeys(name for record in report.records for name in record)) or ["hypothesis"]
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: "" if value is None else value for name, value in one.items()} for one in report.records)
    return text.getvalue()
