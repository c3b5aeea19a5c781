"""What drawing promises: weights as parts of [0, 1), units with enough passages, and counts of what was drawn."""

import numpy as np
import pytest
from tiny_training import tiny_corpus

from xbench.errors import TrainingError
from xbench.specs import LanguageChoice, Mix
from xbench.training.batches import BatchStream
from xbench.training.parallel_batches import Several
from xbench.training.pools import choose
from xbench.training.preview import compose
from xbench.training.requirements import Requirements
from xbench.training.weights import cross_weights, edges


def test_edges_end_at_one_after_the_last_that_can_be_drawn() -> None:
    assert edges(np.array([0.1, 0.0, 0.3, 0.0])).tolist() == pytest.approx([0.25, 0.25, 1.0, 1.0])
    assert edges(np.full(3, 0.1))[-1] == 1.0


def test_pairs_of_one_language_are_never_cross() -> None:
    counts = np.array([[5, 2], [1, 4]])
    weights = cross_weights(("de", "en"), counts, np.sqrt(counts), "tau")
    assert weights.tolist() == [[0, np.sqrt(2)], [1, 0]]
    assert cross_weights(("de", "en"), counts, np.sqrt(counts), (("en", "de"),)).tolist() == [[0, 0], [1, 0]]
    with pytest.raises(TrainingError, match="pairs: the corpus lacks 'fr'"):
        cross_weights(("de", "en"), counts, np.sqrt(counts), (("fr", "de"),))


def test_a_unit_of_a_parallel_batch_has_each_of_its_languages_once() -> None:
    corpus = tiny_corpus(languages=("de", "en", "th"))
    several = Several(choose(corpus, LanguageChoice()), 2, 0.0)
    drawn = list(several.draw(np.random.default_rng(0), 30))
    assert drawn and all(len(set(languages)) == 2 for _, _, languages in drawn)
    with pytest.raises(TrainingError, match="no unit has passages in 4 languages"):
        Several(choose(corpus, LanguageChoice()), 4, 0.0)


def test_a_composition_counts_every_row_once() -> None:
    stream = BatchStream(tiny_corpus(), Mix(mono=0.5, cross=0.5), 0.0, 8, 0)
    made = compose([stream[step] for step in range(6)], ("de", "en"))
    assert (made.steps, made.rows) == (6, 48) == (made.kinds.total(), made.pairs.total())
    assert made.queries.total() == made.passages.total() == made.rows


def test_a_batch_that_the_corpus_cannot_fill_is_refused_before_one_is_drawn() -> None:
    pools = choose(tiny_corpus(units=6), LanguageChoice())
    Requirements(pools, ("mono", "cross"), size=6, versions=2).check()
    with pytest.raises(TrainingError, match="batch of 7 is larger than the 6 distinct units of 'de'"):
        Requirements(pools, ("mono",), size=7, versions=2).check()
    Requirements(pools, ("parallel",), size=12, versions=2).check()
    with pytest.raises(TrainingError, match="batch of 13 is larger than the corpus"):
        Requirements(pools, ("parallel",), size=13, versions=2).check()
