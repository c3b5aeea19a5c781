"""Values of every query beside the means: arrays over all queries of all languages, NaN where a query is not scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xbench.collection import Collection
from xbench.evaluate.metrics import Metric
from xbench.evaluate.ranking import Ranking

TOP = 10  # best documents kept per query


class PerQuery:
    """`arrays` by name, [queries of all languages, ...]; docs/results.md lists them."""

    def __init__(self, collection: Collection, rankings: Mapping[str, Ranking], metrics: Sequence[Metric]) -> None:
        asked = [collection.queries[language] for language in rankings]
        ends = np.cumsum([len(queries) for queries in asked]).tolist()
        self._rows = {
            language: slice(end - len(queries), end)
            for language, queries, end in zip(rankings, asked, ends, strict=True)
        }
        total, pool = ends[-1], len(collection.document_languages)
        self.arrays: dict[str, Any] = {
            "query_language": np.repeat(list(rankings), [len(queries) for queries in asked]),
            "query_id": np.array([identity for queries in asked for identity in queries.ids]),
            "question": np.array([identity for queries in asked for identity in queries.questions]),
            "group": np.array([identity for queries in asked for identity in queries.groups]),
            "document_languages": np.array(collection.document_languages),
            "document_id": np.array([identity for texts in collection.documents.values() for identity in texts.ids]),
            "top_document": np.concatenate([found.top_document[:, :TOP] for found in rankings.values()]),
            "pool_rank": np.full((total, pool), np.nan),
            "rank_distance": np.full(total, np.nan),
        }
        for metric in metrics:
            self.arrays[f"{metric}"] = np.full((total, pool), np.nan)
            self.arrays[f"{metric}.multilingual"] = np.full(total, np.nan)

    def __contains__(self, language: str) -> bool:
        return language in self._rows

    def of(self, name: str, language: str) -> Any:
        """The part of an array that belongs to one query language, as a view to read or fill."""
        return self.arrays[name][self._rows[language]]
