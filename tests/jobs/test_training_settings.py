"""Training settings: the recipe's, under the model's own, under what is set by hand; and faults in one line."""

from __future__ import annotations

from typing import Any

import pytest

from xbench import specs
from xbench.errors import SpecError
from xbench.jobs.training_settings import nested, training_settings

RECIPE = specs.Recipe(
    name="r", mix=specs.Mix(mono=1), training=specs.Training(steps=10, batch_size=32, learning_rate=0.5)
)
MODEL = specs.ModelBase(name="m", training={"batch_size": 8, "learning_rate": 0.25})


def test_the_model_is_over_the_recipe_and_the_hand_over_both() -> None:
    settings = training_settings(RECIPE, MODEL, {"learning_rate": 0.125})
    assert (settings.steps, settings.batch_size, settings.learning_rate) == (10, 8, 0.125)


def test_one_prompt_is_set_without_the_other() -> None:
    prompts = training_settings(RECIPE, MODEL, {"prompts.query": "Q: "}).prompts
    assert (prompts.query, prompts.document) == ("Q: ", "Passage: ")


def test_dotted_keys_are_gathered_under_their_section() -> None:
    assert nested({"a.x": 1, "b": 2, "a.y.z": 3}) == {"a": {"x": 1, "y.z": 3}, "b": 2}
    assert nested({"a": {"x": 1}, "a.y": 2}) == {"a": {"x": 1, "y": 2}}


@pytest.mark.parametrize(
    ("overrides", "says"),
    [
        ({"stps": 3}, "--set stps: unknown setting; did you mean 'steps'?"),
        ({"prompts.quer": "x"}, "--set prompts.quer: unknown setting"),
        ({"steps": 0}, "--set steps: found 0, expected "),
        ({"schedule": "square"}, "--set schedule: found 'square', expected 'linear', 'cosine' or 'constant'"),
        ({"in_batch_negatives": False}, "model m, recipe r: expected hard_negatives of at least 1"),
        ({"prompts": "x", "prompts.query": "y"}, "--set prompts.query: prompts is set as a whole too; keep one"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(overrides: dict[str, Any], says: str) -> None:
    with pytest.raises(SpecError) as refused:
        training_settings(RECIPE, MODEL, overrides)
    assert str(refused.value).startswith(says) and "\n" not in str(refused.value)
