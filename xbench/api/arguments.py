"""What the functions have in common: folders, tasks, settings and seeds as a program gives them, and who speaks."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np

from xbench.api.words import shown
from xbench.commands.terminal import DownloadBar, Terminal
from xbench.data.download import Storage
from xbench.encoders.model_loading import Loading
from xbench.errors import SpecError
from xbench.evaluation.alignment_scores import SIDES, Side
from xbench.languages import listed_languages
from xbench.progress import Reporter, Silent
from xbench.specs.strict_yaml import Value

Place: TypeAlias = str | Path
MOST_SEED = 2**32 - 1
MOST_DEPTH = 10**9


def storage_of(data_dir: Place | None, offline: bool, progress: bool) -> Storage:
    """The folders of one call. Raises SpecError for what is no folder or no switch."""
    folder = None if data_dir is None else place_of(data_dir, "data_dir")
    storage = Storage.of(folder, switch_of(offline, "offline"))
    return replace(storage, progress=DownloadBar) if switch_of(progress, "progress") else storage


def place_of(place: object, what: str) -> Path:
    """A file or a folder. Raises SpecError for what is none."""
    if isinstance(place, str | os.PathLike) and _can_be_named(str(place)):
        return Path(place)
    raise SpecError(f"{what}: found {shown(place)}, expected a path")


def _can_be_named(text: str) -> bool:
    """Whether a file can have this name: there is one, without a null, in whole characters."""
    try:
        return bool(text) and b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def spec_of(name: object, what: str) -> str:
    """A name or a YAML. Raises SpecError for anything else."""
    if isinstance(name, str | Path):
        return str(name)
    raise SpecError(f"{what}: found {shown(name)}, expected a name or a YAML")


def switch_of(value: object, what: str) -> bool:
    """True or false. Raises SpecError for anything else: a text such as "no" would count as true."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    raise SpecError(f"{what}: found {shown(value)}, expected True or False")


def text_of(value: object, what: str) -> str | None:
    """A text that may be absent. Raises SpecError for anything else."""
    if value is None or isinstance(value, str):
        return value
    raise SpecError(f"{what}: found {shown(value)}, expected text")


def whole_of(value: object, what: str, least: int, most: int) -> int:
    """A whole number, of Python's or numpy's. Raises SpecError for anything else."""
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and least <= value <= most:
        return int(value)
    raise SpecError(f"{what}: found {shown(value)}, expected a whole number from {least} to {most}")


def points_of(value: object, what: str) -> float | None:
    """Points of a metric, of Python's or numpy's numbers; they may be absent. Raises SpecError for anything else."""
    if value is None:
        return None
    if isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool):
        with suppress(OverflowError):
            return float(value)
    raise SpecError(f"{what}: found {shown(value)}, expected a number of points, such as 0.5")


def side_of(side: object, what: str) -> Side:
    """Whose vectors are aligned. Raises SpecError for what is no side."""
    for known in SIDES:
        if isinstance(side, str) and side == known:
            return known
    raise SpecError(f"{what}: found {shown(side)}, expected {' or '.join(map(repr, SIDES))}")


def depth_of(depth: object) -> int | None:
    """Documents per query in a run file; None for all. Raises SpecError."""
    return None if depth is None else whole_of(depth, "depth", 1, MOST_DEPTH)


def loading_of(device: object, offline: bool, remote_code: object) -> Loading:
    """How models are loaded; no device is `auto`. Raises SpecError."""
    named = "auto" if device is None else device if isinstance(device, str) else shown(device)
    return Loading(device=named, offline=offline, remote_code=switch_of(remote_code, "remote_code"))


def reporter_of(progress: bool) -> Reporter:
    """Words and bars go to standard error, or nowhere."""
    return Terminal() if progress else Silent()


def names_of(names: str | Path | Iterable[str | Path], what: str) -> tuple[str, ...]:
    """One name or several as a tuple. Raises SpecError where it is neither."""
    if isinstance(names, str | Path):
        return (str(names),)
    names = tuple(names) if isinstance(names, Iterable) else (names,)
    for name in names:
        if not isinstance(name, str | Path):
            raise SpecError(f"{what}: found {shown(name)}, expected names")
    return tuple(map(str, names))


def languages_of(languages: str | Iterable[str] | None) -> tuple[str, ...]:
    """Languages as a list, or as the command line takes them: `de,en`; none for all. Raises SpecError."""
    return () if languages is None else listed_languages(names_of(languages, "languages"), "languages")


def seeds_of(seeds: object) -> tuple[int, ...]:
    """One seed or several, of Python's or numpy's numbers. Raises SpecError for what is none."""
    if isinstance(seeds, str | bytes) or not isinstance(seeds, Iterable):
        seeds = (seeds,)
    chosen = tuple(whole_of(seed, "seeds", 0, MOST_SEED) for seed in seeds)
    if not chosen:
        raise SpecError("seeds: found none, expected at least one")
    return chosen


def settings_of(settings: Mapping[str, object] | None) -> dict[str, Value]:
    """Settings as a YAML would hold them. Raises SpecError for a value that none can hold."""
    try:
        given = {} if settings is None else dict(settings)
        if odd := [key for key in given if not isinstance(key, str)]:
            raise TypeError(f"found the key {shown(odd[0])}")
        plain: dict[str, Value] = json.loads(json.dumps(given, allow_nan=False, default=_plain))
        return plain
    except (TypeError, ValueError) as error:
        raise SpecError(f"settings: {error}; expected text, numbers, lists and mappings by key") from None


def _plain(value: object) -> object:
    """A number of numpy's as Python's. Raises TypeError for what is none."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"found {type(value).__name__}")


def call_text(function: str, arguments: Sequence[object], options: Mapping[str, object]) -> str:
    """The call as it is recorded: what was given, options that were left alone left out, objects by their type."""
    shown = [_shown(value) for value in arguments]
    shown += [
        f"{key}={_shown(value)}" for key, value in options.items() if value is not None and value != () and value != {}
    ]
    return f"xbench.{function}({', '.join(shown)})"


def _shown(value: object) -> str:
    if isinstance(value, Path):
        return repr(str(value))
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {_shown(part)}' for key, part in value.items())}}}"
    if isinstance(value, str | int | float | bool | None):
        return repr(value)
    return str(getattr(value, "command", "")) or f"<{getattr(value, '__qualname__', type(value).__name__)}>"
