"""The runs of a study carried out: resumed where they stopped, shared out among machines, none stopped by another's
failure.

One process at a time makes the runs of one encoder; what another makes meanwhile is passed over, and looked at again at
the end.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from xbench.errors import DataError, SpecError, XbenchError
from xbench.jobs import run as job
from xbench.jobs.request import Request
from xbench.progress import Bar, Reporter
from xbench.results.reading import read_result
from xbench.studies.costs import costs_of, require_affordable
from xbench.studies.declared import decided
from xbench.studies.duration import spoken
from xbench.studies.folder import StudyFolder, done_of
from xbench.studies.machine import Declared, Machine, command_of, request_of
from xbench.studies.matching import likenesses, require_matched
from xbench.studies.planning import checked
from xbench.studies.runs import StudyRun


@dataclass(frozen=True)
class Shard:
    """Part `number` of `count`, as `2/8` is written."""

    number: int = 1
    count: int = 1

    @classmethod
    def of(cls, text: str) -> Shard:
        """Raises SpecError."""
        number, slash, count = text.partition("/")
        if slash and number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count) <= 10_000:
            return cls(int(number), int(count))
        raise SpecError(f"--shard {text}: expected i/n with i from 1 to n, such as 2/8")

    def of_groups(self, groups: Sequence[list[StudyRun]]) -> list[list[StudyRun]]:
        """Its share; together the shards have every group once."""
        return list(groups[self.number - 1 :: self.count])


@dataclass
class Tally:
    """What has become of the runs of this command."""

    done: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    elsewhere: int = 0


class Quiet:
    """A reporter of which only bars are seen: a study of hundreds of runs says of each what it is, once."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter

    def say(self, text: str) -> None:
        return

    def bar(self, label: str, total: int, unit: str = "") -> AbstractContextManager[Bar]:
        return self._reporter.bar(label, total, unit)


def run_study(study: Declared, machine: Machine, reporter: Reporter, shard: Shard | None = None) -> Tally:
    """Carry out what is not done yet of a shard, or of the whole. Raises SpecError before anything is begun where the
    study is wrong, unmatched or too dear; and at the end where runs failed."""
    arms, runs = checked(study, machine)
    folder = StudyFolder(study.out)
    require_affordable(study, costs_of(study, arms, runs, machine))
    if study.spec.matched:
        require_matched(study, likenesses(study, arms, machine))
    folder.decide(decided(study.spec), len(done_of(folder, runs)))
    worker = _Worker(study, machine, reporter, folder)
    worker.work((shard or Shard()).of_groups(groups_of(runs)))
    return worker.finish()


def groups_of(runs: Sequence[StudyRun]) -> list[list[StudyRun]]:
    """The runs of one encoder together, in order."""
    groups: dict[str, list[StudyRun]] = {}
    for run in runs:
        groups.setdefault(run.encoder, []).append(run)
    return list(groups.values())


class _Worker:
    """One process at its share of a study."""

    def __init__(self, study: Declared, machine: Machine, reporter: Reporter, folder: StudyFolder) -> None:
        self._study, self._machine, self._reporter, self._folder = study, machine, reporter, folder
        self._tally, self._seconds = Tally(), list[float]()

    def work(self, groups: Sequence[list[StudyRun]]) -> None:
        """Make what is not there; what others are at is tried once more at the end."""
        due = [group for group in groups if self._missing(group)]
        self._reporter.say(f"{_encoders(len(due))} of {len(groups):,} to make; results in {self._study.results}")
        left = [group for place, group in enumerate(due, 1) if not self._make(group, place, len(due))]
        for group in left:
            self._tally.elsewhere += not self._make(group, len(due), len(due))

    def finish(self) -> Tally:
        """What was done. Raises SpecError where runs failed."""
        if self._tally.elsewhere:
            self._reporter.say(f"{_encoders(self._tally.elsewhere)} are being made by another process")
        if self._tally.failed:
            first, why = next(iter(self._tally.failed.items()))
            count = "1 run" if len(self._tally.failed) == 1 else f"{len(self._tally.failed)} runs"
            raise SpecError(
                f"{count} failed, the others are done: {first}: {why}; `xbench study status {self._study.source}` "
                "tells of all, and the same command tries them again"
            )
        return self._tally

    def _missing(self, group: Sequence[StudyRun]) -> list[StudyRun]:
        return [run for run in group if not self._folder.is_done(run)]

    def _make(self, group: Sequence[StudyRun], place: int, count: int) -> bool:
        """Whether the group needs nothing more of this process."""
        with self._folder.claim(group[0]) as ours:
            if not ours:
                return False
            if due := self._missing(group):
                self._reporter.say(f"[{place}/{count}] {due[0].arm.name}, seed {due[0].seed}{self._left(place, count)}")
                began = time.perf_counter()
                self._carry_out(due)
                self._seconds.append(time.perf_counter() - began)
        return True

    def _left(self, place: int, count: int) -> str:
        if not self._seconds:
            return ""
        mean = sum(self._seconds) / len(self._seconds)
        return f"; about {spoken(mean * (count - place + 1))} left"

    def _carry_out(self, due: Sequence[StudyRun]) -> None:
        """One task after another: the encoder that the first one trains is kept for the others. Where no encoder can be
        had for one, it cannot for any."""
        for place, run in enumerate(due):
            error = self._attempt(run)
            if error and not isinstance(error, DataError | SpecError):
                for other in due[place + 1 :]:
                    self._fail(other, error)
                return

    def _attempt(self, run: StudyRun) -> Exception | None:
        """Make one run; what it died of, for the others go on: only a person or the system stops all."""
        began = time.perf_counter()
        try:
            request = self._request(run)
            (path,) = job.run(replace(request, command=command_of(request)), Quiet(self._reporter))
            seconds = time.perf_counter() - began
            self._folder.file_done(run, read_result(path), seconds, command_of(request))
            self._tally.done += 1
        except Exception as error:
            self._fail(run, error)
            return error
        return None

    def _request(self, run: StudyRun) -> Request:
        return request_of(self._study, self._machine, run.arm, run.task, (run.seed,))

    def _fail(self, run: StudyRun, error: Exception) -> None:
        line = " ".join(str(error).split())
        why = line if isinstance(error, XbenchError) else f"{type(error).__name__}: {line}"
        self._folder.file_failure(run, why[:500], self._command(run))
        self._tally.failed[run.label] = why[:500]
        self._reporter.say(f"failed: {run.label}: {why[:500]}")

    def _command(self, run: StudyRun) -> str:
        try:
            return command_of(self._request(run))
        except XbenchError:
            return ""


def _encoders(count: int) -> str:
    return "1 encoder" if count == 1 else f"{count:,} encoders"
