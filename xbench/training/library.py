"""The library's trainer with this project's batches and checkpoints; all else of it is as it comes.

A checkpoint holds what the next step depends on: weights, optimiser, schedule, step, generators, and what was measured
so far. The batches need no state, for they are a function of the step.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from torch.utils.data import DataLoader

from xbench.errors import TrainingError
from xbench.processes import Processes
from xbench.specs import Training
from xbench.training.checkpoints import Checkpoints, restore_chance, state_of_chance
from xbench.training.loader import TokenisedBatches
from xbench.training.watch import Losses, Watcher, copy_weights, kept, put_weights

TRACKERS = {"tensorboard": "TensorBoardCallback", "wandb": "WandbCallback"}
SCHEDULES = {"linear": "linear", "cosine": "cosine", "constant": "constant_with_warmup"}


class RecipeTrainer(SentenceTransformerTrainer):  # type: ignore[misc]
    """Trains on `batches`; resumes from `state`, which `_save_checkpoint` wrote."""

    def __init__(
        self,
        batches: TokenisedBatches,
        watcher: Watcher,
        losses: Losses,
        checkpoints: Checkpoints | None,
        batches_digest: str,
        state: dict[str, Any] | None,
        **named: Any,
    ) -> None:
        super().__init__(callbacks=[watcher], **named)
        self._batches, self._watcher, self._losses = batches, watcher, losses
        self._checkpoints, self._batches_digest = checkpoints, batches_digest
        self._kept_state = state or {}
        self._started: float = time.perf_counter() - self._kept_state.get("seconds", 0.0)
        if state:
            losses.restore(state["losses"])
            if watcher.best:
                watcher.best.restore(state["best"])

    @property
    def seconds(self) -> float:
        """Spent on this training so far, over all its parts."""
        return time.perf_counter() - self._started

    @property
    def _processes(self) -> Processes:
        return self._losses.processes

    def get_train_dataloader(self) -> Any:
        return DataLoader(self._batches, batch_size=1, shuffle=False, collate_fn=itemgetter(0))  # type: ignore

    def training_step(self, *given: Any, **named: Any) -> Any:
        loss = super().training_step(*given, **named)
        self._losses.add(loss)
        return loss

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        assert self._checkpoints
        self._losses.read()
        require_finite(self.model, self.state.global_step, self._checkpoints)
        chance = self._processes.gather(state_of_chance(self.args.device.type))
        with self._processes.together():
            if self._processes.leads:
                state = self._state() | {"chance": chance}
                self._checkpoints.write(self.state.global_step, state, self.state.save_to_json, self._batches_digest)

    def _state(self) -> dict[str, Any]:
        return {
            "weights": copy_weights(self.model),
            "optimiser": self.optimizer.state_dict(),
            "schedule": self.lr_scheduler.state_dict(),
            "losses": self._losses.state(),
            "best": self._watcher.best.state() if self._watcher.best else None,
            "seconds": self.seconds,
        }

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        put_weights(self.model, self._kept_state["weights"])

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        if checkpoint is not None:
            self.optimizer.load_state_dict(self._kept_state["optimiser"])
            self.lr_scheduler.load_state_dict(self._kept_state["schedule"])

    def _load_rng_state(self, checkpoint: str | None) -> None:
        chance = self._kept_state.get("chance", [])
        if self._processes.count == len(chance):  # another number of processes draws other dropout in any case
            restore_chance(chance[self._processes.index])


def require_finite(model: Any, step: int, checkpoints: Checkpoints | None) -> None:
    """Raise TrainingError where a weight is not finite."""
    if not all(bool(torch.isfinite(weights).all()) for weights in model.parameters()):
        raise TrainingError(
            f"weights are not finite after step {step}; {kept(checkpoints)}: "
            "lower learning_rate (--set learning_rate=...)"
        )


def arguments(settings: Training, seed: int, scratch: str, device: str, trackers: Sequence[str], label: str) -> Any:
    """The library's settings."""
    found = SentenceTransformerTrainingArguments(
        output_dir=scratch,
        run_name=label,
        max_steps=settings.steps,
        per_device_train_batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        max_grad_norm=settings.max_gradient_norm,
        warmup_steps=round(settings.warmup * settings.steps),
        lr_scheduler_type=SCHEDULES[settings.schedule],
        optim="adamw_torch",
        bf16=settings.precision == "bf16",
        seed=seed,
        data_seed=seed,
        use_cpu=device == "cpu",
        logging_strategy="steps" if trackers else "no",
        logging_steps=max(1, settings.steps // 50),
        logging_nan_inf_filter=False,
        save_strategy="no",
        report_to=list(trackers) or "none",
        disable_tqdm=True,
        dataloader_pin_memory=device != "cpu",
    )
    found._n_gpu = min(found.n_gpu, 1)  # several GPUs in one process would split the batch behind our back
    return found


def remove_talkers(trainer: Any, trackers: Sequence[str]) -> None:
    """Leave the flow of control, our watcher and the trackers: the library's printers and card writer say nothing."""
    keep = {"DefaultFlowCallback", "Watcher", *(TRACKERS[name] for name in trackers)}
    for callback in list(trainer.callback_handler.callbacks):
        if type(callback).__name__ not in keep:
            trainer.remove_callback(callback)


def send_tracks(trainer: Any, trackers: Sequence[str], folder: Path) -> None:
    """Where TensorBoard's files go, and what the trackers are told besides the library's own numbers."""
    for callback in trainer.callback_handler.callbacks:
        if type(callback).__name__ == TRACKERS["tensorboard"]:
            callback.logging_dir = str(folder)
    if trackers:
        trainer._watcher.tell = trainer.log
