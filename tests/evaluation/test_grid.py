"""What the grid promises: no name and no order decides a score, one point is chance, and a mean says of what it is."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from build import METRICS, coarse, collection, directions, encoded, flat, one_point, referee

from xbench.arrays import Vectors
from xbench.data.collection import Collection, Golds
from xbench.evaluation.grid import GridScores, ScoringRule, evaluate, evaluate_rankings
from xbench.evaluation.ranking import Blocks, Ranking
from xbench.evaluation.rankings import DenseRankings
from xbench.specs import Grid

ALL = ScoringRule(Grid(), METRICS)
NAMES = ("de", "en", "th", "zh")
PARALLEL = {language: tuple("abcdefgh") for language in NAMES}
OVERLAPPING = {"de": tuple("abcd"), "en": tuple("abcdefgh"), "th": tuple("cdxy"), "zh": tuple("defg")}
SHAPES = pytest.mark.parametrize("questions", [PARALLEL, OVERLAPPING], ids=["parallel", "overlapping"])
MAKES = pytest.mark.parametrize("make", [coarse, directions], ids=["tied", "tie-free"])
Encoded = Mapping[str, Vectors]


def score(made: Collection, queries: Encoded, documents: Encoded, rule: ScoringRule = ALL) -> GridScores:
    return evaluate(made, queries, documents, rule)


def scored(made: Collection, rule: ScoringRule = ALL, make: Callable[..., Vectors] = coarse) -> GridScores:
    return score(made, encoded(made.queries, 1, make), encoded(made.documents, 2, make), rule)


def numbers(scores: GridScores) -> dict[tuple[str, ...], object]:
    return flat({"scores": scores.scores.plain(), "bias": scores.bias.plain(), "gap": scores.gap.plain()})  # type: ignore[return-value]


def assert_close(found: GridScores, expected: GridScores) -> None:
    one, other = numbers(found), numbers(expected)
    assert one.keys() == other.keys()
    assert one == {key: pytest.approx(value, abs=1e-12) for key, value in other.items()}


# --- names and orders decide nothing -----------------------------------------------------------------------------


@SHAPES
@MAKES
def test_permuted_documents_score_exactly_the_same(questions: dict[str, str], make: Callable[..., Vectors]) -> None:
    made = collection(questions, golds=lambda _, question: 2 if question == "d" else 1)
    queries, documents = encoded(made.queries, 1, make), encoded(made.documents, 2, make)
    random = np.random.default_rng(4)
    orders = {language: random.permutation(len(part)) for language, part in made.documents.items()}
    places = [np.argsort(order) for order in orders.values()]
    golds = {
        language: Golds(
            gold.query,
            gold.language,
            np.array([places[one][d] for one, d in zip(gold.language, gold.document, strict=True)]),
            gold.grade,
        )
        for language, gold in made.golds.items()
    }
    moved = {language: documents[language][order] for language, order in orders.items()}
    again = score(dataclasses.replace(made, golds=golds), queries, moved)
    assert numbers(again) == numbers(score(made, queries, documents))


@SHAPES
@MAKES
def test_renamed_ids_score_exactly_the_same(questions: dict[str, str], make: Callable[..., Vectors]) -> None:
    """But for the gap: its differences are summed in the order of the question ids (1e-12)."""
    made = collection(questions)
    texts = {
        language: dataclasses.replace(part, ids=tuple(reversed(part.ids))) for language, part in made.documents.items()
    }
    asked = {
        language: dataclasses.replace(
            part,
            ids=tuple(map(str, range(len(part)))),
            questions=tuple(f"{99 - ord(name) % 32}" for name in part.questions),
        )
        for language, part in made.queries.items()
    }
    vectors = encoded(made.queries, 1, make), encoded(made.documents, 2, make)
    found, expected = score(Collection(asked, texts, made.golds), *vectors), score(made, *vectors)
    assert (found.scores, found.bias) == (expected.scores, expected.bias)
    assert_close(found, expected)


@SHAPES
@MAKES
def test_renamed_languages_score_exactly_the_same(questions: dict[str, str], make: Callable[..., Vectors]) -> None:
    made = collection(questions)
    queries, documents = encoded(made.queries, 1, make), encoded(made.documents, 2, make)
    names = {"de": "ta", "en": "ar", "th": "yo", "zh": "bn"}

    def renamed(part: Mapping[str, object]) -> dict[str, object]:
        return {names[language]: value for language, value in part.items()}

    again = Collection(*map(renamed, (made.queries, made.documents, made.golds)))  # type: ignore[arg-type]
    found = numbers(score(again, renamed(queries), renamed(documents)))  # type: ignore[arg-type]
    expected = {
        tuple("-".join(names.get(part, part) for part in name.split("-")) for name in key): value
        for key, value in numbers(score(made, queries, documents)).items()
    }
    assert found == expected


@SHAPES
@MAKES
def test_reordered_languages_score_the_same(questions: dict[str, str], make: Callable[..., Vectors]) -> None:
    """Pairs exactly; means over languages to 1e-12, as sums of floats depend on their order."""
    made = collection(questions)
    queries, documents = encoded(made.queries, 1, make), encoded(made.documents, 2, make)
    turned = collection({language: questions[language] for language in ("zh", "en", "de", "th")})
    found = score(turned, *({language: part[language] for language in turned.queries} for part in (queries, documents)))
    expected = score(made, queries, documents)
    for half in ("monolingual", "cross-lingual"):
        assert found.scores.halves[half].pairs == expected.scores.halves[half].pairs
    assert_close(found, expected)


def test_block_sizes_change_no_number() -> None:
    made = collection(OVERLAPPING)
    vectors = encoded(made.queries, 1), encoded(made.documents, 2)
    assert numbers(evaluate(made, *vectors, ALL, Blocks(1, 3))) == numbers(score(made, *vectors))


# --- one point is chance -----------------------------------------------------------------------------------------


def chance_precision(relevant: int, documents: int) -> float:
    """AP of a random order: (1/N) (H + (R - 1) (N - H) / (N - 1)), H the N-th harmonic number."""
    harmonic = float(np.sum(1 / np.arange(1, documents + 1)))
    return (harmonic + (relevant - 1) * (documents - harmonic) / (documents - 1)) / documents


def test_the_chance_of_average_precision_is_the_mean_over_all_orders() -> None:
    ranks = list(combinations(range(1, 8), 3))
    assert referee(ranks, 7).mean(axis=0)[0] == pytest.approx(chance_precision(3, 7))


def assert_chance(made: Collection) -> GridScores:
    """One gold per language: every number is that of a random order."""
    found = score(made, one_point(made.queries), one_point(made.documents))
    sizes = {language: len(texts) for language, texts in made.documents.items()}
    for half in ("monolingual", "cross-lingual"):
        for pair, entry in found.scores.halves[half].pairs.items():
            size = sizes[pair.split("-")[1]]
            expected = {"AP": chance_precision(1, size), "RR": chance_precision(1, size)}
            expected |= {f"R@{k}": min(k / size, 1) for k in (1, 3, 10)}
            expected |= {f"nDCG@{k}": sum(1 / np.log2(np.arange(2, min(k, size) + 2))) / size for k in (1, 3, 10)}
            assert {name: entry[name] for name in expected} == pytest.approx(expected, rel=1e-9), pair
    total = sum(sizes.values())
    relevant = {language: np.bincount(gold.query) for language, gold in made.golds.items()}
    for language, entry in found.scores.multilingual.languages.items():
        expected_precision = np.mean([chance_precision(int(count), total) for count in relevant[language]])
        assert entry["AP"] == pytest.approx(expected_precision, rel=1e-9)
        assert entry["R@10"] == pytest.approx(min(10 / total, 1), rel=1e-9)
        distance = found.bias.rank_distance.languages[language]
        assert distance.mean == pytest.approx(
            np.mean((total + 1) * (relevant[language] - 1) / (relevant[language] + 1))
        )
        assert distance.chance == pytest.approx(distance.mean, rel=1e-12)
        assert distance.normalised == pytest.approx(1, rel=1e-12)
        assert found.bias.language_share.share[language] == pytest.approx(found.bias.language_share.chance)
    assert found.bias.language_share.chance == pytest.approx({name: sizes[name] / total for name in sizes})
    same = found.bias.same_language
    assert same.mean == pytest.approx(same.chance, rel=1e-12)
    assert list(found.bias.document_language_effect.values()) == pytest.approx([0] * len(sizes), abs=1e-12)
    assert (found.bias.consistency.mean, found.bias.consistency.n) == (None, 0)
    return found


@SHAPES
def test_an_encoder_of_one_point_gets_exactly_chance(questions: dict[str, str]) -> None:
    assert_chance(collection(questions))


def test_an_encoder_of_one_point_prefers_no_language_among_parallel_documents() -> None:
    found = assert_chance(collection(PARALLEL))
    assert list(found.bias.lift.values()) == pytest.approx([0] * len(NAMES), abs=1e-12)
    assert list(found.gap.pairs.values()) == pytest.approx([0] * 12, abs=1e-12)


def test_one_point_on_xquad_r_is_chance(real: Callable[..., Collection]) -> None:
    found = assert_chance(real("xquad-r"))
    assert found.bias.rank_distance.mean == pytest.approx(10_845.8, abs=0.05)
    assert found.scores.multilingual.macro["AP"] == pytest.approx(0.001540, abs=5e-7)


def test_one_point_is_chance_with_several_golds_in_a_language() -> None:
    made = collection(PARALLEL, golds=lambda *_: 2)
    distance = score(made, one_point(made.queries), one_point(made.documents)).bias.distance
    assert distance.chance in (None, pytest.approx(distance.mean))
    assert distance.normalised in (None, pytest.approx(1))


# --- what a mean is of -------------------------------------------------------------------------------------------


def test_a_query_without_gold_in_a_pair_is_not_counted_there() -> None:
    found = scored(collection(OVERLAPPING)).scores
    counts = {pair: entry["n"] for pair, entry in found.pairs.items()}
    expected = {
        f"{one}-{other}": len(set(OVERLAPPING[one]) & set(OVERLAPPING[other])) for one in NAMES for other in NAMES
    }
    assert counts == expected
    assert {name: entry["n"] for name, entry in found.multilingual.languages.items()} == {
        name: len(OVERLAPPING[name]) for name in NAMES
    }


def test_a_pair_without_any_gold_is_left_out() -> None:
    found = scored(collection({"de": "ab", "en": "abc", "zh": "c"})).scores.cross_lingual
    assert set(found.pairs) == {"de-en", "en-de", "en-zh", "zh-en"}
    assert found.macro["AP"] == pytest.approx(np.mean([entry["AP"] for entry in found.pairs.values()]))


@SHAPES
def test_per_query_values_are_nan_exactly_where_nothing_was_scored(questions: dict[str, str]) -> None:
    made = scored(collection(questions))
    frame, languages = made.per_query, list(questions)
    asked = [(language, question) for language in questions for question in questions[language]]
    expected = [[question not in questions[language] for language in languages] for _, question in asked]
    assert np.isnan(frame["AP"]).tolist() == expected
    for half in ("monolingual", "cross-lingual"):
        for pair, entry in made.scores.halves[half].pairs.items():
            query, document = pair.split("-")
            values = frame["AP"][frame["query_language"] == query, languages.index(document)]
            assert entry["AP"] == pytest.approx(np.nanmean(values))


def test_macro_means_pairs_and_micro_means_queries() -> None:
    """de-en: 2 queries of which one is found first, en-de: the same 2; en-zh: 1 query, found first."""
    found = scored(collection(OVERLAPPING))
    for half, pairs in (("cross-lingual", 12), ("monolingual", 4)):
        entries = list(found.scores.halves[half].pairs.values())
        weights = [entry["n"] for entry in entries]
        assert len(entries) == pairs
        for name in map(str, METRICS):
            values = [entry[name] for entry in entries]
            assert found.scores.halves[half].macro[name] == pytest.approx(np.mean(values))
            assert found.scores.halves[half].micro[name] == pytest.approx(np.average(values, weights=weights))
    pool = found.scores.multilingual
    entries = list(pool.languages.values())
    values, weights = [entry["AP"] for entry in entries], [entry["n"] for entry in entries]
    assert (pool.macro["AP"], pool.micro["AP"]) == pytest.approx((np.mean(values), np.average(values, weights=weights)))
    assert pool.macro["AP"] != pytest.approx(pool.micro["AP"])


def test_macro_and_micro_by_hand() -> None:
    """en has 3 queries that rank their gold 1, 1 and 2 of en and de alone; de has one, at 1 in de and 2 in en."""
    made = collection({"en": "abc", "de": "a"}, distractors=0)
    english, german = np.eye(3, 4, dtype=np.float32), np.array([[0, 0, 0.5, 0]], np.float32)
    english[2] = [0, 0.5, 0.25, 0]
    queries = {"en": english, "de": np.array([[0.25, 0.5, 0, 0]], np.float32)}
    found = score(made, queries, {"en": np.eye(3, 4, dtype=np.float32), "de": german}).scores
    assert found.monolingual.pairs["en-en"]["AP"] == pytest.approx((1 + 1 + 1 / 2) / 3)
    assert found.monolingual.macro["AP"] == pytest.approx((5 / 6 + 1) / 2)
    assert found.monolingual.micro["AP"] == pytest.approx((1 + 1 + 1 / 2 + 1) / 4)
    assert found.cross_lingual.pairs["de-en"] == pytest.approx({"n": 1, **found.cross_lingual.pairs["de-en"]})
    assert found.cross_lingual.pairs["de-en"]["AP"] == 1 / 2


@SHAPES
def test_gap_pairs_compare_the_same_questions(questions: dict[str, str]) -> None:
    found = scored(collection(questions), make=directions)
    frame, languages = found.per_query, list(questions)
    value = {
        (language, question): row
        for language, question, row in zip(frame["query_language"], frame["question"], frame["AP"], strict=True)
    }
    for pair, gap in found.gap.pairs.items():
        query, document = pair.split("-")
        column = languages.index(document)
        shared = sorted(set(questions[query]) & set(questions[document]))
        pairs = [value[document, question][column] - value[query, question][column] for question in shared]
        assert gap == pytest.approx(np.mean(pairs))
    halves = [found.scores.halves[half].macro["AP"] for half in ("monolingual", "cross-lingual")]
    assert found.gap.absolute == pytest.approx(halves[0] - halves[1])
    assert found.gap.relative == pytest.approx(1 - halves[1] / halves[0])


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ("en-x", ["en-de", "en-th", "en-zh"]),
        ("x-en", ["de-en", "th-en", "zh-en"]),
        ((("zh", "th"), ("de", "zh")), ["de-zh", "zh-th"]),
        (False, []),
    ],
)
def test_a_plan_restricts_the_pairs(chosen: Any, expected: Sequence[str]) -> None:
    made = collection(OVERLAPPING)
    full, found = scored(made), scored(made, ScoringRule(Grid(cross_lingual=chosen, multilingual=False), METRICS))
    assert [pair for pair in found.scores.pairs if pair not in found.scores.monolingual.pairs] == expected
    for pair in expected:
        assert found.scores.cross_lingual.pairs[pair] == full.scores.cross_lingual.pairs[pair]
    assert list(found.scores.halves) == ["monolingual", *(["cross-lingual"] if expected else [])]
    assert found.scores.monolingual == full.scores.monolingual
    assert (found.bias.plain(), found.gap.absolute is None) == ({}, not expected)


class Asked(DenseRankings):
    """Notes which document languages are ranked together."""

    def of(self, query: str, documents: Sequence[int]) -> Ranking:
        self.sets = {*getattr(self, "sets", ()), tuple(documents)}
        return super().of(query, documents)


@pytest.mark.parametrize("pooled", [True, False])
def test_a_pool_is_ranked_only_where_one_is_scored(pooled: bool) -> None:
    made = collection(PARALLEL)
    rankings = Asked(made, encoded(made.queries, 1), encoded(made.documents, 2))
    found = evaluate_rankings(made, rankings, ScoringRule(Grid(multilingual=pooled), METRICS))
    assert ((0, 1, 2, 3) in {tuple(documents) for documents in rankings.sets}) == pooled
    assert ("top_document" in found.per_query) == pooled
    pairs = scored(made).scores.cross_lingual.pairs
    assert found.scores.cross_lingual.pairs == pairs


def test_a_plan_without_one_language_pairs_has_no_gap() -> None:
    found = scored(collection(PARALLEL), ScoringRule(Grid(monolingual=False), METRICS))
    assert set(found.scores.halves) == {"cross-lingual", "multilingual"}
    assert (found.gap.absolute, found.gap.pairs) == (None, {})


def test_the_weak_alignment_views_are_rankings_without_the_other_golds() -> None:
    """Without the own gold: pool of de and th for en. Per target: the only gold left in the pool."""
    made = collection({"en": "a", "de": "a"}, distractors=1)
    queries = {
        "en": np.array([[0.9, 0.7, 0.5, 0.3]], np.float32) / 2,
        "de": np.array([[0.3, 0.9, 0.7, 0.5]], np.float32) / 2,
    }
    units = np.eye(4, dtype=np.float32)
    found = score(made, queries, {"en": units[:2], "de": units[2:]}).scores.multilingual
    assert found.without_own_language.plain() == pytest.approx(
        {"metric": "AP", "macro": (1 / 2 + 1 / 3) / 2, "en": 1 / 2, "de": 1 / 3}
    )
    assert found.targets.plain() == pytest.approx({"metric": "AP", "en": (1 + 1 / 3) / 2, "de": (1 / 2 + 1 / 2) / 2})


MLQA_R = """
    517 207 517 161 186 163 188
      . 512 512 196 163 182 190
      .   . 1148 500 507 511 504
      .   .   . 500 187 189 161
      .   .   .   . 507 177 189
      .   .   .   .   . 511 184
      .   .   .   .   .   . 504
"""


def test_the_queries_of_each_mlqa_r_pair_are_those_that_were_counted(real: Callable[..., Collection]) -> None:
    made = real("mlqa-r")
    plan = ScoringRule(Grid(multilingual=False), METRICS[:1])
    found = score(made, one_point(made.queries), one_point(made.documents), plan).scores
    names = ("ar", "de", "en", "es", "hi", "vi", "zh")
    table = [row.split() for row in MLQA_R.strip().splitlines()]
    expected = {f"{names[i]}-{names[j]}": int(table[min(i, j)][max(i, j)]) for i in range(7) for j in range(7)}
    assert {pair: entry["n"] for pair, entry in found.pairs.items()} == expected
