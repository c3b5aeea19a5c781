"""What an encoder of someone's own gave, as vectors that can be scored; one clear line where it is none.

Knows arrays; nothing of models. Lists, arrays and tensors of torch are taken, of any floating type; float32 is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from xbench.arrays import Vectors
from xbench.errors import EncoderError

SHOWN = 60  # characters of a faulty text


def as_vectors(
    value: object, texts: Sequence[str], source: str, similarity: str, dimension: int | None = None
) -> Vectors:
    """`value`, a row for each of `texts`, as [texts, dim] float32. `source` names what gave it;
    `dimension` is what it gave before.

    Raises EncoderError for another shape or type, NaN, infinity, and for a vector without a direction where a cosine
    is asked for.
    """
    array = _array(value, source)
    if array.ndim != 2 or array.shape[0] != len(texts) or not array.shape[-1]:
        raise EncoderError(
            f"{source}: found an array of shape {array.shape}, expected [{len(texts)}, dim], a row per text"
        )
    if array.dtype.kind != "f":
        raise EncoderError(f"{source}: found numbers of type {array.dtype}, expected float32, float64 or float16")
    if dimension is not None and array.shape[1] != dimension:
        raise EncoderError(
            f"{source}: found vectors of {array.shape[1]} dimensions, expected {dimension} as for the texts before"
        )
    with np.errstate(over="ignore"):  # what is too large for float32 is found as infinity below
        vectors = np.array(array, dtype=np.float32, order="C")  # a copy: an encoder may fill one buffer again and again
    _require_scorable(vectors, texts, source, similarity)
    return vectors


def _array(value: object, source: str) -> npt.NDArray[np.generic]:
    if isinstance(value, Iterator):
        value = list(value)
    if hasattr(value, "detach"):
        value = _numbers(value)
    elif isinstance(value, list | tuple) and any(hasattr(row, "detach") for row in value):
        value = [_numbers(row) for row in value]
    if not isinstance(value, np.ndarray | list | tuple):
        raise EncoderError(f"{source}: found {type(value).__name__}, expected an array [texts, dim]")
    try:
        return np.asarray(value)
    except ValueError:
        raise EncoderError(f"{source}: found rows of different lengths, expected an array [texts, dim]") from None


def _numbers(tensor: object) -> object:
    """A tensor of torch, on whatever device and of whatever precision, as an array."""
    import torch

    if not isinstance(tensor, torch.Tensor):
        return tensor
    plain = tensor.detach().cpu()
    return (plain.float() if plain.dtype == torch.bfloat16 else plain).numpy()


def _require_scorable(vectors: Vectors, texts: Sequence[str], source: str, similarity: str) -> None:
    broken = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(broken):
        raise EncoderError(
            f"{source}: found NaN or infinity in {len(broken)} of {len(vectors)} vectors, "
            f"first in {_row(texts, int(broken[0]))}"
        )
    flat = np.flatnonzero(~vectors.any(axis=1))
    if len(flat) and similarity == "cosine":
        raise EncoderError(
            f"{source}: found {len(flat)} of {len(vectors)} vectors that are zero, "
            f"first in {_row(texts, int(flat[0]))}; no cosine exists: "
            "give such texts a direction, or choose similarity dot"
        )


def _row(texts: Sequence[str], number: int) -> str:
    """A row with the beginning of its text."""
    text = texts[number]
    return f"row {number}, {text[:SHOWN]!r}" + ("..." if len(text) > SHOWN else "")
