"""A report in Markdown. Knows documents only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xbench.studies.document import Report, Section, Table


def markdown(report: Report) -> str:
    """The report as a Markdown file; figures are files beside it."""
    lines = [f"# {plain(report.title)}"]
    for section in report.sections:
        lines += ["", f"## {plain(section.title)}", *_section(section)]
    return "\n".join(lines) + "\n"


def _section(section: Section) -> Iterator[str]:
    for paragraph in section.paragraphs:
        yield from ("", plain(paragraph))
    if section.points:
        yield ""
        yield from (f"- {plain(point)}" for point in section.points)
    for table in section.tables:
        yield from _table(table)
    for figure in section.figures:
        yield from ("", f"![{plain(figure.title)}]({figure.name}.svg)")
    if section.code:
        yield from ("", *(f"    {line}" for line in section.code))


def _table(table: Table) -> Iterator[str]:
    if table.title:
        yield from ("", f"**{plain(table.title)}**")
    yield from ("", _row(table.head), _row(["---", *["---:"] * (len(table.head) - 1)], raw=True))
    yield from (_row(row) for row in table.rows)
    if table.note:
        yield from ("", plain(table.note))


def _row(cells: Sequence[str], raw: bool = False) -> str:
    return f"| {' | '.join(cells if raw else map(cell, cells))} |"


def cell(text: str) -> str:
    """Words in a cell of a table."""
    return plain(text).replace("|", "\\|")


def plain(text: str) -> str:
    """Words of a study as words, whatever signs they hold."""
    flat = " ".join(text.split())
    for sign in ("\\", "*", "_", "<", "[", "`", "#"):
        flat = flat.replace(sign, f"\\{sign}")
    return flat
