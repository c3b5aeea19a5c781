"""Result files read. Everything that is lenient about them stands here.

The frame of a result (task, model, scores and so on) must be as the schema says, and every number one that a
measurement can give (faults). Inside the parts that tell more about them (OPEN), a value of another kind than its field
is a missing value: results of other versions, and files that someone sent in, are read as far as they can be
understood. Knows files; no run and no page.
"""

from __future__ import annotations

import math
import re
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from pydantic import JsonValue, ValidationError
from pydantic_core import from_json

from xbench.errors import DataError, visible
from xbench.results.faults import ImpossibleResult, faults
from xbench.results.result import Result, is_as_written
from xbench.results.result_list import Results
from xbench.specs.strict_json import strict_json

LARGEST_FILE = 1 << 25  # bytes; a result of 150 languages has a fifth
LONGEST_INTEGER = 100  # digits; Python refuses to read over 4,300
OPEN = ("bias", "gap", "pooling", "alignment", "zero_shot", "tokens", "training", "specs", "provenance")
LONG = re.compile(rb"\d{100}|\d[eE]\+?\d{3}")  # only such a number can be beyond what is read
LIMITS = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")  # an impossible number is no other kind
OPEN_SCORES = ("without_own_language", "targets")  # of scores.multilingual
Location: TypeAlias = tuple[int | str, ...]


def read_result(path: Path | str) -> Result:
    """The result in a file. Raises DataError with one line."""
    path = Path(path)
    return parse_result(read_content(path), path)


def read_content(path: Path) -> bytes:
    """The bytes of a file. Raises DataError with one line."""
    try:
        if (size := path.stat().st_size) > LARGEST_FILE:
            raise DataError(f"{path}: {size:,} bytes, expected at most {LARGEST_FILE:,}; not a result")
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error}") from None


def read_results(place: Path | str) -> Results:
    """The result in the file `place`, or every result under the folder, by path; hidden files are half written ones.

    Raises DataError where there is no such place, and for a file that is no result.
    """
    if not isinstance(place, str | Path):
        raise DataError(f"results: found {type(place).__name__}, expected a file or a folder")
    place = Path(place)
    there = False
    with suppress(OSError):  # of a name that no file can have
        there = place.exists()
    if not there:
        raise DataError(f"{place}: no result there; name a result file, or a folder that `xbench run` wrote")
    files = sorted(place.rglob("[!.]*.json")) if place.is_dir() else [place]
    return Results(read_result(path) for path in files)


def parse_result(content: bytes, path: Path, checked: bool = False) -> Result:
    """The result that the bytes of the file at `path` hold; `checked`: these bytes were found right before. Raises
    DataError with one line."""
    value = from_json(content) if checked else _json(content, path)
    if not checked and not is_as_written(value):
        raise DataError(f"{path}: damaged or edited (its sha256 is not the recorded one); delete it and run again")
    while True:
        try:
            result = Result.model_validate(value)
            break
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_context=False, include_input=False)
            closed = [fault for fault in wrong if fault["type"] in LIMITS or not _is_open(fault["loc"])]
            if closed:
                raise DataError(_not_a_result(path, closed[0]["loc"], closed[0]["msg"])) from None
            for fault in wrong:
                _take_out(value, fault["loc"])
    if not checked and (impossible := list(faults(result))):
        raise ImpossibleResult(path, impossible)
    return result.read_from(path)


def _not_a_result(path: Path, location: Location, message: str) -> str:
    where = ".".join(visible(part, 60) for part in location) or "file"
    said = re.sub(r"a valid dictionary or instance of \w+", "an object", message)
    return f"{path}: {where}: {said}; not a result of this version of xbench: delete it and run again"


def _is_open(location: Location) -> bool:
    """Whether a fault is inside a part that may hold what this version does not know."""
    inside = location[0] in OPEN and len(location) > 1 if location else False
    return inside or (location[:2] == ("scores", "multilingual") and len(location) > 3 and location[2] in OPEN_SCORES)


def _take_out(value: JsonValue, location: Location) -> None:
    """Remove the value that a fault is about: the last key of `location` that is one of an object."""
    holder: dict[str, JsonValue] = {}
    last = ""
    for part in location:
        if not isinstance(value, dict) or not isinstance(part, str) or part not in value:
            break
        holder, last, value = value, part, value[part]
    holder.pop(last, None)


def _json(content: bytes, path: Path) -> JsonValue:
    """The value, in which two parsers agree: one looks at each number and key, the other refuses half characters and
    what is nested deeply. Raises DataError that says what is wrong."""
    careful = LONG.search(content) is not None
    try:
        value: JsonValue = strict_json(content.decode(), *((_finite, _short) if careful else ()))
        from_json(content)
        return value
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: cannot be read: {error}") from None
    except ValueError as error:
        raise DataError(_not_json(path, error)) from None


def _not_json(path: Path, error: Exception) -> str:
    return f"{path}: not valid JSON ({' '.join(str(error).split())[:200]}); truncated? delete it and run again"


def _finite(text: str) -> float:
    if not math.isfinite(value := float(text)):
        raise ValueError(f"{text[:30]} is too large a number")
    return value


def _short(text: str) -> int:
    if len(text) > LONGEST_INTEGER:
        raise ValueError(f"{text[:30]}... has {len(text):,} digits")
    return int(text)
