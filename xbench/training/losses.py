"""The losses of a training: of every step, and of the held-out part with the weights that had the lowest.

Losses stay on the device until they are read, so that looking costs no wait; and the first that is not finite is
still known by its step. Knows numbers and weights; no trainer and no file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from torch import Tensor, nn, stack

from xbench.errors import TrainingError
from xbench.processes import Processes
from xbench.training.checkpoints import Checkpoints, last_checkpoint
from xbench.training.parameters import copy_weights
from xbench.training.state import BestState, LossState

POINTS = 50  # of the loss curve that is recorded


@dataclass
class Losses:
    """The loss of each step, a mean over the processes. `curve`: [step, mean over the steps since the last point]."""

    steps: int
    processes: Processes
    checkpoints: Checkpoints | None = None
    curve: list[list[float]] = field(default_factory=list)
    _open: list[float] = field(default_factory=list)
    _unread: list[Tensor] = field(default_factory=list)
    _read: int = 0

    @property
    def every(self) -> int:
        """Steps from one point of the curve to the next."""
        return max(1, self.steps // POINTS)

    def add(self, loss: Tensor) -> None:
        """Note the loss of a step."""
        self._unread.append(loss.detach())

    def read(self) -> None:
        """Bring the losses here. Raises TrainingError, in all processes, at the first that is not finite."""
        mine = stack(self._unread).tolist() if self._unread else []
        self._unread.clear()
        for values in zip(*self.processes.gather(mine), strict=True):
            self._read += 1
            value = sum(values) / len(values)
            if not math.isfinite(value):
                raise TrainingError(
                    f"the loss is {value} at step {self._read}; {last_checkpoint(self.checkpoints)}: "
                    "lower learning_rate or scale (--set learning_rate=...)"
                )
            self._open.append(value)
            if self._read % self.every == 0:
                self.curve.append([self._read, sum(self._open) / len(self._open)])
                self._open.clear()

    def state(self) -> LossState:
        """What a checkpoint holds of them."""
        return {"curve": self.curve, "open": self._open, "read": self._read}

    def restore(self, state: LossState) -> None:
        """Go on from a checkpoint."""
        self.curve, self._open, self._read = state["curve"], state["open"], state["read"]


@dataclass
class Best:
    """The losses on the held-out part, and the weights that had the lowest."""

    patience: int
    history: list[list[float]] = field(default_factory=list)
    step: int = 0
    loss: float = math.inf
    weights: dict[str, Tensor] = field(default_factory=dict)

    def look(self, step: int, loss: float, model: nn.Module) -> None:
        """Raises TrainingError for a loss that is not finite."""
        if not math.isfinite(loss):
            raise TrainingError(f"the loss on the held-out part is {loss} at step {step}: lower learning_rate")
        self.history.append([step, loss])
        if loss < self.loss:
            self.step, self.loss, self.weights = step, loss, copy_weights(model)

    @property
    def is_stale(self) -> bool:
        """Whether `patience` measurements in a row were not better."""
        return sum(step > self.step for step, _ in self.history) >= self.patience

    def state(self) -> BestState:
        """What a checkpoint holds of it."""
        return {"history": self.history, "step": self.step, "loss": self.loss, "weights": self.weights}

    def restore(self, state: BestState) -> None:
        """Go on from a checkpoint."""
        self.history, self.step = state["history"], state["step"]
        self.loss, self.weights = state["loss"], state["weights"]
