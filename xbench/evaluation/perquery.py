"""Values of every query beside the means: arrays over all queries of all languages, NaN where a query is not scored."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from xbench.arrays import Array, Floats, Names
from xbench.data.collection import Collection
from xbench.evaluation.ranking import Ranking

TOP = 10  # best documents kept per query


class PerQuery:
    """Arrays by name, [queries of all languages, ...]; docs/results.md lists them. `pools`: none where no pool is
    scored; there is no top of it then."""

    def __init__(self, collection: Collection, pools: Mapping[str, Ranking]) -> None:
        asked = list(collection.queries.values())
        ends = np.cumsum([len(queries) for queries in asked]).tolist()
        self._rows = {
            language: slice(end - len(queries), end)
            for (language, queries), end in zip(collection.queries.items(), ends, strict=True)
        }
        self._shape = (ends[-1], len(collection.document_languages))
        self._values: dict[str, Floats] = {}
        self._names: dict[str, Names] = {
            "query_language": np.repeat(list(collection.queries), [len(queries) for queries in asked]),
            "query_id": np.array([identity for queries in asked for identity in queries.ids]),
            "question": np.array([identity for queries in asked for identity in queries.questions]),
            "group": np.array([identity for queries in asked for identity in queries.groups]),
            "document_languages": np.array(collection.document_languages),
            "document_id": np.array([identity for texts in collection.documents.values() for identity in texts.ids]),
        }
        self._top = [ranking.top_document[:, :TOP] for ranking in pools.values()]

    def __contains__(self, language: str) -> bool:
        return language in self._rows

    @property
    def arrays(self) -> dict[str, Array]:
        """Everything, as it is filed beside a result."""
        top = {"top_document": np.concatenate(self._top)} if self._top else {}
        return {**self._names, **top, **self._values}

    @property
    def document_languages(self) -> list[str]:
        """The languages of the columns."""
        return [str(name) for name in self._names["document_languages"]]

    def questions(self, language: str) -> Names:
        """The question that each query of a language is a version of."""
        return self._names["question"][self._rows[language]]

    def of(self, name: str, language: str) -> Floats:
        """The values of one query language, as a view to read or fill; made of NaN at first: one value per query in a
        pool, and otherwise one per query and document language."""
        if name not in self._values:
            pooled = name == "rank_distance" or name.endswith((".multilingual", ".pooled"))
            self._values[name] = np.full(self._shape[:1] if pooled else self._shape, np.nan)
        return self._values[name][self._rows[language]]
