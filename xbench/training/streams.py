"""The streams of one training: what is trained on and what is held out. Knows corpora and batches; no model.

Groups of units are held out, so that no passage stands on both sides. Which ones depends on the corpus and the share
alone: all seeds and recipes are measured on the same part, in the batches that the recipe itself draws from it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from xbench import specs
from xbench.arrays import Flags, Numbers
from xbench.errors import TrainingError
from xbench.training.batches import BatchStream, stream_of
from xbench.training.corpus import Corpus

HELD_OUT_BATCHES = 20  # at most, of the held-out part
HELD_OUT_SEED = 0


@dataclass(frozen=True)
class Streams:
    """What is trained on and, where the settings ask for it, what is held out; with their numbers of units."""

    train: BatchStream
    units: int
    held_out: BatchStream | None = None
    held_out_units: int = 0
    held_out_batch: int = 0


def make_streams(corpus: Corpus, recipe: specs.Recipe, settings: specs.Training, seed: int) -> Streams:
    """Raises TrainingError, now and not hours later, where the corpus cannot fill the batches."""
    size = settings.batch_size
    if settings.validation is None:
        return Streams(stream_of(corpus, recipe, size, seed), len(corpus))
    away = held_out(corpus.group, settings.validation.share)
    train = stream_of(without(corpus, away), recipe, size, seed)
    aside = without(corpus, ~away)
    count = int(away.sum())
    small, stream = _stream_that_fits(aside, recipe, min(size, len(np.unique(corpus.group[away]))))
    return Streams(train, len(corpus) - count, stream, count, small)


def held_out(group: Numbers, share: float) -> Flags:
    """[units] True for the units of `share` of the groups."""
    names = np.unique(group)
    count = round(share * len(names))
    if not 2 <= count < len(names):
        fault = "leaves nothing to train on" if count >= len(names) else "is fewer than two, and nothing to measure"
        raise TrainingError(f"validation.share {share:g} of {len(names)} groups of units {fault}")
    chosen = np.random.default_rng(HELD_OUT_SEED).permutation(names)[:count]
    return np.isin(group, chosen)


def without(corpus: Corpus, away: Flags) -> Corpus:
    """The corpus with the same numbers of units, where those `away` have no text in any language."""
    return replace(corpus, query=np.where(away, -1, corpus.query), passage=np.where(away, -1, corpus.passage))


def _stream_that_fits(corpus: Corpus, recipe: specs.Recipe, size: int) -> tuple[int, BatchStream]:
    """The largest batch, halving from `size`, that the held-out part fills in all the steps that are measured."""
    while size >= 2:
        try:
            stream = stream_of(corpus, recipe, size, HELD_OUT_SEED)
            for step in range(HELD_OUT_BATCHES):
                stream[step]
            return size, stream
        except TrainingError:
            size //= 2
    raise TrainingError("validation: the held-out part cannot fill a batch of this recipe; raise validation.share")
