"""A preview of batches: whose settings count, and how many are drawn."""

from __future__ import annotations

from typing import Any

import pytest
from facts_request import Listener

from xbench.data.download import Storage
from xbench.errors import SpecError
from xbench.jobs.batch_preview import PreviewRequest, plan_drawing, preview


def asked(**changes: Any) -> PreviewRequest:
    return PreviewRequest(**{"recipe": "hybrid", "storage": Storage(offline=True), **changes})


@pytest.mark.parametrize(
    ("model", "settings", "size"),
    [(None, {}, 100), ("static", {}, 512), ("static", {"batch_size": 32}, 32), (None, {"recipe.training": {}}, 100)],
)
def test_the_batch_size_is_the_recipes_under_the_models_under_what_is_set(
    model: str | None, settings: dict[str, Any], size: int
) -> None:
    assert plan_drawing(asked(model=model, settings=settings)).training.batch_size == size


def test_a_recipe_draws_from_the_corpus_of_a_run_unless_another_is_named() -> None:
    assert plan_drawing(asked()).corpus.spec.name == "squad-translated"
    assert plan_drawing(asked(corpus="facts")).corpus.spec.name == "facts"


@pytest.mark.parametrize("setting", ["task.metrics", "model.dimension"])
def test_what_no_batch_depends_on_is_refused(setting: str) -> None:
    with pytest.raises(SpecError, match="--set: batches depend on recipe, corpus and training settings"):
        plan_drawing(asked(settings={setting: 8}))


@pytest.mark.parametrize(("steps", "drawn"), [(3, 3), (None, 7)])
def test_as_many_batches_are_drawn_as_are_asked_for_or_the_recipe_has(steps: int | None, drawn: int) -> None:
    settings = {"steps": 7, "batch_size": 16, "corpus.kinds": ["first-day"]}
    listener = Listener()
    shown = preview(asked(corpus="facts", steps=steps, settings=settings), listener)
    assert (shown.composition.steps, shown.composition.rows) == (drawn, 16 * drawn)
    assert sum(shown.composition.kinds.values()) == drawn
    assert str(shown.loaded) == "corpus facts: 148 units, relation qa"
    assert listener.bars == [("draw hybrid from facts", drawn, "batches")]
