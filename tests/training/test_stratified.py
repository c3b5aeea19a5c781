"""`draw: stratified`: exact numbers over a round, any step alone, and nothing else about a batch changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_training import tiny_corpus

from xbench.specs import LanguageChoice, Mix, Recipe
from xbench.training.batches import Batch, BatchStream, stream_of
from xbench.training.corpus import Corpus
from xbench.training.schedule import Portion, Schedule, counted_out, parts

LANGUAGES = ("de", "en", "es", "th")


def stratified(
    mix: dict[str, float], size: int = 12, corpus: Corpus | None = None, seed: int = 0, **changes: Any
) -> BatchStream:
    recipe = Recipe(name="r", mix=Mix(**mix), draw="stratified", **changes)
    return stream_of(corpus or tiny_corpus(90, LANGUAGES), recipe, size, seed)


def round_of(stream: BatchStream, number: int = 0) -> list[Batch]:
    assert stream.schedule
    length = stream.schedule.round
    return [stream[step] for step in range(number * length, (number + 1) * length)]


def rows(batches: Iterable[Batch], kind: str) -> Counter[tuple[int, int]]:
    counted: Counter[tuple[int, int]] = Counter()
    for batch in batches:
        if batch.kind == kind:
            counted.update(zip(batch.query_language.tolist(), batch.passage_language.tolist(), strict=True))
    return counted


# --- counting out ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weights", "total", "first", "turn", "expected"),
    [
        ([1, 1], 4, 0, 0, [2, 2]),
        ([0.5, 0.3, 0.2], 10, 0, 0, [5, 3, 2]),
        ([0.5, 0.3, 0.2], 4, 0, 0, [2, 1, 1]),  # 2, 1.2, 0.8: the last remainder is the largest
        ([1, 1, 1], 4, 0, 0, [2, 1, 1]),
        ([1, 1, 1], 4, 1, 0, [1, 2, 1]),
        ([1, 1, 1], 5, 0, 1, [2, 1, 2]),  # the second turn goes on behind the first, which served 0 and 1
        ([1, 0, 1], 3, 1, 0, [1, 0, 2]),  # what weighs nothing is never served
        ([0.29, 0.71], 100, 0, 0, [29, 71]),  # .29 * 100 is 28.999999999999996
        ([1, 1], 0, 0, 0, [0, 0]),
    ],
)
def test_parts_by_hand(weights: list[float], total: int, first: int, turn: int, expected: list[int]) -> None:
    assert parts(np.array(weights, float), total, first, turn).tolist() == expected


@given(st.lists(st.floats(0, 9), min_size=1, max_size=9), st.integers(0, 3000), st.integers(0, 9), st.integers(0, 9))
def test_parts_add_up_and_lie_within_one_of_their_share(
    weights: list[float], total: int, first: int, turn: int
) -> None:
    given_weights = np.array([weight if weight > 0.01 else 0 for weight in weights])
    if not given_weights.any():
        given_weights[0] = 1
    counted = parts(given_weights, total, first, turn)
    assert counted.sum() == total
    assert (abs(counted - given_weights / given_weights.sum() * total) < 1 + 1e-6).all()
    assert not counted[given_weights == 0].any()


@given(st.integers(2, 9), st.integers(0, 40))
def test_over_as_many_turns_as_there_are_parts_all_are_served_alike(count: int, total: int) -> None:
    served = sum(parts(np.ones(count), total, turn=turn) for turn in range(count))
    assert set(np.asarray(served).tolist()) == {total}


def test_what_is_left_of_pairs_goes_round_so_that_passages_are_equal_too() -> None:
    """Three languages, 15 rows: 5 queries each, 2.5 a pair: the odd one goes to the language behind the query's."""
    counted = counted_out(1 - np.eye(3), 15, 0)
    assert counted.tolist() == [[0, 3, 2], [2, 0, 3], [3, 2, 0]]
    assert counted_out(1 - np.eye(3), 15, 1).tolist() == [[0, 2, 3], [3, 0, 2], [2, 3, 0]]


