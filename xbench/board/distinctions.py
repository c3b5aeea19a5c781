"""What tells two rows apart that bear one name: other settings, other data to train on, other languages. Knows boards
and results; no page.

Model, recipe and corpus are a row's name. Where several rows of a board share it, each says the first setting in which
it differs from the others, or the start of its digest where none is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from pydantic import JsonValue

from xbench.board.pages import DASH
from xbench.board.standings import Board, Standing
from xbench.board.summaries import SILENT
from xbench.errors import visible
from xbench.results.result import Result

MOST = 2  # settings that are named
LONGEST = 24  # characters of a value
DIGITS = 6  # of a digest
Settings = dict[str, str]


def told_apart(boards: Sequence[Board], result: Callable[[str], Result]) -> list[Board]:
    """The boards, with a note at every row that shares its name with another; `result` by page is asked for those."""
    return [replace(board, standings=_noted(board.standings, result)) for board in boards]


def _noted(standings: Mapping[str, Standing], result: Callable[[str], Result]) -> dict[str, Standing]:
    groups: dict[tuple[str, str, str], list[str]] = {}
    for key, standing in standings.items():
        groups.setdefault((standing.first.model, standing.first.recipe, standing.first.corpus), []).append(key)
    notes: dict[str, str] = {}
    for keys in groups.values():
        if len(keys) > 1:
            notes |= dict(zip(keys, _notes([standings[key] for key in keys], result), strict=True))
    return {
        key: replace(standing, note=notes[key]) if key in notes else standing for key, standing in standings.items()
    }


def _notes(alike: Sequence[Standing], result: Callable[[str], Result]) -> list[str]:
    """One for each; those that would read the same end with the start of their digest."""
    settings = [dict(_settings(result(standing.page))) for standing in alike]
    names = [name for name in dict.fromkeys(name for part in settings for name in part) if _differ(settings, name)]
    notes = [", ".join(f"{name} {part.get(name, DASH)}" for name in names[:MOST]) for part in settings]
    return [
        note if note and notes.count(note) == 1 else f"{note} {standing.first.digest[:DIGITS]}".strip()
        for note, standing in zip(notes, alike, strict=True)
    ]


def _differ(settings: Sequence[Settings], name: str) -> bool:
    return len({part.get(name) for part in settings}) > 1


def _settings(result: Result) -> Iterator[tuple[str, str]]:
    """What made a result, as (name, text): what the reader asks first stands first."""
    yield "languages", visible(" ".join(result.languages), LONGEST)
    yield "corpus data", (result.provenance.corpus_sha256 or DASH)[:DIGITS]
    for part, spec in result.specs.plain().items():
        if isinstance(spec, dict) and part != "task":
            yield from _flat({key: value for key, value in spec.items() if key not in SILENT}, "")


def _flat(value: JsonValue, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, visible(key, LONGEST).replace("_", " "))
    else:
        yield name, visible(value if isinstance(value, str) else repr(value), LONGEST)
