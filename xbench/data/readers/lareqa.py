"""LAReQA's SQuAD-like files (arXiv 2004.05484): one per language, with sentence breaks. Knows the format only.

Candidates are the entries of `sentence_breaks` of every paragraph, without de-duplication: the one rule that gives the
published counts. Relevant is the sentence in which the answer starts, in every language that holds the question's id.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xbench.data.collection import Collection, Queries, Texts, collect
from xbench.data.rows import File, Locate
from xbench.data.squad import Paragraph, Question, paragraphs
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


def _read_language(task: LareqaTask, language: str, file: File) -> tuple[Texts, list[_Question]]:
    ids: list[str] = []
    texts: list[str] = []
    questions: list[_Question] = []
    for paragraph in paragraphs(file):
        context, breaks = paragraph.context, _breaks(paragraph)
        for question in paragraph.questions:
            place = len(texts) + _sentence_of(file, question, context, breaks)
            part = str(paragraph.number) if task.group == "paragraph" else ""
            questions.append(_Question(question.id, question.text, place, (language, str(paragraph.article), part)))
        for number, (start, end) in enumerate(breaks):
            ids.append(f"{language}-{paragraph.article}-{paragraph.number}-{number}")
            sentence_text = context[start:end]
            if task.options.candidate == "sentence+context":
                sentence_text = (sentence_text + context).replace("\n", "")
            texts.append(sentence_text)
    if not texts or not questions:
        raise DataError(f"{file}: no {'questions' if texts else 'sentences'}; expected a LAReQA file of {language!r}")
    if len({question.id for question in questions}) != len(questions):
        raise DataError(f"{file}: a question id stands twice; ids join the languages and must be unique")
    return Texts(tuple(ids), tuple(texts)), questions


def _breaks(paragraph: Paragraph) -> list[tuple[int, int]]:
    """[start, end) of each sentence. Raises DataError unless they are places of the context, one after the other."""
    breaks = paragraph.row.get("sentence_breaks")
    if not isinstance(breaks, list):
        raise DataError(f"{paragraph.where}: sentence_breaks: found {breaks!r:.60}, expected a list of [start, end]")
    last = 0
    for pair in breaks:
        start, end = pair if isinstance(pair, list) and len(pair) == 2 else (0, -1)
        if not (type(start) is type(end) is int and 0 <= start <= end <= len(paragraph.context)):
            raise DataError(
                f"{paragraph.where}: sentence_breaks: found {pair!r:.60}, expected [start, end] inside the context"
            )
        if start < last:
            raise DataError(
                f"{paragraph.where}: sentence_breaks: found {pair!r:.60} after a sentence that ends at {last}, "
                "expected sentences one after the other"
            )
        last = end
    return [(start, end) for start, end in breaks]


def _sentence_of(file: File, question: Question, context: str, breaks: Sequence[tuple[int, int]]) -> int:
    """The sentence whose break holds the answer's first character (offsets are Python code points)."""
    match question.row.get("answers"):
        case [{"answer_start": int(offset), "text": str(text)}] if text:
            pass
        case _:
            raise DataError(f"{file}: question {question.id!r}: expected exactly one answer, with its text and start")
    if offset < 0 or not context.startswith(text, offset):
        raise DataError(
            f"{file}: question {question.id!r}: answers.text {text!r:.60} does not stand at answer_start {offset}; "
            "offsets are code points of the context"
        )
    for number, (start, end) in enumerate(breaks):
        if start <= offset < end:
            return number
    raise DataError(f"{file}: question {question.id!r}: the answer at {offset} lies outside every sentence")


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
