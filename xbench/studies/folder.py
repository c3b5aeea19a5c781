"""The folder of a study: a record of every run, and what was decided when. Results lie beside, as jobs file them.

Records are small JSON files, written whole. One that is damaged counts as absent: its run is looked at again, and a
result that is filed is not made twice. Knows files; nothing of how a run is carried out.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from xbench.errors import DataError
from xbench.evaluation.scores import Amount, Count, WholePart
from xbench.files import digest, write_json
from xbench.keeping import claimed, is_claimed, made_by_one
from xbench.results.provenance import MOMENT_FORMAT
from xbench.results.result import SUM, Result
from xbench.studies.runs import StudyRun

KEY = 20  # characters of a digest that name a file


class RunRecord(WholePart):
    """What has become of one run. `result`: its path within the study's folder, where it is done."""

    schema_version: Literal[1] = Field(1, alias="schema")
    state: Literal["done", "failed"]
    arm: str
    seed: Count
    task: str
    key: str
    made_from: dict[str, JsonValue]
    command: str
    result: str = ""
    result_sha256: str | None = None
    seconds: Amount = 0
    why: str = ""


class Decision(WholePart):
    """The study as it was declared from some moment on; `runs`: how many of its runs were done by then."""

    study: dict[str, JsonValue]
    digest: str
    runs: Count
    decided: str

    @property
    def hypotheses(self) -> list[JsonValue]:
        """The hypotheses that were declared."""
        found = self.study.get("hypotheses")
        return found if isinstance(found, list) else []


_DECISIONS: TypeAdapter[list[Decision]] = TypeAdapter(list[Decision])


class StudyFolder:
    """Reads and writes what a study keeps."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self._runs, self._decisions = out / "runs", out / "decisions.json"

    def record(self, run: StudyRun) -> RunRecord | None:
        """The record of a run; None where there is none that can be used, as that of another run."""
        record = _read(self._path(run))
        same = record is not None and (record.key, record.arm, record.task) == (run.key, run.arm.name, run.task)
        return record if same else None

    def records(self) -> list[RunRecord]:
        """Every record there is, by file name."""
        paths = sorted(self._runs.glob("[!.]*.json"))
        found = ((path, _read(path)) for path in paths)
        return [record for path, record in found if record and path.stem == record.key[:KEY]]

    def is_done(self, run: StudyRun) -> bool:
        """Whether a run's result is filed, with its arrays."""
        record = self.record(run)
        if record is None or record.state != "done":
            return False
        place = (self.out / record.result).resolve()
        inside = place.is_relative_to(self.out.resolve())  # a record is a file that anybody may have written
        return inside and place.is_file() and place.with_suffix(".npz").is_file()

    def file_done(self, run: StudyRun, result: Result, seconds: float, command: str) -> None:
        """Write down that a run is done."""
        place = result.path.relative_to(self.out).as_posix()
        stated = getattr(result.provenance, SUM)
        self._write(run, command, state="done", result=place, result_sha256=stated, seconds=round(seconds, 3))

    def file_failure(self, run: StudyRun, why: str, command: str) -> None:
        """Write down why a run failed; one that is done stays so."""
        if not self.is_done(run):
            self._write(run, command, state="failed", why=why)

    def _write(self, run: StudyRun, command: str, **state: object) -> None:
        said = {"arm": run.arm.name, "seed": run.seed, "task": run.task, "key": run.key, "made_from": run.made_from}
        record = RunRecord.model_validate({**said, "command": command, **state})
        write_json(self._path(run), record.plain())

    def _path(self, run: StudyRun) -> Path:
        return self._runs / f"{run.key[:KEY]}.json"

    def claim(self, run: StudyRun) -> AbstractContextManager[bool]:
        """A block, and whether this process alone makes the runs of this encoder."""
        return claimed(self._runs / run.encoder[:KEY])

    def is_running(self, run: StudyRun) -> bool:
        """Whether some process makes the runs of this encoder now."""
        return is_claimed(self._runs / run.encoder[:KEY])

    def decisions(self) -> list[Decision]:
        """What was decided, first to last. Raises DataError where the file is damaged: nothing else tells it."""
        if not self._decisions.exists():
            return []
        try:
            return _DECISIONS.validate_json(self._decisions.read_bytes())
        except (OSError, ValidationError):
            raise DataError(
                f"{self._decisions}: damaged, so it is not known what was decided before the runs; restore the file, "
                "or delete it and the report says that nothing was"
            ) from None

    def decide(self, study: dict[str, JsonValue], runs_done: int) -> bool:
        """Write down what is declared now, where that is not what was; whether it was written."""
        with made_by_one(self._decisions):
            before, now = self.decisions(), digest(study)
            if before and before[-1].digest == now:
                return False
            moment = datetime.now(UTC).strftime(MOMENT_FORMAT)
            decision = Decision(study=study, digest=now, runs=runs_done, decided=moment)
            write_json(self._decisions, [one.plain() for one in (*before, decision)])
            return True


def _read(path: Path) -> RunRecord | None:
    with suppress(OSError, ValidationError):
        return RunRecord.model_validate_json(path.read_bytes())
    return None


def done_of(folder: StudyFolder, runs: Iterable[StudyRun]) -> list[StudyRun]:
    """The runs whose results are filed."""
    return [run for run in runs if folder.is_done(run)]
