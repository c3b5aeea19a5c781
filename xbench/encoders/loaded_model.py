"""A SentenceTransformer that a program has loaded, asked as one that xbench loads itself; a digest that names it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from xbench.arrays import Vectors
from xbench.encoders.base import Role, TokenCounts
from xbench.encoders.model_loading import Loading, load_model, reads
from xbench.encoders.prompts import own_prompts
from xbench.encoders.sentence import LIBRARIES, SentenceEncoder
from xbench.encoders.vector_checks import as_vectors
from xbench.errors import carefully
from xbench.specs import PythonModel, SentenceModel

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

DIGITS = 32  # of a digest that stands for a version


class LoadedEncoder(SentenceEncoder):
    """See `Encoder`."""

    def __init__(self, spec: PythonModel, model: SentenceTransformer) -> None:
        self.model = model
        self.max_length = reads(model)
        self.similarity = spec.similarity
        self._dimension: int | None = None
        self._spec, self._arguments = spec, {}
        self._asked = self._prompts = spec.prompts or own_prompts(model.prompts)
        self.identity = {
            "format": spec.format,
            "name": spec.name,
            "version": spec.version,
            "max_length": self.max_length,
            "prompts": self._prompts.model_dump(),
            "similarity": spec.similarity,
            "device": model.device.type,
            "libraries": {name: version(name) for name in LIBRARIES},
        }

    def encode(self, texts: Sequence[str], role: Role, advance: Callable[[int], None]) -> Vectors:
        """[texts, dim]. Raises EncoderError for what the model gives or raises; so does `tokens`."""
        source = f"encoder {self._spec.name}, {role} texts"
        value = carefully(source, lambda: super(LoadedEncoder, self).encode(texts, role, advance))
        vectors = as_vectors(value, texts, source, self.similarity, self._dimension)
        self._dimension = vectors.shape[1]
        return vectors

    def tokens(self, texts: Sequence[str], role: Role) -> TokenCounts:
        """[texts, 2] int32."""
        source = f"encoder {self._spec.name}, {role} texts"
        return carefully(source, lambda: super(LoadedEncoder, self).tokens(texts, role))


def weights_digest(model: SentenceTransformer) -> str:
    """What names a loaded model that has no version: sha256 over its modules with their settings, its prompts, its
    tokenizer, and every weight with its name, type and shape."""
    import numpy as np
    import torch

    seen = hashlib.sha256(f"{model!r}\n{sorted(model.prompts.items())}\n{_tokenizer(model)}\n".encode())
    for module in model.modules():
        seen.update(f"{type(module).__qualname__} {_settings(module)}\n".encode())
    for name, weights in sorted(model.state_dict().items()):
        seen.update(f"{name} {weights.dtype} {tuple(weights.shape)}\n".encode())
        raw = weights.detach().cpu().contiguous().flatten().view(torch.uint8)
        seen.update(np.asarray(raw).tobytes())
    return seen.hexdigest()[:DIGITS]


def folder_of(model: SentenceTransformer) -> Path | None:
    """The folder that a loaded model is from, where it says so: a transformer does, static embeddings do not."""
    place = getattr(model.transformers_model, "name_or_path", "")
    return Path(place) if place and Path(place).is_dir() else None


def lies_in(model: SentenceTransformer, folder: Path) -> bool:
    """Whether a loaded model is what its folder holds, which is loaded once more for it. Raises EncoderError."""
    spec = SentenceModel(name="loaded", format="sentence", folder=str(folder))
    return weights_digest(model) == weights_digest(load_model(spec, Loading(device="cpu", offline=True)))


def _settings(module: object) -> list[tuple[str, str]]:
    """The numbers that a module holds beside its weights, such as the dimension that it cuts vectors to; words, among
    them the path it was loaded from, stand in its repr as far as they matter."""
    numbers = ((name, value) for name, value in vars(module).items() if isinstance(value, int | float))
    return sorted((name, repr(value)) for name, value in numbers if name != "training")


def _tokenizer(model: SentenceTransformer) -> str:
    tokenizer = model.tokenizer
    fast = getattr(tokenizer, "backend_tokenizer", tokenizer)
    return str(fast.to_str()) if hasattr(fast, "to_str") else repr(tokenizer)
