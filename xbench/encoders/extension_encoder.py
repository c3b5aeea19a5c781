"""An encoder that another package brings (specs/extensions.py), checked where it meets the others."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Protocol, cast

import numpy as np

from xbench.arrays import Vectors
from xbench.encoders.base import Encoder, Identity, Role, TokenCounts
from xbench.encoders.vector_checks import as_vectors
from xbench.errors import EncoderError, carefully
from xbench.specs import ModelBase
from xbench.specs.extensions import Extension

ASPECTS = ("identity", "similarity", "max_length", "encode", "tokens")


class EncoderModule(Protocol):
    """What stands behind an entry point of `xbench.encoders`, beside its `Spec`."""

    def make_encoder(self, spec: ModelBase, device: str) -> Encoder:
        """The encoder of a spec, on `device` (auto, cpu, cuda, cuda:1, mps). May raise XbenchError."""
        ...


class ExtensionEncoder:
    """See `Encoder`. The package with its version is part of what the encoder is."""

    def __init__(self, spec: ModelBase, extension: Extension, device: str) -> None:
        self._source = f"model {spec.name} ({extension.package})"
        module = cast(EncoderModule, extension.module)
        self._encoder = carefully(self._source, lambda: module.make_encoder(spec, device))
        if lacking := [aspect for aspect in ASPECTS if not hasattr(self._encoder, aspect)]:
            raise EncoderError(f"{self._source}: its encoder lacks {', '.join(lacking)}; see xbench.Encoder")
        self.similarity = self._encoder.similarity
        self.max_length = self._encoder.max_length
        self.identity: Identity = {
            **self._encoder.identity,
            "package": extension.package,
            "format": getattr(spec, "format", ""),
        }
        try:
            json.dumps(self.identity)
        except (TypeError, ValueError) as error:
            raise EncoderError(f"{self._source}: identity: cannot be written as JSON: {error}") from None

    def role_identity(self, role: Role) -> Identity:
        """Roles are alike where the package's encoder says so; one that does not speak of it has two."""
        if hasattr(self._encoder, "role_identity"):
            return {**self.identity, **self._encoder.role_identity(role)}
        return {**self.identity, "role": role}

    def encode(self, texts: Sequence[str], role: Role, advance: Callable[[int], None]) -> Vectors:
        """[texts, dim]. Raises EncoderError for what the package gives or raises."""
        value = carefully(self._source, lambda: self._encoder.encode(texts, role, advance))
        return as_vectors(value, texts, self._source, self.similarity)

    def tokens(self, texts: Sequence[str], role: Role) -> TokenCounts:
        """As the package counts them. Raises EncoderError for another shape."""
        counts = np.asarray(carefully(self._source, lambda: self._encoder.tokens(texts, role)))
        if counts.shape != (len(texts), 2) or counts.dtype.kind not in "iu":
            found = f"{counts.dtype} of shape {counts.shape}"
            raise EncoderError(f"{self._source}: tokens: found {found}, expected whole numbers [{len(texts)}, 2]")
        return counts.astype(np.int32)
