"""What a stream of batches promises."""

from collections import Counter

import numpy as np
import pytest

from xbench.errors import TrainingError
from xbench.specs import Mix
from xbench.train.batches import Batch, BatchStream
from xbench.train.corpus import Corpus

LANGUAGES = ("de", "en", "th")


def corpus(
    units: int = 60, missing: float = 0.0, groups: int | None = None, languages: tuple[str, ...] = LANGUAGES
) -> Corpus:
    """Every unit in every language, except a share that is missing; text numbers are unique."""
    shape = (len(languages), units)
    number = np.arange(len(languages) * units, dtype=np.int32).reshape(shape)
    absent = np.random.default_rng(1).random(shape) < missing
    absent[0] = False
    query, passage = np.where(absent, -1, number), np.where(absent, -1, number + number.size)
    group = np.arange(units, dtype=np.int32) % (groups or units)
    texts = tuple(f"text {place}" for place in range(2 * number.size))
    return Corpus(languages, texts, query.astype(np.int32), passage.astype(np.int32), group, "digest")


def stream(
    kind: str = "mono", data: Corpus | None = None, size: int = 8, seed: int = 0, tau: float = 0.0
) -> BatchStream:
    mixes = {"hybrid": Mix(mono=0.5, cross=0.5)}
    return BatchStream(data or corpus(), mixes.get(kind) or Mix(**{kind: 1.0}), tau, size, seed)


def same(one: Batch, other: Batch) -> bool:
    pairs = ((one.units, other.units), (one.query_language, other.query_language))
    return one.kind == other.kind and all(np.array_equal(*pair) for pair in pairs)


@pytest.mark.parametrize("kind", ["mono", "cross", "mixed"])
def test_a_unit_and_its_group_stand_once_in_a_batch(kind: str) -> None:
    data = corpus(units=90, groups=30)
    for step in range(30):
        batch = stream(kind, data)[step]
        assert len(set(data.group[batch.units])) == len(batch.units) == 8


@pytest.mark.parametrize("kind", ["mono", "cross", "mixed"])
def test_a_passage_text_stands_once_in_a_batch(kind: str) -> None:
    data = corpus(units=40)
    repeated = data.passage % 20  # every passage text now belongs to several units
    data = Corpus(data.languages, data.texts, data.query, repeated.astype(np.int32), data.group, "digest")
    for step in range(30):
        batch = stream(kind, data, size=6)[step]
        passages = data.passage[batch.passage_language, batch.units]
        assert len(set(passages)) == len(passages)


@pytest.mark.parametrize("kind", ["mono", "cross", "mixed"])
def test_no_rows_query_is_another_rows_passage(kind: str) -> None:
    """As in relation `next`, where the passage of one unit is the query of the following one."""
    data = corpus(units=12)
    following = np.roll(data.query, -1, axis=1)
    chained = Corpus(data.languages, data.texts, data.query, following, data.group, "digest")
    for step in range(60):
        batch = stream(kind, chained, size=4)[step]
        queries = chained.query[batch.query_language, batch.units]
        passages = chained.passage[batch.passage_language, batch.units]
        assert not set(queries) & set(passages)


def test_a_mono_batch_holds_one_language_and_all_languages_come_up() -> None:
    batches = [stream("mono")[step] for step in range(60)]
    for batch in batches:
        assert len({*batch.query_language, *batch.passage_language}) == 1
    assert {int(batch.query_language[0]) for batch in batches} == {0, 1, 2}


def test_a_cross_batch_never_pairs_a_language_with_itself_and_mixes_pairs() -> None:
    batches = [stream("cross")[step] for step in range(20)]
    assert all((batch.query_language != batch.passage_language).all() for batch in batches)
    pairs = {pair for batch in batches for pair in zip(batch.query_language, batch.passage_language, strict=True)}
    assert len(pairs) == 6
    assert any(len(set(zip(batch.query_language, batch.passage_language, strict=True))) > 1 for batch in batches)


def test_a_mixed_batch_pairs_each_language_with_itself_and_mixes_languages() -> None:
    batches = [stream("mixed")[step] for step in range(20)]
    assert all((batch.query_language == batch.passage_language).all() for batch in batches)
    assert any(len(set(batch.query_language)) > 1 for batch in batches)


def test_hybrid_draws_the_kind_per_batch_with_its_probability() -> None:
    kinds = Counter(stream("hybrid")[step].kind for step in range(1000))
    assert abs(kinds["mono"] - 500) < 4 * np.sqrt(250)  # four standard deviations
    assert kinds["mono"] + kinds["cross"] == 1000


def test_only_languages_that_a_unit_has_are_drawn() -> None:
    data = corpus(missing=0.4)
    for kind in ("mono", "cross", "mixed"):
        for step in range(30):
            batch = stream(kind, data)[step]
            assert (data.query[batch.query_language, batch.units] >= 0).all()
            assert (data.passage[batch.passage_language, batch.units] >= 0).all()


def test_a_step_is_the_same_whenever_it_is_asked_for() -> None:
    one, other = stream("hybrid"), stream("hybrid")
    forward = [one[step] for step in range(10)]
    backward = [other[step] for step in reversed(range(10))][::-1]
    assert all(map(same, forward, backward))
    assert one.digest() == other.digest()


def test_three_seeds_give_three_batch_orders() -> None:
    assert len({stream("hybrid", seed=seed).digest() for seed in (0, 1, 2)}) == 3


def test_the_shares_of_two_processes_are_the_global_batch() -> None:
    batch = stream("cross")[3]
    shares = [batch.share(process, 2) for process in (0, 1)]
    assert sorted(np.concatenate([share.units for share in shares])) == sorted(batch.units)
    assert all(len(share.units) == 4 for share in shares)


def test_tau_draws_languages_by_size() -> None:
    data = corpus(units=400, missing=0.8)
    uniform, sized = (
        Counter(int(stream("mono", data, tau=tau)[step].query_language[0]) for step in range(600)) for tau in (0.0, 1.0)
    )
    assert abs(uniform[0] - 200) < 60
    assert sized[0] > 350  # the first language has about five times the units of the others


def test_a_batch_as_large_as_a_language_is_filled() -> None:
    assert sorted(stream("mono", corpus(units=8), size=8)[0].units) == list(range(8))


@pytest.mark.parametrize(
    ("kind", "data", "size", "words"),
    [
        ("cross", corpus(languages=("de",)), 8, "only de"),
        ("mono", corpus(units=6), 8, "larger than the 6 distinct units of 'de'"),
        ("mono", corpus(units=60, groups=5), 8, "larger than the 5 distinct units"),
        ("cross", corpus(units=6), 8, "larger than the corpus"),
    ],
)
def test_a_corpus_that_cannot_fill_the_batches_is_refused_at_once(
    kind: str, data: Corpus, size: int, words: str
) -> None:
    with pytest.raises(TrainingError, match=words):
        stream(kind, data, size)


def test_two_languages_that_never_meet_cannot_cross() -> None:
    data = corpus(units=20, languages=("de", "en"))
    half = np.arange(20) < 10
    query = np.where(np.stack([half, ~half]), data.query, -1).astype(np.int32)
    passage = np.where(np.stack([half, ~half]), data.passage, -1).astype(np.int32)
    apart = Corpus(data.languages, data.texts, query, passage, data.group, "digest")
    with pytest.raises(TrainingError, match="two languages at once"):
        stream("cross", apart, 4)
