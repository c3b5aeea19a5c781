"""A table as LaTeX (booktabs), Markdown, HTML or CSV. The same table gives the same bytes; nothing reads a clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from xbench.errors import visible
from xbench.reports.table_values import Cell, TableRow, TableValues
from xbench.reports.table_words import caption, label, leaders, shown, words
from xbench.results.csv_text import csv_text
from xbench.results.notebook import html_table
from xbench.results.settings import ONE_SCRIPT, POOL, TWO_SCRIPTS, script_means

DIFFERS, PARTIAL, CLAIMED = "\u2020", "\u2021", "\u00a7"
LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    DIFFERS: r"\dag{}",
    PARTIAL: r"\ddag{}",
    CLAIMED: r"\S{}",
    **{special: f"\\{special}" for special in "{}$&#_%"},
}
NO_LABEL = re.compile(r"[^A-Za-z0-9.:-]+")  # what LaTeX cannot have in a label


@dataclass(frozen=True)
class TableStyle:
    """How a format marks words: each takes text that is escaped already."""

    escape: Callable[[str], str]
    bold: Callable[[str], str]
    underline: Callable[[str], str]
    interval: Callable[[str], str]
    raised: Callable[[str], str]
    grid: Callable[[str, str, Sequence[str], Sequence[Sequence[str]]], str]  # caption, label, headings, rows


def render(table: TableValues, style: str, intervals: bool = True, appendix: bool = False) -> str:
    """The text of a table in `style`: latex, md, html or csv."""
    if style == "csv":
        return _long_csv(table) if appendix else _csv(table)
    markup = {"latex": _LATEX, "md": _MARKDOWN, "html": _HTML}[style]
    parts = [_main(table, markup, intervals)]
    if appendix:
        parts += _appendix(table, markup)
    return "\n".join(parts)


def _main(table: TableValues, markup: TableStyle, intervals: bool) -> str:
    first = words(table)
    headings = (*first, *table.columns)
    best = {name: leaders(table, name) for name in table.columns}
    rows = [
        [
            *(markup.escape(text_of(row)) for text_of in first.values()),
            *(_cell(table, row, name, best[name], markup, intervals) for name in table.columns),
        ]
        for row in table.rows
    ]
    return markup.grid(caption(table, intervals), table.result.task, headings, rows)


def _cell(
    table: TableValues, row: TableRow, name: str, best: tuple[str, str], markup: TableStyle, intervals: bool
) -> str:
    cell = row.cells[name]
    if cell is None:
        return "--"
    value, low, high = (shown(name, number, table.differences) for number in (cell.value, cell.low, cell.high))
    text = markup.escape(value)
    if value and not row.chance and not cell.partial:
        text = markup.bold(text) if value == best[0] else markup.underline(text) if value == best[1] else text
    claimed = cell.claim is not None and cell.claim.shown
    marks = "".join(mark for mark, on in ((DIFFERS, cell.differs), (PARTIAL, cell.partial), (CLAIMED, claimed)) if on)
    text += markup.raised(markup.escape(marks)) if marks else ""
    return f"{text} {markup.interval(f'[{low}, {high}]')}" if intervals else text


def _appendix(table: TableValues, markup: TableStyle) -> Iterator[str]:
    """Monolingual by language, the pool by query language, Cr by scripts, and each configuration's grid of pairs."""
    names = {name: tuple(name.rsplit("-", 1)) for row in table.rows for name in row.settings}
    title = table.result.task_spec.title or table.result.task
    mono = [query for query in table.result.counts.queries if f"{query}-{query}" in names]
    pool = [query for query in table.result.counts.queries if f"{query}-{POOL}" in names]
    for part, queries, ending in (("monolingual", mono, None), ("against the pool", pool, POOL)):
        if queries:
            first = words(table)
            settings = [f"{query}-{ending or query}" for query in queries]
            rows = [
                [*(markup.escape(text_of(row)) for text_of in first.values()), *_values(row, settings)]
                for row in table.rows
            ]
            text = f"{title}: {table.metric} {part}, by query language, in percent; {_scored(table.rows, settings)}."
            key = f"{table.result.task}-{'pool' if ending else 'mono'}"
            yield markup.grid(text, key, (*first, *queries), rows)
    yield from _by_scripts(table, markup, title)
    for number, row in enumerate(table.rows, start=1):
        asked, answers = table.result.counts.queries, table.result.counts.documents
        rows = [
            [markup.escape(query), *_values(row, [f"{query}-{document}" for document in answers])] for query in asked
        ]
        settings = [f"{query}-{document}" for query in asked for document in answers]
        text = (
            f"{title}: {table.metric} of {row.model}, {label(table, row)}, in percent; rows ask, columns answer; "
            f"{_scored([row], settings)}."
        )
        yield markup.grid(text, f"{table.result.task}-pairs-{number}", ("", *answers), rows)


