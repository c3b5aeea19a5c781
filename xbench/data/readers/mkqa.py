"""MKQA's questions (arXiv 2007.15207) against BEIR's passages of one language; relevant is one with an answer in it.

An answer is in a passage where its tokens stand there one after the other, as DPR's has_answer looks for them, in
whatever case. All answers are looked up in one pass over the passages: cost grows with their tokens, not with the
number of answers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from xbench.data.collection import Collection, Queries, Texts, collect
from xbench.data.readers.judged import TextColumn, document_text
from xbench.data.rows import Locate, id_of, json_rows, text_of
from xbench.errors import DataError
from xbench.specs import MkqaTask
from xbench.specs.parts import Source

KEYS = {"type", "text"}
TOKEN = re.compile(r"\w+|[^\w\s]")


def files(task: MkqaTask) -> Iterator[tuple[Source, str]]:
    """Every (source, language) that the task reads."""
    yield task.queries, ""
    yield task.documents, task.document_languages[0]


def read(task: MkqaTask, locate: Locate) -> Collection:
    """The task's collection. Raises DataError naming file and line."""
    (language,) = task.document_languages
    asked = {name: TextColumn(name) for name in task.query_languages}
    answers = Answers()
    for where, row in json_rows(locate(task.queries, "")):
        identity = id_of(row, "example_id", where)
        strings = _answers(row, language, task.options.kinds, where)
        if strings:
            answers.add(identity, strings)
            for name, column in asked.items():
                column.add(identity, _query(row, task.queries.codes.get(name, name), where), where)
    passages = TextColumn(language)
    for where, row in json_rows(locate(task.documents, language)):
        text = document_text(row, task.options.text, where)
        answers.look(text, len(passages.ids), task.options.most)
        passages.add(id_of(row, "_id", where), text, where)
    places = {question: places for question, places in answers.places.items() if 0 < len(places) <= task.options.most}
    queries = {name: _answered(name, column.close(), places) for name, column in asked.items()}
    collection = collect(queries, {language: passages.close()}, {language: places})
    left_out = len(answers.places) - len(places)
    note = (
        f"{left_out} of {len(answers.places)} questions are left out: no passage, or over {task.options.most}, answers"
    )
    return Collection(collection.queries, collection.documents, collection.golds, (note,))


class Answers:
    """The answers of all questions as runs of tokens, and the passages that hold them."""

    def __init__(self) -> None:
        self.places: dict[str, list[int]] = {}
        self._questions: dict[tuple[str, ...], list[str]] = {}
        self._lengths: dict[str, set[int]] = {}

    def add(self, question: str, strings: Iterable[str]) -> None:
        """Look for these answers of a question from now on."""
        self.places[question] = []
        for run in {tokens for string in strings if (tokens := tuple(tokenise(string)))}:
            self._questions.setdefault(run, []).append(question)
            self._lengths.setdefault(run[0], set()).add(len(run))

    def look(self, text: str, place: int, most: int) -> None:
        """Note the passage at `place` for every question that it answers; beyond `most` + 1, a question has enough."""
        tokens = tokenise(text)
        for start, token in enumerate(tokens):
            for length in self._lengths.get(token, ()):
                for question in self._questions.get(tuple(tokens[start : start + length]), ()):
                    places = self.places[question]
                    if len(places) <= most and (not places or places[-1] != place):
                        places.append(place)


def tokenise(text: str) -> list[str]:
    """Words and single other signs, in one case and one form."""
    return TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())


def _answers(row: dict[str, object], language: str, kinds: tuple[str, ...], where: str) -> list[str]:
    """The answers and their aliases; none where one is of a kind that is not asked for."""
    answers = row.get("answers")
    given = answers.get(language) if isinstance(answers, dict) else answers
    if not isinstance(given, list) or not all(map(_is_answer, given)):
        raise DataError(
            f"{where}: answers: not MKQA's layout, answers.{language}[] with type, text and a list of aliases: "
            f"found {given!r:.60}"
        )
    if any(answer["type"] not in kinds for answer in given):
        return []
    strings = [string for answer in given for string in (answer["text"], *(answer.get("aliases") or ()))]
    return [string for string in strings if isinstance(string, str)]


def _is_answer(value: object) -> bool:
    """Whether it has MKQA's layout; `aliases` may be absent or null."""
    return isinstance(value, dict) and value.keys() >= KEYS and isinstance(value.get("aliases") or [], list)


def _query(row: dict[str, object], code: str, where: str) -> str:
    queries = row.get("queries")
    if not isinstance(queries, dict):
        raise DataError(f"{where}: queries: found {queries!r:.60}, expected texts by language")
    return text_of(queries, code, where)


def _answered(language: str, texts: Texts, places: dict[str, list[int]]) -> Queries:
    start = len(language) + 1
    rows = [(name, text) for name, text in zip(texts.ids, texts.texts, strict=True) if name[start:] in places]
    ids = tuple(name for name, _ in rows)
    questions = tuple(name[start:] for name in ids)
    return Queries(ids, tuple(text for _, text in rows), questions, questions)
