"""Reports that stand beside the results: studies and alignment metrics, as typed values and as the JSON they come in.

Whoever makes such a report writes one JSON file; docs/leaderboard.md lists its keys. Its pictures are data that this
package draws, never markup: every text is escaped where it is shown, and every address is one of this site. Knows files
and drawings; no result and no page.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from xbench.board.drawing.plots import Plot
from xbench.board.drawing.values import Quantity, Words
from xbench.errors import DataError, visible
from xbench.specs.parts import Language, Name, Spec
from xbench.specs.registry import shipped
from xbench.specs.strict_json import strict_json

LARGEST = 5_000_000  # bytes of such a file
MOST = 500  # rows of a table
Text = Annotated[str, Field(max_length=5000)]
Day = Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$")]
Verdict = Literal["supported", "refuted", "undecided"]
Share = Annotated[float, Field(ge=0, le=1)]


class Hypothesis(Spec):
    """A hypothesis and what became of it: the effect with its 95 % interval, and p after correction."""

    name: Words
    statement: Text
    verdict: Verdict
    effect: Quantity | None = None
    low: Quantity | None = None
    high: Quantity | None = None
    p: Share | None = None
    margin: Quantity | None = None
    unit: Words = "points"
    note: Text = ""


class ReportTable(Spec):
    """A table: texts and numbers, a row each; numbers are shown as they are rounded here, to `digits`."""

    title: Words
    columns: Annotated[tuple[Words, ...], Field(min_length=1, max_length=40)]
    rows: Annotated[tuple[tuple[Text | Quantity | None, ...], ...], Field(max_length=MOST)]
    digits: Annotated[int, Field(ge=0, le=6)] = 1

    @model_validator(mode="after")
    def _rectangle(self) -> ReportTable:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"rows: {len(self.columns)} entries in each, as many as columns")
        return self


class Report(Spec):
    """What both kinds say of themselves. `tasks`: names of those that it speaks of, whose pages lead to it."""

    format: Literal[1] = Field(1, alias="schema")
    name: Name
    title: Words
    date: Day = ""
    command: Text = ""
    tasks: Annotated[tuple[Name, ...], Field(max_length=100)] = ()
    notes: Annotated[tuple[Text, ...], Field(max_length=50)] = ()
    tables: Annotated[tuple[ReportTable, ...], Field(max_length=20)] = ()
    plots: Annotated[tuple[Plot, ...], Field(max_length=30)] = ()


class Study(Report):
    """A question, and the verdict on each of its hypotheses."""

    kind: Literal["study"] = "study"
    question: Text
    answer: Text = ""
    hypotheses: Annotated[tuple[Hypothesis, ...], Field(max_length=100)] = ()


class PairMetric(Spec):
    """A metric of two languages' vectors; `pairs["de"]["en"]`: of German queries or texts with English ones."""

    name: Words
    meaning: Text = ""
    better: Literal["high", "low", ""] = ""
    digits: Annotated[int, Field(ge=0, le=6)] = 3
    pairs: Annotated[dict[Language, dict[Language, Quantity]], Field(min_length=1, max_length=300)]


class Alignment(Report):
    """How close the vectors of translations lie, by pair of languages, of one model."""

    kind: Literal["alignment"] = "alignment"
    model: Words
    data: Words = ""
    metrics: Annotated[tuple[PairMetric, ...], Field(min_length=1, max_length=20)]


@dataclass(frozen=True)
class Reports:
    """All of them, by name."""

    studies: Sequence[Study] = ()
    alignments: Sequence[Alignment] = ()

    def __bool__(self) -> bool:
        return bool(self.studies or self.alignments)


_ANY: TypeAdapter[Study | Alignment] = TypeAdapter(Annotated[Study | Alignment, Field(discriminator="kind")])


def report_files(places: Iterable[Path]) -> list[Path]:
    """The JSON files of folders, and files named as they are. Raises DataError where a place is none."""
    files: set[Path] = set()
    for place in places:
        if not place.exists():
            raise DataError(f"{place}: no such file or folder; name what `xbench study report` wrote")
        files.update([place] if place.is_file() else place.rglob("*.json"))
    return sorted(files)


def shipped_reports(tasks: Collection[str]) -> Reports:
    """The studies that ship, as far as all their tasks are among `tasks`."""
    reports = read_reports(report_files([shipped("docs") / "studies"]))
    return Reports([study for study in reports.studies if set(study.tasks) <= set(tasks)])


def read_reports(files: Iterable[Path]) -> Reports:
    """Every report in the files, by name. Raises DataError with the file, the key and what was expected there."""
    reports = {}
    for path in files:
        report = parse_report(_content(path), str(path))
        if (report.kind, report.name) in reports:
            raise DataError(f"{path}: name: a second {report.kind} {report.name!r}; give each its own name")
        reports[report.kind, report.name] = report
    every = [report for _, report in sorted(reports.items())]
    studies = [report for report in every if isinstance(report, Study)]
    return Reports(studies, [report for report in every if isinstance(report, Alignment)])


def _content(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise DataError(f"{path}: {path.stat().st_size:,} bytes, expected at most {LARGEST:,}")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as text: {error}") from None


def parse_report(text: str, source: str) -> Study | Alignment:
    """The report in a text. Raises DataError; `source` names the file there."""
    try:
        strict_json(text)
        return _ANY.validate_json(text)
    except ValidationError as error:
        raise DataError(f"{source}: {_fault(error)}") from None
    except ValueError as error:
        raise DataError(f"{source}: no JSON: {visible(error, 200)}") from None


def _fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in fault["loc"] if part not in ("study", "alignment"))
    return visible(f"{where or 'kind'}: {fault['msg']}, found {fault['input']!r:.80}", 400)


def every_report(reports: Reports) -> list[Study | Alignment]:
    """Of both kinds."""
    return [*reports.studies, *reports.alignments]


def written(report: Study | Alignment) -> str:
    """The report as its file has it."""
    return json.dumps(report.model_dump(mode="json", by_alias=True), indent=1, ensure_ascii=False) + "\n"
