"""The protocol every encoder keeps: texts and a role in, float32 vectors out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from xbench.arrays import Vectors

Role: TypeAlias = Literal["query", "document"]
Identity: TypeAlias = Mapping[str, object]
"""JSON-ready."""
TokenCounts: TypeAlias = npt.NDArray[np.int32]
"""[texts, 2] tokens of each text before truncation, and unknown ones among them."""


class Encoder(Protocol):
    """What is scored.

    `identity`: everything that changes its vectors, as JSON can hold it. `role_identity`: the part of it that changes
    the vectors of one role; where it is the same for both, a text has one vector and is encoded once. `similarity`:
    cosine or dot. `max_length`: tokens it reads per text, None where it reads all. `encode`: texts [n] -> float32
    [n, dim]; `advance` is told how many more texts are done, for a bar, and need not be called. `tokens`: int32 [n, 2],
    tokens of each text before truncation and how many of them are unknown; zeros where nothing is known.
    """

    @property
    def identity(self) -> Identity: ...
    @property
    def similarity(self) -> str: ...
    @property
    def max_length(self) -> int | None: ...

    def role_identity(self, role: Role) -> Identity: ...
    def encode(self, texts: Sequence[str], role: Role, advance: Callable[[int], None]) -> Vectors: ...
    def tokens(self, texts: Sequence[str], role: Role) -> TokenCounts: ...
