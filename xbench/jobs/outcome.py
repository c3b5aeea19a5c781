"""How a request ends: results that are filed, runs that are left out, and what an error says of both.

Knows plans and results by their paths; nothing of how a run is carried out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xbench.errors import EncoderError, SpecError, XbenchError, joined
from xbench.jobs.plan import Plan, Run
from xbench.progress import Reporter


class PartlyDone(SpecError):
    """Some of the runs could not be carried out; `paths` are the results of the others."""


class Outcome:
    """What has become of the runs of a plan so far; `filed`: their results, in order."""

    def __init__(self, plan: Plan, out: Path) -> None:
        self.filed: list[Path] = []
        self._out, self._faults = out, dict(plan.unusable)
        self._alone = len(plan.runs) == 1 and not plan.unusable

    @contextmanager
    def of(self, run: Run, reporter: Reporter) -> Iterator[None]:
        """A block that carries out one run. What its model alone lacks is said, and other runs go on; any other error
        says what is filed."""
        try:
            yield
        except BaseException as error:
            if self._alone or not isinstance(error, EncoderError):
                self._name_filed(error)
                raise
            reporter.say(f"left out: {error}")
            self._faults[run.label] = type(error)(str(error))  # its traceback would hold the encoder in memory

    def paths(self) -> list[Path]:
        """The results, at the end. Raises PartlyDone where runs were left out, or why there is no result at all."""
        if not self._faults:
            return self.filed
        why = joined(self._faults.values())
        if not self.filed:
            raise why
        error = PartlyDone(f"left out, the others are done: {why}")
        error.paths = tuple(self.filed)
        raise error

    def _name_filed(self, error: BaseException) -> None:
        """Let an error say which results are kept; a note does where the words are not ours to change."""
        if not self.filed:
            return
        results, them = ("1 result is", "it") if len(self.filed) == 1 else (f"{len(self.filed)} results are", "them")
        words = f"{results} filed under {self._out}; the same command goes on after {them}"
        if isinstance(error, XbenchError):
            error.paths = tuple(self.filed)
            error.args = (f"{error} ({words})",)
        else:
            error.add_note(words)
