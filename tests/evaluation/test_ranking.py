"""What ranking promises: the counts of a naive comparison, for any block size; exact scores; the best documents."""

from fractions import Fraction

import faiss
import numpy as np
import pytest
from build import Written, coarse, directions, draw_golds, ranked, small_case, written
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from xbench.arrays import Vectors
from xbench.errors import EncoderError
from xbench.evaluation.ranking import UNIT, Blocks, Ranking, dot_scale, exact

SIZES = {"de": 700, "en": 1200, "th": 3}
FLOATS = st.floats(-1e6, 1e6, width=32, allow_subnormal=False)


def case(make: object, queries: int, sizes: dict[str, int], blocks: Blocks | None = None) -> Written:
    random = np.random.default_rng(7)
    asked: Vectors = make(random, queries)  # type: ignore[operator]
    documents: dict[str, Vectors] = {name: make(random, size) for name, size in sizes.items()}  # type: ignore[operator]
    return ranked(asked, documents, draw_golds(random, queries, list(sizes.values())), blocks=blocks)


def assert_same(found: Ranking, expected: Ranking) -> None:
    for name in ("start", "language", "document", "score", "above", "tied", "top_score"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)


def assert_counts_are_naive(made: Written) -> None:
    scores = np.split(made.scores(), np.cumsum(made.sizes)[:-1], axis=1)
    row = 0
    for query, golds in enumerate(made.golds):
        for language, document in golds:
            score = scores[language][query, document]
            above = [int((part[query] > score).sum()) for part in scores]
            tied = [int((part[query] == score).sum()) - (number == language) for number, part in enumerate(scores)]
            assert made.ranking.score[row] == score * UNIT
            assert made.ranking.above[row].tolist() == above
            assert made.ranking.tied[row].tolist() == tied
            row += 1
    assert row == len(made.ranking.score)


