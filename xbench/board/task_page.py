"""What a task's page shows: values for its template. Knows boards and the site; no file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xbench.board import cells
from xbench.board.charts import cost_figures, published_figures, recipe_curves
from xbench.board.columns import place, task_columns
from xbench.board.details import RowDetail, label
from xbench.board.heat import heat_map, one_ideal, share_map
from xbench.board.leads import own_language_lead
from xbench.board.standings import Board
from xbench.board.views import TemplateValues, stated, without

if TYPE_CHECKING:
    from xbench.board.edition import Site

PAIR_VIEW = "../index.html#query={{query}}&documents={{document}}&task={}"
PINS = ("sha256", "bytes")
SHOWN_ABOVE = ("name", "title", "description")


def task(board: Board, site: Site, shown: RowDetail) -> TemplateValues:
    """A task's page; `shown`: the numbers of the row that stands first."""
    run = board.reference
    record = site.sources[run.page].file().result.task_spec
    source = stated(record.source or {})
    spec = record.plain() | ({} if record.source is None else {"source": without(source, PINS)})
    measures = cells.language_columns(shown.standing.languages.values())
    papers = site.published[board.name]
    return {
        "board": board,
        "run": run,
        "spec": stated(without(spec, SHOWN_ABOVE)),
        "files": {key: source[key] for key in PINS if source.get(key)},
        "description": record.description or "",
        "columns": task_columns(board),
        "lead": own_language_lead(board),
        "chosen": next(iter(board.standings.values())),
        "choices": [(standing.page, label(standing)) for standing in board.standings.values()],
        "licence": record.source_license or record.license or "not stated",
        "heat": heat_map(shown.standing.pairs, shown.queries, shown.documents, {}, PAIR_VIEW.format(board.name), True),
        "ideal": one_ideal(shown.share),
        "shares": share_map(shown.share, shown.queries, shown.documents, True) if shown.share else "",
        "per_language": cells.language_rows(shown.standing.languages, measures, "../", True),
        "language_columns": measures,
        "costs": cost_figures(board),
        "curves": recipe_curves(board),
        "papers": papers,
        "printed": published_figures(board, papers),
        "studies": [study for study in site.reports.studies if run.task in study.tasks],
        "place": place,
    }
