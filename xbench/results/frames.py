"""A result's numbers as pandas frames. Knows scores, settings and arrays; pandas is imported when a frame is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from xbench.arrays import Array
from xbench.evaluation.scores import Scores
from xbench.results.settings import POOL, Setting

if TYPE_CHECKING:
    from pandas import DataFrame

SCORE_COLUMNS = ("query_language", "document_language", "metric", "value", "n")
NAMES = ("query_language", "query_id", "question", "group")


def score_frame(
    identity: Mapping[str, object], scores: Scores, settings: Mapping[str, Setting], metrics: Sequence[str]
) -> DataFrame:
    """A row per setting and metric: the columns of `identity`, then SCORE_COLUMNS."""
    from pandas import DataFrame

    pool = scores.multilingual.languages if scores.multilingual else {}
    rows = []
    for name, (query, document) in settings.items():
        entry = pool[query] if document == POOL else scores.pairs[name]
        rows += [(*identity.values(), query, document, metric, entry.get(metric), entry.get("n")) for metric in metrics]
    return DataFrame(rows, columns=[*identity, *SCORE_COLUMNS])


def query_frame(arrays: Mapping[str, Array], metrics: Sequence[str]) -> DataFrame:
    """A row per query: NAMES, then `AP de` for each metric and document language, `AP pool`, `rank_distance` and
    `pool_rank de`, as far as the arrays have them; NaN where a query is not scored."""
    from pandas import DataFrame

    languages = arrays["document_languages"].tolist()
    columns: dict[str, Array] = {name: arrays[name] for name in NAMES if name in arrays}
    for name in (*metrics, "pool_rank"):
        if name in arrays:
            values = np.asarray(arrays[name], np.float64)
            columns |= {f"{name} {language}": values[:, place] for place, language in enumerate(languages)}
        for pooled in (f"{name}.multilingual", f"{name}.pooled"):
            if pooled in arrays:
                columns[f"{name} {POOL}"] = arrays[pooled]
    if "rank_distance" in arrays:
        columns["rank_distance"] = arrays["rank_distance"]
    return DataFrame(columns)
