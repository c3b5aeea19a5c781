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
from typing import TYPE_CHECKING

from xbench.encoders.quiet import quiet
from xbench.processes import ALONE, Processes, deferred, noticed
from xbench.progress import Reporter, Silent
from xbench.specs import Training
from xbench.training.checkpoints import Checkpoint, Checkpoints, last_checkpoint
from xbench.training.corpus import Corpus
from xbench.training.streams import Streams

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from xbench.training.library import RecipeTrainer
    from xbench.training.loader import TokenisedBatches
    from xbench.training.losses import Best, Losses
    from xbench.training.snapshots import Snapshots
    from xbench.training.validation import Validator


@dataclass(frozen=True)
class Course:
    """What is trained, and on what."""

    model: SentenceTransformer
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


def train(course: Course, around: Surroundings) -> dict[str, object]:
    """Train the model in place, from its last checkpoint where there is one; the record says what was done.

    Raises TrainingError for a loss or weights that are not finite, and for what model or corpus cannot do; Terminated
    after a SIGTERM, with a checkpoint written.
    """
    with quiet():
        return _train(course, around)


def _train(course: Course, around: Surroundings) -> dict[str, object]:
    import torch

    from xbench.training import adapters
    from xbench.training.parameters import put_weights, require_finite, sizes

    torch.manual_seed(course.seed)
    adapters.prepare(course.model, course.settings)
    counted = sizes(course.model)
    digest = course.streams.train.digest()
    start = _checkpoint(around, digest, course.label)
    with _session(course, around, start, digest) as session, noticed():
        session.trainer.train(resume_from_checkpoint=str(start.folder) if start else None)
    best, step = session.best, session.trainer.state.global_step
    require_finite(course.model, step, last_checkpoint(around.checkpoints))
    if best:
        put_weights(course.model, best.weights)
    adapters.finish(course.model, course.settings)
    record = {
        "steps": step,
        "batch_size": course.settings.batch_size,
        "units": course.streams.units,
        "parameters": counted,
        "loss": _rounded(session.losses.curve),
        "seconds": round(session.snapshots.seconds, 2),
        "resumed": start.step if start else None,
        "processes": around.processes.count,
        "batches_sha256": digest,
    }
    return record | _validation_record(course, best)


def _validation_record(course: Course, best: Best | None) -> dict[str, object]:
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
    newest = None
    with around.processes.together():
        if around.processes.leads:
            newest = around.checkpoints.newest(digest, around.reporter.say)
    newest = around.processes.leaders(newest)
    if newest:
        around.reporter.say(f"{label}: going on from step {newest.step}")
    return newest


@dataclass(frozen=True)
class _Session:
    """The library's trainer, and what is measured and kept beside it."""

    trainer: RecipeTrainer
    losses: Losses
    best: Best | None
    snapshots: Snapshots


@contextmanager
def _session(course: Course, around: Surroundings, start: Checkpoint | None, digest: str) -> Iterator[_Session]:
    """A training ready to go; what it holds open is closed afterwards."""
    import torch

    from xbench.training import library
    from xbench.training.losses import Best, Losses
    from xbench.training.snapshots import Snapshots
    from xbench.training.watcher import Watcher

    settings, processes, model = course.settings, around.processes, course.model
    losses = Losses(settings.steps, processes, around.checkpoints)
    best = Best(settings.validation.patience) if settings.validation else None
    with (
        tempfile.TemporaryDirectory() as scratch,
        around.reporter.bar(course.label, settings.steps, "steps") as bar,
        deferred() as asked_to_end,
        _batches(course, processes) as (batches, validator),
    ):
        if start:
            bar.advance(start.step)
        if "wandb" in around.trackers:
            os.environ.setdefault("WANDB_PROJECT", "xbench")
        snapshots = Snapshots(around.checkpoints, digest, losses, best, start.state() if start else None)
        watcher = Watcher(settings, losses, snapshots, bar, asked_to_end, best, validator)
        chosen = library.arguments(settings, course.seed, scratch, model.device.type, around.trackers, course.label)
        loss = library.noted_loss(model, settings, processes, losses)
        trainer = library.RecipeTrainer(model, chosen, loss, batches, snapshots, watcher)
        library.remove_talkers(trainer, around.trackers)
        library.send_tracks(trainer, watcher, around.trackers, around.tracks)
        if processes.index:
            torch.manual_seed(course.seed + processes.index)  # or all processes would drop the same units
        yield _Session(trainer, losses, best, snapshots)


@contextmanager
def _batches(course: Course, processes: Processes) -> Iterator[tuple[TokenisedBatches, Validator | None]]:
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
