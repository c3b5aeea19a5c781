"""What each page shows: values for its template. Knows runs, rows and boards; no file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from xbench.board import tables
from xbench.board.charts import Point, curve, pareto
from xbench.board.clusters import LEVEL, Clusters
from xbench.board.details import label, share_of
from xbench.board.figures import bias, means
from xbench.board.rows import Board, Entry, Row
from xbench.board.runs import language_share, look
from xbench.board.sources import Source
from xbench.board.twins import Shown

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
EMPTY: tuple[Any, ...] = (None, "", [], {})
SIZES = ((50, "up to 50 M"), (150, "up to 150 M"), (600, "up to 600 M"), (2000, "up to 2 B"))


def overview(boards: Sequence[Board], rows: Sequence[Row], published: Mapping[str, Sequence[Shown]]) -> dict[str, Any]:
    named = Counter((row.first.model, row.first.recipe, row.first.corpus) for row in rows)
    entries = [entry for board in boards for entry in board.entries.values()]
    return {
        "boards": [(board, tables.group_columns(board)) for board in boards],
        "measured": tables.overview_rows(rows, boards, named),
        "printed": tables.published_rows(published, boards),
        "recipes": sorted({entry.first.recipe for entry in entries}),
        "verdicts": sorted({entry.verdict for entry in entries}),
        "languages": sorted({code for board in boards for code in board.languages}),
        "sizes": SIZES,
        "tall": len(rows) > TALL,
        "runs": sum(len(entry.runs) for entry in entries),
    }


def task(board: Board, site: Site, shown: Mapping[str, Any]) -> dict[str, Any]:
    """`shown`: the numbers of the row that stands first."""
    run = board.reference
    stored = look(json.loads(site.sources[run.page].content()), "specs", "task")
    spec = dict(stored) if isinstance(stored, dict) else {}
    if isinstance(source := spec.get("source"), dict):
        spec["source"] = {key: value for key, value in source.items() if value not in EMPTY and key not in PINS}
    points = [
        Point(entry.first.parameters, 100 * value, label(entry), _short(entry.first.model))
        for entry in board.entries.values()
        if entry.first.parameters and (value := entry.values[board.setting]) is not None
    ]
    measures = tables.language_columns(shown["languages"].values())
    return {
        "board": board,
        "run": run,
        "spec": {key: value for key, value in spec.items() if value not in EMPTY and key not in SHOWN_ABOVE},
        "files": {key: source[key] for key in PINS if source.get(key)} if isinstance(source, dict) else {},
        "description": look(spec, "description") or "",
        "columns": tables.group_columns(board),
        "chosen": next(iter(board.entries.values())),
        "choices": [(entry.page, label(entry)) for entry in board.entries.values()],
        "licence": look(spec, "source", "license") or spec.get("license") or "not stated",
        "heat": tables.heat_map(shown["pairs"], shown["queries"], shown["documents"], {}, PAIR_VIEW.format(board.name)),
        "ideal": tables.one_ideal(shown["share"]),
        "shares": tables.share_map(shown["share"], shown["queries"], shown["documents"]) if shown["share"] else "",
        "per_language": tables.language_rows(shown["languages"], measures, "../"),
        "language_columns": measures,
        "size_chart": pareto(points, "parameters", f"{board.setting}, {run.metric}, %"),
        "curves": _curves(board),
        "papers": site.published[board.name],
        "place": tables.place,
    }


def _short(name: str) -> str:
    return name if len(name) <= SHORT_NAME else f"{name[: SHORT_NAME - 1]}…"


def _curves(board: Board) -> list[tuple[str, Any]]:
    """Sweeps of the monolingual share: rows of one model and corpus whose recipes are mono and cross only."""
    sweeps: dict[tuple[str, str], list[Entry]] = {}
    for key, entry in board.entries.items():
        if entry.first.mono is not None and key not in board.incomplete:
            sweeps.setdefault((entry.first.model, entry.first.corpus), []).append(entry)
    found = []
    for (model, corpus), entries in sorted(sweeps.items()):
        charts = [
            drawn
            for column, up, least in CURVES
            if (drawn := curve(_points(entries, column), "share of monolingual batches", up, least))
        ]
        if charts:
            found.append((f"{model} on {corpus}" if corpus else model, charts))
    return found


def _points(entries: Sequence[Entry], column: str) -> list[Point]:
    scale = 1 if column == "distance" else 100
    known = [(entry, entry.values[column]) for entry in entries]
    return [
        Point(entry.first.mono or 0.0, scale * value, label(entry), half=scale * (entry.interval(column) or 0.0))
        for entry, value in known
        if value is not None
    ]


def languages(boards: Sequence[Board], codes: Sequence[str]) -> dict[str, Any]:
    where = {code: [board for board in boards if code in board.languages] for code in codes}
    return {"where": where}


def language(code: str, boards: Sequence[Board], published: Mapping[str, Sequence[Shown]]) -> dict[str, Any]:
    parts = []
    for board in boards:
        if code in board.languages:
            entries = [entry for entry in board.entries.values() if code in entry.first.every_language]
            order = sorted(entries, key=lambda entry: _order(entry, code, board.setting))
            papers = [(one, one.row.languages[code]) for one in published[board.name] if code in one.row.languages]
            parts.append(_language_part(code, board, order, papers))
    return {"code": code, "parts": parts}


def _order(entry: Entry, code: str, setting: str) -> tuple[float, str]:
    value = entry.languages[code].get(setting)
    return (float("inf") if value is None else -value, entry.page)


def _language_part(code: str, board: Board, entries: Sequence[Entry], papers: Sequence[Any]) -> dict[str, Any]:
    run = board.reference
    columns = tables.language_columns(entry.languages[code] for entry in entries)
    crossed = any(key in ("asked", "answered") for key, _, _ in columns)
    others = [other for other in board.languages if other != code] if crossed else []
    return {
        "board": board,
        "papers": papers,
        "rows": tables.one_language(entries, code, columns, "../"),
        "pairs": tables.pairs_of(entries[:PAIR_ROWS], code, others, "../"),
        "columns": columns,
        "others": others,
        "counts": (run.queries.get(code, 0), run.documents.get(code, 0)),
        "left": max(0, len(entries) - PAIR_ROWS),
    }


def run(source: Source, entry: Entry, board: Board, data: Mapping[str, Any], found: Clusters | None) -> dict[str, Any]:
    """`data`, `found`: the result's content, and its sums by cluster where they are known."""
    one = Entry((source.run,), np.zeros(0, np.float32))
    error = {name: LEVEL * value for name, value in found.errors().items()} if found else {}
    documents = list(source.run.documents)
    share = share_of(one, [data])
    measures = tables.language_columns(source.run.languages.values())
    return {
        "run": source.run,
        "data": data,
        "board": board,
        "entry": entry,
        "intervals": {name: LEVEL * value for name, value in source.errors.items()},
        "heat": tables.heat_map(source.run.pairs, source.run.queries, documents, error),
        "shares": tables.share_map(share, source.run.queries, documents) if share else "",
        "ideal": tables.one_ideal(share),
        "chance_share": look(language_share(data), "chance") or {},
        "per_language": tables.language_rows(source.run.languages, measures, "../"),
        "language_columns": measures,
        "every_pair": tables.every_pair(data, source.run, error),
        "numbers": means(data, source.run.metrics),
        "facts": bias(data),
        "similarity": look(data, "specs", "model", "similarity"),
        "prompts": look(data, "provenance", "encoder", "prompts") or look(data, "specs", "model", "prompts") or {},
    }
