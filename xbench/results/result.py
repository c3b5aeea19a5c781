"""A result: one run on one task, as one JSON file and one array file. The contract that boards and people rely on.

`results/<task>/<model>/<recipe>/<digest>-seed-<n>.json`; the digest covers everything that can change the numbers. No
text of queries or documents. Both files are written whole or not at all, the JSON last.
"""

from __future__ import annotations

import json
import math
import os
import platform
import subprocess
import tokenize
import zlib
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal
from zipfile import BadZipFile

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from xbench import __version__
from xbench.errors import DataError
from xbench.files import whole, write_json

SCORES = 2  # raised whenever the same vectors would give other numbers; see "Scores change" in CHANGELOG.md
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
LONGEST_INTEGER = 100  # digits; Python refuses to read over 4,300
PACKAGES = ("numpy", "scipy", "torch", "transformers", "sentence-transformers", "tokenizers", "Babel")


class Part(BaseModel):
    """Strict JSON: no unknown key, no NaN, no Infinity."""

    model_config = ConfigDict(populate_by_name=True, extra="forbid", allow_inf_nan=False)


class Counts(Part):
    """Texts by language."""

    queries: dict[str, int]
    documents: dict[str, int]


class PairScores(Part):
    """A half of the grid. `pairs["en-de"]`: every metric, and `n`, the queries scored there."""

    macro: dict[str, float | None]
    micro: dict[str, float | None]
    pairs: dict[str, dict[str, int | float]]


class PoolScores(Part):
    """Queries of each language against the documents of all languages."""

    macro: dict[str, float | None]
    micro: dict[str, float | None]
    languages: dict[str, dict[str, int | float]]
    without_own_language: dict[str, Any]
    targets: dict[str, Any]


class Scores(Part):
    monolingual: PairScores | None = None
    cross_lingual: PairScores | None = Field(None, alias="cross-lingual")
    multilingual: PoolScores | None = None


class Result(Part):
    """The whole file. `corpus` and `training` are null for a model as it is."""

    schema_version: Literal[1] = Field(1, alias="schema")
    task: str
    model: str
    recipe: str
    corpus: str | None
    seed: int
    digest: str
    languages: list[str] = Field(min_length=1)
    metrics: list[str] = Field(min_length=1)
    counts: Counts
    scores: Scores
    bias: dict[str, Any]
    gap: dict[str, Any]
    pooling: dict[str, Any] = {}
    zero_shot: dict[str, Any]
    tokens: dict[str, Any]
    training: dict[str, Any] | None
    specs: dict[str, Any]
    timings: dict[str, float]
    provenance: dict[str, Any]

    @property
    def shown_model(self) -> str:
        """The model and what `post` takes from its vectors, which makes it another than the model as it is."""
        return with_post(self.model, self.specs.get("model"))


def with_post(model: str, spec: Any) -> str:
    """A model's name as tables and pages show it; `spec` is the model's, as a result holds it."""
    post = spec.get("post") if isinstance(spec, Mapping) else None
    return f"{model} + {post}" if isinstance(post, str) and post else model


def result_path(out: Path, task: str, model: str, recipe: str, digest: str, seed: int) -> Path:
    return out / task / model / recipe / f"{digest[:12]}-seed-{seed}.json"


def write_result(path: Path, result: Result, per_query: Mapping[str, Any]) -> None:
    """Write the per-query arrays, then the result. Raises XbenchError; leaves no half-written file."""
    with whole(path.with_suffix(".npz")) as temporary, temporary.open("wb") as stream:
        np.savez_compressed(stream, **per_query)
    write_json(path, result.model_dump(mode="json", by_alias=True))


def read_result(path: Path) -> Result:
    """A result file, checked. Raises DataError with one line."""
    try:
        json.loads(
            content := path.read_text(encoding="utf-8"),
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_short,
        )
        return Result.model_validate_json(content)
    except (UnicodeDecodeError, OSError) as error:
        raise DataError(f"{path}: cannot be read: {error}") from None
    except RecursionError:
        raise DataError(f"{path}: nested too deeply for a result; delete it and run again") from None
    except (json.JSONDecodeError, _NotJson) as error:
        raise DataError(f"{path}: not valid JSON ({error}); truncated? delete it and run again") from None
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in fault["loc"]) or "file"
        raise DataError(
            f"{path}: {where}: {fault['msg']}; not a result of this version of xbench: delete it and run again"
        ) from None


class _NotJson(Exception):
    pass


def _refuse_constant(name: str) -> None:
    raise _NotJson(f"{name} is not JSON")


def _finite(text: str) -> float:
    if not math.isfinite(value := float(text)):
        raise _NotJson(f"{text[:30]} is too large a number")
    return value


def _short(text: str) -> int:
    if len(text) > LONGEST_INTEGER:
        raise _NotJson(f"{text[:30]}... has {len(text):,} digits")
    return int(text)


def provenance(command: str, device: str) -> dict[str, Any]:
    """Software and hardware of this process."""
    packages: dict[str, str | None] = {}
    for name in PACKAGES:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            packages[name] = None
    return {
        "command": command,
        "xbench": __version__,
        "scores": SCORES,
        "git": _git_commit(),
        "python": platform.python_version(),
        "packages": packages,
        "hardware": {"machine": platform.machine(), "cpus": os.cpu_count(), "device": device},
    }


def _git_commit() -> str | None:
    """The commit of the checkout that runs, with `+` where its files differ from it; None outside one."""
    top = Path(__file__).parents[2]
    if not (top / ".git").exists():
        return None
    try:
        ask = ["git", "-C", str(top)]
        commit = subprocess.run([*ask, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
        changed = subprocess.run(
            [*ask, "status", "--porcelain", "--untracked-files=no"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return commit + ("+" if changed.strip() else "")


def result_schema() -> dict[str, Any]:
    """The JSON Schema of a result file."""
    return Result.model_json_schema(by_alias=True)
