"""What is looked at while a model is trained: every loss, the held-out part, and whether to save or to stop.

Losses stay on the device until they are read, so that looking costs no wait; and the first that is not finite is
still known by its step.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from transformers import TrainerCallback

from xbench.errors import TrainingError
from xbench.processes import Processes
from xbench.progress import Bar
from xbench.signals import Terminated
from xbench.specs import Training
from xbench.training.checkpoints import Checkpoints
from xbench.training.validation import Validator

POINTS = 50  # of the loss curve that is recorded


def weights_of(model: Any) -> dict[str, Tensor]:
    """Everything of a model that training changes, by name."""
    trained = {name: weights for name, weights in model.named_parameters() if weights.requires_grad}
    return trained | dict(model.named_buffers())


def copy_weights(model: Any) -> dict[str, Tensor]:
    """The same, copied to the CPU."""
    return {name: weights.detach().to("cpu", copy=True) for name, weights in weights_of(model).items()}


def put_weights(model: Any, weights: dict[str, Tensor]) -> None:
    """Give a model the weights that were copied from it. Raises TrainingError where it is another model."""
    mine = weights_of(model)
    if mine.keys() != weights.keys() or any(mine[name].shape != one.shape for name, one in weights.items()):
        raise TrainingError("the checkpoint's weights are not those of this model; delete the checkpoint")
    with torch.no_grad():
        for name, one in weights.items():
            mine[name].copy_(one)


def kept(checkpoints: Checkpoints | None) -> str:
    """What is left when a training stops, in words."""
    step = checkpoints.last_step() if checkpoints else None
    return f"the checkpoint of step {step} is kept" if step else "nothing was kept"


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
        return max(1, self.steps // POINTS)

    def add(self, loss: Tensor) -> None:
        self._unread.append(loss.detach())

    def read(self) -> None:
        """Bring the losses here. Raises TrainingError, in all processes, at the first that is not finite."""
        mine = torch.stack(self._unread).tolist() if self._unread else []
        self._unread.clear()
        for values in zip(*self.processes.gather(mine), strict=True):
            self._read += 1
            value = sum(values) / len(values)
            if not math.isfinite(value):
                raise TrainingError(
                    f"the loss is {value} at step {self._read}; {kept(self.checkpoints)}: "
                    "lower learning_rate or scale (--set learning_rate=...)"
                )
            self._open.append(value)
            if self._read % self.every == 0:
                self.curve.append([self._read, sum(self._open) / len(self._open)])
                self._open.clear()

    def state(self) -> dict[str, Any]:
        return {"curve": self.curve, "open": self._open, "read": self._read}

    def restore(self, state: dict[str, Any]) -> None:
        self.curve, self._open, self._read = state["curve"], state["open"], state["read"]


@dataclass
class Best:
    """The losses on the held-out part, and the weights that had the lowest."""

    patience: int
    history: list[list[float]] = field(default_factory=list)
    step: int = 0
    loss: float = math.inf
    weights: dict[str, Tensor] = field(default_factory=dict)

    def look(self, step: int, loss: float, model: Any) -> None:
        """Raises TrainingError for a loss that is not finite."""
        if not math.isfinite(loss):
            raise TrainingError(f"the loss on the held-out part is {loss} at step {step}: lower learning_rate")
        self.history.append([step, loss])
        if loss < self.loss:
            self.step, self.loss, self.weights = step, loss, copy_weights(model)

    @property
    def is_stale(self) -> bool:
        return sum(step > self.step for step, _ in self.history) >= self.patience

    def state(self) -> dict[str, Any]:
        return {"history": self.history, "step": self.step, "loss": self.loss, "weights": self.weights}

    def restore(self, state: dict[str, Any]) -> None:
        self.history, self.step = state["history"], state["step"]
        self.loss, self.weights = state["loss"], state["weights"]


class Watcher(TrainerCallback):  # type: ignore[misc]
    """Called by the library's trainer after every step."""

    def __init__(
        self, settings: Training, losses: Losses, bar: Bar, asked_to_end: Any, best: Best | None, validator: Any
    ) -> None:
        self._settings, self._losses, self._bar, self._asked_to_end = settings, losses, bar, asked_to_end
        self.best = best
        self._validator: Validator | None = validator
        self._ends = False
        self.tell: Any = None  # a tracker's log, where there is one

    def on_step_end(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> None:
        step, last = state.global_step, self._settings.steps
        if step % self._losses.every == 0 or step == last:
            self._losses.read()
        self._bar.advance(1, f"loss {self._losses.curve[-1][1]:.3f}" if self._losses.curve else "")
        if self.best and self._settings.validation:
            if step % self._settings.validation.every == 0 or step == last:
                due = control.should_log  # telling a tracker takes the flag down
                self._validate(step, model)
                control.should_log = due
            control.should_training_stop |= self.best.is_stale
        self._decide(step, control)

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._end_if_asked()

    def _validate(self, step: int, model: Any) -> None:
        assert self.best and self._validator
        loss = self._losses.processes.leaders(self._validator.loss())
        self.best.look(step, loss, model)
        if self.tell:
            self.tell({"validation_loss": loss})

    def _decide(self, step: int, control: Any) -> None:
        """Whether a checkpoint is due, or an orderly end."""
        self._ends = self._losses.processes.any(self._asked_to_end())
        every = self._settings.checkpoint_every
        due = bool(every) and step % every == 0 and step < self._settings.steps
        control.should_save = self._losses.checkpoints is not None and (due or self._ends)
        if not control.should_save:
            self._end_if_asked()

    def _end_if_asked(self) -> None:
        if self._ends:
            raise Terminated(f"{kept(self._losses.checkpoints)}; the same command goes on from there")
