"""SQuAD's layout (arXiv 1606.05250): articles of paragraphs, with questions on each. Knows the layout; no task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from xbench.data.rows import File, whole_text
from xbench.errors import DataError
from xbench.specs.strict_json import strict_json

LAYOUT = "data[].paragraphs[].qas[]"


@dataclass(frozen=True)
class Question:
    """A question on a paragraph. `row`: all that the file says of it, answers too."""

    id: str
    text: str
    row: Mapping[str, object]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph, by the numbers of its article and of itself in it. `where` names its place in the file; `row`: all
    that the file says of it."""

    where: str
    article: int
    number: int
    context: str
    questions: tuple[Question, ...]
    row: Mapping[str, object]


def paragraphs(file: File) -> Iterator[Paragraph]:
    """Every paragraph of a file in order. Raises DataError naming the place."""
    try:
        content = strict_json(whole_text(file))
    except ValueError as error:  # also of an integer over 4,300 digits
        raise DataError(f"{file}: not valid JSON ({error}); truncated? fetch it again") from None
    for article, entry in enumerate(_list(file, content, "data")):
        for number, paragraph in enumerate(_list(file, entry, "paragraphs")):
            yield _paragraph(file, article, number, paragraph)


def _paragraph(file: File, article: int, number: int, row: object) -> Paragraph:
    where = f"{file}: data.{article}.paragraphs.{number}"
    context = _value(file, row, "context")
    if not isinstance(context, str):
        raise DataError(f"{where}: context: found {context!r:.60}, expected text")
    questions = tuple(_question(file, where, item) for item in _list(file, row, "qas"))
    assert isinstance(row, dict)
    return Paragraph(where, article, number, context, questions, row)


def _question(file: File, where: str, row: object) -> Question:
    identity, text = _value(file, row, "id"), _value(file, row, "question")
    if not (isinstance(identity, str) and isinstance(text, str)):
        raise DataError(f"{where}: qas: found {row!r:.60}, expected `id` and `question` as text")
    assert isinstance(row, dict)
    return Question(identity, text, row)


def _value(file: File, row: object, key: str) -> object:
    if not isinstance(row, dict):
        raise DataError(f"{file}: not SQuAD's layout, {LAYOUT}: found {row!r:.60}, expected an object with {key!r}")
    if key not in row:
        raise DataError(f"{file}: not SQuAD's layout, {LAYOUT}: no key {key!r}")
    return row[key]


def _list(file: File, row: object, key: str) -> list[object]:
    value = _value(file, row, key)
    if not isinstance(value, list):
        raise DataError(f"{file}: not SQuAD's layout, {LAYOUT}: {key}: found {value!r:.60}, expected a list")
    return value
