"""The per-query arrays beside a result, read; docs/results.md lists them. Knows array files; no result."""

from __future__ import annotations

import tokenize
import zlib
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from xbench.arrays import Array
from xbench.errors import DataError

DAMAGE = (  # what np.load raises on a damaged or foreign array file
    OSError,
    ValueError,
    TypeError,
    KeyError,
    EOFError,
    NotImplementedError,
    SyntaxError,
    tokenize.TokenError,
    zlib.error,
    BadZipFile,
)
BY_QUERY = {"query_language", "query_id", "group"}
NEEDED = BY_QUERY | {"document_languages"}


def read_arrays(path: Path) -> dict[str, Array]:
    """The arrays by name. Raises DataError where they are absent, damaged, or packed to sums for a board."""
    try:
        with np.load(path) as stored:
            arrays: dict[str, Array] = {name: stored[name] for name in stored.files}
    except DAMAGE as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise DataError(f"{path}: per-query values cannot be read ({reason}); run again without the result") from None
    if lacking := NEEDED - arrays.keys():
        packed = "are packed to sums for a board" if "cluster_mean" in arrays else f"lack {', '.join(sorted(lacking))}"
        raise DataError(f"{path}: per-query values {packed}; name results as `xbench run` wrote them")
    if len({arrays[name].shape for name in BY_QUERY}) > 1:
        raise DataError(f"{path}: per-query values of different lengths; run again without the result")
    return arrays
