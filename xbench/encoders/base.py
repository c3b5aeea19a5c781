"""The protocol every encoder keeps: texts and a role in, float32 vectors out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Role: TypeAlias = Literal["query", "document"]
Vectors: TypeAlias = npt.NDArray[np.float32]
Counts: TypeAlias = npt.NDArray[np.int32]


class Encoder(Protocol):
    """What is scored.

    `identity`: everything that changes its vectors, JSON-ready. `similarity`: cosine or dot. `max_length`: tokens it
    reads per text, None where it reads all. `encode`: texts [n] -> float32 [n, dim]; `advance` is called with the number
    of texts done. `tokens`: [n, 2] int32, tokens of each text before truncation and how many are unknown.
    """

    identity: Mapping[str, Any]
    similarity: str
    max_length: int | None

    def encode(self, texts: Sequence[str], role: Role, advance: Callable[[int], None]) -> Vectors: ...
    def tokens(self, texts: Sequence[str], role: Role) -> Counts: ...
