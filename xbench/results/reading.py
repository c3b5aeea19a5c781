"""Result files read. Everything that is lenient about them stands here.

The frame of a result (task, model, scores and so on) must be as the schema says. Inside the parts that tell more about
them (OPEN), a value of another kind than its field is a missing value: results of other versions, and files that
someone sent in, are read as far as they can be understood. Knows files; no run and no page.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import TypeAlias

from pydantic import JsonValue, ValidationError
from pydantic_core import from_json

from xbench.errors import DataError
from xbench.results.result import Result, is_as_written
from xbench.results.result_list import Results

LONGEST_INTEGER = 100  # digits; Python refuses to read over 4,300
BEYOND = re.compile(rb"[\s:,\[]-?[0-9][0-9.]*[eE]\+?[0-9]{3}|[0-9]{100}")  # may read as infinity, or have many digits
OPEN = ("bias", "gap", "pooling", "zero_shot", "tokens", "training", "specs", "provenance")
OPEN_SCORES = ("without_own_language", "targets")  # of scores.multilingual
Location: TypeAlias = tuple[int | str, ...]


def read_result(path: Path | str) -> Result:
    """The result in a file. Raises DataError with one line."""
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error}") from None
    return parse_result(content, path)


def read_results(place: Path | str) -> Results:
    """The result in the file `place`, or every result under the folder, by path; hidden files are half written ones.

    Raises DataError where there is no such place, and for a file that is no result.
    """
    place = Path(place)
    if not place.exists():
        raise DataError(f"{place}: no result there; name a result file, or a folder that `xbench run` wrote")
    files = sorted(place.rglob("[!.]*.json")) if place.is_dir() else [place]
    return Results(read_result(path) for path in files)


def parse_result(content: bytes, path: Path) -> Result:
    """The result that the bytes of the file at `path` hold. Raises DataError with one line."""
    value = _json(content, path)
    if not is_as_written(value):
        raise DataError(f"{path}: damaged or edited (its sha256 is not the recorded one); delete it and run again")
    while True:
        try:
            return Result.model_validate(value).read_from(path)
        except ValidationError as error:
            faults = error.errors(include_url=False, include_context=False, include_input=False)
            closed = [fault for fault in faults if not _is_open(fault["loc"])]
            if closed:
                raise DataError(_not_a_result(path, closed[0]["loc"], closed[0]["msg"])) from None
            for fault in faults:
                _take_out(value, fault["loc"])


def _not_a_result(path: Path, location: Location, message: str) -> str:
    where = ".".join(str(part) for part in location) or "file"
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
    """The value, read quickly, or slowly where something is wrong with it. Raises DataError that says what."""
    if not BEYOND.search(content):
        try:
            value: JsonValue = from_json(content, allow_inf_nan=False)
            return value
        except ValueError as error:
            _explain(content, path)
            raise DataError(_not_json(path, error)) from None
    return _explain(content, path)


def _explain(content: bytes, path: Path) -> JsonValue:
    """The value, each number looked at. Raises DataError that says what is wrong."""
    try:
        text = content.decode()
        value: JsonValue = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite, parse_int=_short)
        return value
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: cannot be read: {error}") from None
    except RecursionError:
        raise DataError(f"{path}: nested too deeply for a result; delete it and run again") from None
    except (json.JSONDecodeError, _NotJson) as error:
        raise DataError(_not_json(path, error)) from None


def _not_json(path: Path, error: Exception) -> str:
    return f"{path}: not valid JSON ({error}); truncated? delete it and run again"


class _NotJson(Exception):
    pass


def _refuse_constant(name: str) -> float:
    raise _NotJson(f"{name} is not JSON")


def _finite(text: str) -> float:
    if not math.isfinite(value := float(text)):
        raise _NotJson(f"{text[:30]} is too large a number")
    return value


def _short(text: str) -> int:
    if len(text) > LONGEST_INTEGER:
        raise _NotJson(f"{text[:30]}... has {len(text):,} digits")
    return int(text)
