"""Looking many hashes up at once gives what comparing each with each does."""

import numpy as np
import pytest

from xbench.zero_shot.lookup import Lookup
from xbench.zero_shot.near_copies import NearCopies


@pytest.mark.parametrize("seed", range(5))
def test_matches_are_all_pairs_of_equal_hashes(seed: int) -> None:
    random = np.random.default_rng(seed)
    known = random.integers(0, 2**64, 200, np.uint64)
    known[:40] = known[100:140]  # a hash of several values
    asked = np.concatenate([known[::3], random.integers(0, 2**64, 100, np.uint64)])
    places, values = Lookup.of(known, np.arange(200)).matches(asked)
    expected = {(place, value) for place, one in enumerate(asked) for value, other in enumerate(known) if one == other}
    assert set(zip(places.tolist(), values.tolist(), strict=True)) == expected
    assert len(places) == len(expected)


def test_nothing_looked_for_finds_nothing() -> None:
    first, size, uses, copy = NearCopies([]).windows()
    assert len(first) == len(size) == len(uses) == len(copy) == 0
