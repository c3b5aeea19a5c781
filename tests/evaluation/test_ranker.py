"""What both rankers promise: lists in the order of the scores that are counted, in whatever setting is asked for."""

from collections.abc import Sequence

import numpy as np
import pytest
from build import coarse, collection, directions, encoded

from xbench.arrays import Floats, Ints
from xbench.data.collection import Collection
from xbench.evaluation import ranker
from xbench.evaluation.lists import Lists, document_keys, query_keys, tie_order
from xbench.evaluation.ranker import DocumentSet, Ranker, TermRanker, VectorRanker
from xbench.evaluation.ranking import UNIT

SETTINGS: list[DocumentSet] = [(0,), (2,), (0, 2), (0, 1, 2)]
SIZES = (7, 8, 9)


def sides(make: object) -> tuple[Collection, dict, dict]:
    names = ("de", "en", "th")
    made = collection({name: [str(n) for n in range(size - 2)] for name, size in zip(names, SIZES, strict=True)})
    return made, encoded(made.queries, 1, make), encoded(made.documents, 2, make)


def rankers(make: object) -> tuple[Collection, Floats, list[Ranker]]:
    """The same scores by vectors and by a callable; the scores of the English queries over all documents."""
    made, queries, documents = sides(make)
    pool = [part.astype(np.float64) for part in documents.values()]

    def score(query: str, chosen: Sequence[int], rows: slice | Ints) -> Ints:
        wide = np.concatenate([pool[number] for number in chosen])
        return np.asarray(queries[query][rows].astype(np.float64) @ wide.T * UNIT, np.int64)

    scores = queries["en"].astype(np.float64) @ np.concatenate(pool).T
    return made, scores, [VectorRanker(made, queries, documents), TermRanker(made, score, 1 / UNIT)]


def lists_of(asked: Ranker, depth: int) -> dict[DocumentSet, Lists]:
    parts = list(asked.lists("en", SETTINGS, depth))
    assert [rows.start for rows, _ in parts] == [0, *(rows.stop for rows, _ in parts[:-1])]
    return {
        setting: Lists(
            *(np.concatenate([getattr(p[setting], name) for _, p in parts]) for name in ("documents", "scores"))
        )
        for setting in SETTINGS
    }


@pytest.mark.parametrize("make", [coarse, directions])
@pytest.mark.parametrize("depth", [1, 5, 100])
@pytest.mark.parametrize("cells", [1, 60, 2**20])
def test_lists_are_the_scores_in_order(make: object, depth: int, cells: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranker, "CELLS", cells)
    made, scores, both = rankers(make)
    every = np.concatenate(list(document_keys({name: part.texts for name, part in made.documents.items()}).values()))
    ties = tie_order(query_keys(made.queries["en"].texts), every)
    language = np.repeat(np.arange(3), SIZES)
    for asked in both:
        for setting, found in lists_of(asked, depth).items():
            chosen = np.flatnonzero(np.isin(language, setting))
            for row, (documents, values) in enumerate(zip(found.documents, found.scores, strict=True)):
                keys = ties(np.full(len(chosen), row), chosen)
                expected = chosen[np.lexsort((keys, -scores[row, chosen]))][:depth]
                assert documents.tolist() == expected.tolist()
                assert values.tolist() == scores[row, expected].tolist()


def test_both_count_alike() -> None:
    _, _, both = rankers(coarse)
    one, other = (asked.rankings(lambda queries: None).of("th", [0, 1, 2]) for asked in both)
    for name in ("above", "tied", "score", "top_score", "top_document"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_a_dot_product_is_listed_as_the_model_means_it() -> None:
    made, queries, documents = sides(directions)
    long = {name: (12 * vectors).astype(np.float32) for name, vectors in queries.items()}
    asked = VectorRanker.of(made, long, documents, "dot")
    ((_, found),) = asked.lists("en", [(1,)], 3)
    expected = np.sort(long["en"] @ documents["en"].T, axis=1)[:, :-4:-1]
    np.testing.assert_allclose(found[1,].scores, expected, atol=1e-5)
