"""The chance row: a random direction for every text, the same one every time. Knows no language and no model."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np

from xbench.arrays import Vectors
from xbench.encoders.base import Identity, Role, TokenCounts
from xbench.specs import RandomModel


class RandomEncoder:
    """Directions drawn from a hash of seed, role and text, so queries and documents are unrelated."""

    similarity = "cosine"
    max_length = None

    def __init__(self, spec: RandomModel, seed: int) -> None:
        self._dimension, self._seed = spec.dimension, seed
        self.identity: Identity = {"format": "random", "dimension": spec.dimension, "seed": seed}

    def role_identity(self, role: Role) -> Identity:
        return {**self.identity, "role": role}

    def encode(self, texts: Sequence[str], role: Role, advance: Callable[[int], None]) -> Vectors:
        vectors = np.empty((len(texts), self._dimension), np.float32)
        for number, text in enumerate(texts):
            digest = hashlib.blake2b(f"{self._seed}\0{role}\0{text}".encode(), digest_size=16).digest()
            vectors[number] = np.random.default_rng(int.from_bytes(digest)).standard_normal(self._dimension)
        advance(len(texts))
        return vectors

    def tokens(self, texts: Sequence[str], role: Role) -> TokenCounts:
        return np.zeros((len(texts), 2), np.int32)
