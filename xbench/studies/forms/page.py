"""A report as one page that opens from disk, with its figures in it. Knows documents only."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup, escape

from xbench.studies.document import Report, Section, Table
from xbench.studies.forms.picture import STYLE as PICTURES

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: 1rem 0; font-size: .9rem; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
th { text-align: left; }
td { text-align: right; font-variant-numeric: tabular-nums; }
pre { overflow-x: auto; font-size: .8rem; padding: .8rem; border: 1px solid; }
figure { margin: 1rem 0; }
.note { font-size: .9rem; }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def page(report: Report) -> str:
    """The report as an HTML file without scripts."""
    body = "\n".join(line for section in report.sections for line in _section(section))
    return (
        "<!doctype html>\n"
        f'<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(report.title)}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n<style>{STYLE}{PICTURES}</style>\n</head>\n'
        f"<body>\n<main>\n<h1>{escape(report.title)}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _section(section: Section) -> Iterator[Markup]:
    yield Markup("<h2>{}</h2>").format(section.title)
    for paragraph in section.paragraphs:
        yield Markup("<p>{}</p>").format(paragraph)
    if section.points:
        items = Markup("").join(Markup("<li>{}</li>").format(point) for point in section.points)
        yield Markup("<ul>{}</ul>").format(items)
    for table in section.tables:
        yield _table(table)
    for figure in section.figures:
        yield Markup("<figure>{}<figcaption>{}</figcaption></figure>").format(Markup(figure.svg), figure.title)
    if section.code:
        yield Markup("<pre>{}</pre>").format("\n".join(section.code))


def _table(table: Table) -> Markup:
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(cell) for cell in table.head)
    rows = Markup("\n").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            row[0], Markup("").join(Markup("<td>{}</td>").format(cell) for cell in row[1:])
        )
        for row in table.rows
    )
    caption = Markup("<caption>{}</caption>").format(table.title) if table.title else Markup("")
    note = Markup('\n<p class="note">{}</p>').format(table.note) if table.note else Markup("")
    whole = '<div class="wide" tabindex="0"><table>{}<thead><tr>{}</tr></thead>\n<tbody>\n{}\n</tbody></table></div>{}'
    return Markup(whole).format(caption, head, rows, note)
