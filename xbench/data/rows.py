"""Rows of text files, one at a time and each with its place: lines, JSON, columns. Knows no task and no format.

A file may be packed, and may be a member of an archive; memory is bounded by one line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from xbench.data import archives
from xbench.data.collection import LONGEST
from xbench.errors import DataError
from xbench.languages import row_language
from xbench.specs.parts import Place
from xbench.specs.strict_json import strict_json

GRADES = 1_000_000  # a grade is below it
GRADE = re.compile(r"[-+]?[0-9]{1,18}(\.0*)?")
LARGEST = 1 << 28  # bytes of a file that is read whole


class File(NamedTuple):
    """A file on this machine, or a member of an archive on it."""

    path: Path
    member: str = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.member}" if self.member else str(self.path)


Locate: TypeAlias = Callable[[Place, str], File]
"""The verified file of a source in a language."""
JsonRow: TypeAlias = tuple[str, dict[str, object]]
"""(file:line, object)"""


def whole_text(file: File) -> str:
    """A file that cannot be read by lines, as UTF-8 text. Raises DataError."""
    with archives.open_bytes(*file) as stream:
        content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise DataError(f"{file}: more than {LARGEST:,} bytes; not a file of this format")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{file}: not UTF-8 (byte {error.start}); convert the file to UTF-8") from None


def numbered_lines(file: File) -> Iterator[tuple[str, str]]:
    """(file:line, text), of whatever length an archive may have."""
    name = str(file)
    for number, line in archives.lines(*file):
        yield f"{name}:{number}", line


def lines(file: File) -> Iterator[tuple[str, str]]:
    """(file:line, text). Raises DataError for a line that is longer than any text."""
    for where, line in numbered_lines(file):
        if len(line) >= LONGEST:
            raise DataError(f"{where}: a line of {len(line):,} characters; expected fewer than {LONGEST:,}")
        yield where, line


def json_rows(file: File) -> Iterator[JsonRow]:
    """(file:line, object) of a jsonl file, packed or not. Raises DataError naming the line."""
    yield from objects(lines(file))


def objects(lines: Iterable[tuple[str, str]]) -> Iterator[JsonRow]:
    """(file:line, object) of lines of JSON; blank ones are passed over. Raises DataError naming the line."""
    for where, line in lines:
        if not line.strip():
            continue
        try:
            row = strict_json(line)
        except ValueError as error:  # also of an integer over 4,300 digits
            raise DataError(f"{where}: not valid JSON ({error}); truncated?") from None
        if not isinstance(row, dict):
            raise DataError(f"{where}: found {type(row).__name__}, expected an object per line")
        yield where, row


def columns(file: File, names: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """(file:line, fields) of a file with tabs between its columns. Raises DataError where a line has more or fewer."""
    yield from fields(lines(file), names)


def fields(lines: Iterable[tuple[str, str]], names: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """(file:line, fields) of lines with tabs; blank ones are passed over. Raises DataError naming the line."""
    for where, line in lines:
        if not line.strip():
            continue
        values = line.split("\t")
        if len(values) != len(names):
            raise DataError(
                f"{where}: {len(values)} fields, expected {len(names)} with tabs between: {', '.join(names)}"
            )
        yield where, values


def text_of(row: Mapping[str, object], key: str, where: str) -> str:
    """The text under a key. Raises DataError where it is absent or something else."""
    if key not in row:
        raise DataError(f"{where}: {key}: no key {key!r}; found {', '.join(map(repr, row))[:100]}, expected text")
    return require_text(row[key], key, where)


def require_text(value: object, key: str, where: str) -> str:
    """A value that must be text. Raises DataError where it is not."""
    if not isinstance(value, str):
        raise DataError(f"{where}: {key}: found {value!r:.60}, expected text")
    return value


def texts_by_language(value: object, languages: Sequence[str], key: str, where: str) -> dict[str, object]:
    """What a row has under these languages; other languages are passed over. Raises DataError where it is no object,
    and for a language that is written in another way or stands twice."""
    if not isinstance(value, Mapping):
        raise DataError(f"{where}: {key}: found {type(value).__name__}, expected texts by language")
    found: dict[str, object] = {}
    for name, text in value.items():
        if (language := language_of(name, languages, f"{where}: {key}")) in found:
            raise DataError(f"{where}: {key}: {name!r:.40} is {language!r}, which stands there already; keep one")
        if language:
            found[language] = text
    return found


def language_of(name: str, languages: Sequence[str], where: str) -> str | None:
    """Which of these languages a row names; None for another. Raises DataError where it is written in another way."""
    try:
        return row_language(name, tuple(languages))
    except ValueError as error:
        raise DataError(f"{where}: {error}") from None


def id_of(row: Mapping[str, object], key: str, where: str) -> str:
    """The id under a key: text, or a whole number as text. Raises DataError."""
    value = row.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return text_of(row, key, where)


def grade_of(text: str, where: str) -> int:
    """A judgement: a whole number, also written 1.0. Raises DataError."""
    if not GRADE.fullmatch(text) or abs(grade := int(text.partition(".")[0])) >= GRADES:
        raise DataError(f"{where}: found {text!r:.60}, expected a whole number below {GRADES:,}, the grade")
    return grade
