"""The commands behind the numbers of a report, as anybody can type them: no folder of the machine that made it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from xbench.specs.registry import shipped
from xbench.studies.declared import FOLDER
from xbench.studies.findings import Findings
from xbench.studies.machine import Declared

OUT = "--out"
SHIPPED = ("baselines", "tasks")


def whole_study(study: Declared) -> list[str]:
    """What makes everything from nothing, in the folder that a study has by default."""
    source = _portable(study.source, study)
    return [shlex.join(["xbench", "study", verb, source]) for verb in ("run", "report")]


def commands(findings: Findings) -> Iterator[str]:
    """Both that make everything, then that of each run with the file of its numbers."""
    yield from whole_study(findings.study)
    for run in findings.runs:
        record = findings.folder.record(run)
        if record and record.result:
            yield f"{portable(record.command, findings.study)}  # {record.result}"


def portable(command: str, study: Declared) -> str:
    """A recorded command with paths as everybody has them; it files what it makes in the study's default folder."""
    words = shlex.split(command)
    shown = [_portable(word, study) for word in words]
    results = (FOLDER / study.spec.name / study.results.name).as_posix()
    for place, word in enumerate(words[:-1]):
        if word == OUT:
            shown[place + 1] = results
    return shlex.join(shown)


def _portable(word: str, study: Declared) -> str:
    """A word of a command: of what ships its place in the checkout, of what lies beside the study its place there, of
    anything else that begins at the root the name of the file."""
    if "=/" in word:
        setting, _, value = word.partition("=")
        return f"{setting}={_portable(value, study)}"
    path = Path(word)
    if not path.is_absolute():
        return word
    for folder in SHIPPED:
        if path.is_relative_to(shipped(folder)):
            return (Path(folder) / path.relative_to(shipped(folder))).as_posix()
    beside = study.base.resolve()
    return path.relative_to(beside).as_posix() if path.is_relative_to(beside) else path.name
