"""Result files into runs: found, checked, each once. What cannot be shown is named and left out, and the rest goes on.

Knows where results lie and what they must hold; no page.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from xbench.board.clusters import Clusters, encode_influence, read_clusters, settings, shared_name
from xbench.board.runs import Run, content_digest, extract, look
from xbench.errors import DataError
from xbench.languages import is_language
from xbench.results.reading import read_result

PAIRED = (("Mul", "multilingual"), ("Cr", "cross-lingual"), ("Mo", "monolingual"))
LARGEST_SEED = 2**63
BEYOND = re.compile(r"[eE]\+?[0-9]{3}|[0-9]{300}")  # may be read as infinity


@dataclass(frozen=True)
class Source:
    """A result file and the run in it. `influence`: base64, of the ranked mean; `errors`: standard errors of Mo, Cr and
    Mul over clusters of questions; `shared`: names what its sums share with those of others. Empty without arrays."""

    path: Path
    key: str
    run: Run
    influence: str
    errors: dict[str, float]
    shared: str

    def plain(self) -> dict[str, Any]:
        return {"run": self.run.plain(), "influence": self.influence, "errors": self.errors, "shared": self.shared}

    def content(self) -> bytes:
        return self.path.read_bytes()

    def clusters(self) -> Clusters | None:
        found = read_clusters(arrays_of(self.path), self.run)
        return found if found and found.several else None


@dataclass(frozen=True)
class Found:
    """`sources` in the order of their pages; `skipped`: a line for each file that was left out."""

    sources: list[Source]
    skipped: list[str]


def result_files(results: Sequence[Path]) -> list[Path]:
    """The JSON files; a hidden one is half written, by a run that goes on."""
    files: set[Path] = set()
    for place in results:
        if not place.exists():
            raise DataError(f"{place}: no such folder; results are made with `xbench run`")
        found = [place] if place.is_file() else place.rglob("*.json")
        files.update(path for path in found if path.is_file() and not path.name.startswith("."))
    return sorted(files)


def find(results: Sequence[Path], known: Mapping[str, Any]) -> Found:
    """Every result under the folders; `known` holds what earlier builds read, by content. Raises DataError on none."""
    skipped: list[str] = []
    pages: dict[str, list[Source]] = {}
    for path in result_files(results):
        try:
            source = _source(path, known)
        except DataError as error:
            skipped.append(str(error))
        else:
            pages.setdefault(source.run.page, []).append(source)
    chosen = []
    for _, same in sorted(pages.items()):
        if len({source.run.sha256 for source in same}) > 1:
            places = " and ".join(str(source.path) for source in same)
            skipped.append(f"{places}: two contents of one run; keep the right one")
        else:
            chosen.append(max(same, key=lambda source: (bool(source.influence), source.key)))
    if not chosen:
        places = ", ".join(map(str, results)) or "no folder"
        because = f"; {skipped[0]}" if skipped else ""
        raise DataError(f"no result (*.json) to show under {places}; make one with `xbench run`{because}")
    return Found(chosen, skipped)


def arrays_of(path: Path) -> bytes | None:
    arrays = path.with_suffix(".npz")
    return arrays.read_bytes() if arrays.is_file() else None


def _source(path: Path, known: Mapping[str, Any]) -> Source:
    content, arrays = path.read_bytes(), arrays_of(path)
    key = content_digest(content, arrays or b"")
    stored = known.get(key)
    if stored is not None:
        return Source(path, key, Run.of(stored["run"]), stored["influence"], stored["errors"], stored["shared"])
    data = checked(path)
    run = extract(data, content_digest(content))
    found = read_clusters(arrays, run)
    influence, errors, shared = "", {}, ""
    if found is not None and found.several:
        parts = {name: found.influence(columns) for name, columns in settings(run).items()}
        errors = {name: float(np.sqrt((part**2).sum())) for name, part in parts.items() if part is not None}
        influence = encode_influence(next((parts[name] for name, _ in PAIRED if parts[name] is not None), None))
        shared = shared_name(found)
    return Source(path, key, run, influence, errors, shared)


def checked(path: Path) -> dict[str, Any]:
    """The content of a result file that can be shown. Raises DataError with one line."""
    try:
        read_result(path)
        text = path.read_text(encoding="utf-8")
        data: dict[str, Any] = json.loads(text, parse_float=_finite if BEYOND.search(text) else None)
    except (RecursionError, ValueError) as error:
        raise DataError(f"{path}: not a result: {str(error)[:100] or type(error).__name__}") from None
    for fault in faults(data):
        raise DataError(f"{path}: {fault}")
    return data


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"found {text[:30]}, expected a finite number")
    return value


def faults(data: Mapping[str, Any]) -> Iterator[str]:
    """What no measurement can give, each as key, found and expected."""
    if not 0 <= data["seed"] < LARGEST_SEED:
        yield f"seed: found {str(data['seed'])[:30]}, expected 0 to 2^63 - 1"
    for side in ("queries", "documents"):
        for code in data["counts"][side]:
            if not is_language(code):
                yield f"counts.{side}: found {code[:30]!r}, expected a language code such as 'de'"
    for name in data["metrics"]:
        if not re.fullmatch(r"[A-Za-z]+(@[0-9]{1,6})?", name):
            yield f"metrics: found {name[:30]!r}, expected names such as 'nDCG@10'"
    for where, value in _scores(data):
        if value is not None and not (type(value) in (float, int) and -1e-9 <= value <= 1 + 1e-9):
            yield f"{where}: found {str(value)[:30]}, expected a score from 0 to 1"


def _scores(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for _, half in PAIRED:
        part = look(data, "scores", half) or {}
        for mean in ("macro", "micro"):
            yield from ((f"scores.{half}.{mean}.{name}", value) for name, value in part.get(mean, {}).items())
        for group in ("pairs", "languages"):
            for name, entry in part.get(group, {}).items():
                for metric in data["metrics"]:
                    yield f"scores.{half}.{group}.{name[:20]}.{metric}", entry.get(metric)
