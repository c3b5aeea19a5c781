"""What the top lists of all rankers rest on: the same lists for any blocks, ties by key or as they came."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xbench.evaluation.top import ABSENT, LOWEST, Top


def drawn(seed: int, levels: int) -> tuple[np.random.Generator, np.ndarray]:
    random = np.random.default_rng(seed)
    shape = random.integers(1, 9), random.integers(1, 40)
    return random, random.integers(0, levels, shape).astype(np.float64)


def in_blocks(top: Top, scores: np.ndarray, random: np.random.Generator, numbered: bool) -> Top:
    cuts = np.unique(random.integers(0, scores.shape[1] + 1, 4)).tolist()
    numbers = np.broadcast_to(np.arange(scores.shape[1]), scores.shape)
    for first, last in zip([0, *cuts], [*cuts, scores.shape[1]], strict=True):
        top.add(scores[:, first:last], np.ascontiguousarray(numbers[:, first:last]) if numbered else first)
    return top


@given(seed=st.integers(0, 10_000), depth=st.integers(1, 45), levels=st.sampled_from([1, 2, 6, 1000]))
def test_without_keys_those_that_tie_stand_as_they_came(seed: int, depth: int, levels: int) -> None:
    random, scores = drawn(seed, levels)
    best, documents = in_blocks(Top(len(scores), depth), scores, random, bool(seed % 2)).lists()
    order = np.argsort(-scores, axis=1, kind="stable")[:, :depth]
    width = order.shape[1]
    assert (documents[:, :width] == order).all()
    assert (best[:, :width] == np.take_along_axis(scores, order, axis=1)).all()
    assert (documents[:, width:] == ABSENT).all()
    assert (best[:, width:] == LOWEST).all()


@given(seed=st.integers(0, 10_000), depth=st.integers(1, 45), levels=st.sampled_from([1, 2, 6, 1000]))
def test_with_keys_the_smaller_one_stands_first(seed: int, depth: int, levels: int) -> None:
    random, scores = drawn(seed, levels)
    keys = np.stack([random.permutation(scores.shape[1]) for _ in scores]).astype(np.uint64)
    top = Top(len(scores), depth, lambda rows, documents: keys[rows, documents])
    _, documents = in_blocks(top, scores, random, bool(seed % 2)).lists()
    for row, found in enumerate(documents):
        expected = np.lexsort((keys[row], -scores[row]))[:depth]
        assert found[: len(expected)].tolist() == expected.tolist()


def test_the_largest_may_be_given() -> None:
    random = np.random.default_rng(0)
    plain, told = Top(3, 4), Top(3, 4)
    for first in range(0, 60, 20):
        scores = random.standard_normal((3, 20))
        plain.add(scores, first)
        told.add(scores, first, np.sort(scores, axis=1)[:, -4:])
    for one, other in zip(plain.lists(), told.lists(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("keyed", [False, True])
def test_ties_do_not_fill_memory(keyed: bool) -> None:
    top = Top(2, 3, (lambda rows, documents: documents.astype(np.uint64)) if keyed else None)
    for first in range(0, 5000, 50):
        top.add(np.zeros((2, 50)), first)
        assert sum(len(part[0]) for part in top._candidates) <= 4 * 2 * 3 + 2 * 50
    assert top.lists()[1].tolist() == [[0, 1, 2]] * 2
