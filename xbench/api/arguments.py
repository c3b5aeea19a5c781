"""What the functions have in common: folders, tasks, settings and seeds as a program gives them, and who speaks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from xbench.commands.terminal import DownloadBar, Terminal
from xbench.data.download import Storage
from xbench.errors import SpecError
from xbench.progress import Reporter, Silent
from xbench.specs.strict_yaml import Value

Place: TypeAlias = str | Path
MOST_SEED = 2**32 - 1


def storage_of(data_dir: Place | None, offline: bool, progress: bool) -> Storage:
    """The folders of one call."""
    storage = Storage.of(Path(data_dir) if data_dir is not None else None, offline)
    return replace(storage, progress=DownloadBar) if progress else storage


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
            raise SpecError(f"{what}: found {name!r:.60}, expected names")
    return tuple(map(str, names))


def languages_of(languages: str | Iterable[str] | None) -> tuple[str, ...]:
    """Languages as a list, or as the command line takes them: `de,en`; none for all. Raises SpecError."""
    names = () if languages is None else names_of(languages, "languages")
    return tuple(code.strip() for part in names for code in part.split(","))


def seeds_of(seeds: int | Sequence[int]) -> tuple[int, ...]:
    """One seed or several. Raises SpecError for what is none."""
    chosen = (seeds,) if isinstance(seeds, int) else tuple(seeds)
    for seed in chosen:
        if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= MOST_SEED:
            raise SpecError(f"seeds: found {seed!r:.40}, expected whole numbers from 0 to {MOST_SEED}")
    if not chosen:
        raise SpecError("seeds: found none, expected at least one")
    return chosen


def settings_of(settings: Mapping[str, object] | None) -> dict[str, Value]:
    """Settings as a YAML would hold them. Raises SpecError for a value that none can hold."""
    try:
        plain: dict[str, Value] = json.loads(json.dumps(dict(settings or {}), allow_nan=False))
        return plain
    except (TypeError, ValueError) as error:
        raise SpecError(f"settings: {error}; expected text, numbers, lists and mappings by key") from None


def call_text(function: str, arguments: Sequence[object], options: Mapping[str, object]) -> str:
    """The call as it is recorded: what was given, options that were left alone left out, objects by their type."""
    shown = [_shown(value) for value in arguments]
    shown += [f"{key}={_shown(value)}" for key, value in options.items() if value not in (None, (), {})]
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
