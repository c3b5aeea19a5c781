"""Result files written: where they lie, and both files whole or not at all. Knows files; no run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from xbench.arrays import Array
from xbench.files import whole, write_json
from xbench.results.result import Result


def result_path(out: Path, task: str, model: str, recipe: str, digest: str, seed: int) -> Path:
    """Where the result of a run is filed."""
    return out / task / model / recipe / f"{digest[:12]}-seed-{seed}.json"


def write_result(path: Path, result: Result, per_query: Mapping[str, Array]) -> None:
    """Write the per-query arrays, then the result. Raises XbenchError; leaves no half-written file."""
    with whole(path.with_suffix(".npz")) as temporary, temporary.open("wb") as stream:
        np.savez_compressed(stream, **per_query)  # type: ignore[arg-type]  # no array is called allow_pickle
    write_json(path, result.plain())


def rewrite_result(path: Path, result: Result) -> None:
    """Write a result that holds more than the one that is filed there; the arrays stay as they are."""
    write_json(path, result.plain())
