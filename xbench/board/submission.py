"""Results that someone sends in: judged for a pull request, and packed for one. Knows result files; no page.

A verdict is for machines as much as for people: every fault has its file, a kind and one line. Nothing in a file is
believed: means were computed again from pairs when it was read, and pairs are from the values that came along.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from xbench.board.clusters import Clusters, cluster_pieces, pack, read_clusters
from xbench.board.site import build_site
from xbench.board.sources import ResultFile, result_files
from xbench.board.summaries import summary_of
from xbench.errors import DataError, visible
from xbench.files import whole, write_json
from xbench.results.faults import ImpossibleResult
from xbench.results.result import Result
from xbench.results.writing import result_path

RunKey: TypeAlias = tuple[str, str, str, str | None, str, int]
LARGEST_FILE = 5_000_000
LONGEST_TEXT = 5_000
MARKUP = re.compile(r"<\s*[a-zA-Z!/?]|&#|javascript:|\{\{|\{%", re.IGNORECASE)


@dataclass(frozen=True)
class Fault:
    """`kind`: schema, value, digest, place, duplicate, mean, arrays, text, size or pages."""

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
    if not faults:
        faults += [Fault(visible(folder.name), "pages", visible(line, 300)) for line in _left_out(folder)]
    return SubmissionVerdict(not faults, len(files), faults)


def _left_out(folder: Path) -> Iterator[str]:
    """What a build of this folder alone leaves out: that something is accepted means that it builds."""
    with TemporaryDirectory() as place:
        try:
            yield from build_site([folder], Path(place) / "site", Path(place) / "no papers").skipped
        except DataError as error:
            yield str(error)


def _faults(path: Path, seen: dict[RunKey, Path]) -> Iterator[tuple[str, str]]:
    if path.stat().st_size > LARGEST_FILE:
        yield "size", f"found {path.stat().st_size:,} bytes, expected at most {LARGEST_FILE:,}"
        return
    file = ResultFile(path)
    try:
        result = file.result
    except ImpossibleResult as error:
        yield from error.faults
        return
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
    """Macro means that are absent, or of nothing. Those that are there were compared with their pairs when read."""
    for half, part in result.scores.halves.items():
        for metric in result.metrics:
            stated = part.macro.get(metric)
            if (stated is None) == bool(part.entries):
                yield (
                    "mean",
                    f"scores.{half}.macro.{metric}: found {stated}, the mean of {len(part.entries)}",
                )


def _arrays(file: ResultFile) -> Iterator[tuple[str, str]]:
    try:
        for _ in cluster_pieces(file.arrays(), summary_of(file.result, ""), file.result):
            pass
    except DataError as error:
        yield "arrays", str(error).removeprefix(f"{file.path.parent}/")


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
    request. Raises DataError, and writes nothing, where one is no result, or does not fit its arrays."""
    files: dict[Path, ResultFile] = {}
    for path in result_files(results):
        file = ResultFile(path)
        place = _place_under(out, file)
        _sums(file)
        other = files.setdefault(place, file)
        if other.content != file.content:
            raise DataError(f"{other.path} and {path}: two contents of one run; keep the right one")
    for place, file in files.items():
        sums = _sums(file)
        if sums is not None:
            with whole(place.with_suffix(".npz")) as temporary:
                temporary.write_bytes(pack(sums))
        write_json(place, json.loads(file.content))
    return list(files)


def _sums(file: ResultFile) -> Clusters | None:
    """Of a result, as the board reads them. Raises DataError where its arrays are not its own."""
    return read_clusters(file.arrays(), summary_of(file.result, ""), file.result)


def _place_under(out: Path, file: ResultFile) -> Path:
    """Where a result is packed. Raises DataError where that is elsewhere, or where it lies."""
    place = _place(out, file.result)
    if out.resolve() not in place.resolve().parents:
        raise DataError(f"{file.path}: its names lead out of {out}")
    if place.resolve() == file.path.resolve():
        raise DataError(f"--out {out}: the results lie there, and packing drops their per-query values; name another")
    return place
