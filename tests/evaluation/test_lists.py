"""What ranked lists promise: exact order, ties by text alone, scores that survive float32, bounded blocks."""

import numpy as np
import pytest
from build import coarse, directions
from hypothesis import given
from hypothesis import strategies as st
from pytest import MonkeyPatch

from xbench.arrays import Hashes
from xbench.evaluation import lists
from xbench.evaluation.lists import best, by_language, document_keys, merge, query_keys, strictly_falling


def keys(*values: int) -> Hashes:
    return np.array(values, np.uint64)


def test_the_best_documents_stand_first_and_the_rest_is_left_out() -> None:
    found = best(np.array([[0.1, 0.9, 0.5, 0.7]]), keys(0), keys(1, 2, 3, 4), 3)
    assert found.documents.tolist() == [[1, 3, 2]]
    assert found.scores.tolist() == [[0.9, 0.7, 0.5]]


def test_a_tie_across_the_cut_is_decided_by_the_keys_alone() -> None:
    random = np.random.default_rng(0)
    documents = random.integers(0, 2**64, 50, dtype=np.uint64)
    whole = best(np.zeros((1, 50)), keys(7), documents, 50).documents[0]
    assert best(np.zeros((1, 50)), keys(7), documents, 10).documents[0].tolist() == whole[:10].tolist()
    shuffled = random.permutation(50)
    again = best(np.zeros((1, 50)), keys(7), documents[shuffled], 50).documents[0]
    assert shuffled[again].tolist() == whole.tolist()


def test_tied_documents_stand_in_another_order_for_another_query() -> None:
    documents = np.random.default_rng(0).integers(0, 2**64, 50, dtype=np.uint64)
    one, other = best(np.zeros((2, 50)), keys(7, 8), documents, 50).documents
    assert one.tolist() != other.tolist()


def test_no_language_stands_first_among_tied_documents() -> None:
    """4,000 queries that tie with one document in each of 4 languages: each comes first in a quarter of them."""
    texts = {language: (f"same in {number}",) for number, language in enumerate("abcd")}
    documents = np.concatenate(list(document_keys(texts).values()))
    first = best(np.zeros((4000, 4)), query_keys([str(number) for number in range(4000)]), documents, 1).documents
    assert np.bincount(first[:, 0]) / 4000 == pytest.approx(np.full(4, 0.25), abs=0.03)


def test_equal_texts_have_keys_of_their_own_that_know_no_language() -> None:
    one = document_keys({"de": ("1998", "x", "1998"), "en": ("1998",)})
    other = document_keys({"th": ("1998", "x", "1998"), "zh": ("1998",)})
    assert len({*one["de"].tolist(), *one["en"].tolist()}) == 4
    assert [part.tolist() for part in one.values()] == [part.tolist() for part in other.values()]


@given(seed=st.integers(0, 1000), depth=st.integers(1, 40))
def test_lists_by_language_are_those_of_the_whole_matrix_for_any_block(seed: int, depth: int) -> None:
    random = np.random.default_rng(seed)
    queries = coarse(random, 7)
    documents = {"de": coarse(random, 11), "en": coarse(random, 17)}
    asked = query_keys([str(number) for number in range(7)])
    texts = {language: tuple(f"{language}{row}" for row in range(len(part))) for language, part in documents.items()}
    answers = document_keys(texts)
    flat = np.concatenate(list(answers.values()))
    scores = queries.astype(float) @ np.concatenate(list(documents.values())).astype(float).T
    with MonkeyPatch.context() as patch:
        patch.setattr(lists, "COLUMNS", int(random.integers(1, 20)))
        patch.setattr(lists, "LISTED", int(random.integers(1, 60)))
        for rows, found in by_language(queries, documents, asked, answers, depth, 2.0):
            for language, columns in (("de", slice(0, 11)), ("en", slice(11, 28))):
                expected = best(scores[rows, columns], asked[rows], flat[columns], depth)
                assert (found[language].documents == expected.documents + columns.start).all()
                assert (found[language].scores == 2 * expected.scores).all()
            pool = merge(list(found.values()), asked[rows], flat, depth)
            assert (pool.documents == best(scores[rows], asked[rows], flat, depth).documents).all()


@given(st.lists(st.floats(-50, 50, width=32) | st.sampled_from([-1.0, 0.0, 0.5, 1.0]), min_size=1, max_size=60))
def test_written_scores_fall_strictly_in_float32_and_stay_close(values: list[float]) -> None:
    scores = np.sort(np.array(values))[::-1]
    written = np.array([f"{score:.9g}" for score in strictly_falling(scores)], np.float32)
    assert (written == strictly_falling(scores)).all()
    assert (np.diff(written) < 0).all()
    assert written == pytest.approx(scores, abs=2.0 * (max(map(abs, values)) or 1.0) * len(values) / 2**24 + 1e-18)


def test_neighbours_that_float32_would_make_equal_stay_apart() -> None:
    scores = np.array([0.5 + 2.0**-48, 0.5])
    assert len(set(scores.astype(np.float32))) == 1
    assert len(set(strictly_falling(scores).astype(np.float32))) == 2


def test_a_long_tie_at_the_lowest_score_still_falls() -> None:
    assert (np.diff(strictly_falling(np.full(5000, -1.0)).astype(np.float32)) < 0).all()


def test_a_full_list_of_random_directions_is_sorted_by_score() -> None:
    random = np.random.default_rng(1)
    queries, documents = directions(random, 3), {"en": directions(random, 40)}
    texts = document_keys({"en": tuple(map(str, range(40)))})
    ((_, found),) = by_language(queries, documents, query_keys(["a", "b", "c"]), texts, 40, 1.0)
    assert (np.diff(found["en"].scores, axis=1) < 0).all()
    assert (np.sort(found["en"].documents, axis=1) == np.arange(40)).all()
