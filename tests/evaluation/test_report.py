"""What is read off the settings together, by hand: the gap, its split by seen languages, arrays of every query."""

from __future__ import annotations

import numpy as np
import pytest
from build import collection, encoded

from xbench.evaluation.bias_scores import Bias, JudgedShare, Pooling
from xbench.evaluation.grid import ScoringRule, evaluate
from xbench.evaluation.perquery import PerQuery
from xbench.evaluation.report import gap, mean, split_by_seen
from xbench.evaluation.scores import Gap, PairScores, Scores
from xbench.metrics import Metric
from xbench.specs import Grid
from xbench.specs.tasks import Relevance

MADE = collection({"de": "ab", "en": "bc"}, distractors=0)


def test_arrays_are_nan_until_they_are_filled_and_views_of_one_language() -> None:
    arrays = PerQuery(MADE, {})
    assert "de" in arrays and "th" not in arrays and arrays.document_languages == ["de", "en"]
    arrays.of("AP", "en")[:, 0] = 0.5
    assert arrays.of("AP.multilingual", "de").shape == (2,)
    stored = np.asarray(arrays.arrays["AP"], np.float64)
    assert np.isnan(stored[:2]).all() and stored[2:, 0].tolist() == [0.5, 0.5] and np.isnan(stored[2:, 1]).all()
    assert "top_document" not in arrays.arrays


def test_a_gap_compares_the_questions_that_both_languages_have() -> None:
    """de asks a and b, en asks b and c: of documents in en, b alone is compared, 1.0 by en and 0.25 by de."""
    arrays = PerQuery(MADE, {})
    arrays.of("AP", "en")[:, 1] = [1.0, 0.5]
    arrays.of("AP", "de")[:, 1] = [0.75, 0.25]
    halves = [PairScores(macro={"AP": value}, micro={}, pairs={}) for value in (0.8, 0.2)]
    found = gap(Scores(monolingual=halves[0], cross_lingual=halves[1]), arrays, [("de", "en")], "AP")
    assert (found.absolute, found.relative) == (pytest.approx(0.6), pytest.approx(0.75))
    assert found.pairs == {"de-en": 0.75}
    assert gap(Scores(monolingual=halves[0]), arrays, [], "AP").plain() == {
        "metric": "AP",
        "absolute": None,
        "relative": None,
        "pairs": {},
    }


def test_a_pair_is_seen_where_both_its_languages_are() -> None:
    pairs = {name: {"n": 1, "AP": value} for name, value in (("de-en", 0.5), ("en-de", 0.25), ("de-th", 0.1))}
    scores = Scores(cross_lingual=PairScores(macro={}, micro={}, pairs=pairs))
    sides = (["de", "en"], ["de", "en", "th"])
    found = split_by_seen(Gap(metric="AP"), scores, sides, ["de", "en"])
    assert (found.trained_on, found.seen) == (["de", "en"], {"cross-lingual": 0.375})
    assert found.unseen == {"cross-lingual": 0.1}
    assert split_by_seen(Gap(metric="AP"), scores, sides, ["de", "en", "th"]).unseen == {"cross-lingual": None}


def test_nothing_has_no_mean_and_no_distance() -> None:
    assert mean([]) is None and Bias().distance.mean is None and Bias().plain() == {}
    judged = JudgedShare.model_validate({"macro": 0.5, "de": 0.25})
    assert (judged.languages, Pooling(judged=judged).plain()) == (
        {"de": 0.25},
        {"Judged@10": {"macro": 0.5, "de": 0.25}},
    )


@pytest.mark.parametrize("relevance", ["parallel", "explicit", "same-language"])
def test_a_pool_of_one_document_language_prefers_none(relevance: Relevance) -> None:
    made = collection({"de": "abc"}, distractors=2)
    rule = ScoringRule(Grid(), (Metric("AP"),), relevance)
    found = evaluate(made, *(encoded(texts, 1) for texts in (made.queries, made.documents)), rule)
    assert (found.bias.rank_distance, found.bias.language_share, found.bias.same_language) == (None, None, None)
    assert (found.bias.lift, found.bias.document_language_effect, found.pooling.language_share) == ({}, {}, None)
    assert "rank_distance" not in found.per_query
    assert (found.scores.multilingual is None) == (relevance == "same-language")
