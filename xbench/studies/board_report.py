"""A study's report as the board takes it: one JSON with the same words, tables and pictures.

What a page of the board has no room for is said in a note. Knows findings, documents and the board's reports.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xbench.board.drawing.plots import Plot
from xbench.board.studies import Hypothesis, ReportTable, Study
from xbench.evaluation.statistics import Estimate
from xbench.specs.study import Study as StudySpec
from xbench.studies.analyses.contrast import claim
from xbench.studies.commands import whole_study
from xbench.studies.deviations import decided_after
from xbench.studies.document import Report, Table
from xbench.studies.findings import Findings
from xbench.studies.pictures import ends, short
from xbench.studies.shown import amount
from xbench.studies.verdicts import Verdict, detectable, margin_size

HYPOTHESES, TABLES, ROWS, COLUMNS, PLOTS, NOTES, TASKS = 100, 20, 500, 40, 30, 50, 100
LONGEST = 4000  # characters of a text
ELSEWHERE = ("Question", "Verdicts", "Pictures", "Commands")  # sections that a page of the board has in its own way


def board_report(findings: Findings, report: Report, plots: Sequence[Plot]) -> Study:
    """The report as a page of the board, which draws the effects itself; `plots`: the other pictures."""
    spec, verdicts = findings.study.spec, findings.verdicts
    hypotheses = [
        hypothesis_of(verdict, decided_after(verdict.test.hypothesis, findings.decisions)) for verdict in verdicts
    ]
    command = " && ".join(whole_study(findings.study))
    said = answer([verdict.word for verdict in verdicts])
    return page_of(spec, report, (said, command, _day(findings)), findings.tasks, hypotheses, plots)


def page_of(
    spec: StudySpec,
    report: Report,
    words: tuple[str, str, str],
    tasks: Sequence[str],
    hypotheses: Sequence[Hypothesis],
    plots: Sequence[Plot],
) -> Study:
    """Any report as a page of the board. `words`: the answer, the command, and the day, "" where none is known."""
    said, command, day = words
    tables = [
        (section.title, table)
        for section in report.sections
        if section.title not in ELSEWHERE
        for table in section.tables
    ]
    notes = [*_left((hypotheses, tables, plots, tasks), tables), *_notes(report)]
    if len(notes) > NOTES:
        notes[NOTES - 1 :] = [f"{len(notes) - NOTES + 1} more notes stand in the report."]
    return Study(
        name=spec.name,
        title=short(spec.title or spec.name),
        date=day,
        command=command,
        tasks=tuple(tasks[:TASKS]),
        question=spec.question[:LONGEST],
        answer=said[:LONGEST],
        hypotheses=tuple(hypotheses[:HYPOTHESES]),
        notes=tuple(text[:LONGEST] for text in notes),
        tables=tuple(_table(title, table) for title, table in tables[:TABLES]),
        plots=tuple(plots[:PLOTS]),
    )


def answer(verdicts: Sequence[str]) -> str:
    """How many hypotheses came to what."""
    if not verdicts:
        return "No hypothesis was stated; what follows is a description."
    counted = ", ".join(f"{verdicts.count(word)} {word}" for word in ("supported", "refuted", "undecided"))
    return f"Of {len(verdicts)} hypotheses: {counted}."


def _left(parts: Sequence[Sequence[object]], tables: Sequence[tuple[str, Table]]) -> Iterator[str]:
    """`parts`: hypotheses, tables, pictures and tasks."""
    names, most = ("hypotheses", "tables", "pictures", "tasks"), (HYPOTHESES, TABLES, PLOTS, TASKS)
    for what, part, room in zip(names, parts, most, strict=True):
        if len(part) > room:
            yield f"{len(part) - room} more {what} stand in the report."
    for title, table in tables[:TABLES]:
        if len(table.rows) > ROWS or len(table.head) > COLUMNS:
            yield f"The table {_title(title, table)!r} is whole in the report alone."


def _notes(report: Report) -> Iterator[str]:
    for section in report.sections:
        if section.title not in ELSEWHERE:
            yield from (f"{section.title}: {point}" for point in (*section.paragraphs, *section.points))
            yield from dict.fromkeys(table.note for table in section.tables if table.note)


def _day(findings: Findings) -> str:
    """The day of the newest result, "" where none says it: never the clock's."""
    every = [result for by_seed in findings.evidence.results.values() for result in by_seed.values()]
    return max((result.provenance.filed or "" for result in every), default="")[:10]


def hypothesis_of(verdict: Verdict, decided: int | None) -> Hypothesis:
    """A verdict on the page; `decided`: after how many runs its hypothesis was, None where that is not known."""
    test, scale = verdict.test, verdict.test.outcome.scale
    sides = test.hypothesis.contrast or test.hypothesis.interaction
    effect, low, high = _effect(test.estimate, scale)
    return Hypothesis(
        name=short(test.name),
        statement=f"{sides}: {claim(verdict)}"[:LONGEST],
        verdict=verdict.word,
        margin=margin_size(test.hypothesis) / scale or None,
        unit=test.outcome.unit,
        note=" ".join(_note(verdict, decided))[:LONGEST],
        p=None if test.estimate is None else verdict.p,
        effect=effect,
        low=low,
        high=high,
    )


def _effect(estimate: Estimate | None, scale: float) -> tuple[float | None, float | None, float | None]:
    if estimate is None:
        return None, None, None
    value = estimate.value / scale
    return value, *ends(value, estimate.half / scale)


def _note(verdict: Verdict, decided: int | None) -> Iterator[str]:
    test = verdict.test
    if decided is None or decided:
        yield "Decided after runs were done: exploratory."
    if test.estimate is None:
        yield f"Not tested: {test.why}."
    smallest = detectable(test)
    if verdict.word == "undecided" and smallest is not None:
        what = "distance from the margin" if test.hypothesis.margin else "effect"
        shown = f"{amount(smallest, test.outcome)} {test.outcome.unit}"
        yield f"Runs like these show a true {what} of {shown} with a power of 80 %."


def _table(section: str, table: Table) -> ReportTable:
    rows = tuple(tuple(cell[:LONGEST] for cell in row[:COLUMNS]) for row in table.rows[:ROWS])
    return ReportTable(title=_title(section, table), columns=tuple(map(short, table.head[:COLUMNS])), rows=rows)


def _title(section: str, table: Table) -> str:
    return short(": ".join(part for part in (section, table.title) if part))
