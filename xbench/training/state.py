"""What the next step of a training depends on, as a checkpoint holds it: tensors and numbers, nothing that can run.

The batches need no state, for they are a function of the step. Knows the generators of chance; no trainer, no file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, TypedDict

if TYPE_CHECKING:
    from torch import Tensor

States: TypeAlias = dict[str, object]
"""A torch object's own `state_dict`."""


class LossState(TypedDict):
    """The curve so far, the losses of its open point, and how many were read."""

    curve: list[list[float]]
    open: list[float]
    read: int


class BestState(TypedDict):
    """The losses on the held-out part by step, and the step, loss and weights of the lowest."""

    history: list[list[float]]
    step: int
    loss: float
    weights: dict[str, Tensor]


class Generators(TypedDict):
    """The generators of one process; `device` where it is a GPU."""

    python: tuple[object, ...]
    numpy: tuple[str, Tensor, int, int, float]
    torch: Tensor
    device: Tensor | None


class TrainingState(TypedDict):
    """All of it. `best`: None without a held-out part; `seconds`: spent so far; `chance`: of each process."""

    weights: dict[str, Tensor]
    optimiser: States
    schedule: States
    losses: LossState
    best: BestState | None
    seconds: float
    chance: list[Generators]


def generators(device: str) -> Generators:
    """The generators that a model may draw from (dropout), as they stand."""
    import random

    import numpy as np
    import torch

    kind, keys, place, has_gauss, gauss = np.random.get_state(legacy=True)
    return {
        "python": random.getstate(),
        "numpy": (str(kind), torch.from_numpy(np.asarray(keys, np.int64)), int(place), int(has_gauss), float(gauss)),
        "torch": torch.get_rng_state(),
        "device": torch.cuda.get_rng_state() if device == "cuda" else None,
    }


def restore_generators(state: Generators) -> None:
    """Put the generators back to where they stood."""
    import random

    import numpy as np
    import torch

    random.setstate(state["python"])
    kind, keys, place, has_gauss, gauss = state["numpy"]
    np.random.set_state((kind, keys.numpy().astype(np.uint32), place, has_gauss, gauss))
    torch.set_rng_state(state["torch"])
    if state["device"] is not None and torch.cuda.is_available():
        torch.cuda.set_rng_state(state["device"])
