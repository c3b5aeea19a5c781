"""Queries with the passages that answer them: embedded facts, SQuAD files, jsonl, judged passages."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from pathlib import Path

from xbench import specs
from xbench.data.finder import Finder
from xbench.data.loaders.joining import Join
from xbench.data.loaders.texts import by_language
from xbench.data.qrels import trec_qrels
from xbench.data.rows import require_text, text_of, texts_by_language
from xbench.data.squad import paragraphs
from xbench.data.titles import title_and_text
from xbench.data.units import Unit
from xbench.errors import DataError, SpecError


def facts(corpus: specs.FactsCorpus) -> Iterator[Unit]:
    """`facts`: embedded."""
    from xbench.data.embedded_facts import load_facts

    try:
        embedded = load_facts(corpus.kinds, corpus.languages)
    except ValueError as error:
        raise SpecError(f"corpus {corpus.name}: {error}") from None
    for fact in embedded:
        yield Unit(fact.question, fact.answer)


def squad(corpus: specs.SquadCorpus, finder: Finder, scratch: Path) -> Iterator[Unit]:
    """`squad`: question -> paragraph, joined over languages by question id."""
    with Join(scratch) as join:
        for source, language in corpus.files():
            for file in finder.files(source, language):
                for paragraph in paragraphs(file):
                    for question in paragraph.questions:
                        join.add(question.id, language, question.text, paragraph.context)
        for _, rows in join:
            yield Unit({row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows})


def rows(corpus: specs.QuestionsCorpus, finder: Finder) -> Iterator[Unit]:
    """`qa-jsonl`."""
    for source, language in corpus.files():
        for where, row in finder.rows(source, language):
            if language:
                yield from _one_language(where, row, corpus, language)
            else:
                query = by_language(where, row, corpus.query, corpus.languages)
                positive = by_language(where, row, corpus.positive, corpus.languages)
                yield Unit(query, positive, _negatives(where, row, corpus))


def _one_language(
    where: str, row: Mapping[str, object], corpus: specs.QuestionsCorpus, language: str
) -> Iterator[Unit]:
    query = text_of(row, corpus.query, where)
    negatives = _passages(where, corpus.negatives, row.get(corpus.negatives), corpus.text) if corpus.negatives else []
    for passage in _passages(where, corpus.positive, row.get(corpus.positive), corpus.text):
        yield Unit({language: query}, {language: passage}, [{language: text} for text in negatives])


def _negatives(where: str, row: Mapping[str, object], corpus: specs.QuestionsCorpus) -> list[dict[str, str]]:
    """Of a row by language, `{lang: passages}`: a negative is of one language."""
    if not corpus.negatives or row.get(corpus.negatives) is None:
        return []
    negatives = row[corpus.negatives]
    if not isinstance(negatives, dict):
        raise DataError(f"{where}: {corpus.negatives}: found {negatives!r:.60}, expected passages by language")
    texts = texts_by_language(negatives, corpus.languages, corpus.negatives, where)
    return [
        {language: text}
        for language in corpus.languages
        for text in _passages(where, corpus.negatives, texts.get(language, []), corpus.text)
    ]


def _passages(where: str, key: str, value: object, template: str) -> list[str]:
    """The texts of a passage or a list of passages. Raises DataError where it is neither."""
    texts = []
    for passage in value if isinstance(value, list) else [value]:
        if isinstance(passage, dict) and "text" in passage:
            texts.append(title_and_text(passage, template, f"{where}: {key}"))
        else:
            texts.append(require_text(passage, key, where))
    return [text for text in texts if text.strip()]


def judged(corpus: specs.JudgedCorpus, finder: Finder) -> Iterator[Unit]:
    """`judged`: every relevant passage of a query makes a unit; the judged others are its negatives."""
    for language in corpus.languages:
        topics = {
            identity: query for _, (identity, query) in finder.fields(corpus.topics, language, ("query id", "query"))
        }
        judgements = _judgements(corpus, finder, language, topics)
        wanted = {passage for sides in judgements.values() for side in sides for passage in side}
        passages = _texts(corpus, finder, language, wanted)
        for absent in wanted - set(passages):
            raise DataError(f"corpus {corpus.name}: {language}: passage {absent!r} is judged but in no passage file")
        for identity, (relevant, others) in judgements.items():
            negatives = [{language: passages[other]} for other in others]
            for passage in relevant:
                yield Unit({language: topics[identity]}, {language: passages[passage]}, negatives)


def _judgements(
    corpus: specs.JudgedCorpus, finder: Finder, language: str, topics: Container[str]
) -> dict[str, tuple[list[str], list[str]]]:
    """By query that has any: passages judged relevant, and those judged not."""
    judgements: dict[str, tuple[list[str], list[str]]] = {}
    for file in finder.files(corpus.judgements, language):
        for qrel in trec_qrels(file):
            if qrel.query not in topics:
                raise DataError(f"{qrel.where}: query {qrel.query!r} is not among the topics")
            judgements.setdefault(qrel.query, ([], []))[qrel.grade <= 0].append(qrel.document)
    return {identity: sides for identity, sides in judgements.items() if sides[0]}


def _texts(corpus: specs.JudgedCorpus, finder: Finder, language: str, wanted: Container[str]) -> dict[str, str]:
    """The texts of the wanted passages, from one pass over all."""
    texts: dict[str, str] = {}
    for where, row in finder.rows(corpus.passages, language):
        identity = row.get("docid", row.get("id"))
        if isinstance(identity, str) and identity in wanted:
            texts[identity] = title_and_text(row, corpus.text, where, ("text", "contents"))
    return texts
