"""Which files every format of a corpus reads, by language, and what it refuses."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from xbench.specs.corpora import Corpus, FactsCorpus
from xbench.specs.parts import Source

CORPORA: TypeAdapter[Any] = TypeAdapter(Corpus)
BY_LANGUAGE, WHOLE = {"path": "{lang}.x"}, {"path": "all.x"}
LEAST: dict[str, dict[str, Any]] = {
    "facts": {"kinds": ["currency"]},
    "aligned-jsonl": {"files": [{"path": "a.jsonl"}, {"path": "b.jsonl"}], "relation": "halves"},
    "aligned-lines": {"source": BY_LANGUAGE, "relation": "translation"},
    "english-pairs": {"layout": "tsv", "source": BY_LANGUAGE, "relation": "translation"},
    "squad": {"source": BY_LANGUAGE},
    "qa-jsonl": {"source": WHOLE},
    "judged": {"topics": {"path": "{lang}.t"}, "judgements": {"path": "{lang}.j"}, "passages": {"path": "{lang}.p"}},
    "id-triples": {"triples": WHOLE, "queries": {"path": "{lang}.q"}, "passages": {"path": "{lang}.p"}},
    "parquet": {"source": BY_LANGUAGE, "key": "id", "text": "text", "relation": "halves"},
    "captions": {"source": WHOLE, "image": "image_id", "relation": "next"},
}
FILES = {
    "facts": [],
    "aligned-jsonl": ["a.jsonl", "b.jsonl"],
    "aligned-lines": ["de.x de", "en.x en", "th.x th"],
    "english-pairs": ["de.x de", "th.x th"],
    "squad": ["de.x de", "en.x en", "th.x th"],
    "qa-jsonl": ["all.x"],
    "judged": [f"{code}.{end} {code}" for code in ("de", "en", "th") for end in "tjp"],
    "id-triples": ["all.x", *(f"{code}.{end} {code}" for end in "qp" for code in ("de", "en", "th"))],
    "parquet": ["de.x de", "en.x en", "th.x th"],
    "captions": ["all.x"],
}


def corpus(kind: str, **changes: Any) -> Any:
    keys = {"name": "c", "format": kind, "languages": ["de", "en", "th"], **LEAST[kind], **changes}
    return CORPORA.validate_json(json.dumps(keys))


def files(made: Any) -> list[str]:
    """Each as its path and the language that it holds, where it holds one."""
    return [f"{source.fill(source.path, language)} {language}".strip() for source, language in made.files()]


def refusal(kind: str, **changes: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        corpus(kind, **changes)
    return str(refused.value.errors()[0]["msg"]).removeprefix("Value error, ")


def test_every_format_stands_here() -> None:
    members = get_args(get_args(Corpus)[0])
    assert list(LEAST) == [get_args(member.model_fields["format"].annotation)[0] for member in members]


@pytest.mark.parametrize("kind", LEAST)
def test_a_corpus_declares_its_files_and_is_read_again_as_it_was_written(kind: str) -> None:
    made = corpus(kind)
    assert files(made) == FILES[kind]
    assert CORPORA.validate_json(made.model_dump_json(by_alias=True)) == made


@pytest.mark.parametrize(
    ("kind", "changes", "read"),
    [
        ("aligned-lines", {"english": {"path": "english"}}, ["de.x de", "english en", "th.x th"]),
        ("aligned-lines", {"documents": {"path": "names"}}, ["de.x de", "en.x en", "th.x th", "names"]),
        ("squad", {"english": {"path": "english"}}, ["de.x de", "english en", "th.x th"]),
        (
            "english-pairs",
            {"layout": "lines", "english": {"path": "{pair}.en"}},
            ["de.x de", "de-en.en de", "th.x th", "en-th.en th"],
        ),
        ("qa-jsonl", {"source": BY_LANGUAGE}, ["de.x de", "en.x en", "th.x th"]),
    ],
)
def test_english_or_a_file_of_its_own_is_read_where_the_corpus_has_one(
    kind: str, changes: dict[str, Any], read: list[str]
) -> None:
    assert files(corpus(kind, **changes)) == read


def test_questions_and_facts_have_one_relation_and_of_the_others_it_is_said() -> None:
    known = {"facts": "qa", "squad": "qa", "qa-jsonl": "qa", "judged": "qa", "id-triples": "qa"}
    for kind in LEAST:
        said = LEAST[kind].get("relation")
        assert corpus(kind).relation == known.get(kind, said)
        if said:
            assert refusal(kind, relation="summary").startswith("Input should be ")


@pytest.mark.parametrize(
    ("kind", "changes", "says"),
    [
        ("aligned-jsonl", {"relation": "next"}, "`document` for a.jsonl: relation next pairs neighbours of one docume"),
        ("aligned-lines", {"relation": "next"}, "`documents`: relation next pairs neighbours of one document"),
        ("english-pairs", {"languages": ["de", "th"]}, "`languages` with en and another: the pairs are English-centr"),
        ("english-pairs", {"languages": ["en"]}, "`languages` with en and another: the pairs are English-centric"),
        ("english-pairs", {"english": {"path": "e"}}, "`english` with layout lines, and only there"),
        ("aligned-jsonl", {"files": []}, "Tuple should have at least 1 item after validation, not 0"),
        ("id-triples", {"first": 0}, "Input should be greater than or equal to 1"),
    ],
)
def test_a_corpus_refuses_what_its_loader_could_not_read(kind: str, changes: dict[str, Any], says: str) -> None:
    assert refusal(kind, **changes).startswith(says)


def test_neighbours_are_paired_where_a_file_names_the_documents() -> None:
    named = [{"path": "a.jsonl", "document": "id#"}]
    assert corpus("aligned-jsonl", relation="next", files=named).relation == "next"
    assert corpus("aligned-lines", relation="next", documents={"path": "names"}).relation == "next"


def test_lexicons_bring_a_file_for_each_language_that_they_translate_to() -> None:
    lexicons = {"source": {"path": "en-{lang}.txt"}, "to": ["fr", "de"]}
    made = corpus("facts", lexicons=lexicons)
    assert [(source.path, language) for source, language in made.lexicon_files()] == [
        ("en-{lang}.txt", "fr"),
        ("en-{lang}.txt", "de"),
    ]
    assert made.lexicons.from_ == "en" and made.model_dump(by_alias=True)["lexicons"]["from"] == "en"
    assert list(corpus("facts").lexicon_files()) == []


def test_one_lexicon_may_be_one_file() -> None:
    made = corpus("facts", lexicons={"source": {"path": "fr.txt"}, "to": ["fr"], "from": "de"})
    assert isinstance(made, FactsCorpus) and list(made.lexicon_files()) == [(Source(path="fr.txt"), "fr")]
