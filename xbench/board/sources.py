"""Result files into summaries: found, checked, each once. What cannot be shown is named and left out, and the rest
goes on.

Knows where results lie and what is beside them; no page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

from xbench.board.clusters import Clusters, cluster_pieces, read_clusters
from xbench.board.influence import RunEvidence, evidence_of_run
from xbench.board.processes import spread
from xbench.board.summaries import RunSummary, content_digest, summary_of
from xbench.errors import DataError
from xbench.results.array_files import ArrayFile
from xbench.results.reading import parse_result, read_content
from xbench.results.result import Result


class ResultFile:
    """A result file, read and parsed when somebody first asks. `sha256`: of its content, where it was checked before:
    then it is not checked again, and has to be the same."""

    def __init__(self, path: Path, sha256: str = "") -> None:
        self.path, self._sha256 = path, sha256

    @cached_property
    def content(self) -> bytes:
        """Its bytes. Raises DataError where they cannot be read, or are others than before."""
        content = read_content(self.path)
        if self._sha256 and content_digest(content) != self._sha256:
            raise DataError(f"{self.path}: changed while the site was made; build again")
        return content

    @cached_property
    def result(self) -> Result:
        """The result in it. Raises DataError with one line where it is none that can be shown."""
        return parse_result(self.content, self.path, bool(self._sha256))

    def arrays(self) -> ArrayFile | None:
        """The array file beside it, which may be absent; read each time, for there is much in it."""
        arrays = self.path.with_suffix(".npz")
        return ArrayFile.open(arrays) if arrays.is_file() else None


@dataclass(frozen=True)
class ResultSource:
    """A result file, the run in it, and what its arrays say of the error; `size`: bytes of the file."""

    path: Path
    key: str
    run: RunSummary
    evidence: RunEvidence
    size: int

    def plain(self) -> dict[str, Any]:
        """What the next build need not read again, JSON-ready."""
        return {"run": self.run.plain(), "evidence": self.evidence.plain(), "size": self.size}

    @classmethod
    def of(cls, path: Path, key: str, stored: Mapping[str, Any]) -> ResultSource:
        """What `plain` gave."""
        return cls(path, key, RunSummary.of(stored["run"]), RunEvidence.of(stored["evidence"]), stored["size"])

    def file(self) -> ResultFile:
        """Its file, which was checked; read anew by whoever asks, and not held, for there are many."""
        return ResultFile(self.path, self.run.sha256)

    def clusters(self) -> Clusters | None:
        """Its sums by cluster, where they are known and say something of the error."""
        return read_clusters(self.file().arrays(), self.run) if self.evidence.shared else None


@dataclass(frozen=True)
class ResultSources:
    """`chosen` in the order of their pages; `skipped`: a line for each file that was left out."""

    chosen: list[ResultSource]
    skipped: list[str]

    def without(self, failed: Mapping[str, str]) -> ResultSources:
        """All but the runs of these pages, each with the line that says why. Raises DataError where none is left."""
        chosen = [source for source in self.chosen if source.run.page not in failed]
        skipped = [*self.skipped, *sorted(set(failed.values()))]
        if not chosen:
            raise DataError(f"no result that can be shown; {skipped[0]}")
        return replace(self, chosen=chosen, skipped=skipped)


Read: TypeAlias = tuple[str, dict[str, Any] | str]
"""The key of a file's content, and what it holds, or the line that says why it is left out."""


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
    for source in _sources(result_files(results), known):
        if isinstance(source, str):
            skipped.append(source)
        else:
            pages.setdefault(source.run.page, []).append(source)
    chosen = []
    for _, same in sorted(pages.items()):
        if len({source.run.sha256 for source in same}) > 1:
            places = " and ".join(str(source.path) for source in same)
            skipped.append(f"{places}: two contents of one run; keep the right one")
        else:
            chosen.append(max(same, key=lambda source: (bool(source.evidence.shared), source.key)))
    if not chosen:
        places = ", ".join(map(str, results)) or "no folder"
        more = f" (and {len(skipped) - 1:,} more)" if len(skipped) > 1 else ""
        because = f"; {skipped[0]}{more}" if skipped else ""
        raise DataError(f"no result (*.json) to show under {places}; make one with `xbench run`{because}")
    return ResultSources(chosen, skipped)


def _sources(paths: Sequence[Path], known: Mapping[str, Any]) -> list[ResultSource | str]:
    """Of each file, its source or why it is left out; those that nobody knows are read, in several processes."""
    found: dict[Path, ResultSource | str] = {}
    for path in paths:
        try:
            key = _key(ResultFile(path))
        except DataError as error:
            found[path] = str(error)
        else:
            if (stored := known.get(key)) is not None:
                found[path] = ResultSource.of(path, key, stored)
    new = [path for path in paths if path not in found]
    for path, (key, read) in zip(new, spread(_read, new), strict=True):
        found[path] = read if isinstance(read, str) else ResultSource.of(path, key, read)
    return [found[path] for path in paths]


def _key(file: ResultFile) -> str:
    arrays = file.arrays()
    return content_digest(file.content, arrays.content if arrays else b"")


def _read(path: Path) -> Read:
    """A file, checked. Whatever goes wrong with it costs this file alone."""
    file = ResultFile(path)
    try:
        arrays = file.arrays()
        key = content_digest(file.content, arrays.content if arrays else b"")
        run = summary_of(file.result, content_digest(file.content))
        evidence = evidence_of_run(cluster_pieces(arrays, run, file.result), run)
        return key, ResultSource(path, key, run, evidence, len(file.content)).plain()
    except DataError as error:
        return "", str(error)
    except Exception as error:
        return "", unexpected(path, error)


def unexpected(path: Path, error: Exception) -> str:
    """The line for a file of which something could not be made that no check saw coming."""
    reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    return f"{path}: it cannot be shown ({reason}); tell the authors of xbench, and leave the file out"
