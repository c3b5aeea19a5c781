"""Texts of like length are encoded together, so that less of what is computed is padding. Knows features; no loss.

A batch of real text is mostly padding when all of it is padded to its longest text. Its rows are parted by length into
a few parts of equal size, each cut to its own longest; the vectors are those of the whole, up to rounding. How many
parts there are depends on model and number of rows alone: all processes must call the model equally often.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import Tensor

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Features: TypeAlias = dict[str, Tensor | list[int]]
"""Tokenised texts, as a model reads them: tensors with a row per text, and LENGTHS where it is known."""
LENGTHS = "lengths"  # tokens per text, in the host's memory: asking a device would make it wait
MOST_PARTS = 6
LEAST_ROWS = 6  # of a part on a CPU
LEAST_ROWS_ON_DEVICE = 32  # what computes many rows at once is not made faster by few


def lengths_of(model: SentenceTransformer, features: Features) -> dict[str, list[int]]:
    """The lengths of tokenised texts, as one more feature; none where a model's rows cannot be cut: padded on the left,
    or read with anything that has no column per token."""
    padding = getattr(getattr(model, "tokenizer", None), "padding_side", "")
    mask = features.get("attention_mask")
    tensors = [value for value in features.values() if isinstance(value, Tensor)]
    if padding != "right" or not isinstance(mask, Tensor) or any(value.shape != mask.shape for value in tensors):
        return {}
    return {LENGTHS: mask.sum(dim=1).tolist()}


def encode(model: SentenceTransformer, features: Features) -> Tensor:
    """The vectors of a batch of texts [texts, dim], in their order, as model(features) gives them up to rounding."""
    lengths = features.get(LENGTHS)
    whole = {key: value for key, value in features.items() if key != LENGTHS}
    device = next(value.device for value in whole.values() if isinstance(value, Tensor))
    rows = LEAST_ROWS if device.type == "cpu" else LEAST_ROWS_ON_DEVICE
    parts = min(MOST_PARTS, len(lengths) // rows) if isinstance(lengths, list) else 0
    if not isinstance(lengths, list) or parts < 2:
        vectors: Tensor = model(whole)["sentence_embedding"]
        return vectors
    order = torch.tensor(sorted(range(len(lengths)), key=lengths.__getitem__))
    vectors_of_parts = []
    for part in order.tensor_split(parts):
        longest = max(lengths[int(part[-1])], 1)
        chosen = part.to(device)
        cut = {key: value[chosen, :longest] if isinstance(value, Tensor) else value for key, value in whole.items()}
        vectors_of_parts.append(model(cut)["sentence_embedding"])
    return torch.cat(vectors_of_parts)[order.argsort().to(vectors_of_parts[0].device)]
