"""An encoder that another package brings (specs/extensions.py), checked where it meets the others."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, cast

import numpy as np

from xbench.arrays import Vectors
from xbench.encoders.base import Encoder, Identity, Role, TokenCounts
from xbench.encoders.vector_checks import as_vectors
from xbench.errors import EncoderError, carefully
from xbench.specs import ModelBase
from xbench.specs.extensions import Extension

SIMILARITIES = ("cosine", "dot")
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
        self.similarity, self.max_length = self._aspects()
        self.identity: Identity = {
            **self._plain(lambda: self._encoder.identity),
            "package": extension.package,
            "format": getattr(spec, "format", ""),
        }

    def _aspects(self) -> tuple[str, int | None]:
        """Similarity and length. Raises EncoderError for others than xbench knows."""
        similarity, longest = self._encoder.similarity, self._encoder.max_length
        if similarity not in SIMILARITIES:
            raise EncoderError(f"{self._source}: similarity: found {similarity!r:.40}, expected cosine or dot")
        if longest is not None and (type(longest) is not int or longest < 1):
            raise EncoderError(f"{self._source}: max_length: found {longest!r:.40}, expected tokens, or None for all")
        return similarity, longest

    def _plain(self, work: Callable[[], object]) -> Identity:
        """An identity, which is read again as it was written. Raises EncoderError where it would not be."""
        value = carefully(f"{self._source}: identity", work)
        if not isinstance(value, Mapping):
            raise EncoderError(f"{self._source}: identity: found {type(value).__name__}, expected an object by key")
        try:
            same = json.loads(json.dumps(dict(value), allow_nan=False)) == _as_read(value)
        except (TypeError, ValueError, RecursionError) as error:
            raise EncoderError(f"{self._source}: identity: cannot be written as JSON: {error}") from None
        if not same:
            raise EncoderError(f"{self._source}: identity: cannot be written as JSON: a key is no text")
        return value

    def role_identity(self, role: Role) -> Identity:
        """Roles are alike where the package's encoder says so; one that does not speak of it has two."""
        if hasattr(self._encoder, "role_identity"):
            return {**self.identity, **self._plain(lambda: self._encoder.role_identity(role))}
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


def _as_read(value: object) -> object:
    """Tuples as lists, as JSON has them."""
    if isinstance(value, Mapping):
        return {key: _as_read(inner) for key, inner in value.items()}
    return [_as_read(inner) for inner in value] if isinstance(value, list | tuple) else value
