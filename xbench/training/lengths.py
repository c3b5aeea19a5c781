"""Texts of like length are encoded together, so that less of what is computed is padding. Knows features; no loss.

A batch of real text is mostly padding when all of it is padded to its longest text. Its rows are parted by length into
a few parts of equal size, each cut to its own longest; the vectors are those of the whole, up to rounding. How many
parts there are depends on model and number of rows alone: all processes must call the model equally often.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

LENGTHS = "lengths"  # tokens per text, in the host's memory: asking a device would make it wait
MOST_PARTS = 6
LEAST_ROWS = 6  # of a part on a CPU
LEAST_ROWS_ON_DEVICE = 32  # what computes many rows at once is not made faster by few


def lengths_of(model: Any, features: dict[str, Any]) -> dict[str, list[int]]:
    """The lengths of tokenised texts, as one more feature; none where a model's rows cannot be cut: padded on the left,
    or read with anything that has no column per token."""
    padding = getattr(getattr(model, "tokenizer", None), "padding_side", "")
    mask = features.get("attention_mask")
    tensors = [value for value in features.values() if isinstance(value, Tensor)]
    if padding != "right" or mask is None or any(value.shape != mask.shape for value in tensors):
        return {}
    return {LENGTHS: mask.sum(dim=1).tolist()}


def encode(model: Any, features: dict[str, Any]) -> Tensor:
    """The vectors of a batch of texts [texts, dim], in their order, as model(features) gives them up to rounding."""
    lengths = features.get(LENGTHS)
    whole = {key: value for key, value in features.items() if key != LENGTHS}
    rows = LEAST_ROWS if whole["input_ids"].device.type == "cpu" else LEAST_ROWS_ON_DEVICE
    parts = min(MOST_PARTS, len(lengths) // rows) if lengths else 0
    if not lengths or parts < 2:
        vectors: Tensor = model(whole)["sentence_embedding"]
        return vectors
    order = torch.tensor(sorted(range(len(lengths)), key=lengths.__getitem__))
    found = []
    for part in order.tensor_split(parts):
        longest = max(lengths[int(part[-1])], 1)
        chosen = part.to(whole["input_ids"].device)
        cut = {key: value[chosen, :longest] if isinstance(value, Tensor) else value for key, value in whole.items()}
        found.append(model(cut)["sentence_embedding"])
    return torch.cat(found)[order.argsort().to(found[0].device)]
