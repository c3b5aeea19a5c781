"""A training's state between the library's trainer and the checkpoints: taken, kept, and put back.

Knows optimisers and what is measured on the way; the files are the checkpoints' business.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from xbench.training.checkpoints import Checkpoints, last_checkpoint
from xbench.training.losses import Best, Losses
from xbench.training.parameters import copy_weights, require_finite
from xbench.training.state import TrainingState, generators, restore_generators

if TYPE_CHECKING:
    from transformers import TrainerState


class Snapshots:
    """`state`: that of the checkpoint to go on from, if there is one. `batches`: digest of the stream."""

    def __init__(
        self,
        checkpoints: Checkpoints | None,
        batches: str,
        losses: Losses,
        best: Best | None,
        state: TrainingState | None = None,
    ) -> None:
        self.checkpoints, self.state = checkpoints, state
        self._batches, self._losses, self._best, self._processes = batches, losses, best, losses.processes
        self._started: float = time.perf_counter() - (state["seconds"] if state else 0.0)
        if state:
            losses.restore(state["losses"])
            if best and state["best"]:
                best.restore(state["best"])

    @property
    def seconds(self) -> float:
        """Spent on this training so far, over all its parts."""
        return time.perf_counter() - self._started

    def write(self, model: nn.Module, optimiser: Optimizer, schedule: LRScheduler, progress: TrainerState) -> None:
        """Keep a checkpoint of the step that has just been made. Raises TrainingError, in all processes, for a loss or
        a weight that is not finite and where it cannot be written."""
        assert self.checkpoints
        self._losses.read()
        require_finite(model, progress.global_step, last_checkpoint(self.checkpoints))
        chance = self._processes.gather(generators(next(model.parameters()).device.type))
        with self._processes.together():
            if self._processes.leads:
                state: TrainingState = {
                    "weights": copy_weights(model),
                    "optimiser": optimiser.state_dict(),
                    "schedule": schedule.state_dict(),
                    "losses": self._losses.state(),
                    "best": self._best.state() if self._best else None,
                    "seconds": self.seconds,
                    "chance": chance,
                }
                self.checkpoints.write(progress.global_step, state, progress.save_to_json, self._batches)

    def restore(self, optimiser: Optimizer, schedule: LRScheduler) -> None:
        """Put back what the first step depends on; the weights are back already."""
        if self.state is None:
            return
        optimiser.load_state_dict(self.state["optimiser"])
        schedule.load_state_dict(self.state["schedule"])
        if self._processes.count == len(self.state["chance"]):  # another number draws other dropout in any case
            restore_generators(self.state["chance"][self._processes.index])
