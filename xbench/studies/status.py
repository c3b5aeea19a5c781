"""What has become of every run of a study: done, running, failed and why, stale and what changed, or to do.

Knows records; reads no result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pydantic import JsonValue

from xbench.studies.folder import RunRecord, StudyFolder
from xbench.studies.runs import StudyRun

State: TypeAlias = Literal["done", "running", "failed", "stale", "to do"]
STATES: tuple[State, ...] = ("done", "running", "failed", "stale", "to do")
SHOWN = 4  # changes that are named


@dataclass(frozen=True)
class RunState:
    """One run, its state, and why it is so."""

    label: str
    state: State
    why: str = ""


@dataclass(frozen=True)
class Status:
    """Every planned run; and what was made of arms, seeds or tasks that the study has no more."""

    states: tuple[RunState, ...]
    dropped: tuple[str, ...]

    @property
    def counts(self) -> dict[State, int]:
        """How many runs there are in each state."""
        found = Counter(state.state for state in self.states)
        return {state: found[state] for state in STATES}


def status_of(folder: StudyFolder, runs: Sequence[StudyRun]) -> Status:
    """The state of each run, by what the folder holds now."""
    keys, labels = {run.key for run in runs}, {run.label for run in runs}
    others = {_label(record): record for record in folder.records() if record.key not in keys}
    dropped = tuple(label for label in others if label not in labels)
    return Status(tuple(_state(folder, run, others.get(run.label)) for run in runs), dropped)


def _label(record: RunRecord) -> str:
    return f"{record.arm}, seed {record.seed}, {record.task}"


def _state(folder: StudyFolder, run: StudyRun, before: RunRecord | None) -> RunState:
    record = folder.record(run)
    if folder.is_done(run):
        return RunState(run.label, "done")
    if folder.is_running(run):
        return RunState(run.label, "running")
    if record and record.state == "failed":
        return RunState(run.label, "failed", record.why)
    if record:
        return RunState(run.label, "stale", f"its result {record.result} is gone")
    if before:
        return RunState(run.label, "stale", "; ".join(changes(before.made_from, run.made_from)))
    return RunState(run.label, "to do")


def changes(before: Mapping[str, JsonValue], now: Mapping[str, JsonValue]) -> list[str]:
    """What differs, by dotted key; the first few, and how many more."""
    found = list(_changes("", dict(before), dict(now)))
    more = [f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    return [*found[:SHOWN], *more]


def _changes(key: str, before: JsonValue, now: JsonValue) -> Iterator[str]:
    if before == now:
        return
    if isinstance(before, dict) and isinstance(now, dict):
        for name in dict.fromkeys([*before, *now]):
            yield from _changes(f"{key}.{name}" if key else name, before.get(name), now.get(name))
    else:
        yield f"{key} was {_short(before)}, is {_short(now)}"


def _short(value: JsonValue) -> str:
    text = "not there" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:59]}\u2026"
