"""What ranks a collection by vectors that are there already. Knows the protocol of a scorer; encodes nothing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from xbench import specs
from xbench.data.collection import Collection, Texts
from xbench.encoders.base import TokenCounts
from xbench.encoders.task_vectors import TaskVectors
from xbench.encoders.vectors import Encoded
from xbench.jobs.scorer import VectorRead


class TaskVectorsScorer:
    """See `Scorer`. Tokens are not known and count as none."""

    max_length: int | None = None

    def __init__(self, spec: specs.PythonModel, vectors: TaskVectors) -> None:
        self._spec, self._vectors = spec, vectors
        named: dict[str, object] = {"format": spec.format, "name": spec.name, "version": spec.version}
        self.identity: Mapping[str, object] = {**named, "similarity": spec.similarity}

    def read(self, collection: Collection) -> VectorRead:
        """Raises EncoderError for vectors that are not those of the collection."""
        spec = self._spec
        queries, documents = self._vectors.checked(collection, spec.name, spec.similarity)
        sides = (Encoded(queries, _tokens(collection.queries), 0), Encoded(documents, _tokens(collection.documents), 0))
        return VectorRead(collection, spec.similarity, *sides, queries, documents)


def _tokens(texts: Mapping[str, Texts]) -> dict[str, TokenCounts]:
    return {language: np.zeros((len(written), 2), np.int32) for language, written in texts.items()}
