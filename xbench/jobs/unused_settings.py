"""Settings (`--set`) that nothing of a request reads: each is one line, for its value would change nothing unsaid.

Knows specs and plans' parts; nothing is loaded here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xbench import specs
from xbench.encoders.prompts import takes_instruction
from xbench.errors import SpecError
from xbench.jobs.request import Overrides

Sides = Sequence[tuple[specs.ModelBase, specs.Recipe | None]]
"""Model and recipe of every run."""


def require_used(overrides: Overrides, sides: Sides) -> None:
    """Raise SpecError for a setting that no run reads."""
    models, recipes = [model for model, _ in sides], [recipe for _, recipe in sides if recipe]
    for key in _sections(overrides.model):
        if key == "training" and not recipes:
            raise SpecError("--set model.training: no run trains, so it has no effect; name a --recipe")
        if key in ("prompts", "instruction") and len(recipes) == len(sides):
            raise SpecError(
                f"--set model.{key}: a trained encoder has the prompts that it was trained with; set prompts.query and "
                "prompts.document"
            )
    asks = any(recipe is None and takes_instruction(model.prompts) for model, recipe in sides)
    if overrides.task.get("instruction") and models and not asks:
        raise SpecError(
            "--set task.instruction: no prompt of these models has {instruction} in it, so nothing reads it"
        )
    for key in _sections(overrides.recipe) if recipes else ():
        _require_used_by_recipes(key, recipes)
    for dotted in overrides.recipe:
        if dotted.startswith("training."):
            _require_not_beaten(dotted.split(".")[1], sides)


def _require_used_by_recipes(key: str, recipes: Sequence[specs.Recipe]) -> None:
    kind = {"versions": "parallel", "pairs": "cross"}.get(key)
    if kind and not any(getattr(recipe.mix, kind) for recipe in recipes):
        raise SpecError(f"--set recipe.{key}: it is of {kind} batches, and the mix has none, so it has no effect")


def _require_not_beaten(key: str, sides: Sides) -> None:
    trained = [model for model, recipe in sides if recipe]
    if trained and all(key in model.training for model in trained):
        raise SpecError(
            f"--set recipe.training.{key}: model {trained[0].name} has its own, which goes over the recipe's; set {key}"
        )


def _sections(keys: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(key.split(".")[0] for key in keys))
