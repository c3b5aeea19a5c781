"""An encoder of someone's own, function or object, kept to the protocol of all encoders and checked at each call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy

import numpy as np

from xbench.arrays import Vectors
from xbench.encoders.base import Identity, Role, TokenCounts
from xbench.encoders.calls import Call
from xbench.encoders.prompts import filled
from xbench.encoders.vector_checks import as_vectors
from xbench.errors import carefully
from xbench.specs import Prompts, PythonModel

TEXTS = 1_024  # in one call, at most: bounds memory and moves the bar; how they are batched is the encoder's business


class PythonEncoder:
    """See `Encoder`. Prompts, where they are set, are put before the texts; tokens are not known and count as none."""

    max_length: int | None = None

    def __init__(self, spec: PythonModel, call: Call) -> None:
        self._spec, self._call = spec, call
        self._dimension: int | None = None
        self.similarity = spec.similarity
        self._prompts = spec.prompts or Prompts()
        self.identity: Mapping[str, object] = self._identity()

    def _identity(self) -> dict[str, object]:
        spec = self._spec
        prompts = self._prompts.model_dump()
        named: dict[str, object] = {"format": spec.format, "name": spec.name, "version": spec.version}
        return {**named, "similarity": spec.similarity, "prompts": prompts}

    def role_identity(self, role: Role) -> Identity:
        """Whether it treats the roles alike, its own code knows alone."""
        return {**self.identity, "role": role}

    def instructed(self, sentence: str, asked_by: str) -> PythonEncoder:
        """The same encoder with a sentence in its prompts, where they take one."""
        other = copy(self)
        other._prompts = filled(self._spec.prompts or Prompts(), self._spec, sentence, asked_by)
        other.identity = other._identity()
        return other

    def encode(self, texts: Sequence[str], role: Role, advance: Callable[[int], None]) -> Vectors:
        """[texts, dim]. Raises EncoderError for what its code gives or raises."""
        prompt, parts = getattr(self._prompts, role), []
        for first in range(0, len(texts), TEXTS):
            part = [prompt + text for text in texts[first : first + TEXTS]]
            parts.append(self._vectors(part, role))
            self._dimension = parts[-1].shape[1]
            advance(len(part))
        return np.concatenate(parts)

    def _vectors(self, texts: list[str], role: Role) -> Vectors:
        source = f"encoder {self._spec.name}, {role} texts"
        value = carefully(source, lambda: self._call(list(texts), role))
        return as_vectors(value, texts, source, self.similarity, self._dimension)

    def tokens(self, texts: Sequence[str], role: Role) -> TokenCounts:
        """None of any text."""
        return np.zeros((len(texts), 2), np.int32)
