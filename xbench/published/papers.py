"""Rows from papers: numbers as printed, with their source; `baselines/published/*.yaml`. Knows YAML; no result."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from xbench.errors import SpecError
from xbench.specs.parts import Language, MetricName, Named, Spec
from xbench.specs.registry import shipped
from xbench.specs.strict_yaml import load_yaml

PublishedColumn = Literal["Mo", "Cr", "Mul", "distance"]


class Twin(Spec):
    """Measured rows that answer the same question: any of these models with this recipe."""

    models: Annotated[tuple[str, ...], Field(min_length=1)]
    recipe: str


class PublishedRow(Spec):
    """One printed row; `scores` are shares of 1, rank distance in ranks."""

    model: str
    recipe: str
    task: str
    metric: MetricName
    twin: Twin | None = None
    note: str = ""
    scores: dict[PublishedColumn, float]
    languages: dict[Language, dict[PublishedColumn, float]] = {}


class Published(Named):
    """A paper's or a repository's table."""

    url: Annotated[str, Field(pattern=r"^https://[\w./-]+$")]
    source: str
    note: str = ""
    rows: Annotated[tuple[PublishedRow, ...], Field(min_length=1)]


def published_files(folder: Path | None = None) -> list[Path]:
    """The YAML files of a folder, by default of those that ship, by name."""
    return sorted((folder or shipped("baselines") / "published").glob("*.yaml"))


def read_published(paths: Iterable[Path]) -> list[Published]:
    """Raises SpecError with file, line and key."""
    return [_read(path) for path in paths]


def _read(path: Path) -> Published:
    document = load_yaml(path)
    try:
        return Published.model_validate_json(json.dumps(document.data))
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = tuple(part for part in fault["loc"] if isinstance(part, str | int))
        dotted = ".".join(map(str, where))
        raise SpecError(
            f"{path}:{document.line(where)}: {dotted}: {fault['msg']}, found {fault['input']!r:.80}"
        ) from None
