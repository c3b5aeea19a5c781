"""Tables for notebooks: HTML in which every text is escaped. Knows texts only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

RIGHT = Markup(' style="text-align: right"')


def html_table(headings: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "", names: int = 1) -> Markup:
    """A table whose first `names` columns are words and the others numbers; texts that are Markup stand as they are."""
    lines = [Markup("<table>"), Markup("<caption>{}</caption>").format(caption) if caption else Markup("")]
    lines.append(_row("th", headings, names))
    lines += [_row("td", row, names) for row in rows]
    return Markup("\n").join(line for line in [*lines, Markup("</table>")] if line)


def _row(tag: str, texts: Sequence[str], names: int) -> Markup:
    cells = [
        Markup("<{0}{1}>{2}</{0}>").format(tag, "" if place < names else RIGHT, escape(text))
        for place, text in enumerate(texts)
    ]
    return Markup("<tr>{}</tr>").format(Markup("").join(cells))


def decimal(value: float | None, digits: int = 4) -> str:
    """A number with so many decimals; a dash where there is none."""
    return "–" if value is None else f"{value:,.{digits}f}"
