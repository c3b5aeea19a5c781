"""What each page shows: values for its template. Knows runs, rows and boards; no file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from markupsafe import Markup

from xbench.board import cells
from xbench.board.charts import Point, curve, pareto
from xbench.board.columns import group_columns, place, task_columns
from xbench.board.details import RowDetail, label, share_of
from xbench.board.figures import bias, means
from xbench.board.leads import own_language_lead
from xbench.board.ranks import RANKED_MEANS
from xbench.board.sources import ResultSource
from xbench.board.standings import Board, BoardRow, Standing, rows_of
from xbench.board.twins import PrintedRow
from xbench.published.papers import PublishedColumn
from xbench.results.result import Result

if TYPE_CHECKING:
    from xbench.board.edition import Site

PAIR_ROWS = 20  # rows whose every pair stands on a language's page; the others have theirs on their own pages
LEAST = 4.0  # points that a curve's scale spans, so that noise does not look like a mountain
CURVES = (("Mo", "Mo, %", LEAST), ("Cr", "Cr, %", LEAST), ("Mul", "Mul, %", LEAST), ("distance", "rank distance", 0.0))
PAIR_VIEW = "../index.html#task={}&language={{query}}&against={{document}}"
PINS = ("sha256", "bytes")
SHOWN_ABOVE = ("name", "title", "description")
SHORT_NAME = 28  # letters of a name on a picture
TALL = 30  # rows from which the overview scrolls under its own head
EMPTY: tuple[object, ...] = (None, "", [], {})
TemplateValues: TypeAlias = dict[str, object]
PrintedScores: TypeAlias = tuple[PrintedRow, Mapping[PublishedColumn, float]]
SIZES = ((50, "up to 50 M"), (150, "up to 150 M"), (600, "up to 600 M"), (2000, "up to 2 B"))


def overview(
    boards: Sequence[Board], rows: Sequence[BoardRow], published: Mapping[str, Sequence[PrintedRow]]
) -> TemplateValues:
    """The first page: every row on every board."""
    named = Counter((row.first.model, row.first.recipe, row.first.corpus) for row in rows)
    standings = [standing for board in boards for standing in board.standings.values()]
    return {
        "boards": [(board, group_columns(board)) for board in boards],
        "ranked": [(name, _order(rows, rows_of(boards, name))) for name in RANKED_MEANS if _has(boards, name)],
        "leads": [(board, lead) for board in boards if (lead := own_language_lead(board))],
        "measured": cells.overview_rows(rows, boards, named),
        "printed": cells.published_rows(published, boards),
        "recipes": sorted({standing.first.recipe for standing in standings}),
        "verdicts": sorted({standing.verdict for standing in standings}),
        "languages": sorted({code for board in boards for code in board.languages}),
        "sizes": SIZES,
        "tall": len(rows) > TALL,
        "runs": sum(len(standing.runs) for standing in standings),
    }


def _has(boards: Sequence[Board], setting: str) -> bool:
    return any(setting in board.means for board in boards)


def _order(rows: Sequence[BoardRow], ordered: Sequence[BoardRow]) -> str:
    """The place of each of `rows` among `ordered`, for a page that orders its rows anew."""
    places = {row.key: place for place, row in enumerate(ordered)}
    return " ".join(str(places[row.key]) for row in rows)


def task(board: Board, site: Site, shown: RowDetail) -> TemplateValues:
    """A task's page; `shown`: the numbers of the row that stands first."""
    run = board.reference
    record = site.sources[run.page].file().result.task_spec
    source = {key: value for key, value in (record.source or {}).items() if value not in EMPTY}
    spec = record.plain() | ({} if record.source is None else {"source": without(source, PINS)})
    points = [
        Point(standing.first.parameters, 100 * value, label(standing), _short(standing.first.model))
        for standing in board.standings.values()
        if standing.first.parameters and (value := standing.values[board.setting]) is not None
    ]
    measures = cells.language_columns(shown.standing.languages.values())
    return {
        "board": board,
        "run": run,
        "spec": {key: value for key, value in without(spec, SHOWN_ABOVE).items() if value not in EMPTY},
        "files": {key: source[key] for key in PINS if source.get(key)},
        "description": record.description or "",
        "columns": task_columns(board),
        "lead": own_language_lead(board),
        "chosen": next(iter(board.standings.values())),
        "choices": [(standing.page, label(standing)) for standing in board.standings.values()],
        "licence": record.source_license or record.license or "not stated",
        "heat": cells.heat_map(shown.standing.pairs, shown.queries, shown.documents, {}, PAIR_VIEW.format(board.name)),
        "ideal": cells.one_ideal(shown.share),
        "shares": cells.share_map(shown.share, shown.queries, shown.documents) if shown.share else "",
        "per_language": cells.language_rows(shown.standing.languages, measures, "../"),
        "language_columns": measures,
        "size_chart": pareto(points, "parameters", f"{board.setting}, {run.metric}, %"),
        "curves": _curves(board),
        "papers": site.published[board.name],
        "place": place,
    }


