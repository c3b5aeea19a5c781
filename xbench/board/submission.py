"""Results that someone sends in: judged for a pull request, and packed for one. Knows result files; no page.

A verdict is for machines as much as for people: every fault has its file, a kind and one line. Nothing in a file is
believed: means are computed again from pairs, and pairs from the sums by cluster where they came along.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from xbench.board.clusters import Clusters, pack, read_clusters
from xbench.board.pages import visible
from xbench.board.runs import Run, content_digest, extract, look, real
from xbench.board.sources import arrays_of, checked, result_files
from xbench.errors import DataError
from xbench.files import whole
from xbench.results.writing import result_path

CLOSE = 2e-5  # packed means have 16 bits
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
class Verdict:
    """`accepted` where no file has a fault; `results`: how many files were judged."""

    accepted: bool
    results: int
    faults: list[Fault]

    def plain(self) -> dict[str, Any]:
        return {"verdict": "accepted" if self.accepted else "rejected", **asdict(self)}


def judge(folder: Path) -> Verdict:
    """Every result under a folder. Raises DataError where there is none."""
    files = result_files([folder])
    if not files:
        raise DataError(f"{folder}: no result (*.json) there")
    faults: list[Fault] = []
    seen: dict[tuple[Any, ...], Path] = {}
    for path in files:
        name = path.relative_to(folder).as_posix() if folder.is_dir() else path.name
        found = list(_faults(path, seen))
        faults += [Fault(visible(name), kind, visible(message, 300)) for kind, message in found]
    return Verdict(not faults, len(files), faults)


def _faults(path: Path, seen: dict[tuple[Any, ...], Path]) -> Iterator[tuple[str, str]]:
    if path.stat().st_size > LARGEST_FILE:
        yield "size", f"found {path.stat().st_size:,} bytes, expected at most {LARGEST_FILE:,}"
        return
    try:
        data = checked(path)
    except DataError as error:
        yield "schema", str(error).removeprefix(f"{path}: ")
        return
    run = extract(data, content_digest(path.read_bytes()))
    key = tuple(data[name] for name in ("task", "model", "recipe", "corpus", "digest", "seed"))
    if key in seen:
        yield "duplicate", f"the same run as {seen[key].name} of {seen[key].parent.name}"
    seen.setdefault(key, path)
    yield from _digests(path, data)
    yield from _means(data)
    yield from _arrays(path, run)
    yield from (("text", message) for message in _texts(data, ""))


def _digests(path: Path, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    wanted = {"digest": data["digest"]} | {
        f"provenance.{name}": look(data, "provenance", name) for name in ("collection_sha256",)
    }
    for name, value in wanted.items():
        if not isinstance(value, str) or not re.fullmatch(r"[0-9a-f]{64}", value):
            yield "digest", f"{name}: found {str(value)[:20]!r}, expected 64 hexadecimal digits"
            return
    place = result_path(Path(), data["task"], data["model"], data["recipe"], data["digest"], data["seed"])
    if path.parts[-4:] != place.parts:
        yield "place", f"expected the file at {place}, as `xbench run` writes it"


def _means(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Macro means that are not those of their pairs; n that no task has."""
    for half, group in (("monolingual", "pairs"), ("cross-lingual", "pairs"), ("multilingual", "languages")):
        part = look(data, "scores", half)
        if not part:
            continue
        for metric in data["metrics"]:
            values = [entry[metric] for entry in part[group].values() if real(entry.get(metric)) is not None]
            found, stated = (float(np.mean(values)) if values else None), part["macro"].get(metric)
            if (found is None) != (stated is None) or (stated is not None and abs(stated - (found or 0)) > 1e-6):
                yield "mean", f"scores.{half}.macro.{metric}: found {stated}, expected {found}, the mean of its {group}"
        for name, entry in part[group].items():
            query = next((code for code in data["counts"]["queries"] if f"{name}-".startswith(f"{code}-")), None)
            most = data["counts"]["queries"].get(query, 0)
            if not 0 < (real(entry.get("n")) or 0) <= most:
                yield "value", f"scores.{half}.{group}.{name}.n: found {entry.get('n')}, expected 1 to {most}"


def _arrays(path: Path, run: Run) -> Iterator[tuple[str, str]]:
    content = arrays_of(path)
    if content is None:
        return
    found = read_clusters(content, run)
    if found is None:
        yield "arrays", f"{path.with_suffix('.npz').name} does not fit the result; leave it away, or pack it again"
        return
    means = (found.mean * found.count).sum(axis=0) / found.count.sum(axis=0)
    for name, value in zip(found.columns, means.tolist(), strict=True):
        stated = run.languages[name[:-5]]["Mul"] if name.endswith("-pool") else run.pairs[name][0]
        if stated is None or abs(stated - value) > CLOSE:
            yield "arrays", f"{name}: the result says {stated}, its arrays {value:.6f}"
            return


def _texts(value: Any, where: str) -> Iterator[str]:
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
        data = checked(path)
        run = extract(data, content_digest(path.read_bytes()))
        place = result_path(out, data["task"], data["model"], data["recipe"], data["digest"], data["seed"])
        if out.resolve() not in place.resolve().parents:
            raise DataError(f"{path}: its names lead out of {out}")
        found: Clusters | None = read_clusters(arrays_of(path), run)
        if found is not None:
            with whole(place.with_suffix(".npz")) as temporary:
                temporary.write_bytes(pack(found))
        with whole(place) as temporary:
            temporary.write_text(
                json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8"
            )
        written.append(place)
    return written