def _by_scripts(table: TableValues, markup: TableStyle, title: str) -> Iterator[str]:
    """Cr over pairs of languages that share a script and over those of two, where there is a pair of each."""
    first, rows = words(table), []
    for row in table.rows:
        means = script_means(table.result, {name: value for name, (value, _) in row.settings.items()})
        cells = ["--" if value is None else shown(name, value) for name, value in means.items()]
        rows.append([*(markup.escape(text_of(row)) for text_of in first.values()), *cells])
    if any("--" not in row[-2:] for row in rows):
        text = (
            f"{title}: {table.metric} between two languages of one script, which share strings, and of two scripts, in "
            "percent; macro means over pairs."
        )
        yield markup.grid(text, f"{table.result.task}-scripts", (*first, ONE_SCRIPT, TWO_SCRIPTS), rows)


def _values(row: TableRow, settings: Sequence[str]) -> list[str]:
    return [shown(name, row.settings[name][0]) if name in row.settings else "--" for name in settings]


def _scored(rows: Sequence[TableRow], settings: Sequence[str]) -> str:
    """How many queries a value is a mean of."""
    counts = [row.settings[name][1] for row in rows for name in settings if name in row.settings]
    few, many = min(counts, default=0), max(counts, default=0)
    return f"n = {many:,} queries each" if few == many else f"n = {few:,} to {many:,} queries each"


def _latex_grid(text: str, key: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    plain = sum(heading in ("Model", "Recipe", "") for heading in headings)
    lines = [
        r"\begin{table}[t]",
        r"\centering",
        rf"\caption{{{_escape_latex(text)}}}",
        rf"\label{{tab:{NO_LABEL.sub('-', key)}}}",
        rf"\begin{{tabular}}{{{'l' * plain}{'r' * (len(headings) - plain)}}}",
        r"\toprule",
        " & ".join(map(_escape_latex, headings)) + r" \\",
        r"\midrule",
        *(" & ".join(row) + r" \\" for row in rows),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _markdown_grid(text: str, key: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    plain = sum(heading in ("Model", "Recipe", "") for heading in headings)
    rule = ["---"] * plain + ["---:"] * (len(headings) - plain)
    lines = [f"| {' | '.join(cells)} |" for cells in (headings, rule, *rows)]
    return "\n".join([*lines, "", _escape_markdown(text)]) + "\n"


def _html_grid(text: str, key: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    plain = sum(heading in ("Model", "Recipe", "") for heading in headings)
    return html_table(headings, [[Markup(cell) for cell in row] for row in rows], text, plain)


def _escape_latex(text: str) -> str:
    return "".join(LATEX.get(character, character) for character in _one_line(text))


def _escape_markdown(text: str) -> str:
    return "".join(f"\\{character}" if character in "\\|*_`[]<>" else character for character in _one_line(text))


def _one_line(text: str) -> str:
    """A line's end would end a row, or a comment of LaTeX."""
    return " ".join(visible(text).split())


_LATEX = TableStyle(
    _escape_latex,
    lambda text: rf"\textbf{{{text}}}",
    lambda text: rf"\underline{{{text}}}",
    lambda text: rf"{{\scriptsize {text}}}",
    lambda text: rf"\textsuperscript{{{text}}}",
    _latex_grid,
)
_MARKDOWN = TableStyle(
    _escape_markdown,
    lambda text: f"**{text}**",
    lambda text: f"<ins>{text}</ins>",
    lambda text: text,
    lambda text: text,
    _markdown_grid,
)
_HTML = TableStyle(
    lambda text: str(escape(text)),
    lambda text: f"<b>{text}</b>",
    lambda text: f"<u>{text}</u>",
    lambda text: f"<small>{text}</small>",
    lambda text: f"<sup>{text}</sup>",
    _html_grid,
)


def _csv(table: TableValues) -> str:
    """A row per configuration: shares and ranks, or differences of them, at full precision, with intervals and p."""
    headings = ["model", "recipe", "corpus", "digest", "seeds", "metric"]
    for name in table.columns:
        plain = name.replace(" ", "_") + ("_difference" if table.differences else "")
        parts = ("low", "high", "p", "partial", *(("margin_p",) if table.margin else ()))
        headings += [plain, *(f"{plain}_{part}" for part in parts)]
    rows = []
    for row in table.rows:
        cells = [row.cells[name] for name in table.columns]
        values = [value for cell in cells for value in _cell_values(cell, bool(table.margin))]
        rows.append([*_identity(row), table.metric, *values])
    return csv_text(headings, rows)


def _cell_values(cell: Cell | None, margin: bool) -> list[float | None]:
    """As `_csv` heads them."""
    if cell is None:
        return [None] * (5 + margin)
    claim = [cell.claim.p_holm if cell.claim else None] if margin else []
    return [cell.value, cell.low, cell.high, cell.p, cell.partial, *claim]


def _long_csv(table: TableValues) -> str:
    """A row per configuration and setting, at full precision, with the queries scored."""
    rows = [
        [*_identity(row), table.metric, name, value, count]
        for row in table.rows
        for name, (value, count) in row.settings.items()
    ]
    return csv_text(["model", "recipe", "corpus", "digest", "seeds", "metric", "setting", "value", "queries"], rows)


def _identity(row: TableRow) -> list[str]:
    return [row.model, row.recipe, row.corpus or "", row.digest, " ".join(map(str, row.seeds))]
