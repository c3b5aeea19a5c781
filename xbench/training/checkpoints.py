"""Where a training stands, on disk: written whole or not at all, named by what is trained, refused when damaged.

A checkpoint is a folder `step-00000500` with the state, the trainer's own notes, and, written last, a record with the
digest of both. The folder of a training carries the digest of everything that makes the encoder, and the record repeats
it: a checkpoint of another recipe can never be taken for one of this. Knows files; nothing of what a state holds.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from xbench.errors import TrainingError, XbenchError
from xbench.files import checksum, remove_folder, whole_folder
from xbench.specs.strict_json import strict_json
from xbench.training.state import TrainingState

STATE, NOTES, RECORD = "state.pt", "trainer_state.json", "record.json"
VERSION = 1
KEPT = 2  # the newest, and the one before in case the newest is damaged


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint whose files are what its record says."""

    folder: Path
    step: int

    def state(self) -> TrainingState:
        """Tensors and numbers only; nothing in it can run."""
        import torch

        state: TrainingState = torch.load(self.folder / STATE, map_location="cpu", weights_only=True)
        return state


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoints of one training. `made_from`: digest of model, recipe, corpus and settings; `seed` beside it."""

    folder: Path
    made_from: str
    seed: int

    def write(self, step: int, state: TrainingState, write_notes: Callable[[str], None], batches: str) -> None:
        """Keep the state after `step`, then drop what is older than the one before it."""
        import torch

        place = self.folder / f"step-{step:08d}"
        try:
            with whole_folder(place) as temporary:
                with (temporary / STATE).open("wb") as stream:
                    torch.save(state, stream)
                write_notes(str(temporary / NOTES))
                record = {**self._identity(batches), "step": step, "sha256": _digests(temporary)}
                (temporary / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        except (OSError, RuntimeError, XbenchError) as error:  # torch wraps a full disk in a RuntimeError
            raise TrainingError(self._not_written(step, error)) from None
        for old in self._steps()[:-KEPT]:
            _forget(old)

    def newest(self, batches: str, say: Callable[[str], None]) -> Checkpoint | None:
        """The last whole checkpoint, None where there is none at all. A damaged one is named.

        Raises TrainingError where none of them can be used: nothing starts from the beginning unasked.
        """
        for unfinished in self.folder.glob(".step-*"):  # of a process that was killed as it wrote
            shutil.rmtree(unfinished, ignore_errors=True)
        faults: list[str] = []
        for folder in reversed(self._steps()):
            fault = self._fault(folder, batches)
            if fault is None:
                for damaged in faults:
                    say(f"checkpoint {damaged}; going on from {folder.name}")
                return Checkpoint(folder, int(folder.name.removeprefix("step-")))
            faults.append(f"{folder}: {fault}")
        if faults:
            raise TrainingError(f"checkpoint {faults[0]}; delete {self.folder} to train from the start")
        return None

    def last_step(self) -> int | None:
        """The step of the last checkpoint, whole or not."""
        steps = self._steps()
        return int(steps[-1].name.removeprefix("step-")) if steps else None

    def remove(self) -> None:
        """Forget all of them: the encoder is kept."""
        _forget(self.folder)

    def _identity(self, batches: str) -> dict[str, int | str]:
        return {"version": VERSION, "made_from": self.made_from, "seed": self.seed, "batches_sha256": batches}

    def _steps(self) -> list[Path]:
        return sorted(path for path in self.folder.glob("step-*") if path.is_dir())

    def _fault(self, folder: Path, batches: str) -> str | None:
        """What is wrong with a checkpoint, if anything. Raises TrainingError for one of another training."""
        try:
            record = strict_json((folder / RECORD).read_text(encoding="utf-8"))
            digests = record["sha256"]
            named = {key: record[key] for key in self._identity(batches)}
        except (OSError, ValueError, KeyError, TypeError):
            return f"{RECORD} is absent or damaged"
        for key, expected in self._identity(batches).items():
            if named[key] != expected:
                what = "draws other batches" if key == "batches_sha256" else "is of another training"
                raise TrainingError(
                    f"checkpoint {folder} {what} ({key}: found {str(named[key])[:16]!r}, expected "
                    f"{str(expected)[:16]!r}); delete {self.folder} to train from the start"
                )
        try:
            return None if digests == _digests(folder) else "damaged (its sha256 is not the recorded one)"
        except OSError as error:
            return f"cannot be read: {error.strerror}"

    def _not_written(self, step: int, error: Exception) -> str:
        cause = error if isinstance(error, OSError) else error.__context__
        said = str(error).splitlines()[0].rpartition(f"{step:08d}: ")[2][:200]
        reason = (cause.strerror if isinstance(cause, OSError) else None) or said
        before = self.last_step()
        left = f"that of step {before} is kept" if before else "there is none before it"
        return f"cannot write the checkpoint of step {step} in {self.folder}: {reason}; {left}; make room and run again"


def _forget(folder: Path) -> None:
    """Nothing is lost where it stays."""
    with suppress(OSError):
        if folder.is_dir():
            remove_folder(folder)


def _digests(folder: Path) -> dict[str, str]:
    return {name: checksum(folder / name) for name in (STATE, NOTES)}


def last_checkpoint(checkpoints: Checkpoints | None) -> str:
    """What is left when a training stops, in words."""
    step = checkpoints.last_step() if checkpoints else None
    return f"the checkpoint of step {step} is kept" if step else "nothing was kept"
