"""docs/studies/README.md: the verdicts of the studies that ship, from their reports' JSON and nothing else.

python benchmarks/study_table.py docs/studies           # writes README.md there
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from xbench.board.pages import number
from xbench.board.studies import Hypothesis, Study, read_reports, report_files
from xbench.studies.forms.markdown import cell, plain

HEAD = """# Reports of studies

Written by `python benchmarks/study_table.py docs/studies` from the `report.json` that `xbench study report` leaves in
each folder; how verdicts come about stands in [studies](../studies.md).
"""
COLUMNS = ("study", "hypothesis", "verdict", "effect", "95 % interval")
LIMITS = "What this cannot tell: "


def table(studies: list[Study]) -> str:
    """The whole file: the verdicts, then what each study asked and cannot tell."""
    rows = [row for study in studies for row in _rows(study)]
    lines = [HEAD, _line(COLUMNS), _line(("---", "---", "---", "---:", "---:")), *map(_line, rows)]
    for study in studies:
        lines += ["", f"## {plain(study.title)}", "", plain(study.question), "", plain(study.answer), ""]
        lines += ["What it cannot tell:", "", *(f"- {plain(limit)}" for limit in _limits(study))]
    return "\n".join(lines) + "\n"


def _rows(study: Study) -> Iterator[tuple[str, ...]]:
    for one in study.hypotheses:
        name = f"[{plain(study.name)}]({study.name}/report.md)"
        yield (name, cell(f"{one.name}: {one.statement}"), one.verdict, *_numbers(one))


def _numbers(one: Hypothesis) -> tuple[str, str]:
    digits = 1 if one.unit == "ranks" else 2
    if one.effect is None:
        return "not tested", ""
    return f"{number(one.effect, digits)} {one.unit}", f"{number(one.low, digits)} to {number(one.high, digits)}"


def _limits(study: Study) -> list[str]:
    return [note.removeprefix(LIMITS) for note in study.notes if note.startswith(LIMITS)]


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Write the table."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/studies")
    text = table(list(read_reports(report_files([folder])).studies))
    (folder / "README.md").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
