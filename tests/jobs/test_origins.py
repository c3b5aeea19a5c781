"""What names an encoder before it exists: whatever makes its vectors, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from facts_request import request, training

from xbench import specs
from xbench.data.download import Storage
from xbench.encoders.model_loading import Loading
from xbench.files import digest
from xbench.jobs.origins import base_identity, origin_of, origin_on
from xbench.jobs.plan import make_plan
from xbench.jobs.request import Request
from xbench.specs import registry
from xbench.training.corpus import Corpus
from xbench.training.corpus_loading import load_corpus


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus(registry.load("corpus", "facts", {"kinds": ["first-day"]}), Storage(offline=True))


def origin(asked: Request, corpus: Corpus | None = None) -> dict[str, object]:
    return origin_of(make_plan(asked).runs[0], corpus, asked.loading)


def test_words_about_a_model_or_a_recipe_and_the_seed_are_no_part_of_the_origin(tmp_path: Path, corpus: Corpus) -> None:
    first = origin(training(tmp_path), corpus)
    words = {"model.title": "Other", "model.license": "MIT", "recipe.title": "Other", "checkpoint_every": 1}
    assert origin(training(tmp_path, seeds=(3,), settings=words), corpus) == first
    renamed = tmp_path / "renamed.yaml"
    hybrid = (registry.shipped("baselines") / "recipes/hybrid.yaml").read_text()
    renamed.write_text(hybrid.replace("name: hybrid", "name: other"))
    assert origin(training(tmp_path, recipes=(str(renamed),)), corpus) == first


@pytest.mark.parametrize(
    "setting",
    [
        {"steps": 8},
        {"learning_rate": 0.5},
        {"prompts.query": "q: "},
        {"recipe.tau": 1},
        {"recipe.mix": {"mono": 1}},
        {"model.dimension": 8},
        {"model.vocabulary": 400},
        {"model.init": "idf"},
        {"model.similarity": "dot"},
    ],
    ids=str,
)
def test_a_setting_that_changes_weights_or_vectors_changes_the_origin(
    setting: dict[str, Any], tmp_path: Path, corpus: Corpus
) -> None:
    changed = training(tmp_path, settings=setting)
    assert digest(origin(changed, corpus)) != digest(origin(training(tmp_path), corpus))


def test_the_text_of_the_corpus_stands_in_the_origin_by_its_digest(tmp_path: Path, corpus: Corpus) -> None:
    trained = origin(training(tmp_path), corpus)
    assert trained["corpus"] == corpus.digest
    assert trained["model"] == {
        "format": "static",
        "dimension": 256,
        "vocabulary": 32_000,
        "alphabet": 6_000,
        "corpus": corpus.digest,  # of its tokenizer
    }


def test_the_version_of_the_masking_names_an_encoder_only_where_masking_can_differ(
    tmp_path: Path, corpus: Corpus
) -> None:
    """What is trained on a corpus where no query is a passage keeps the digest it had before version 2."""
    neighbours = replace(corpus, passage=corpus.query[:, ::-1], relation="next")
    assert "masking" not in origin(training(tmp_path), corpus)
    assert origin(training(tmp_path), neighbours)["masking"] == 2
    untrained = request(tmp_path, models=("static",), corpus="facts")
    assert "masking" not in origin(untrained, neighbours)


def test_a_model_as_it_is_knows_no_recipe_and_no_corpus(tmp_path: Path) -> None:
    assert origin(request(tmp_path)) == {
        "model": {"format": "random", "dimension": 64, "corpus": None},
        "similarity": "cosine",
        "max_length": None,
        "prompts": None,
    }


def test_an_encoder_of_a_program_is_its_name_and_version() -> None:
    spec = specs.PythonModel(name="own", format="python", version="2", title="Mine", similarity="dot")
    assert base_identity(spec, None, Loading()) == {"name": "own", "format": "python", "version": "2"}


def test_weights_in_a_folder_are_named_by_their_bytes_and_not_by_their_place(tmp_path: Path) -> None:
    for name, weights in (("one", b"1"), ("two", b"1"), ("three", b"3")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.safetensors").write_bytes(weights)
    one, two, three = (
        base_identity(specs.SentenceModel(name=name, format="sentence", folder=str(tmp_path / name)), None, Loading())
        for name in ("one", "two", "three")
    )
    assert one == two != three
    assert str(tmp_path) not in str(one)


def test_the_sentence_of_a_task_counts_only_where_the_prompts_ask_for_it(tmp_path: Path) -> None:
    task = registry.load("task", "facts", {"instruction": "find the money"}).spec
    asking = {"model.prompts": {"query": "{instruction}: ", "document": ""}}
    prompted = request(tmp_path, models=("static",), corpus="facts", settings=asking)
    (run,) = make_plan(prompted).runs
    own = origin_of(run, None, prompted.loading)
    assert origin_on(task, run, own) == {**own, "prompts": {"query": "find the money: ", "document": ""}}
    (plain,) = make_plan(request(tmp_path)).runs
    own = origin_of(plain, None, prompted.loading)
    assert origin_on(task, plain, own) == own
