"""What a training's state promises: what was taken is put back, and the next step is the same."""

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_training import tiny_static
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR
from transformers import TrainerControl, TrainerState

from xbench.errors import TrainingError
from xbench.processes import ALONE, Terminated
from xbench.progress import Bar, Silent
from xbench.specs import Training
from xbench.training.checkpoints import Checkpoints
from xbench.training.losses import Losses
from xbench.training.parameters import copy_weights, put_weights
from xbench.training.snapshots import Snapshots
from xbench.training.state import generators, restore_generators
from xbench.training.watcher import Watcher


def draws() -> tuple[float, float, float]:
    return random.random(), float(np.random.random()), float(torch.rand(1))


def test_generators_draw_the_same_again_once_they_are_put_back() -> None:
    state = generators("cpu")
    first = draws()
    restore_generators(state)
    assert draws() == first != draws()


def step_of(model: torch.nn.Module, optimiser: AdamW, schedule: LambdaLR) -> None:
    loss = sum((part * torch.rand(1)).pow(2).sum() for part in model.parameters())
    loss.backward()  # type: ignore[union-attr]
    optimiser.step()
    schedule.step()
    optimiser.zero_grad()


def made(model: torch.nn.Module) -> tuple[AdamW, LambdaLR]:
    optimiser = AdamW(model.parameters(), lr=0.1)
    return optimiser, LambdaLR(optimiser, lambda step: 1 / (1 + step))


def test_a_training_goes_on_from_its_snapshot_bit_for_bit(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "c", "a" * 64, 0)
    model = tiny_static()
    parts = made(model)
    step_of(model, *parts)
    losses = Losses(4, ALONE, checkpoints)
    losses.add(torch.tensor(2.0))
    Snapshots(checkpoints, "b", losses, None).write(model, *parts, TrainerState(global_step=1))
    step_of(model, *parts)

    again = tiny_static()
    others, newest = made(again), checkpoints.newest("b", print)
    assert newest is not None and newest.step == 1
    put_weights(again, newest.state()["weights"])
    later = Losses(4, ALONE, checkpoints)
    Snapshots(checkpoints, "b", later, None, newest.state()).restore(*others)
    step_of(again, *others)
    assert later.curve == [[1, 2.0]]
    assert all(torch.equal(part, copy_weights(model)[name]) for name, part in copy_weights(again).items())


def test_weights_of_another_model_are_refused() -> None:
    with pytest.raises(TrainingError, match="weights are not those of this model"):
        put_weights(tiny_static(), {"other": torch.zeros(1)})


def test_the_watcher_keeps_a_checkpoint_before_it_ends_as_it_was_asked(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "c", "a" * 64, 0)
    model = tiny_static()
    losses = Losses(9, ALONE, checkpoints)
    with Silent().bar("x", 9) as bar:
        watcher = watching(checkpoints, losses, bar)
        losses.add(torch.tensor(1.0))
        with pytest.raises(Terminated, match="the checkpoint of step 1 is kept; the same command goes on from there"):
            watcher.on_step_end(None, TrainerState(global_step=1), TrainerControl(), **parts_of(model))
    assert checkpoints.last_step() == 1


def watching(checkpoints: Checkpoints, losses: Losses, bar: Bar) -> Watcher:
    settings = Training(steps=9, batch_size=4, learning_rate=0.1)
    return Watcher(settings, losses, Snapshots(checkpoints, "b", losses, None), bar, lambda: True)


def parts_of(model: torch.nn.Module) -> dict[str, object]:
    optimiser, schedule = made(model)
    return {"model": model, "optimizer": optimiser, "lr_scheduler": schedule}
