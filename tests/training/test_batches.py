"""What a stream of batches promises."""

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from xbench.errors import TrainingError
from xbench.specs import LanguageChoice, Mix, Recipe
from xbench.training.batches import Batch, BatchStream
from xbench.training.corpus import Corpus
from xbench.training.pools import choose

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


# --- the parallel kind -------------------------------------------------------------------------------------------


def parallel(data: Corpus, versions: int = 2, size: int = 8, seed: int = 0) -> BatchStream:
    return BatchStream(data, Mix(parallel=1.0), 0.0, size, seed, versions=versions)


@pytest.mark.parametrize(("versions", "size"), [(2, 8), (3, 9), (3, 8)])
def test_a_parallel_batch_holds_each_units_query_once_and_its_passage_in_several_languages(
    versions: int, size: int
) -> None:
    data = corpus(units=90, groups=30, missing=0.2)
    for step in range(30):
        batch = parallel(data, versions, size)[step]
        assert len(batch.units) == size
        rows: dict[int, list[int]] = {}
        for row, unit in enumerate(batch.units.tolist()):
            rows.setdefault(unit, []).append(row)
        assert sorted(map(len, rows.values()), reverse=True)[0] == versions
        assert len({int(data.group[unit]) for unit in rows}) == len(rows) == -(-size // versions)
        for unit, places in rows.items():
            assert len({*batch.query_language[places]}) == 1
            assert len({*batch.passage_language[places]}) == len(places)
            assert (data.query[batch.query_language[places], unit] >= 0).all()
            assert (data.passage[batch.passage_language[places], unit] >= 0).all()
        texts = data.passage[batch.passage_language, batch.units]
        assert len(set(texts)) == size


def test_rare_units_with_enough_passages_fill_parallel_batches() -> None:
    data = corpus(units=2000)
    few = np.arange(2000) % 200 == 7
    passage = np.where(few | (np.arange(3)[:, None] == 0), data.passage, -1).astype(np.int32)
    rare = Corpus(data.languages, data.texts, data.query, passage, data.group, "digest")
    for step in range(10):
        assert few[parallel(rare, 3, 12)[step].units].all()


def test_a_corpus_without_parallel_passages_has_no_parallel_batches() -> None:
    with pytest.raises(TrainingError, match="no unit has passages in 4 languages; lower `versions`"):
        parallel(corpus(), versions=4)


# --- what a recipe chooses ---------------------------------------------------------------------------------------

ALL = Mix(mono=0.25, cross=0.25, mixed=0.25, parallel=0.25)


def drawn(batches: list[Batch]) -> set[int]:
    return {
        int(number) for batch in batches for part in (batch.query_language, batch.passage_language) for number in part
    }


def test_excluded_languages_stay_unseen_in_every_kind() -> None:
    chosen = BatchStream(corpus(missing=0.2), ALL, 0.0, 8, 0, LanguageChoice(exclude=("en", "el")))
    batches = [chosen[step] for step in range(60)]
    assert {batch.kind for batch in batches} == {"mono", "cross", "mixed", "parallel"}
    assert drawn(batches) == {0, 2}


def test_a_cap_leaves_so_many_units_of_a_language_and_the_same_ones_for_every_seed() -> None:
    data = corpus(units=400, missing=0.3)
    seen: list[set[tuple[int, int]]] = []
    for seed in (0, 1):
        chosen = BatchStream(data, ALL, 0.0, 8, seed, LanguageChoice(cap={"de": 40, "th": 25}))
        seen.append(set())
        for step in range(400):
            batch = chosen[step]
            for part in (batch.query_language, batch.passage_language):
                seen[-1] |= set(zip(part.tolist(), batch.units.tolist(), strict=True))
    used = [{language: {unit for held, unit in one if held == language} for language in range(3)} for one in seen]
    assert [len(used[0][language]) for language in (0, 2)] == [40, 25]
    assert len(used[0][1]) > 200
    assert used[0][0] == used[1][0]
    assert used[0][2] == used[1][2]


def test_capped_languages_keep_the_same_units_so_that_pairs_stay() -> None:
    pools = choose(corpus(units=5000), LanguageChoice(cap=50))
    assert (pools.counts == 50).all()


def test_a_cap_above_what_there_is_changes_nothing() -> None:
    data = corpus(missing=0.3)
    capped = BatchStream(data, ALL, 0.0, 8, 0, LanguageChoice(cap=1000))
    assert capped.digest() == BatchStream(data, ALL, 0.0, 8, 0).digest()


def cross_pairs(pairs: Any, data: Corpus, tau: float = 0.0) -> Counter[tuple[int, int]]:
    chosen = BatchStream(data, Mix(cross=1.0), tau, 8, 0, pairs=pairs)
    batches = [chosen[step] for step in range(300)]
    return Counter(
        pair
        for batch in batches
        for pair in zip(batch.query_language.tolist(), batch.passage_language.tolist(), strict=True)
    )


def test_pairs_of_cross_batches_are_those_named() -> None:
    assert set(cross_pairs((("de", "en"), ("th", "de")), corpus())) == {(0, 1), (2, 0)}


def test_pairs_are_drawn_uniformly_or_by_size() -> None:
    data = corpus(units=600, missing=0.6)
    sizes = choose(data, LanguageChoice()).counts
    for pairs, tau, weight in (("uniform", 1.0, 0.0), ("size", 0.0, 1.0), ("tau", 0.0, 0.0), ("tau", 1.0, 1.0)):
        found = cross_pairs(pairs, data, tau)
        expected = {pair: float(sizes[pair]) ** weight for pair in found}
        assert len(found) == 6
        for pair, count in found.items():
            share = expected[pair] / sum(expected.values())
            assert abs(count - 2400 * share) < 5 * np.sqrt(2400 * share * (1 - share)), (pairs, tau, pair)


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ((("de", "thh"),), "lacks 'thh'; did you mean 'th'"),
        ((("de", "en"),), "no unit has a query in 'de' and a passage"),
    ],
)
def test_a_pair_that_no_unit_has_is_refused(pairs: Any, words: str) -> None:
    data = corpus()
    passage = data.passage.copy()
    passage[1] = -1
    with pytest.raises(TrainingError, match=words):
        cross_pairs(pairs, Corpus(data.languages, data.texts, data.query, passage, data.group, "digest"))


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ({"pairs": [["de", "de"]]}, "two different languages"),
        ({"pairs": [["de", "en"], ["de", "en"]]}, "each once"),
        ({"pairs": [["de", "en"]], "languages": {"exclude": ["en"]}}, "without the excluded 'en'"),
        ({"pairs": []}, "pairs"),
        ({"languages": {"cap": 0}}, "cap"),
        ({"versions": 1}, "versions"),
    ],
)
def test_a_recipe_that_contradicts_itself_is_refused(recipe: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Recipe.model_validate_json(json.dumps({"name": "r", "mix": {"cross": 1.0}, **recipe}))


def test_all_of_a_recipe_that_decides_the_stream_names_the_encoder() -> None:
    recipe = Recipe(name="r", mix=ALL, tau=0.5)
    assert set(recipe.drawing()) == {"mix", "tau", "languages", "pairs", "versions"}
    assert recipe.trains_on(("de", "en")) == ("de", "en")
    excluding = recipe.model_copy(update={"languages": LanguageChoice(exclude=("de",))})
    assert excluding.trains_on(("de", "en")) == ("en",)


def test_cross_batches_of_chosen_pairs_train_on_the_languages_of_these_alone() -> None:
    recipe = Recipe(name="r", mix=Mix(cross=1.0), pairs=(("de", "en"),))
    assert recipe.trains_on(("de", "en", "th")) == ("de", "en")
    mono = recipe.model_copy(update={"mix": Mix(cross=0.5, mono=0.5)})
    assert mono.trains_on(("de", "en", "th")) == ("de", "en", "th")


def test_leaving_no_language_is_refused() -> None:
    with pytest.raises(TrainingError, match="leaves none of the corpus's languages de, en, th"):
        BatchStream(corpus(), ALL, 0.0, 8, 0, LanguageChoice(exclude=LANGUAGES))


# --- rows that would teach nothing, or the wrong thing -----------------------------------------------------------


@pytest.mark.parametrize("kind", ["mono", "cross", "mixed", "parallel"])
def test_a_query_text_stands_for_one_unit_of_a_batch(kind: str) -> None:
    data = corpus(units=60)
    repeated = Corpus(data.languages, data.texts, data.query % 17, data.passage, data.group, "digest")
    for step in range(30):
        batch = stream(kind, repeated, size=6)[step]
        queries = repeated.query[batch.query_language, batch.units]
        assert len(set(queries)) == len(set(batch.units))


@pytest.mark.parametrize("kind", ["mono", "cross", "mixed", "parallel"])
def test_no_rows_passage_is_its_own_query(kind: str) -> None:
    data = corpus(units=60)
    passage = np.where(np.arange(60) % 2, data.passage, data.query[[1, 2, 0]])
    passage[:, ::4] = data.query[:, ::4]
    same_text = Corpus(data.languages, data.texts, data.query, passage.astype(np.int32), data.group, "digest")
    for step in range(30):
        batch = stream(kind, same_text, size=6)[step]
        queries = same_text.query[batch.query_language, batch.units]
        assert not set(queries) & set(same_text.passage[batch.passage_language, batch.units])


def test_translations_have_no_batches_of_one_language() -> None:
    data = replace(corpus(), relation="translation")
    for kind in ("mono", "mixed"):
        with pytest.raises(TrainingError, match="a text's translation into its own language is the text"):
            stream(kind, data)
    assert stream("cross", data)[0].kind == "cross"


# --- large corpora -----------------------------------------------------------------------------------------------


def test_a_pair_that_few_units_have_is_drawn_as_often_as_others_and_evenly_over_its_units() -> None:
    data = corpus(units=3000, languages=("de", "en"))
    few = np.arange(3000) % 300 == 5
    query = np.where(np.stack([np.ones(3000, bool), few]), data.query, -1).astype(np.int32)
    passage = np.where(np.stack([few, np.ones(3000, bool)]), data.passage, -1).astype(np.int32)
    rare = Corpus(data.languages, data.texts, query, passage, data.group, "digest")
    chosen = BatchStream(rare, Mix(cross=1.0), 0.0, 8, 0, pairs=(("en", "de"),))
    found = Counter(unit for step in range(200) for unit in chosen[step].units.tolist())
    assert set(found) == set(np.flatnonzero(few).tolist())
    assert all(abs(count - 160) < 40 for count in found.values())


def test_a_batch_of_every_unit_is_filled_where_it_takes_looking_through_all() -> None:
    data = corpus(units=64, languages=("de", "en"))
    for kind in ("mono", "cross", "mixed"):
        assert sorted(stream(kind, data, size=64)[0].units) == list(range(64))


def test_a_batch_that_no_longer_fills_says_so_before_training() -> None:
    data = corpus(units=40, languages=("de", "en"))
    one_passage = np.where(np.arange(40) < 30, data.passage[:, :1], data.passage).astype(np.int32)
    repeated = Corpus(data.languages, data.texts, data.query, one_passage, data.group, "digest")
    with pytest.raises(TrainingError, match=r"no further unit of .* for a batch of 30"):
        stream("mixed", repeated, 30).check()
