"""What each format of a task asks for, what it takes for granted, and what it refuses."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from xbench.specs.formats import JudgedTask, Task

TASKS: TypeAdapter[Any] = TypeAdapter(Task)
ONE = {"languages": ["de", "en"]}
FILES = {"documents": {"path": "{lang}/d"}, "queries": {"path": "{lang}/q"}, "qrels": {"path": "{lang}/r"}}
LEAST: dict[str, dict[str, Any]] = {
    "lareqa": {**ONE, "source": {"path": "{lang}.json"}},
    "beir": {**ONE, **FILES},
    "miracl": {**ONE, **FILES},
    "mteb": {**ONE, "source": {"path": "copy"}},
    "irds": {**ONE, "dataset": "neuclir/1/{lang}"},
    "parallel": {**ONE, "source": {"path": "rows.jsonl"}},
    "passages": {**ONE, "source": {"path": "{lang}.jsonl"}, "options": {"passage": ["link", "number"]}},
    "bitext": {
        "query_languages": ["en"],
        "document_languages": ["de", "fr"],
        "relevance": "explicit",
        "source": {"path": "{pair}.{lang}"},
        "english": {"path": "{pair}.en"},
    },
    "mkqa": {
        "query_languages": ["de", "en"],
        "document_languages": ["en"],
        "documents": {"path": "d"},
        "queries": {"path": "q"},
        "options": {"kinds": ["entity"], "most": 3},
    },
    "facts": {**ONE, "options": {"kinds": ["currency"]}},
}


def task(kind: str, **changes: Any) -> Any:
    return TASKS.validate_json(json.dumps({"name": "t", "format": kind, **LEAST[kind], **changes}))


def refusal(kind: str, **changes: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        task(kind, **changes)
    return str(refused.value.errors()[0]["msg"]).removeprefix("Value error, ")


def test_the_least_of_every_format_is_a_task_of_that_format() -> None:
    members = get_args(get_args(Task)[0])
    assert set(LEAST) == {get_args(member.model_fields["format"].annotation)[0] for member in members}
    assert all(type(task(kind)) in members for kind in LEAST)
    assert {kind for kind in LEAST if isinstance(task(kind), JudgedTask)} == {"beir", "miracl"}


@pytest.mark.parametrize("kind", LEAST)
def test_a_task_is_read_again_as_it_was_written(kind: str) -> None:
    made = task(kind)
    assert TASKS.validate_json(made.model_dump_json(by_alias=True)) == made


def test_queries_are_clustered_by_what_several_of_them_share() -> None:
    shared = {"passages": "passage", "facts": "entity"}
    assert {kind: task(kind).group for kind in LEAST} == {kind: shared.get(kind, "question") for kind in LEAST}


def test_a_relevant_document_that_is_not_there_is_an_error_wherever_qrels_may_name_one() -> None:
    assert {kind for kind in LEAST if getattr(task(kind), "absent", None) == "error"} == {
        "beir",
        "miracl",
        "mteb",
        "irds",
    }


@pytest.mark.parametrize("text", ["{title}", "{text} {", "{text} {Title}", "", "{text}{text2}"])
def test_a_document_is_made_of_its_text_and_maybe_its_title(text: str) -> None:
    assert refusal("miracl", options={"text": text}) == ("{text}, and {title} if wanted, such as '{title}\\n{text}'")
    assert task("miracl", options={"text": "a {title}, {text}"}).options.text == "a {title}, {text}"


@pytest.mark.parametrize("fields", ["title", "{title} {", "{Title}", "{}"])
def test_fields_of_a_data_set_stand_in_braces(fields: str) -> None:
    assert refusal("irds", options={"query": fields}) == ("names of fields in braces, such as '{title} {description}'")
    assert task("irds", options={"query": "{title}: {narrative_text}"}).options.document == "{text}"


@pytest.mark.parametrize("config", ["", "{pair}", "{lang"])
def test_a_config_of_a_repository_may_name_the_language_alone(config: str) -> None:
    assert refusal("mteb", options={"qrels": config}) == "the name of a config, such as '{lang}-corpus'"
    assert task("mteb", options={"qrels": "default"}).options.documents == "{lang}-corpus"


@pytest.mark.parametrize("dataset", ["{pair}", "a b", "", "x/{lang"])
def test_an_id_of_ir_datasets_names_languages_by_side(dataset: str) -> None:
    assert refusal("irds", dataset=dataset) == (
        "an id of ir_datasets, with {lang}, {query} or {document} for languages"
    )
    assert task("irds", dataset="a-b/{query}.{document}").dataset == "a-b/{query}.{document}"


@pytest.mark.parametrize(
    ("kind", "changes", "says"),
    [
        ("bitext", {"query_languages": ["de"], "document_languages": ["en"]}, "query_languages: [en], and document"),
        ("bitext", {"document_languages": ["de", "en"]}, "query_languages: [en], and document_languages without it"),
        ("bitext", {"english": {"path": "en.txt"}}, "{lang} or {pair} in `source` and `english`"),
        ("bitext", {"relevance": "parallel"}, "Input should be 'explicit'"),
        ("mkqa", {"document_languages": ["en", "de"]}, "one document language: that of the passages and answers"),
        ("mkqa", {"options": {"kinds": [], "most": 0}}, "Input should be greater than or equal to 1"),
        ("passages", {"options": {"passage": []}}, "Tuple should have at least 1 item after validation, not 0"),
        ("facts", {"options": {"kinds": []}}, "Tuple should have at least 1 item after validation, not 0"),
        ("lareqa", {"options": {"candidate": "paragraph"}}, "Input should be 'sentence' or 'sentence+context'"),
        (
            "parallel",
            {"options": {"captions": "caption"}, "source": {"path": "{lang}.jsonl"}},
            "captions in one file of all languages, so no {lang} in the source",
        ),
    ],
)
def test_a_format_refuses_what_its_reader_could_not_read(kind: str, changes: dict[str, Any], says: str) -> None:
    assert refusal(kind, **changes).startswith(says)


def test_captions_and_files_by_language_exclude_each_other_alone() -> None:
    assert task("parallel", options={"captions": "caption"}).options.captions == "caption"
    assert task("parallel", source={"path": "{lang}.txt"}).source.by_language


def test_qrels_name_the_documents_language_only_where_they_cross_languages() -> None:
    crossing = {"qrels": {"path": "{lang}-{document}.tsv"}}
    assert task("miracl", relevance="explicit", **crossing).qrels.path == "{lang}-{document}.tsv"
    for relevance in ("parallel", "same-language"):
        assert refusal("miracl", relevance=relevance, **crossing).startswith("relevance: explicit, for the qrels name")


@pytest.mark.parametrize("side", ["documents", "queries"])
def test_several_languages_of_beir_are_told_apart_by_file_or_by_key(side: str) -> None:
    one_file = {side: {"path": "all.jsonl"}}
    assert refusal("beir", **one_file).startswith("{lang} in the paths of documents and queries, or `options:")
    assert task("beir", **one_file, options={"language": "lang"}).options.language == "lang"
    assert task("beir", **one_file, languages=["de"]).languages == ("de",)