def test_counts_of_a_case_worked_by_hand() -> None:
    found = written({"en": [[3, 1, 3], [0, 0, 0]], "de": [[2, 3], [1, -1]]}, [[(0, 0), (1, 0)], [(1, 1)]]).ranking
    assert found.start.tolist() == [0, 2, 3]
    assert found.above.tolist() == [[0, 0], [2, 1], [3, 1]]
    assert found.tied.tolist() == [[1, 1], [0, 0], [0, 0]]
    assert (found.top_score[:, :5] // 2**36).tolist() == [[3, 3, 3, 2, 1], [1, 0, 0, 0, -1]]


@pytest.mark.parametrize("seed", range(40))
def test_counts_equal_a_naive_count_of_tied_scores(seed: int) -> None:
    assert_counts_are_naive(small_case(seed, documents=12, queries=5))


@pytest.mark.parametrize("make", [coarse, directions])
def test_counts_equal_a_naive_count_of_real_sized_blocks(make: object) -> None:
    assert_counts_are_naive(case(make, 60, SIZES))


@pytest.mark.parametrize("make", [coarse, directions])
@pytest.mark.parametrize("documents", [1, 17, 1000, 10**6])
@pytest.mark.parametrize("queries", [1, 7, 4096])
def test_no_block_size_changes_a_count(make: object, documents: int, queries: int) -> None:
    sizes = {"de": 150, "en": 1100, "th": 2}
    made, expected = case(make, 20, sizes, Blocks(queries, documents)), case(make, 20, sizes)
    assert_same(made.ranking, expected.ranking)
    assert_listed(made)


def test_documents_too_large_to_be_widened_at_once_give_the_same_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = case(directions, 50, SIZES)
    monkeypatch.setattr("xbench.evaluation.ranking.WIDENED_BYTES", 0)
    assert_same(case(directions, 50, SIZES).ranking, expected.ranking)


@pytest.mark.parametrize("scale", [None, 0.25])
def test_vectors_are_rounded_alike_however_many_at_once(monkeypatch: pytest.MonkeyPatch, scale: float | None) -> None:
    vectors = np.random.default_rng(3).standard_normal((50, 5)).astype(np.float32)
    expected = exact(vectors, scale)
    monkeypatch.setattr("xbench.evaluation.ranking.ROWS_AT_ONCE", 7)
    np.testing.assert_array_equal(exact(vectors, scale), expected)


def assert_listed(made: Written) -> None:
    """Each list holds distinct documents with the best scores of all, best first."""
    scores, found = made.scores() * UNIT, made.ranking
    depth = min(found.top_score.shape[1], scores.shape[1])
    best = -np.sort(-scores, axis=1)[:, :depth]
    np.testing.assert_array_equal(found.top_score[:, :depth], best)
    np.testing.assert_array_equal(np.take_along_axis(scores, found.top_document[:, :depth], axis=1), best)
    assert all(len(set(row[:depth])) == depth for row in found.top_document.tolist())


def test_every_thread_gives_the_same_counts_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    many = case(coarse, 50, SIZES, Blocks(queries=3))
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert_same(many.ranking, case(coarse, 50, SIZES, Blocks(queries=3)).ranking)


def test_counts_of_shards_add() -> None:
    whole = case(coarse, 30, SIZES)
    english = whole.documents["en"]
    shards = {"de": whole.documents["de"], "one": english[:500], "two": english[500:], "th": whole.documents["th"]}
    place = {0: lambda d: (0, d), 1: lambda d: (1, d) if d < 500 else (2, d - 500), 2: lambda d: (3, d)}
    parts = ranked(whole.queries, shards, [[place[one](d) for one, d in golds] for golds in whole.golds]).ranking
    for name in ("above", "tied"):
        counts = getattr(parts, name)
        added = np.stack([counts[:, 0], counts[:, 1] + counts[:, 2], counts[:, 3]], axis=1)
        np.testing.assert_array_equal(added, getattr(whole.ranking, name))


def test_permuted_dimensions_change_no_count() -> None:
    made = case(directions, 30, SIZES)
    order = np.random.default_rng(1).permutation(made.queries.shape[1])
    turned = {name: np.ascontiguousarray(vectors[:, order]) for name, vectors in made.documents.items()}
    assert_same(ranked(made.queries[:, order], turned, made.golds).ranking, made.ranking)


def test_the_best_documents_are_those_of_faiss() -> None:
    """Multiples of 2^-9 of a norm under 1: faiss's float32 products are exact too."""
    random = np.random.default_rng(3)
    draw = [(random.integers(-127, 128, (count, 16)) / 2**9).astype(np.float32) for count in (80, 900, 1300)]
    made = ranked(draw[0], {"de": draw[1], "en": draw[2]}, [[(0, 0)]] * 80)
    index = faiss.IndexFlatIP(16)
    index.add(np.concatenate(draw[1:]))
    scores, numbers = index.search(draw[0], 12)
    tie_free = (np.diff(scores, axis=1) < 0).all(axis=1)
    assert tie_free.sum() > 60
    np.testing.assert_array_equal(made.ranking.top_document[tie_free], numbers[tie_free, :11])
    np.testing.assert_array_equal(made.ranking.top_score, (scores[:, :11].astype(np.float64) * UNIT))


def test_fewer_documents_than_asked_for_leave_places_empty() -> None:
    found = written({"en": [[1, 2]], "de": [[3]]}, [[(0, 0)]], top=5).ranking
    assert found.top_document.tolist() == [[2, 1, 0, -1, -1]]
    assert (found.top_score[0, 3:] == -(2**62)).all()


def test_a_query_without_a_gold_is_listed_and_not_counted() -> None:
    found = written({"en": [[1, 2], [2, 1], [0, 1]]}, [[(0, 0)], [], [(0, 0)]], top=1).ranking
    assert found.start.tolist() == [0, 1, 1, 2]
    assert found.above.tolist() == [[1], [1]]
    assert found.top_document.tolist() == [[1], [0], [1]]


def test_scores_of_one_and_minus_one_stay_in_their_rows() -> None:
    ends = np.array([[1.0], [-1.0]], np.float32)
    made = ranked(np.tile(ends, (100, 1)), {"en": ends, "de": ends}, [[(0, 0), (1, 1)]] * 200, blocks=Blocks(64, 1))
    assert_counts_are_naive(made)
    assert_listed(made)


@pytest.mark.parametrize("blocks", [Blocks(), Blocks(3, 7)])
def test_scores_that_float32_cannot_tell_apart_are_counted_exactly(blocks: Blocks) -> None:
    """Documents a few units of 2^-24 apart in two dimensions: scores near 1/2 that differ below float32, and ties."""
    random = np.random.default_rng(0)
    near = np.array([[0.5, 2.0**-12]], np.float32) + random.integers(-2, 3, (60, 2)).astype(np.float32) * 2.0**-24
    queries = np.array([[0.75, 2.0**-13], [0.5, 0.25], [-0.5, 2.0**-10]], np.float32)
    scores = (queries.astype(np.float64) @ near.astype(np.float64).T).ravel()
    assert len(np.unique(scores.astype(np.float32))) < len(np.unique(scores)) < len(scores)
    golds = [[(int(random.integers(2)), int(random.integers(30))) for _ in range(4)] for _ in queries]
    made = ranked(
        queries, {"en": near[:30].astype(np.float32), "de": near[30:].astype(np.float32)}, golds, blocks=blocks
    )
    assert_counts_are_naive(made)
    assert_listed(made)


def test_the_size_of_a_tie_block_is_counted_by_language() -> None:
    made = written({"en": [[3, 1, 3]], "de": [[2, 3]]}, [[(0, 0)]])
    assert made.tied_at(np.array([0, 0]), made.ranking.top_score[0, [0, 3]]).tolist() == [[2, 1], [0, 1]]


@pytest.mark.parametrize(("queries", "documents"), [(0, 1), (1, 0), (-1, 1)])
def test_blocks_that_cannot_be_scored_are_refused(queries: int, documents: int) -> None:
    with pytest.raises(ValueError, match="blocks of at least 1 query and 1 document"):
        Blocks(queries, documents)


def vectors(columns: int = 5) -> st.SearchStrategy[Vectors]:
    shape = st.tuples(st.integers(1, 4), st.just(columns))
    return shape.flatmap(lambda size: arrays.arrays(np.float32, size, elements=FLOATS))


@given(vectors())
def test_exact_vectors_are_multiples_of_two_to_the_minus_24_of_norm_one(found: Vectors) -> None:
    kept = found[np.linalg.norm(found.astype(np.float64), axis=1) > 0]
    scaled = exact(kept).astype(np.float64) * 2**24
    assert exact(kept).dtype == np.float32
    assert (scaled == np.rint(scaled)).all()
    assert np.abs(np.linalg.norm(scaled, axis=1) / 2**24 - 1).max(initial=0) < 2**-20


@given(vectors(40), st.randoms(use_true_random=False))
def test_products_of_exact_vectors_are_exact_in_any_order(found: Vectors, random: object) -> None:
    kept = exact(found[np.linalg.norm(found.astype(np.float64), axis=1) > 0])
    columns = list(range(40))
    random.shuffle(columns)  # type: ignore[attr-defined]
    for one in kept:
        for other in kept:
            true = sum(Fraction(float(a)) * Fraction(float(b)) for a, b in zip(one, other, strict=True))
            wide = one.astype(np.float64)[columns], other.astype(np.float64)[columns]
            assert Fraction(float(np.dot(*wide))) == true
            assert Fraction(float(sum(a * b for a, b in zip(*wide, strict=True)))) == true


def test_dot_products_are_all_scaled_by_one_power_of_two() -> None:
    one, other = np.array([[3.0, 4.0], [0.0, 0.0]], np.float32), np.array([[0.5, -63.0]], np.float32)
    scale = dot_scale([one, other])
    assert scale == 1 / 64
    np.testing.assert_array_equal(exact(one, scale) * 64, one)
    assert np.linalg.norm(exact(other, scale)) <= 1


def test_a_small_dot_product_keeps_its_digits() -> None:
    tiny = np.array([[3e-4, 4e-4]], np.float32)
    scale = dot_scale([tiny])
    np.testing.assert_allclose(exact(tiny, scale) / scale, tiny, rtol=1e-4)


@pytest.mark.parametrize("scale", [None, 0.5])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_no_number_is_an_error(scale: float | None, value: float) -> None:
    with pytest.raises(EncoderError, match=r"NaN or infinity for 1 of 2 texts"):
        exact(np.array([[1, 0], [value, 1]], np.float32), scale)


def test_a_zero_vector_has_no_cosine() -> None:
    with pytest.raises(EncoderError, match="zero vector for 2 texts"):
        exact(np.array([[0, 0], [1, 0], [0, 0]], np.float32))
