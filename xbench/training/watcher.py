"""What is done after each step of a training: losses read, the held-out part measured, a checkpoint kept, an end made.

Called by the library's trainer. Knows its callbacks; what is measured and kept is the business of others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from transformers import TrainerCallback

from xbench.processes import Terminated
from xbench.progress import Bar
from xbench.specs import Training
from xbench.training.checkpoints import last_checkpoint
from xbench.training.losses import Best, Losses
from xbench.training.snapshots import Snapshots
from xbench.training.validation import Validator

if TYPE_CHECKING:
    from transformers import TrainerControl, TrainerState, TrainingArguments


class Watcher(TrainerCallback):  # type: ignore[misc]
    """`asked_to_end` says whether a SIGTERM came; `tell` is a tracker's log, where there is one."""

    def __init__(
        self,
        settings: Training,
        losses: Losses,
        snapshots: Snapshots,
        bar: Bar,
        asked_to_end: Callable[[], bool],
        best: Best | None = None,
        validator: Validator | None = None,
    ) -> None:
        self._settings, self._losses, self._snapshots = settings, losses, snapshots
        self._bar, self._asked_to_end, self._best, self._validator = bar, asked_to_end, best, validator
        self._is_first = True
        self.tell: Callable[[Mapping[str, float]], None] | None = None

    def on_step_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        *,
        optimizer: Optimizer,
        lr_scheduler: LRScheduler,
        **others: object,
    ) -> None:
        """Before the first step put the state back: late enough that nothing of the library draws in between."""
        if self._is_first:
            self._snapshots.restore(optimizer, lr_scheduler)
            self._is_first = False

    def on_step_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        *,
        model: nn.Module,
        optimizer: Optimizer,
        lr_scheduler: LRScheduler,
        **others: object,
    ) -> None:
        """Look, measure, keep, and end where it is time."""
        step, last = state.global_step, self._settings.steps
        if step % self._losses.every == 0 or step == last:
            self._losses.read()
        self._bar.advance(1, f"loss {self._losses.curve[-1][1]:.3f}" if self._losses.curve else "")
        if self._best and self._settings.validation:
            if step % self._settings.validation.every == 0 or step == last:
                due = control.should_log  # telling a tracker takes the flag down
                self._validate(step, model, self._best)
                control.should_log = due
            control.should_training_stop |= self._best.is_stale
        ends = self._losses.processes.any(self._asked_to_end())
        if self._snapshots.checkpoints and (ends or self._is_due(step)):
            self._snapshots.write(model, optimizer, lr_scheduler, state)
        if ends:
            raise Terminated(f"{last_checkpoint(self._snapshots.checkpoints)}; the same command goes on from there")

    def _is_due(self, step: int) -> bool:
        every = self._settings.checkpoint_every
        return bool(every) and step % every == 0 and step < self._settings.steps

    def _validate(self, step: int, model: nn.Module, best: Best) -> None:
        assert self._validator
        loss = self._losses.processes.leaders(self._validator.loss())
        best.look(step, loss, model)
        if self.tell:
            self.tell({"validation_loss": loss})
