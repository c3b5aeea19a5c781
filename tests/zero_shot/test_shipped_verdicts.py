"""What the shipped declarations say: verdicts that follow from them, and that the documentation shows them."""

import importlib.util
import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from xbench import specs
from xbench.specs import registry
from xbench.zero_shot.data_graph import Graph
from xbench.zero_shot.verdict import declared

ROOT = Path(__file__).parents[2]
ME5 = ("me5-small", "me5-base", "me5-large", "me5-large-instruct")


def verdict(model: str, task: str) -> str:
    return declared(registry.load("task", task).spec, registry.load("model", model).spec, None).name


@pytest.mark.parametrize("model", ["bge-m3", *ME5])
def test_what_read_xp3_read_its_sets(model: str) -> None:
    assert [verdict(model, task) for task in ("xquad-r", "belebele", "miracl")] == ["contaminated"] * 3
    assert verdict(model, "mlqa-r") == "in-domain", "xP3 takes MLQA's test split, the task is its dev split"
    assert verdict(model, "tatoeba") == "unknown", "which of Tatoeba's sentences xP3 holds is not known"


@pytest.mark.parametrize("model", ["paraphrase-multilingual-minilm", "paraphrase-multilingual-mpnet"])
def test_parallel_sentences_hold_tatoeba(model: str) -> None:
    assert verdict(model, "tatoeba") == "contaminated"
    assert verdict(model, "xquad-r") == "zero-shot"


def test_a_list_with_a_gap_is_never_zero_shot() -> None:
    tasks = registry.known("task")
    for model in registry.known("model"):
        if registry.load("model", model).spec.training_data != "declared":
            assert "zero-shot" not in {verdict(model, task) for task in tasks}, model


def test_every_set_of_a_collection_is_in_the_graph_and_says_its_source() -> None:
    graph = Graph.load()
    for name in ("xp3", "mtp", "sbert-training-data", "parallel-sentences"):
        assert graph.sets[name].derived_from and graph.sets[name].source
    assert {"xquad", "mlqa:test", "squad-v2:train", "tydi-qa:train", "flores:dev"} <= set(
        graph.sets["xp3"].derived_from
    )


def test_the_table_in_the_documentation_is_that_of_the_yamls() -> None:
    module = importlib.util.spec_from_file_location("verdicts", ROOT / "benchmarks/verdicts.py")
    assert module and module.loader
    verdicts = importlib.util.module_from_spec(module)
    module.loader.exec_module(verdicts)
    written = (ROOT / "docs/zero-shot.md").read_text(encoding="utf-8").splitlines()
    assert set(verdicts.table()) <= set(written)


def read(fields: dict[str, object]) -> specs.SentenceModel:
    return specs.SentenceModel.model_validate_json(json.dumps(fields))


MODEL: dict[str, object] = {"name": "m", "format": "sentence", "hub": "a/b", "trained_on": ["squad:train"]}


def test_a_training_set_names_its_source() -> None:
    source = {"of": ["squad:train"], "source": "arXiv 1606.05250", "section": "3"}
    model = read(MODEL | {"training_sources": [source]})
    assert (model.training_sources[0].section, model.training_sources[0].certainty) == ("3", "read")
    assert read(MODEL).training_sources == (), "YAMLs without it stay what they are"


@pytest.mark.parametrize("fault", [{"of": ["squad:dev"], "source": "x"}, {"of": ["squad:train"], "source": ""}])
def test_a_source_of_nothing_or_of_another_set_is_an_error(fault: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="training_sources"):
        read(MODEL | {"training_sources": [fault]})
