"""What training changes of a model: its weights copied, put back, counted and looked at. Knows a model; no file."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from xbench.errors import TrainingError


def weights_of(model: nn.Module) -> dict[str, Tensor]:
    """Everything of a model that training changes, by name."""
    weights: dict[str, Tensor] = {name: part for name, part in model.named_parameters() if part.requires_grad}
    return weights | dict(model.named_buffers())


def copy_weights(model: nn.Module) -> dict[str, Tensor]:
    """The same, copied to the CPU."""
    return {name: weights.detach().to("cpu", copy=True) for name, weights in weights_of(model).items()}


def put_weights(model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Give a model the weights that were copied from it. Raises TrainingError where it is another model."""
    mine = weights_of(model)
    if mine.keys() != weights.keys() or any(mine[name].shape != part.shape for name, part in weights.items()):
        raise TrainingError("the checkpoint's weights are not those of this model; delete the checkpoint")
    with torch.no_grad():
        for name, part in weights.items():
            mine[name].copy_(part)


def require_finite(model: nn.Module, step: int, left: str) -> None:
    """Raise TrainingError where a weight is not finite; `left` says what is left of the training."""
    if not all(bool(torch.isfinite(weights).all()) for weights in model.parameters()):
        raise TrainingError(
            f"weights are not finite after step {step}; {left}: lower learning_rate (--set learning_rate=...)"
        )


def sizes(model: nn.Module) -> dict[str, int]:
    """Parameters in all, and those that are trained."""
    counted = [(weights.numel(), weights.requires_grad) for weights in model.parameters()]
    return {"all": sum(size for size, _ in counted), "trained": sum(size for size, trained in counted if trained)}
