"""Any sentence-transformers or transformers model, from the hub or a folder. Knows models; nothing of tasks.

Pooling comes from the model's own configuration (sentence-transformers builds mean pooling where there is none).
Texts are encoded from long to short in batches of a fixed number of tokens, so little is padding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from importlib.metadata import version
from typing import Any

import numpy as np

from xbench.arrays import Ints, Vectors
from xbench.encoders.base import Identity, Role, TokenCounts
from xbench.encoders.model_loading import Loading, load_model, model_identity, pinned, reads
from xbench.encoders.prompts import filled, own_prompts
from xbench.errors import EncoderError
from xbench.specs import ModelBase, Prompts, SentenceModel

TOKENS_PER_BATCH = 16_384
LIBRARIES = ("sentence-transformers", "transformers", "torch", "tokenizers")


class SentenceEncoder:
    """One loaded model with its prompts; see `Encoder`."""

    def __init__(self, spec: SentenceModel, loading: Loading, prompts: Prompts | None = None) -> None:
        spec = pinned(spec, loading)
        self.model = load_model(spec, loading)
        self.max_length = reads(self.model)
        self.similarity = spec.similarity
        self._spec: ModelBase = spec
        self._arguments = spec.encode_arguments
        self._asked = prompts or spec.prompts or own_prompts(self.model.prompts)
        self._prompts = self._asked
        for name in {name for arguments in self._arguments.values() for name in arguments}:
            if name not in self.model.get_model_kwargs():  # the library drops `task` without a word
                raise EncoderError(f"model {spec.name}: encode_arguments: its code takes no {name!r}; leave it out")
        self.identity: Identity = sentence_identity(spec, self.max_length, self._prompts, self.model.device.type)

    def instructed(self, sentence: str, task: str) -> SentenceEncoder:
        """The same loaded model with the sentence of `task` in its prompts."""
        other = copy(self)
        other._prompts = filled(self._asked, self._spec, sentence, task)
        other.identity = {**self.identity, "prompts": other._prompts.model_dump()}
        return other

    def role_identity(self, role: Role) -> Identity:
        """Roles are alike where their prompts and arguments are."""
        shared = {key: value for key, value in self.identity.items() if key not in ("prompts", "encode_arguments")}
        return {**shared, "prompt": getattr(self._prompts, role), "arguments": dict(self._arguments.get(role, {}))}

    def encode(self, texts: Sequence[str], role: Role, advance: Callable[[int], None]) -> Vectors:
        prompt = getattr(self._prompts, role)
        lengths = np.minimum(self.tokens(texts, role)[:, 0], self.max_length or 2**31 - 1)
        order = np.argsort(-lengths, kind="stable")
        vectors: Vectors | None = None
        for batch in _batches(order, lengths):
            part: Vectors = self.model.encode(
                [texts[number] for number in batch],
                prompt=prompt,
                batch_size=len(batch),
                show_progress_bar=False,
                convert_to_numpy=True,
                **self._arguments.get(role, {}),
            )
            if vectors is None:
                vectors = np.empty((len(texts), part.shape[1]), np.float32)
            vectors[batch] = part
            advance(len(batch))
        assert vectors is not None, "encode is called with texts"
        return vectors

    def tokens(self, texts: Sequence[str], role: Role) -> TokenCounts:
        prompt = getattr(self._prompts, role)
        return count_tokens(self.model.tokenizer, [prompt + text for text in texts])


def sentence_identity(spec: SentenceModel, max_length: int | None, prompts: Prompts, device: str) -> Identity:
    """What changes the vectors of a pinned model that reads `max_length` tokens per text on `device`."""
    return {
        **model_identity(spec),
        "dtype": spec.dtype,
        "max_length": max_length,
        "prompts": prompts.model_dump(),
        "encode_arguments": {role: dict(given) for role, given in spec.encode_arguments.items()},
        "similarity": spec.similarity,
        "device": device,
        "libraries": {name: version(name) for name in LIBRARIES},
    }


def count_tokens(tokenizer: Any, texts: list[str]) -> TokenCounts:
    """[n, 2] int32: tokens before truncation (special ones included) and unknown tokens among them."""
    from tokenizers import Tokenizer

    if isinstance(tokenizer, Tokenizer):
        unknown = tokenizer.token_to_id("[UNK]")
        ids = [encoding.ids for encoding in tokenizer.encode_batch(texts, add_special_tokens=False)]
    else:
        unknown = tokenizer.unk_token_id
        ids = tokenizer(texts, truncation=False, verbose=False)["input_ids"]
    counts = [(len(numbers), 0 if unknown is None else numbers.count(unknown)) for numbers in ids]
    return np.array(counts, np.int32).reshape(-1, 2)


def _batches(order: Ints, lengths: Ints) -> Iterator[Ints]:
    """Runs of `order` (long to short) whose padded size stays within TOKENS_PER_BATCH."""
    first = 0
    while first < len(order):
        size = max(1, TOKENS_PER_BATCH // max(1, int(lengths[order[first]])))
        yield order[first : first + size]
        first += size
