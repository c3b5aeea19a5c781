"""Rows from papers: numbers as printed, with their source; `baselines/published/*.yaml`. Knows YAML; no result."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError

from xbench.errors import SpecError, can_be_seen, printable
from xbench.specs.parts import Language, MetricName, Named, Spec
from xbench.specs.registry import shipped
from xbench.specs.strict_yaml import load_yaml

PublishedColumn = Literal["Mo", "Cr", "Mul", "distance"]
MOST_RANKS = 1e12


def _readable(text: str) -> str:
    if printable(text, "") != text:
        raise ValueError("holds characters that cannot be seen, or that turn the direction of writing")
    return text


def _named(text: str) -> str:
    if not can_be_seen(text):
        raise ValueError("expected a name that can be seen")
    return _readable(text)


def _printed(scores: dict[PublishedColumn, float]) -> dict[PublishedColumn, float]:
    for column, value in scores.items():
        most = MOST_RANKS if column == "distance" else 1.0
        if not 0 <= value <= most:
            raise ValueError(f"{column}: expected 0 to {most:g}, found {value:g}")
    return scores


Words = Annotated[str, Field(max_length=2_000), AfterValidator(_readable)]
Name = Annotated[str, Field(max_length=300), AfterValidator(_named)]
PrintedScores = Annotated[dict[PublishedColumn, float], AfterValidator(_printed)]


class Twin(Spec):
    """Measured rows that answer the same question: any of these models with this recipe."""

    models: Annotated[tuple[str, ...], Field(min_length=1)]
    recipe: str


class PublishedRow(Spec):
    """One printed row; `scores` are shares of 1, rank distance in ranks."""

    model: Name
    recipe: Name
    task: Name
    metric: MetricName
    twin: Twin | None = None
    note: Words = ""
    scores: PrintedScores
    languages: dict[Language, PrintedScores] = {}


class Published(Named):
    """A paper's or a repository's table."""

    title: Name = ""
    url: Annotated[str, Field(pattern=r"^https://[\w./-]+$")]
    source: Words
    note: Words = ""
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
