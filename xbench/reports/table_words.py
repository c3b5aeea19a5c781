"""What a table says in words: labels, printed values, which is best, the caption. Knows no markup."""

from __future__ import annotations

from collections.abc import Callable

from xbench.metrics import Metric
from xbench.reports.claims import POINT
from xbench.reports.table_values import GAP, RANK_DISTANCE, TableRow, TableValues

ORDER: dict[str, Callable[[str], float]] = {RANK_DISTANCE: float}


def words(table: TableValues) -> dict[str, Callable[[TableRow], str]]:
    """The columns before the numbers: model and recipe, less the one that several rows share; the caption names it."""
    every: dict[str, Callable[[TableRow], str]] = {
        "Model": lambda row: row.model,
        "Recipe": lambda row: label(table, row),
    }
    for name, text in every.items():
        if len(table.rows) > 1 and len({text(row) for row in table.rows}) == 1:
            return {other: text_of for other, text_of in every.items() if other != name}
    return every


def shared_corpus(table: TableValues) -> str:
    """The corpus of all rows that have one, where several do; "" for none."""
    corpora = [row.corpus for row in table.rows if row.corpus]
    return corpora[0] if len(corpora) > 1 and len(set(corpora)) == 1 else ""


def label(table: TableValues, row: TableRow) -> str:
    """The recipe and corpus of a row (unless all share it), with its digest where the name alone does not tell."""
    text = row.recipe + (f" ({row.corpus})" if row.corpus and not shared_corpus(table) else "")
    twice = sum(other.key == row.key for other in table.rows) > 1
    return f"{text} [{row.digest[:6]}]" if twice else text


def shown(name: str, value: float, difference: bool = False) -> str:
    """A value as the table prints it: percent with one decimal; the rank distance as it is. Differences, which are
    small, have a sign and two decimals."""
    number = value if name == RANK_DISTANCE else 100 * value
    text = f"{number:+.2f}" if difference and name != RANK_DISTANCE else f"{number:{'+' if difference else ''}.1f}"
    return text.lstrip("+-") if not float(text) else text


def leaders(table: TableValues, name: str) -> tuple[str, str]:
    """The best and the second value of a column as printed, so that what looks equal is marked alike.

    Chance rows and values over fewer settings do not count. "" for no value, for gaps, of which none is best (who finds
    nothing has none), and where the cells are differences.
    """
    if table.differences or name == GAP:
        return "", ""
    cells = [row.cells[name] for row in table.rows if not row.chance]
    values = {shown(name, cell.value) for cell in cells if cell and not cell.partial}
    if sum(cell is not None for cell in cells) < 2:
        return "", ""
    ordered = [*sorted(values, key=ORDER.get(name, lambda text: -float(text))), "", ""]
    return ordered[0], ordered[1]


def caption(table: TableValues, intervals: bool = True) -> str:
    """Everything a reader must know: task, metric, n, seeds, intervals, test, marks, what is not whole."""
    run = table.result
    queries, documents = run.counts.queries, run.counts.documents
    task = run.task_spec
    several = len(table.seeds) > 1
    measure, best = "in percent", ", lower is better"
    if table.differences:
        measure, best = f"less that of {table.baseline}, in points, the rank distance in ranks", ""
    parts = [
        f"{task.title or run.task}: {Metric.parse(table.metric).words}, {measure}. "
        f"{sum(queries.values()):,} queries in {len(queries)} languages, {sum(documents.values()):,} documents in "
        f"{len(documents)}; means of {'seeds' if several else 'seed'} {', '.join(map(str, table.seeds))}"
        f"{' where training or drawing knows one' if several else ''}.",
        "Mo: queries and documents in one language; Cr: in two; Mul: each query language against the documents of all; "
        "macro means. Rank distance: worst minus best rank of a question's relevant documents in the pool"
        f"{best}. Gap: Mo less Cr, in points.",
    ]
    shared = {"Model": table.rows[0].model, "Recipe": table.rows[0].recipe}
    parts += [f"{name}: {text}." for name, text in shared.items() if name not in words(table)]
    if corpus := shared_corpus(table):
        parts.append(f"Corpus of the rows that have one: {corpus}.")
    if intervals:
        parts.append(
            f"In brackets 95 % intervals by Student's t, over {table.clusters:,} clusters of queries ({task.group})"
            f"{' and over seeds' if several else ''}."
        )
    if table.baseline:
        parts.append(
            f"\u2020: differs from {table.baseline} at 5 % (t test over paired clusters"
            f"{' and over seeds' if several else ''}, Holm over {table.tests} comparisons); no mark: no difference is "
            "found, which does not show that there is none."
        )
    if table.margin:
        parts.append(_margin_words(table))
    if any(cell and cell.partial for row in table.rows for cell in row.cells.values()):
        parts.append("\u2021: over fewer settings than other rows, and not ranked.")
    if not table.differences:
        parts.append("Best bold, second underlined, as printed; chance rows left out, and no gap is best.")
    parts += [f"{note}." for note in table.notes]
    return " ".join(parts)


def _margin_words(table: TableValues) -> str:
    """What the mark of a margin says, of which columns, and in which direction."""
    margin = table.margin
    if margin is None:
        return ""
    size = f"{margin.size / POINT:g}"
    claim = f"within {size} points of" if margin.equivalent else f"not worse by {size} points or more than"
    tests = "two one-sided tests" if margin.equivalent else "one-sided test"
    return (
        f"\u00a7: shown to be {claim} {table.baseline} ({tests} at 5 %, Holm over all of them); Mo, Cr and Mul are "
        "worse when lower, the gap when higher; the rank distance, in ranks, has no margin of points."
    )
