"""Aligned lines with English, other English sentences for each language, as in Tatoeba (arXiv 1812.10464).

English asks: its query of a pair has one gold, in the language of that pair. The other direction would need English
candidates for each pair alone, and a task has one set of documents per language.
"""

from __future__ import annotations

from collections.abc import Iterator

from xbench.data.collection import Collection, Judgement, Queries, Texts, judge
from xbench.data.readers.judged import TextColumn
from xbench.data.rows import Locate, lines
from xbench.errors import DataError
from xbench.specs import BitextTask
from xbench.specs.parts import Source


def files(task: BitextTask) -> Iterator[tuple[Source, str]]:
    """Every (source, language) that the task reads."""
    for language in task.document_languages:
        yield task.source, language
        yield task.english, language


def read(task: BitextTask, locate: Locate) -> Collection:
    """The task's collection. Raises DataError naming the file."""
    asked, documents = TextColumn("en"), dict[str, Texts]()
    judgements: list[Judgement] = []
    for language in task.document_languages:
        column = TextColumn(language)
        place = locate(task.english, language)
        english = list(lines(place))
        answers = list(lines(locate(task.source, language)))
        if len(english) != len(answers):
            raise DataError(f"{place}: {len(english)} lines, and {len(answers)} in {language}; expected as many")
        for number, ((where, query), (_, text)) in enumerate(zip(english, answers, strict=True), start=1):
            asked.add(f"{language}-{number}", query, where)
            column.add(str(number), text, where)
            judgements.append(Judgement(asked.ids[-1], language, column.ids[-1], 1, where))
        documents[language] = column.close()
    texts = asked.close()
    return judge({"en": Queries(texts.ids, texts.texts, texts.ids, texts.ids)}, documents, {"en": judgements})
