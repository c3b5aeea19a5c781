"""Vectors of a task's texts that are there already, made by whatever program: checked against the task, then scored."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from xbench.arrays import Vectors
from xbench.data.collection import Collection, Texts
from xbench.encoders.vector_checks import as_vectors
from xbench.errors import EncoderError, carefully

DIGITS = 32  # of a digest that stands for a version
SIDES, PLURALS = ("query", "document"), ("queries", "documents")


@dataclass(frozen=True, eq=False)
class TaskVectors:
    """Arrays by language, `queries["de"]` and `documents["de"]` [texts, dim], a row per text.

    Rows stand in the order of the task's collection: `xbench.load_task(name).queries["de"].texts`. The languages are
    those of the task; of a task that is scored on some of its languages, those.
    """

    queries: Mapping[str, object]
    documents: Mapping[str, object]

    @classmethod
    def of(cls, sides: Mapping[str, object]) -> TaskVectors:
        """From `{"query": {"de": array}, "document": {"de": array}}`, or with the keys `queries` and `documents`.

        Raises EncoderError for anything else.
        """
        names = next((names for names in (SIDES, PLURALS) if set(names) == set(sides)), ())
        if not names or not all(isinstance(sides[name], Mapping) for name in names):
            keys = ", ".join(map(repr, sides)) or "nothing"
            raise EncoderError(
                f'vectors: found keys {keys}, expected {{"query": {{"de": array}}, "document": {{"de": array}}}}'
            )
        return cls(*(sides[name] for name in names))  # type: ignore[arg-type]

    def __repr__(self) -> str:
        languages = ", ".join(dict.fromkeys([*self.queries, *self.documents]))
        return f"<vectors of queries and documents: {languages}>"

    def checked(
        self, collection: Collection, name: str, similarity: str
    ) -> tuple[dict[str, Vectors], dict[str, Vectors]]:
        """Vectors of queries and documents [texts, dim] float32, by the collection's languages. `name` is the model's.

        Raises EncoderError where a language is lacking, a shape is not that of the texts, or no score exists.
        """
        queries = _side(self.queries, collection.queries, f"vectors of {name}, queries", similarity, None)
        width = next(iter(queries.values())).shape[1]
        return queries, _side(self.documents, collection.documents, f"vectors of {name}, documents", similarity, width)

    def digest(self) -> str:
        """sha256 over every array with its language and side: what names vectors that have no version."""
        seen = hashlib.sha256()
        for side, arrays in (("queries", self.queries), ("documents", self.documents)):
            for language in sorted(arrays):
                array = _array(arrays[language], f"vectors, {side} in {language}")
                seen.update(f"{side} {language} {array.dtype} {array.shape}\n".encode())
                seen.update(array.tobytes())
        return seen.hexdigest()[:DIGITS]


def _array(value: object, source: str) -> np.ndarray:
    """Raises EncoderError for what is no array of numbers."""
    array = carefully(source, lambda: np.ascontiguousarray(value))
    if array.dtype.kind not in "fiub":
        raise EncoderError(f"{source}: found {type(value).__name__} of {array.dtype}, expected an array [texts, dim]")
    return array


def _side(
    arrays: Mapping[str, object], texts: Mapping[str, Texts], source: str, similarity: str, dimension: int | None
) -> dict[str, Vectors]:
    lacking = [language for language in texts if language not in arrays]
    unknown = [language for language in arrays if language not in texts]
    if lacking or unknown:
        wrong = f"no array for {', '.join(lacking)}" if lacking else f"an array for {', '.join(unknown)}"
        raise EncoderError(f"{source}: found {wrong}, expected the task's languages: {', '.join(texts)}")
    checked: dict[str, Vectors] = {}
    for language, written in texts.items():
        vectors = as_vectors(arrays[language], written.texts, f"{source} in {language}", similarity, dimension)
        dimension, checked[language] = vectors.shape[1], vectors
    return checked
