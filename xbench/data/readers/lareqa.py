"""LAReQA's SQuAD-like files (arXiv 2004.05484): one per language, with sentence breaks. Knows the format only.

Candidates are the entries of `sentence_breaks` of every paragraph, without de-duplication: the one rule that gives the
published counts. Relevant is the sentence in which the answer starts, in every language that holds the question's id.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from xbench.data.collection import Collection, Queries, Texts, collect
from xbench.data.rows import File, Locate, whole_text
from xbench.errors import DataError
from xbench.specs import LareqaTask
from xbench.specs.parts import Source


@dataclass(frozen=True)
class _Question:
    id: str
    text: str
    gold: int
    unit: tuple[str, ...]  # language, article and, for groups of paragraphs, paragraph


def files(task: LareqaTask) -> Iterator[tuple[Source, str]]:
    """Every (source, language) that the task reads."""
    yield from ((task.source, language) for language in task.languages)


def read(task: LareqaTask, locate: Locate) -> Collection:
    """The task's collection. Raises DataError naming the file."""
    documents: dict[str, Texts] = {}
    asked: dict[str, list[_Question]] = {}
    for language in task.languages:
        documents[language], asked[language] = _read_language(task, language, locate(task.source, language))
    group = _groups(asked) if task.group != "question" else {}
    queries = {
        language: Queries(
            ids=tuple(f"{language}-{question.id}" for question in questions),
            texts=tuple(question.text for question in questions),
            questions=tuple(question.id for question in questions),
            groups=tuple(group.get(question.id, question.id) for question in questions),
        )
        for language, questions in asked.items()
    }
    relevant = {
        language: {question.id: [question.gold] for question in questions} for language, questions in asked.items()
    }
    return collect(queries, documents, relevant)


def _read_language(task: LareqaTask, language: str, path: File) -> tuple[Texts, list[_Question]]:
    ids: list[str] = []
    texts: list[str] = []
    questions: list[_Question] = []
    for article, paragraph, content in _paragraphs(path):
        context, breaks = content["context"], content["sentence_breaks"]
        for item in content["qas"]:
            sentence = _sentence_of(path, item, breaks)
            unit = (language, str(article), str(paragraph) if task.group == "paragraph" else "")
            questions.append(_Question(item["id"], item["question"], len(texts) + sentence, unit))
        for number, (start, end) in enumerate(breaks):
            ids.append(f"{language}-{article}-{paragraph}-{number}")
            sentence_text = context[start:end]
            if task.options.candidate == "sentence+context":
                sentence_text = (sentence_text + context).replace("\n", "")
            texts.append(sentence_text)
    if not texts or not questions:
        raise DataError(f"{path}: no {'questions' if texts else 'sentences'}; expected a LAReQA file of {language!r}")
    if len({question.id for question in questions}) != len(questions):
        raise DataError(f"{path}: a question id stands twice; ids join the languages and must be unique")
    return Texts(tuple(ids), tuple(texts)), questions


def _paragraphs(path: File) -> Iterator[tuple[int, int, dict[str, Any]]]:
    try:
        content = json.loads(whole_text(path))
    except (ValueError, RecursionError) as error:  # ValueError: also of an integer over 4,300 digits
        raise DataError(f"{path}: not valid JSON ({error}); truncated? fetch it again") from None
    try:
        for article, entry in enumerate(content["data"]):
            for number, paragraph in enumerate(entry["paragraphs"]):
                _check(f"{path}: data.{article}.paragraphs.{number}", paragraph)
                yield article, number, paragraph
    except (KeyError, TypeError) as error:
        fault = f"no key {error}" if isinstance(error, KeyError) else str(error)
        raise DataError(f"{path}: not LAReQA's layout, data[].paragraphs[].qas[]: {fault}") from None


def _check(where: str, paragraph: dict[str, Any]) -> None:
    """Raise DataError unless everything that is read of a paragraph has the layout's types."""
    context, breaks = paragraph["context"], paragraph["sentence_breaks"]
    if not isinstance(context, str):
        raise DataError(f"{where}: context: found {context!r:.60}, expected text")
    for pair in breaks:
        start, end = pair if len(pair) == 2 else (0, -1)
        if not (isinstance(start, int) and isinstance(end, int) and 0 <= start <= end <= len(context)):
            raise DataError(f"{where}: sentence_breaks: found {pair!r:.60}, expected [start, end] inside the context")
    for item in paragraph["qas"]:
        if not (isinstance(item["id"], str) and isinstance(item["question"], str)):
            raise DataError(f"{where}: qas: found {item!r:.60}, expected `id` and `question` as text")


def _sentence_of(path: File, item: dict[str, Any], breaks: Sequence[Sequence[int]]) -> int:
    """The sentence whose break holds the answer's first character (offsets are Python code points)."""
    try:
        (answer,) = item["answers"]
        offset = answer["answer_start"]
        if not isinstance(offset, int):
            raise TypeError
    except (KeyError, ValueError, TypeError):
        raise DataError(f"{path}: question {item.get('id')!r}: expected exactly one answer with its start") from None
    for number, (start, end) in enumerate(breaks):
        if start <= offset < end:
            return number
    raise DataError(f"{path}: question {item['id']!r}: the answer at {offset} lies outside every sentence")


def _groups(asked: dict[str, list[_Question]]) -> dict[str, str]:
    """Question id -> cluster: paragraphs (or articles) of any language that share a question are one cluster.

    XQuAD-R's paragraphs are parallel, so each is its own cluster; MLQA-R's overlap only through their questions.
    """
    parent: dict[tuple[str, ...], tuple[str, ...]] = {}

    def root(node: tuple[str, ...]) -> tuple[str, ...]:
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    for questions in asked.values():
        for question in questions:
            first, second = sorted((root(question.unit), root(("id", question.id))))
            parent[second] = first
    return {question.id: "-".join(root(question.unit)) for items in asked.values() for question in items}
