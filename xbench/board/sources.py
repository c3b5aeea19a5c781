"""Result files into summaries: found, checked, each once. What cannot be shown is named and left out, and the rest
goes on.

Knows where results lie and what is beside them; no page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from xbench.board.clusters import Clusters, encode_influence, read_clusters, settings, shared_name
from xbench.board.summaries import RunSummary, content_digest, summary_of
from xbench.errors import DataError
from xbench.evaluation.statistics import half_interval
from xbench.results.array_files import ArrayFile
from xbench.results.reading import parse_result, read_content
from xbench.results.result import Result


class ResultFile:
    """A result file, read and parsed when somebody first asks, and never twice."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def content(self) -> bytes:
        """Its bytes. Raises DataError where they cannot be read."""
        return read_content(self.path)

    @cached_property
    def result(self) -> Result:
        """The result in it. Raises DataError with one line where it is none that can be shown."""
        return parse_result(self.content, self.path)

    def arrays(self) -> ArrayFile | None:
        """The array file beside it, which may be absent; read each time, for there is much in it."""
        arrays = self.path.with_suffix(".npz")
        return ArrayFile.open(arrays) if arrays.is_file() else None


@dataclass(frozen=True)
class ResultSource:
    """A result file and the run in it. `influence`: base64, and `halves`: of the 95 % intervals, of Mo, Cr and Mul
    over clusters of questions; `shared`: names what its sums share with others. Empty without arrays."""

    file: ResultFile
    key: str
    run: RunSummary
    influence: dict[str, str]
    halves: dict[str, float]
    shared: str

    def plain(self) -> dict[str, Any]:
        """What the next build need not read again, JSON-ready."""
        return {"run": self.run.plain(), "influence": self.influence, "halves": self.halves, "shared": self.shared}

    def clusters(self) -> Clusters | None:
        """Its sums by cluster, where they are known, say something of the error and are small enough for a page."""
        sums = read_clusters(self.file.arrays(), self.run)
        return sums if sums and sums.several and sums.portable else None


@dataclass(frozen=True)
class ResultSources:
    """`chosen` in the order of their pages; `skipped`: a line for each file that was left out."""

    chosen: list[ResultSource]
    skipped: list[str]


def result_files(results: Sequence[Path]) -> list[Path]:
    """The JSON files; a hidden one is half written, by a run that goes on."""
    files: set[Path] = set()
    for place in results:
        if not place.exists():
            raise DataError(f"{place}: no such folder; results are made with `xbench run`")
        there = [place] if place.is_file() else place.rglob("*.json")
        files.update(path for path in there if path.is_file() and not path.name.startswith("."))
    return sorted(files)


def find_sources(results: Sequence[Path], known: Mapping[str, Any]) -> ResultSources:
    """Every result under the folders; `known` holds what earlier builds read, by content. Raises DataError on none."""
    skipped: list[str] = []
    pages: dict[str, list[ResultSource]] = {}
    for path in result_files(results):
        try:
            source = _source(ResultFile(path), known)
        except DataError as error:
            skipped.append(str(error))
        else:
            pages.setdefault(source.run.page, []).append(source)
    chosen = []
    for _, same in sorted(pages.items()):
        if len({source.run.sha256 for source in same}) > 1:
            places = " and ".join(str(source.file.path) for source in same)
            skipped.append(f"{places}: two contents of one run; keep the right one")
        else:
            chosen.append(max(same, key=lambda source: (bool(source.influence), source.key)))
    if not chosen:
        places = ", ".join(map(str, results)) or "no folder"
        because = f"; {skipped[0]}" if skipped else ""
        raise DataError(f"no result (*.json) to show under {places}; make one with `xbench run`{because}")
    return ResultSources(chosen, skipped)


def _source(file: ResultFile, known: Mapping[str, Any]) -> ResultSource:
    arrays = file.arrays()
    key = content_digest(file.content, arrays.content if arrays else b"")
    stored = known.get(key)
    if stored is not None:
        run = RunSummary.of(stored["run"])
        return ResultSource(file, key, run, stored["influence"], stored["halves"], stored["shared"])
    run = summary_of(file.result, content_digest(file.content))
    sums = read_clusters(arrays, run, file.result)
    influence, halves, shared = {}, {}, ""
    if sums is not None and sums.several:
        every = {name: sums.influence(columns) for name, columns in settings(run).items()}
        parts = {name: part for name, part in every.items() if part is not None}
        halves = {name: half_interval(float(np.sqrt((part**2).sum())), len(part)) for name, part in parts.items()}
        influence = {name: encode_influence(part) for name, part in parts.items()}
        shared = shared_name(sums) if sums.portable else ""
    return ResultSource(file, key, run, influence, halves, shared)
