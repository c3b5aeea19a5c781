"""Results that someone sends in: judged for a pull request, and packed for one. Knows result files; no page.

A verdict is for machines as much as for people: every fault has its file, a kind and one line. Nothing in a file is
believed: means are computed again from pairs, and pairs from the sums by cluster where they came along.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from xbench.board.clusters import pack, read_clusters
from xbench.board.sources import ResultFile, result_files
from xbench.board.summaries import summary_of
from xbench.errors import DataError, visible
from xbench.evaluation.scores import HALVES
from xbench.files import whole, write_json
from xbench.results.result import Result
from xbench.results.writing import result_path

CLOSE = 2e-5  # packed means have 16 bits
RunKey: TypeAlias = tuple[str, str, str, str | None, str, int]
LARGEST_FILE = 5_000_000
LONGEST_TEXT = 5_000
MARKUP = re.compile(r"<\s*[a-zA-Z!/?]|&#|javascript:|\{\{|\{%", re.IGNORECASE)


@dataclass(frozen=True)
class Fault:
    """`kind`: schema, value, digest, place, duplicate, mean, arrays, text or size."""

    path: str
    kind: str
    message: str


@dataclass(frozen=True)
class SubmissionVerdict:
    """`accepted` where no file has a fault; `results`: how many files were judged."""

    accepted: bool
    results: int
    faults: list[Fault]

    def plain(self) -> dict[str, object]:
        """For machines."""
        return {"verdict": "accepted" if self.accepted else "rejected", **asdict(self)}


def judge(folder: Path) -> SubmissionVerdict:
    """Every result under a folder. Raises DataError where there is none."""
    files = result_files([folder])
    if not files:
        raise DataError(f"{folder}: no result (*.json) there")
    faults: list[Fault] = []
    seen: dict[RunKey, Path] = {}
    for path in files:
        name = path.relative_to(folder).as_posix() if folder.is_dir() else path.name
        faults += [Fault(visible(name), kind, visible(message, 300)) for kind, message in _faults(path, seen)]
    return SubmissionVerdict(not faults, len(files), faults)


def _faults(path: Path, seen: dict[RunKey, Path]) -> Iterator[tuple[str, str]]:
    if path.stat().st_size > LARGEST_FILE:
        yield "size", f"found {path.stat().st_size:,} bytes, expected at most {LARGEST_FILE:,}"
        return
    file = ResultFile(path)
    try:
        result = file.result
    except DataError as error:
        yield "schema", str(error).removeprefix(f"{path}: ")
        return
    key = (result.task, result.model, result.recipe, result.corpus, result.digest, result.seed)
    if key in seen:
        yield "duplicate", f"the same run as {seen[key].name} of {seen[key].parent.name}"
    seen.setdefault(key, path)
    yield from _digests(path, result)
    yield from _means(result)
    yield from _arrays(file)
    yield from (("text", message) for message in _texts(json.loads(file.content), ""))


def _digests(path: Path, result: Result) -> Iterator[tuple[str, str]]:
    collection = result.provenance.collection_sha256
    for name, value in (("digest", result.digest), ("provenance.collection_sha256", collection)):
        if value is None or not re.fullmatch(r"[0-9a-f]{64}", value):
            yield "digest", f"{name}: found {str(value)[:20]!r}, expected 64 hexadecimal digits"
            return
    place = _place(Path(), result)
    if path.parts[-4:] != place.parts:
        yield "place", f"expected the file at {place}, as `xbench run` writes it"


def _place(out: Path, result: Result) -> Path:
    return result_path(out, result.task, result.model, result.recipe, result.digest, result.seed)


def _means(result: Result) -> Iterator[tuple[str, str]]:
    """Macro means that are not those of their pairs; n that no task has."""
    for half, part in result.scores.halves.items():
        group = "languages" if half == HALVES["Mul"] else "pairs"
        for metric in result.metrics:
            values = [entry[metric] for entry in part.entries.values() if metric in entry]
            expected, stated = (float(np.mean(values)) if values else None), part.macro.get(metric)
            if _differ(expected, stated):
                yield (
                    "mean",
                    f"scores.{half}.macro.{metric}: found {stated}, expected {expected}, the mean of its {group}",
                )
        for name, entry in part.entries.items():
            query = next((code for code in result.counts.queries if f"{name}-".startswith(f"{code}-")), "")
            most = result.counts.queries.get(query, 0)
            if not 0 < entry.get("n", 0) <= most:
                yield "value", f"scores.{half}.{group}.{name}.n: found {entry.get('n')}, expected 1 to {most}"


def _differ(expected: float | None, stated: float | None) -> bool:
    if expected is None or stated is None:
        return expected is not stated
    return abs(stated - expected) > 1e-6


def _arrays(file: ResultFile) -> Iterator[tuple[str, str]]:
    content, run = file.arrays(), summary_of(file.result, "")
    if content is None:
        return
    sums = read_clusters(content, run)
    if sums is None:
        yield "arrays", f"{file.path.with_suffix('.npz').name} does not fit the result; leave it away, or pack it again"
        return
    means = (sums.mean * sums.count).sum(axis=0) / sums.count.sum(axis=0)
    for name, value in zip(sums.columns, means.tolist(), strict=True):
        stated = run.languages[name[:-5]]["Mul"] if name.endswith("-pool") else run.pairs[name][0]
        if stated is None or abs(stated - value) > CLOSE:
            yield "arrays", f"{name}: the result says {stated}, its arrays {value:.6f}"
            return


def _texts(value: object, where: str) -> Iterator[str]:
    """Strings that are markup, cannot be seen, or are too long."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(key, f"{where}.(key)")
            yield from _texts(inner, f"{where}.{visible(key, 40)}")
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, where)
    elif isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            yield f"{where[1:]}: {len(value):,} characters, expected at most {LONGEST_TEXT:,}"
        elif MARKUP.search(value):
            yield f"{where[1:]}: holds markup: {value[:60]!r}"
        elif visible(value, LONGEST_TEXT) != value:
            yield f"{where[1:]}: holds characters that cannot be seen"


def pack_results(results: Sequence[Path], out: Path) -> list[Path]:
    """Copy results with sums by cluster instead of per-query values: a twentieth of the size, for a board or a pull
    request. Raises DataError on the first file that is no result."""
    written = []
    for path in result_files(results):
        file = ResultFile(path)
        place = _place(out, file.result)
        if out.resolve() not in place.resolve().parents:
            raise DataError(f"{path}: its names lead out of {out}")
        if place.resolve() == path.resolve():
            raise DataError(
                f"--out {out}: the results lie there, and packing drops their per-query values; name another"
            )
        arrays = file.arrays()
        sums = read_clusters(arrays, summary_of(file.result, ""))
        if arrays is not None and sums is None:
            raise DataError(
                f"{path.with_suffix('.npz')}: damaged, or not of its result; run again without both, or leave it away"
            )
        if sums is not None:
            with whole(place.with_suffix(".npz")) as temporary:
                temporary.write_bytes(pack(sums))
        write_json(place, json.loads(file.content))
        written.append(place)
    return written
