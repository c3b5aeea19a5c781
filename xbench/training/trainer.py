"""Train a sentence-transformers model on a recipe's batches. Knows models and batches; no task and no score.

The library does everything but choose batches and keep checkpoints (training/library.py). Loss: InfoNCE over the
documents of the batch, cosine times `scale` (training/loss.py).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xbench.processes import ALONE, Processes, noticed
from xbench.progress import Reporter, Silent
from xbench.quiet import quiet
from xbench.signals import deferred
from xbench.specs import Training
from xbench.training.checkpoints import Checkpoint, Checkpoints
from xbench.training.corpus import Corpus
from xbench.training.streams import Streams


@dataclass(frozen=True)
class Course:
    """What is trained, and on what."""

    model: Any
    corpus: Corpus
    streams: Streams
    settings: Training
    seed: int
    label: str = "train"


@dataclass(frozen=True)
class Surroundings:
    """Where it is told, with whom it is done, and what is kept on the way."""

    reporter: Reporter = field(default_factory=Silent)
    processes: Processes = ALONE
    checkpoints: Checkpoints | None = None
    trackers: tuple[str, ...] = ()
    tracks: Path = Path("tracks")


def train(course: Course, around: Surroundings) -> dict[str, Any]:
    """Train the model in place, from its last checkpoint where there is one; the record says what was done.

    Raises TrainingError for a loss or weights that are not finite, and for what model or corpus cannot do; Terminated
    after a SIGTERM, with a checkpoint written.
    """
    with quiet():
        return _train(course, around)


def _train(course: Course, around: Surroundings) -> dict[str, Any]:
    import torch

    from xbench.training import adapters, library
    from xbench.training.watch import put_weights

    torch.manual_seed(course.seed)
    adapters.prepare(course.model, course.settings)
    sizes = adapters.sizes(course.model)
    digest = course.streams.train.digest()
    found = _checkpoint(around, digest, course.label)
    with _trainer(course, around, found, digest) as trainer, noticed():
        trainer.train(resume_from_checkpoint=str(found.folder) if found else None)
    best, step = trainer._watcher.best, trainer.state.global_step
    library.require_finite(course.model, step, around.checkpoints)
    if best:
        put_weights(course.model, best.weights)
    adapters.finish(course.model, course.settings)
    record = {
        "steps": step,
        "batch_size": course.settings.batch_size,
        "units": course.streams.units,
        "parameters": sizes,
        "loss": _rounded(trainer._losses.curve),
        "seconds": round(trainer.seconds, 2),
        "resumed": found.step if found else None,
        "processes": around.processes.count,
        "batches_sha256": digest,
    }
    return record | _validation_record(course, best)


def _validation_record(course: Course, best: Any) -> dict[str, Any]:
    if best is None:
        return {}
    held_out = {"units": course.streams.held_out_units, "batch_size": course.streams.held_out_batch}
    return {"validation": {**held_out, "loss": _rounded(best.history), "best": best.step}}


def _rounded(curve: list[list[float]]) -> list[list[float]]:
    return [[step, round(value, 4)] for step, value in curve]


def _checkpoint(around: Surroundings, digest: str, label: str) -> Checkpoint | None:
    """Where to go on from, the same for all processes."""
    if around.checkpoints is None:
        return None
    found = None
    with around.processes.together():
        if around.processes.leads:
            found = around.checkpoints.newest(digest, around.reporter.say)
    found = around.processes.leaders(found)
    if found:
        around.reporter.say(f"{label}: going on from step {found.step}")
    return found


@contextmanager
def _trainer(course: Course, around: Surroundings, found: Checkpoint | None, digest: str) -> Iterator[Any]:
    """The library's trainer, ready to go; what it holds open is closed afterwards."""
    import torch

    from xbench.training import library
    from xbench.training.loss import make_loss
    from xbench.training.watch import Best, Losses, Watcher

    settings, processes, model = course.settings, around.processes, course.model
    losses = Losses(settings.steps, processes, around.checkpoints)
    best = Best(settings.validation.patience) if settings.validation else None
    with (
        tempfile.TemporaryDirectory() as scratch,
        around.reporter.bar(course.label, settings.steps, "steps") as bar,
        deferred() as asked_to_end,
        _batches(course, processes) as (batches, validator),
    ):
        if found:
            bar.advance(found.step)
        if "wandb" in around.trackers:
            os.environ.setdefault("WANDB_PROJECT", "xbench")
        trainer = library.RecipeTrainer(
            batches,
            Watcher(settings, losses, bar, asked_to_end, best, validator),
            losses,
            around.checkpoints,
            digest,
            found.state() if found else None,
            model=model,
            args=library.arguments(settings, course.seed, scratch, model.device.type, around.trackers, course.label),
            loss=make_loss(model, settings, processes),
        )
        library.remove_talkers(trainer, around.trackers)
        library.send_tracks(trainer, around.trackers, around.tracks)
        if processes.index:
            torch.manual_seed(course.seed + processes.index)  # or all processes would drop the same units
        yield trainer


@contextmanager
def _batches(course: Course, processes: Processes) -> Iterator[tuple[Any, Any]]:
    """(the batches to train on, what measures the held-out part or None); a thread tokenises ahead for both."""
    from xbench.training.loader import TokenisedBatches
    from xbench.training.validation import Validator

    model, corpus, streams, settings = course.model, course.corpus, course.streams, course.settings
    thread = ThreadPoolExecutor(1, thread_name_prefix="batches")
    try:
        batches = TokenisedBatches(model, corpus, streams.train, settings, course.seed, processes, thread)
        yield batches, Validator(model, corpus, streams, settings, thread) if settings.validation else None
    finally:
        thread.shutdown(wait=False, cancel_futures=True)
