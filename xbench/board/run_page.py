"""What a run's page shows: values for its template. Knows a result and its row; no file."""

from __future__ import annotations

from xbench.board import cells
from xbench.board.details import share_of
from xbench.board.evidence import overlap_tables
from xbench.board.figures import bias, means
from xbench.board.heat import heat_map, one_ideal, share_map
from xbench.board.samples import retrieved_sample
from xbench.board.sources import ResultSource
from xbench.board.standings import Board, Standing
from xbench.board.views import TemplateValues, stated, without
from xbench.results.result import Result

SHOWN_ABOVE = ("command",)
MOST_PAIRS = 150  # whose every metric stands on the page; those of a larger grid are in the result file
OWN_SPECS = ("model", "recipe", "corpus")  # the task's stands on its own page


def run(source: ResultSource, result: Result, standing: Standing, board: Board, copied: bool) -> TemplateValues:
    """One run's page; `copied`: whether its result file travels with the site."""
    summary = source.run
    halves = source.evidence.setting_halves()
    documents = list(summary.documents)
    share = share_of(Standing((summary,)), [result])
    measures = cells.language_columns(summary.languages.values())
    every = result.specs.plain()
    specs = {name: stated(spec) for name in OWN_SPECS if isinstance(spec := every.get(name), dict)}
    return {
        "run": summary,
        "result": result,
        "board": board,
        "standing": standing,
        "intervals": source.evidence.mean_halves(),
        "copied": copied,
        "file": source.path.name,
        "heat": heat_map(summary.pairs, list(summary.queries), documents, halves),
        "shares": share_map(share, summary.queries, documents) if share else "",
        "ideal": one_ideal(share),
        "chance_share": result.language_share.chance if result.language_share else {},
        "per_language": cells.language_rows(summary.languages, measures, "../"),
        "language_columns": measures,
        "every_pair": cells.every_pair(result, halves) if len(summary.pairs) <= MOST_PAIRS else "",
        "numbers": means(result),
        "facts": bias(result),
        "prompts": result.provenance.encoder.get("prompts") or result.model_spec.prompts or {},
        "overlaps": overlap_tables(result.zero_shot),
        "sample": retrieved_sample(source),
        "specs": specs,
        "provenance": without(result.provenance.plain(), SHOWN_ABOVE),
    }
