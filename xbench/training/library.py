"""The library's trainer with this project's batches and checkpoints; all else of it is as it comes.

What is overridden is little, for it may change with any version: setup.cfg holds the versions that it was tested with.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from torch import Tensor, nn
from torch.utils.data import DataLoader

from xbench.processes import Processes
from xbench.specs import Training
from xbench.training.lengths import Features
from xbench.training.loader import TokenisedBatches
from xbench.training.loss import RecipeLoss, make_loss
from xbench.training.losses import Losses
from xbench.training.parameters import put_weights
from xbench.training.snapshots import Snapshots
from xbench.training.watcher import Watcher

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

TRACKERS = {"tensorboard": "TensorBoardCallback", "wandb": "WandbCallback"}
SCHEDULES = {"linear": "linear", "cosine": "cosine", "constant": "constant_with_warmup"}


class OneDevice(SentenceTransformerTrainingArguments):  # type: ignore[misc]
    """The library's settings on one device."""

    # Several GPUs in one process would split the batch behind our back, and a row's negatives with it.
    @property
    def n_gpu(self) -> int:
        """1, or 0 without a GPU."""
        return min(int(super().n_gpu), 1)


class RecipeTrainer(SentenceTransformerTrainer):  # type: ignore[misc]
    """Trains on `batches`, and goes on from the state of `snapshots` where there is one."""

    def __init__(
        self,
        model: SentenceTransformer,
        args: OneDevice,
        loss: RecipeLoss,
        batches: TokenisedBatches,
        snapshots: Snapshots,
        watcher: Watcher,
    ) -> None:
        super().__init__(model=model, args=args, loss=loss, callbacks=[watcher])
        self._batches, self._snapshots = batches, snapshots

    # A batch is drawn and tokenised already: there is nothing left to sample, to collate or to share out.
    def get_train_dataloader(self) -> DataLoader[Features]:
        """One step of the stream after the other."""
        return DataLoader(self._batches, batch_size=1, shuffle=False, collate_fn=itemgetter(0))

    # The library would read a whole saved model from the folder; a checkpoint holds what is trained and no more.
    def _load_from_checkpoint(self, checkpoint_path: str, model: nn.Module | None = None) -> None:
        assert self._snapshots.state
        put_weights(self.model, self._snapshots.state["weights"])


def noted_loss(model: SentenceTransformer, settings: Training, processes: Processes, losses: Losses) -> RecipeLoss:
    """The loss that the settings ask for; `losses` sees what it gives at every step."""

    def note(module: nn.Module, inputs: object, value: Tensor) -> None:
        losses.add(value)

    loss = make_loss(model, settings, processes)
    loss.register_forward_hook(note)
    return loss


def arguments(
    settings: Training, seed: int, scratch: str, device: str, trackers: Sequence[str], label: str
) -> OneDevice:
    """The library's settings."""
    return OneDevice(
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


def remove_talkers(trainer: RecipeTrainer, trackers: Sequence[str]) -> None:
    """Leave the flow of control, our watcher and the trackers: the library's printers and card writer say nothing."""
    keep = {"DefaultFlowCallback", "Watcher", *(TRACKERS[name] for name in trackers)}
    for callback in list(trainer.callback_handler.callbacks):
        if type(callback).__name__ not in keep:
            trainer.remove_callback(callback)


def send_tracks(trainer: RecipeTrainer, watcher: Watcher, trackers: Sequence[str], folder: Path) -> None:
    """Where TensorBoard's files go, and what the trackers are told besides the library's own numbers."""
    for callback in trainer.callback_handler.callbacks:
        if type(callback).__name__ == TRACKERS["tensorboard"]:
            callback.logging_dir = str(folder)
    if trackers:
        watcher.tell = trainer.log