def without(values: Mapping[str, object], keys: Sequence[str]) -> TemplateValues:
    """The values but for some keys."""
    return {key: value for key, value in values.items() if key not in keys}


def _short(name: str) -> str:
    return name if len(name) <= SHORT_NAME else f"{name[: SHORT_NAME - 1]}…"


def _curves(board: Board) -> list[tuple[str, list[Markup]]]:
    """Sweeps of the monolingual share: rows of one model and corpus whose recipes are mono and cross only."""
    sweeps: dict[tuple[str, str], list[Standing]] = {}
    for key, standing in board.standings.items():
        if standing.first.mono is not None and key not in board.incomplete:
            sweeps.setdefault((standing.first.model, standing.first.corpus), []).append(standing)
    curves = []
    for (model, corpus), standings in sorted(sweeps.items()):
        charts = [
            drawn
            for column, up, least in CURVES
            if (drawn := curve(_points(standings, column), "share of monolingual batches", up, least))
        ]
        if charts:
            curves.append((f"{model} on {corpus}" if corpus else model, charts))
    return curves


def _points(standings: Sequence[Standing], column: str) -> list[Point]:
    scale = 1 if column == "distance" else 100
    known = [(standing, standing.values[column]) for standing in standings]
    return [
        Point(
            standing.first.mono or 0.0, scale * value, label(standing), half=scale * (standing.interval(column) or 0.0)
        )
        for standing, value in known
        if value is not None
    ]


def languages(boards: Sequence[Board], codes: Sequence[str]) -> TemplateValues:
    """The list of languages, each with the boards it stands on."""
    where = {code: [board for board in boards if code in board.languages] for code in codes}
    return {"where": where}


def language(code: str, boards: Sequence[Board], published: Mapping[str, Sequence[PrintedRow]]) -> TemplateValues:
    """One language's page: every row that has it, board by board."""
    parts = []
    for board in boards:
        if code in board.languages:
            standings = [standing for standing in board.standings.values() if code in standing.first.every_language]
            order = sorted(standings, key=lambda standing: _here(standing, code, board.setting))
            papers = [(twin, twin.row.languages[code]) for twin in published[board.name] if code in twin.row.languages]
            parts.append(_language_part(code, board, order, papers))
    return {"code": code, "parts": parts}


def _here(standing: Standing, code: str, setting: str) -> tuple[float, str]:
    value = standing.languages[code].get(setting)
    return (float("inf") if value is None else -value, standing.page)


def _language_part(
    code: str,
    board: Board,
    standings: Sequence[Standing],
    papers: Sequence[tuple[PrintedRow, Mapping[PublishedColumn, float]]],
) -> TemplateValues:
    run = board.reference
    columns = cells.language_columns(standing.languages[code] for standing in standings)
    crossed = any(key in ("asked", "answered") for key, _, _ in columns)
    others = [other for other in board.languages if other != code] if crossed else []
    return {
        "board": board,
        "papers": papers,
        "rows": cells.one_language_rows(standings, code, columns, "../"),
        "pairs": cells.pair_rows(standings[:PAIR_ROWS], code, others, "../"),
        "columns": columns,
        "others": others,
        "counts": (run.queries.get(code, 0), run.documents.get(code, 0)),
        "left": max(0, len(standings) - PAIR_ROWS),
    }


def run(source: ResultSource, result: Result, standing: Standing, board: Board, copied: bool) -> TemplateValues:
    """One run's page; `copied`: whether its result file travels with the site."""
    summary = source.run
    alone = Standing((summary,))
    halves = source.evidence.setting_halves()
    documents = list(summary.documents)
    share = share_of(alone, [result])
    measures = cells.language_columns(summary.languages.values())
    return {
        "run": summary,
        "result": result,
        "board": board,
        "standing": standing,
        "intervals": source.evidence.mean_halves(),
        "copied": copied,
        "file": source.path.name,
        "heat": cells.heat_map(summary.pairs, summary.queries, documents, halves),
        "shares": cells.share_map(share, summary.queries, documents) if share else "",
        "ideal": cells.one_ideal(share),
        "chance_share": result.language_share.chance if result.language_share else {},
        "per_language": cells.language_rows(summary.languages, measures, "../"),
        "language_columns": measures,
        "every_pair": cells.every_pair(result, halves),
        "numbers": means(result),
        "facts": bias(result),
        "prompts": result.provenance.encoder.get("prompts") or result.model_spec.prompts or {},
    }