# --- rounds ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mix", "length"),
    [
        ({"mono": 1.0}, 4),
        ({"mono": 0.5, "cross": 0.5}, 8),
        ({"mono": 0.1, "cross": 0.9}, 40),
        ({"mixed": 1.0}, 1),
        ({"cross": 0.25, "parallel": 0.75}, 8),
    ],
    ids=str,
)
def test_a_round_has_every_kind_and_language_equally_often(mix: dict[str, float], length: int) -> None:
    stream = stratified(mix)
    assert stream.schedule and stream.schedule.round == length
    for number in (0, 1, 5):
        batches = round_of(stream, number)
        assert Counter(batch.kind for batch in batches) == {kind: round(length * share) for kind, share in mix.items()}
        for kind in mix:
            pairs = rows(batches, kind)
            asked = Counter[int]()
            for (query, _), count in pairs.items():
                asked[query] += count
            assert set(asked.values()) == {pairs.total() // 4} and len(asked) == 4
        pairs = rows(batches, "cross")
        answered = Counter(passage for (_, passage), count in pairs.items() for _ in range(count))
        if pairs:
            assert len(pairs) == 12 and max(pairs.values()) - min(pairs.values()) <= 1
            assert set(answered.values()) == {pairs.total() // 4}


def test_over_enough_rounds_all_pairs_are_equally_frequent() -> None:
    stream = stratified({"cross": 1.0}, size=8)  # 8 rows: 2 a language, and 3 pairs to each
    counted = sum((rows(round_of(stream, number), "cross") for number in range(3)), Counter[tuple[int, int]]())
    assert set(counted.values()) == {2} and len(counted) == 12


def test_tau_and_chosen_pairs_are_counted_out_by_their_weights() -> None:
    stream = stratified({"cross": 1.0}, pairs=(("de", "en"), ("en", "de"), ("de", "th")), size=12)
    assert rows(round_of(stream), "cross") == {(0, 1): 4, (0, 3): 4, (1, 0): 4}
    corpus = tiny_corpus(80, LANGUAGES)
    few = corpus.query.copy()
    few[3, 20:] = -1  # th has a fourth of the units
    stream = stratified({"mixed": 1.0}, corpus=replace(corpus, query=few), tau=1.0, size=13)
    counted = rows(round_of(stream), "mixed")
    total = counted.total()
    for language in range(4):
        share = (1 if language < 3 else 0.25) / 3.25
        assert abs(counted[language, language] - share * total) < 1


@pytest.mark.parametrize("mix", [{"mono": 0.5, "cross": 0.5}, {"mixed": 0.5, "parallel": 0.5}], ids=str)
def test_any_step_alone_is_the_step_in_sequence(mix: dict[str, float]) -> None:
    in_sequence = stratified(mix)
    batches = [in_sequence[step] for step in range(40)]
    for step in (39, 0, 17, 8):
        alone = stratified(mix)[step]
        assert alone.kind == batches[step].kind
        for name in ("units", "query_language", "passage_language"):
            assert np.array_equal(getattr(alone, name), getattr(batches[step], name))
    assert stratified(mix).digest() == in_sequence.digest() != stratified(mix, seed=1).digest()


def test_rounds_are_in_another_order_each_and_by_seed() -> None:
    def order(number: int, seed: int) -> list[int]:
        stream = stratified({"mono": 1.0}, seed=seed)
        return [int(batch.query_language[0]) for batch in round_of(stream, number)]

    assert len({tuple(order(number, seed)) for number in range(6) for seed in range(3)}) > 6


@pytest.mark.parametrize("kind", ["mono", "cross", "mixed", "parallel"])
def test_units_groups_and_texts_stand_as_in_drawn_batches(kind: str) -> None:
    corpus = tiny_corpus(60, LANGUAGES)
    corpus = replace(corpus, group=(np.arange(60, dtype=np.int32) // 2))
    for batch in round_of(stratified({kind: 1.0}, corpus=corpus)):
        units = set(batch.units.tolist())
        assert len({unit // 2 for unit in units}) == len(units)
        assert len(batch.units) == 12 and len(units) == (6 if kind == "parallel" else 12)


def test_shares_that_no_round_holds_exactly_are_held_as_nearly_as_a_thousand_batches_can() -> None:
    schedule = Schedule({"a": Portion(1 / 3, np.eye(7), 1), "b": Portion(2 / 3, np.ones((1, 1)), 1)}, 0)
    assert schedule.round == 21
    odd = Schedule({"a": Portion(0.1234, np.eye(7), 1), "b": Portion(0.8766, np.ones((1, 1)), 1)}, 0)
    assert odd.round == 1000
    counted = Counter(odd[step][0] for step in range(1000))
    assert counted == {"a": 123, "b": 877}


def test_random_is_the_default_and_named_nowhere() -> None:
    plain = Recipe(name="r", mix=Mix(mono=1))
    assert "draw" not in plain.drawing() and "draw" not in plain.model_dump()
    assert Recipe(name="r", mix=Mix(mono=1), draw="stratified").drawing()["draw"] == "stratified"
    corpus = tiny_corpus()
    drawn = BatchStream(corpus, plain.mix, 0.0, 8, 0, LanguageChoice())
    assert drawn.schedule is None
    assert stream_of(corpus, plain, 8, 0).digest() == drawn.digest()
