"""What a model is and is not told, and whose training settings hold in a run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from xbench.specs.models import Card, Model, Tokens, resolve_training
from xbench.specs.python_models import PythonModel
from xbench.specs.recipes import Mix, Prompts, Recipe, Training

MODELS: TypeAdapter[Any] = TypeAdapter(Model)


def model(kind: str = "static", **keys: Any) -> Any:
    return MODELS.validate_json(json.dumps({"name": "m", "format": kind, **keys}))


def refusal(kind: str, **keys: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        model(kind, **keys)
    return str(refused.value.errors()[0]["msg"]).removeprefix("Value error, ")


# --- training settings -------------------------------------------------------------------------------------------


def recipe(**training: Any) -> Recipe:
    return Recipe(name="r", mix=Mix(mono=1.0), training=Training(**training))


def test_the_models_settings_go_over_the_recipes_and_those_of_the_command_line_over_both() -> None:
    chosen = recipe(steps=10, batch_size=20, warmup=0.2)
    own = model(training={"steps": 30, "batch_size": 40})
    settings = resolve_training(chosen, own, {"steps": 50})
    assert (settings.steps, settings.batch_size, settings.warmup) == (50, 40, 0.2)
    assert resolve_training(chosen, model(), {}) == chosen.training


def test_one_prompt_may_be_set_without_the_other() -> None:
    chosen = recipe(prompts=Prompts(query="q: ", document="d: "))
    assert resolve_training(chosen, model(), {"prompts": {"query": "ask: "}}).prompts == Prompts(
        query="ask: ", document="d: "
    )


def test_a_section_that_was_none_is_set_with_its_defaults() -> None:
    validation = resolve_training(recipe(), model(), {"validation": {"every": 5}}).validation
    assert validation is not None and (validation.every, validation.share, validation.patience) == (5, 0.01, 5)


def test_settings_are_checked_together_wherever_they_come_from() -> None:
    with pytest.raises(ValidationError, match="hard_negatives of at least 1 where in_batch_negatives is false"):
        resolve_training(recipe(hard_negatives=0), model(), {"in_batch_negatives": False})
    both = model(training={"hard_negatives": 1})
    assert resolve_training(recipe(), both, {"in_batch_negatives": False}).hard_negatives == 1


def test_a_models_own_settings_are_checked_before_any_run_each_at_its_key() -> None:
    assert refusal("static", training={"stps": 3}) == "training settings, not 'stps'; did you mean 'steps'?"
    with pytest.raises(ValidationError) as refused:
        model(training={"steps": 0})
    assert refused.value.errors()[0]["loc"] == ("static", "training", "steps")


# --- what a model is ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["squad", "squad:train", "squad:?", "mr-tydi:dev-2", "wmt19"])
def test_what_a_model_was_trained_on_is_a_data_set_and_maybe_its_split(name: str) -> None:
    assert Card(name="m", trained_on=(name,)).trained_on == (name,)


@pytest.mark.parametrize("name", ["SQuAD", "squad:", "squad:train:1", "-squad", "squad_train", "squad:?train", ""])
def test_any_other_name_of_a_data_set_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="a data set such as 'squad:train' or 'wikipedia'"):
        Card(name="m", trained_on=(name,))


def test_a_model_that_starts_from_nothing_declares_that_and_one_with_weights_does_not() -> None:
    assert model("static").training_data == model("random").training_data == "declared"
    assert model("sentence", folder="f").training_data == model("bm25").training_data == "undisclosed"


@pytest.mark.parametrize("place", [{}, {"hub": "a/b", "folder": "f"}, {"hub": "", "folder": ""}])
def test_weights_come_from_one_place(place: dict[str, str]) -> None:
    assert refusal("sentence", **place) == "either `hub` or `folder`"


def test_a_precision_in_which_vectors_are_wrong_is_refused_wherever_it_stands() -> None:
    wrong = {"hub": "a/b", "dtype": "float16", "unsupported_dtypes": ["float16"]}
    turned = dict(reversed(wrong.items()))
    for keys in (wrong, turned):
        assert refusal("sentence", **keys).startswith("another precision: in this one the model gives wrong vectors")
    assert model("sentence", hub="a/b", dtype="bfloat16", unsupported_dtypes=["float16"]).dtype == "bfloat16"


@pytest.mark.parametrize("key", ["prompts", "instruction", "max_length", "similarity", "post", "training"])
def test_what_changes_vectors_is_neither_told_to_bm25_nor_written_of_it(key: str) -> None:
    values = {
        "max_length": 9,
        "prompts": {"query": "a"},
        "training": {"steps": 3},
        "similarity": "cosine",
        "post": "lir",
    }
    assert refusal("bm25", **{key: values.get(key, "x")}) == (
        f"no `{key}`: bm25 reads whole texts as they are and is not trained"
    )
    assert key not in model("bm25").model_dump()
    assert key in model("static").model_dump()


def test_the_card_of_bm25_is_written_as_of_any_model() -> None:
    written = model("bm25", license="mit", cite="x").model_dump(mode="json")
    assert (written["license"], written["cite"], written["k1"], written["b"]) == ("mit", "x", 0.9, 0.4)
    assert written["tokens"] == Tokens().model_dump()


# --- a model that a program gives --------------------------------------------------------------------------------


def test_no_yaml_declares_an_encoder_of_a_program() -> None:
    assert "does not match any of the expected tags: 'sentence', 'static'" in refusal("python", version="1")


@pytest.mark.parametrize(("key", "value"), [("max_length", 64), ("training", {"steps": 3})])
def test_what_an_encoder_decides_by_itself_is_not_set(key: str, value: object) -> None:
    with pytest.raises(ValidationError, match="nothing: the encoder decides by itself what it reads, and xbench does"):
        PythonModel.model_validate({"name": "own", "format": "python", "version": "1", key: value})
    plain = PythonModel.model_validate({"name": "own", "format": "python", "version": "1"})
    assert (plain.max_length, plain.training) == (None, {})


@pytest.mark.parametrize("version", ["", "x" * 201])
def test_an_encoder_of_a_program_has_a_version(version: str) -> None:
    with pytest.raises(ValidationError, match="version"):
        PythonModel(name="own", format="python", version=version)
