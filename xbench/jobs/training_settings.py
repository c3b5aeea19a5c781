"""The training settings of a run: the recipe's, under the model's own, under what is set by hand. Knows specs alone."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from xbench import specs
from xbench.errors import SpecError, near_miss
from xbench.specs.faults import expected
from xbench.specs.strict_yaml import Value


def training_settings(recipe: specs.Recipe, model: specs.ModelBase, overrides: Mapping[str, Value]) -> specs.Training:
    """The settings with `overrides` (dotted keys) over those of recipe and model. Raises SpecError."""
    try:
        return specs.resolve_training(recipe, model, nested(overrides))
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        key = ".".join(map(str, fault["loc"]))
        if not key:
            raise SpecError(f"model {model.name}, recipe {recipe.name}: expected {expected(fault)}") from None
        if fault["type"] == "extra_forbidden":
            raise SpecError(f"--set {key}: unknown setting{near_miss(key, specs.Training.model_fields)}") from None
        raise SpecError(f"--set {key}: found {fault['input']!r}, expected {expected(fault)}") from None


def nested(overrides: Mapping[str, Value]) -> dict[str, Value]:
    """`{"prompts.query": text}` as `{"prompts": {"query": text}}`."""
    nested: dict[str, Value] = {}
    for key, value in overrides.items():
        name, _, part = key.partition(".")
        if not part:
            nested[name] = value
        elif isinstance(section := nested.setdefault(name, {}), dict):
            section[part] = value
        else:
            raise SpecError(f"--set {key}: {name} is set as a whole too; keep one")
    return nested
