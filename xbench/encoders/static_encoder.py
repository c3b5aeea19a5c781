"""A folder whose model is one table of token vectors, read without the library that wrote it: the same bits, sooner.

sentence-transformers' StaticEmbedding adds a text's token vectors in their order and divides by their number. A sparse
product with ones adds in the same order. Importing the library takes several times as long as ranking a task whose
vectors are kept; here nothing is read before a text asks for a vector. Training keeps the library. Knows no task.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xbench.arrays import Vectors
from xbench.encoders.base import Role, TokenCounts
from xbench.encoders.model_loading import Loading, on_processor, unloadable
from xbench.encoders.prompts import CONFIGURATION, configured
from xbench.encoders.sentence import SentenceEncoder, count_tokens, sentence_identity
from xbench.errors import EncoderError
from xbench.specs import Prompts, SentenceModel

if TYPE_CHECKING:
    from tokenizers import Tokenizer

WEIGHTS, ROWS, TOKENIZER = "model.safetensors", "embedding.weight", "tokenizer.json"
LIBRARY_MODULE = r"sentence_transformers\..+\.StaticEmbedding"
TEXTS_PER_BATCH = 4_096


def is_token_table(spec: SentenceModel, loading: Loading) -> bool:
    """Whether StaticEncoder gives the vectors of a model: a folder with one float32 table, used as it was saved.

    Where a file cannot be read the answer is no, and the library says what is wrong with it.
    """
    as_saved = spec.max_length is None and spec.dtype == "float32" and not (spec.remote_code or spec.encode_arguments)
    return bool(spec.folder) and as_saved and _is_saved_table(Path(spec.folder)) and on_processor(loading)


def _is_saved_table(folder: Path) -> bool:
    from safetensors import SafetensorError, safe_open

    try:
        json.loads((folder / CONFIGURATION).read_text(encoding="utf-8"))
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        (module,) = modules
        if module["path"] or not re.fullmatch(LIBRARY_MODULE, module["type"]):
            return False
        with safe_open(folder / WEIGHTS, "np") as weights:
            table = weights.get_slice(ROWS)
            plain = list(weights.keys()) == [ROWS] and table.get_dtype() == "F32" and len(table.get_shape()) == 2
        return plain and (folder / TOKENIZER).is_file()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, SafetensorError):
        return False


class TokenTable:
    """The tokenizer and the rows [tokens, dim] of a folder, each read when it is first used.

    Raises EncoderError for damage.
    """

    def __init__(self, spec: SentenceModel) -> None:
        self._spec, self._folder = spec, Path(spec.folder)

    @cached_property
    def tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_file(str(self._folder / TOKENIZER))
        except Exception as error:  # the library raises nothing narrower
            raise unloadable(self._spec, error) from error
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def rows(self) -> Vectors:
        from safetensors import safe_open

        with safe_open(self._folder / WEIGHTS, "np") as weights:
            rows: Vectors = weights.get_tensor(ROWS)
        return rows

    def means(self, texts: list[str]) -> Vectors:
        """[texts, dim]: the mean over each text's tokens, zeros where it has none."""
        from scipy.sparse import csr_array

        tokens = [encoding.ids for encoding in self.tokenizer.encode_batch(texts, add_special_tokens=False)]
        lengths = np.array([len(ids) for ids in tokens], np.int64)
        ids = np.array([number for part in tokens for number in part], np.int64)
        if len(ids) and ids.max() >= len(self.rows):
            raise EncoderError(
                f"model {self._spec.name}: {self._folder}: found token {ids.max()} in {TOKENIZER}, expected less than "
                f"the {len(self.rows)} rows of {WEIGHTS}; save the two together"
            )
        starts = np.concatenate(([0], np.cumsum(lengths)))
        ones = np.ones(len(ids), np.float32)
        sums: Vectors = csr_array((ones, ids, starts), shape=(len(texts), len(self.rows))) @ self.rows
        return sums / np.maximum(lengths, 1).astype(np.float32)[:, None]


class StaticEncoder(SentenceEncoder):
    """See `Encoder`. Identity and vectors are those of a SentenceEncoder of the same folder."""

    max_length = None

    def __init__(self, spec: SentenceModel, prompts: Prompts | None = None) -> None:
        self.similarity = spec.similarity
        self._spec, self._arguments = spec, {}
        self._asked = self._prompts = prompts or spec.prompts or configured(Path(spec.folder))
        self._table = TokenTable(spec)
        self.identity = sentence_identity(spec, None, self._prompts, "cpu")

    def encode(self, texts: Sequence[str], role: Role, advance: Callable[[int], None]) -> Vectors:
        """[texts, dim]."""
        prompt = getattr(self._prompts, role)
        vectors = np.empty((len(texts), self._table.rows.shape[1]), np.float32)
        for first in range(0, len(texts), TEXTS_PER_BATCH):
            part = [prompt + text for text in texts[first : first + TEXTS_PER_BATCH]]
            vectors[first : first + len(part)] = self._table.means(part)
            advance(len(part))
        return vectors

    def tokens(self, texts: Sequence[str], role: Role) -> TokenCounts:
        """[texts, 2] int32."""
        prompt = getattr(self._prompts, role)
        return count_tokens(self._table.tokenizer, [prompt + text for text in texts])
