"""Queries with the passages that answer them: embedded facts, SQuAD files, jsonl, judged passages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xbench import specs
from xbench.data import archives
from xbench.data.loaders.finding import Finder, text_of
from xbench.data.loaders.joining import Join
from xbench.data.loaders.texts import by_language
from xbench.data.units import Unit
from xbench.errors import DataError, SpecError
from xbench.specs.parts import Source


def facts(corpus: specs.FactsCorpus) -> Iterator[Unit]:
    """`facts`: embedded."""
    from xbench.data.embedded_facts import load_facts

    try:
        found = load_facts(corpus.kinds, corpus.languages)
    except ValueError as error:
        raise SpecError(f"corpus {corpus.name}: {error}") from None
    for fact in found:
        yield Unit(fact.question, fact.answer)


def squad(corpus: specs.SquadCorpus, finder: Finder, scratch: Path) -> Iterator[Unit]:
    """`squad`: question -> paragraph, joined over languages by question id."""
    with Join(scratch) as join:
        for source, language in corpus.files():
            for path in finder.paths(source, language):
                member = source.fill(source.member, language) if isinstance(source, Source) else ""
                for identity, question, context in _squad_rows(path, member):
                    join.add(identity, language, question, context)
        for _, rows in join:
            yield Unit({row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows})


def _squad_rows(path: Path, member: str) -> Iterator[tuple[str, str, str]]:
    try:
        with archives.open_bytes(path, member) as stream:
            articles = json.load(stream)["data"]
        for article in articles:
            for paragraph in article["paragraphs"]:
                for item in paragraph["qas"]:
                    yield item["id"], item["question"], paragraph["context"]
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 (byte {error.start}); convert the file to UTF-8") from None
    except (ValueError, RecursionError) as error:  # ValueError: also of an integer over 4,300 digits
        raise DataError(f"{path}: not valid JSON ({error}); truncated? fetch it again") from None
    except (KeyError, TypeError) as error:
        fault = f"no key {error}" if isinstance(error, KeyError) else str(error)
        raise DataError(f"{path}: not SQuAD's layout, data[].paragraphs[].qas[]: {fault}") from None


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


def _one_language(where: str, row: Mapping[str, Any], corpus: specs.QuestionsCorpus, language: str) -> Iterator[Unit]:
    query = text_of(where, corpus.query, row.get(corpus.query))
    negatives = _passages(where, corpus.negatives, row.get(corpus.negatives), corpus.text) if corpus.negatives else []
    for passage in _passages(where, corpus.positive, row.get(corpus.positive), corpus.text):
        yield Unit({language: query}, {language: passage}, [{language: text} for text in negatives])


def _negatives(where: str, row: Mapping[str, Any], corpus: specs.QuestionsCorpus) -> list[dict[str, str]]:
    """Of a row by language, `{lang: passages}`: a negative is of one language."""
    if not corpus.negatives or row.get(corpus.negatives) is None:
        return []
    found = row[corpus.negatives]
    if not isinstance(found, dict):
        raise DataError(f"{where}: {corpus.negatives}: found {found!r:.60}, expected passages by language")
    return [
        {language: text}
        for language in corpus.languages
        for text in _passages(where, corpus.negatives, found.get(language, []), corpus.text)
    ]


def _passages(where: str, key: str, value: Any, template: str) -> list[str]:
    """The texts of a passage or a list of passages. Raises DataError where it is neither."""
    texts = []
    for passage in value if isinstance(value, list) else [value]:
        if isinstance(passage, dict) and isinstance(passage.get("text"), str):
            passage = joined(template, passage.get("title"), passage["text"])
        texts.append(text_of(where, key, passage))
    return [text for text in texts if text.strip()]


def joined(template: str, title: object, text: str) -> str:
    """Title and text of a passage; the text alone where there is no title."""
    return template.replace("{title}", title).replace("{text}", text) if isinstance(title, str) and title else text


def judged(corpus: specs.JudgedCorpus, finder: Finder) -> Iterator[Unit]:
    """`judged`: every relevant passage of a query makes a unit; the judged others are its negatives."""
    for language in corpus.languages:
        topics = {
            identity: query for _, (identity, query) in finder.fields(corpus.topics, language, ("query id", "query"))
        }
        judgements, wanted = _judgements(corpus, finder, language, topics)
        passages = _wanted(corpus, finder, language, wanted)
        for absent in wanted - set(passages):
            raise DataError(f"corpus {corpus.name}: {language}: passage {absent!r} is judged but in no passage file")
        for identity, (relevant, others) in judgements.items():
            negatives = [{language: passages[other]} for other in others]
            for passage in relevant:
                yield Unit({language: topics[identity]}, {language: passages[passage]}, negatives)


Judgements = dict[str, tuple[list[str], list[str]]]


def _judgements(
    corpus: specs.JudgedCorpus, finder: Finder, language: str, topics: Mapping[str, str]
) -> tuple[Judgements, set[str]]:
    """By query: passages judged relevant and those judged not; and all their ids."""
    found: Judgements = {}
    for where, line in finder.lines(corpus.judgements, language):
        fields = line.split()
        if len(fields) != 4 or not fields[3].lstrip("-").isdigit():
            raise DataError(f"{where}: found {line!r:.60}, expected: query id, Q0, passage id, judgement")
        if fields[0] not in topics:
            raise DataError(f"{where}: query {fields[0]!r} is not among the topics")
        found.setdefault(fields[0], ([], []))[int(fields[3]) <= 0].append(fields[2])
    found = {identity: sides for identity, sides in found.items() if sides[0]}
    return found, {passage for sides in found.values() for side in sides for passage in side}


def _wanted(corpus: specs.JudgedCorpus, finder: Finder, language: str, wanted: set[str]) -> dict[str, str]:
    """The texts of the wanted passages, from one pass over all."""
    found: dict[str, str] = {}
    for where, row in finder.rows(corpus.passages, language):
        identity = row.get("docid", row.get("id"))
        if identity in wanted:
            text = text_of(where, "text", row.get("text", row.get("contents")))
            found[str(identity)] = joined(corpus.text, row.get("title"), text)
    return found
