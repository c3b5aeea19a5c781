"""What the model YAMLs that ship hold, and what their keys refuse."""

import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from xbench import specs
from xbench.cli import cli
from xbench.encoders.prompts import takes_instruction
from xbench.specs import SentenceModel, registry

SHIPPED = sorted(path.stem for path in (registry.shipped("baselines") / "models").glob("*.yaml"))
CATALOGUE = {
    *("labse", "xlm-r-base", "xlm-r-large", "mbert", "me5-small", "me5-base", "me5-large", "me5-large-instruct"),
    *("bge-m3", "gte-multilingual-base", "arctic-embed-l-v2", "embeddinggemma", "qwen3-embedding-0.6b"),
    *("jina-embeddings-v3", "paraphrase-multilingual-minilm", "paraphrase-multilingual-mpnet", "static-multilingual"),
    *("all-minilm-l6", "static", "static-idf", "random"),
}
PREFIXED = {  # what each card asks for before a query and a document
    "me5-small": ("query: ", "passage: "),
    "me5-base": ("query: ", "passage: "),
    "me5-large": ("query: ", "passage: "),
    "me5-large-instruct": ("Instruct: {instruction}\nQuery: ", ""),
    "qwen3-embedding-0.6b": ("Instruct: {instruction}\nQuery:", ""),
    "arctic-embed-l-v2": ("query: ", ""),
    "embeddinggemma": ("task: search result | query: ", "title: none | text: "),
    "jina-embeddings-v3": (
        "Represent the query for retrieving evidence documents: ",
        "Represent the document for retrieval: ",
    ),
}


def shipped(name: str) -> specs.ModelBase:
    return registry._read("model", registry.shipped("baselines") / "models" / f"{name}.yaml", {}).spec


def test_static_idf_is_static_but_for_its_token_vectors() -> None:
    plain, weighted = (shipped(name).model_dump() for name in ("static", "static-idf"))
    words = {"name", "title", "description"}
    assert {key for key in weighted if weighted[key] != plain.get(key)} == words | {"init"}
    assert "init" not in plain  # what was made before there was a choice keeps its digest


def test_bm25_is_shown_and_filed_with_the_keys_that_it_takes() -> None:
    bm25, told = shipped("bm25"), CliRunner().invoke(cli, ["models", "show", "bm25"]).output
    assert "k1: 0.9" in told
    assert not [key for key in ("post_rank", "post_texts", "similarity", "prompts", "training:") if key in told]
    assert specs.LexicalModel.model_validate(bm25.model_dump()) == bm25


def test_every_model_of_the_catalogue_ships() -> None:
    assert set(SHIPPED) >= CATALOGUE


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_model_says_where_it_is_from_how_large_it_is_and_what_it_was_trained_on(name: str) -> None:
    spec = shipped(name)
    assert spec.name == name
    assert spec.title and spec.description and spec.license
    if not isinstance(spec, SentenceModel):
        assert (spec.training_data, spec.trained_on) == ("declared", ())
        return
    assert re.fullmatch(r"[0-9a-f]{40}", spec.revision), "a commit, for a branch is no pin"
    assert spec.hub and spec.pooling and spec.cite
    assert spec.parameters and spec.dimension and spec.non_embedding_parameters is not None
    assert spec.non_embedding_parameters < spec.parameters
    assert spec.max_length or name == "static-multilingual"
    assert sorted(name for source in spec.training_sources for name in source.of) == sorted(spec.trained_on)
    assert (spec.training_data == "undisclosed") == (not spec.trained_on)
    assert len(set(spec.trained_on)) == len(spec.trained_on)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_model_states_its_prompts_and_they_are_those_of_its_card(name: str) -> None:
    spec = shipped(name)
    if not isinstance(spec, SentenceModel):
        return
    assert spec.prompts is not None, "stated, also where there are none"
    assert (spec.prompts.query, spec.prompts.document) == PREFIXED.get(name, ("", ""))
    assert not spec.instruction or takes_instruction(spec.prompts)


def row(spec: SentenceModel) -> str:
    """A model's row in docs/models.md."""

    def trained(name: str) -> str:
        if name in spec.trained_on:
            return "yes"
        return "no" if spec.training_data == "declared" else "not declared"

    def shown(key: str, text: str) -> str:
        return text + {"memory": " (m)", "secondhand": " (2)"}.get(spec.certainty.get(key, ""), "")

    total, rest = ((number or 0) / 1e6 for number in (spec.parameters, spec.non_embedding_parameters))
    cells = [
        *(f"`{spec.name}`", spec.hub, shown("parameters", f"{total:.0f} ({rest:.0f})"), str(spec.dimension)),
        *(shown("max_length", str(spec.max_length or "any")), shown("pooling", spec.pooling), spec.license),
        *(trained("squad:train"), trained("miracl:train"), spec.training_data),
    ]
    return f"| {' | '.join(cells)} |"


def test_the_table_in_the_documentation_is_that_of_the_yamls() -> None:
    table = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8").splitlines()
    written = {line for line in table if line.startswith("| `") and line.count("|") == 11}
    assert written == {row(spec) for spec in map(shipped, SHIPPED) if isinstance(spec, SentenceModel)}


def test_models_with_traps_declare_them() -> None:
    gemma, jina, gte = (shipped(name) for name in ("embeddinggemma", "jina-embeddings-v3", "gte-multilingual-base"))
    assert isinstance(gemma, SentenceModel) and isinstance(jina, SentenceModel) and isinstance(gte, SentenceModel)
    assert gemma.gated and gemma.unsupported_dtypes == ("float16",)
    assert jina.remote_code and jina.packages == ("einops",) and gte.remote_code
    assert jina.encode_arguments == {"query": {"task": "retrieval.query"}, "document": {"task": "retrieval.passage"}}


def test_no_two_shipped_models_have_the_same_weights() -> None:
    hubs = [spec.hub for spec in map(shipped, SHIPPED) if isinstance(spec, SentenceModel)]
    assert len(set(hubs)) == len(hubs)


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"certainty": {"poling": "memory"}}, "certainty about keys of the model, not 'poling'"),
        ({"certainty": {"pooling": "sure"}}, "'secondhand' or 'memory'"),
        ({"trained_on": ("SQuAD train",)}, "a data set such as 'squad:train'"),
        ({"training_data": "some"}, "'declared', 'partly' or 'undisclosed'"),
        ({"prompts": {"query": "{task}: "}}, r"no braces but \{instruction\}, not \{task\}"),
        ({"unsupported_dtypes": ("float16",), "dtype": "float16"}, "the model gives wrong vectors"),
        ({"post": "centre"}, "'center-by-language' or 'lir'"),
        ({"encode_arguments": {"passage": {"task": "x"}}}, "'query' or 'document'"),
    ],
)
def test_a_wrong_value_is_refused(keys: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        SentenceModel(name="m", format="sentence", hub="org/m", **keys)
