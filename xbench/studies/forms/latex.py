"""The tables of a report in LaTeX (booktabs), to be put into a paper. Knows documents only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xbench.studies.document import Report, Table

SIGNS = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "\u2212": "$-$",
    "±": r"$\pm$",
}


def latex(report: Report) -> str:
    """Every table of the report, one after the other."""
    lines = [f"% {_flat(report.title)}; needs \\usepackage{{booktabs}}"]
    for section in report.sections:
        for table in section.tables:
            lines += ["", *_table(table, section.title)]
    return "\n".join(lines) + "\n"


def _table(table: Table, section: str) -> Iterator[str]:
    columns = "l" + "r" * (len(table.head) - 1)
    yield from (r"\begin{table}", r"\centering", f"\\begin{{tabular}}{{{columns}}}", r"\toprule")
    yield from (_row(table.head), r"\midrule")
    yield from (_row(row) for row in table.rows)
    caption = ": ".join(part for part in (section, table.title) if part)
    note = f". {table.note}" if table.note else ""
    yield from (r"\bottomrule", r"\end{tabular}", f"\\caption{{{_escaped(caption + note)}}}", r"\end{table}")


def _row(cells: Sequence[str]) -> str:
    return " & ".join(map(_escaped, cells)) + r" \\"


def _escaped(text: str) -> str:
    return "".join(SIGNS.get(sign, sign) for sign in _flat(text))


def _flat(text: str) -> str:
    return " ".join(text.split())
