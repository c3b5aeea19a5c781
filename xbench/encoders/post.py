"""What is taken from vectors after encoding because it tells languages apart: the controls beside any recipe.

`center-by-language` subtracts the mean vector of a text's language. `lir` removes the subspace spanned by the first
`rank` right singular vectors of its language's vectors (Yang et al. 2021, arXiv 2109.04727). Both are fitted on a
corpus, per language and per role with the role's own prompt; the texts of a task never enter. Vectors are normalised
first where they are compared by cosine, in the fit and in the use. Knows no task and no corpus format.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from xbench.arrays import Floats, Vectors
from xbench.encoders.base import Encoder, Role
from xbench.encoders.vectors import encode_all
from xbench.errors import EncoderError
from xbench.progress import Reporter
from xbench.specs import ModelBase

Removal = Callable[[Floats], Floats]


class ParallelText(Protocol):
    """Texts by language and role: `query` and `passage` [languages, units] are numbers into `texts`, -1 for none."""

    @property
    def languages(self) -> tuple[str, ...]: ...
    @property
    def texts(self) -> Sequence[str]: ...
    @property
    def query(self) -> npt.NDArray[np.int32]: ...
    @property
    def passage(self) -> npt.NDArray[np.int32]: ...
    @property
    def digest(self) -> str: ...


@dataclass(frozen=True)
class Post:
    """One model's removal, fitted where it is used."""

    model: ModelBase
    corpus: ParallelText

    def __str__(self) -> str:
        rank = f" of rank {self.model.post_rank}" if self.model.post == "lir" else ""
        return f"post of {self.model.name}: {self.model.post}{rank}, fitted on {self.model.post_corpus}"

    @property
    def origin(self) -> dict[str, object]:
        """Everything that it adds to what makes the vectors."""
        rank = {"rank": self.model.post_rank} if self.model.post == "lir" else {}
        return {"method": self.model.post, **rank, "texts": self.model.post_texts, "corpus": self.corpus.digest}

    def require(self, languages: Sequence[str], task: str) -> None:
        """Raise EncoderError for a language of a task that the corpus cannot speak for."""
        lacking = [language for language in languages if language not in self.corpus.languages]
        if lacking:
            raise EncoderError(
                f"model {self.model.name}: post {self.model.post} is fitted on {self.model.post_corpus}, which lacks "
                f"{', '.join(lacking)} of task {task}; name a corpus that has them, or choose --languages"
            )

    def applied(
        self, encoder: Encoder, vectors: Mapping[str, Vectors], role: Role, cache: Path, reporter: Reporter
    ) -> dict[str, Vectors]:
        """The vectors of each language [n, dim] float32 without what the corpus says of it."""
        texts = {language: self._texts(language, role) for language in vectors}
        known = encode_all(encoder, texts, role, cache, reporter).vectors
        cosine = encoder.similarity == "cosine"
        return {
            language: self._removal(_wide(known[language], cosine))(_wide(part, cosine)).astype(np.float32)
            for language, part in vectors.items()
        }

    def _texts(self, language: str, role: Role) -> list[str]:
        """Up to `post_texts` distinct texts of a language, those of smallest digest: the same whatever their order."""
        side = self.corpus.query if role == "query" else self.corpus.passage
        numbers = np.unique(side[self.corpus.languages.index(language)])
        texts = sorted((self.corpus.texts[number] for number in numbers if number >= 0), key=_order)
        needed = self.model.post_rank + 1 if self.model.post == "lir" else 2
        if len(texts) < needed:
            raise EncoderError(
                f"model {self.model.name}: post {self.model.post} needs {needed} {role} texts in {language!r}; "
                f"corpus {self.model.post_corpus} has {len(texts)}"
            )
        return texts[: self.model.post_texts]

    def _removal(self, known: Floats) -> Removal:
        if self.model.post == "center-by-language":
            mean = known.mean(axis=0)
            return lambda vectors: vectors - mean
        if self.model.post_rank >= known.shape[1]:
            raise EncoderError(
                f"model {self.model.name}: post_rank: found {self.model.post_rank}, expected less than the "
                f"{known.shape[1]} dimensions of its vectors"
            )
        basis = leading_directions(known, self.model.post_rank)
        return lambda vectors: vectors - (vectors @ basis) @ basis.T


def leading_directions(vectors: Floats, rank: int) -> Floats:
    """[dim, rank]: the first right singular vectors of [n, dim], which is not centred, as in the paper."""
    from scipy.linalg import eigh

    width = vectors.shape[1]
    _, directions = eigh(vectors.T @ vectors, subset_by_index=(width - rank, width - 1))
    return np.ascontiguousarray(directions[:, ::-1])


def _wide(vectors: Vectors, normalised: bool) -> Floats:
    wide = vectors.astype(np.float64)
    if not normalised:
        return wide
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    return np.asarray(np.divide(wide, lengths, out=np.zeros_like(wide), where=lengths > 0))


def _order(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
