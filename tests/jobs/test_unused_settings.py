"""A setting that nothing reads is one line; it gave the same number as without it, and said nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from xbench.errors import SpecError
from xbench.jobs.plan import make_plan
from xbench.jobs.request import Overrides, Request
from xbench.jobs.unused_settings import require_used
from xbench.specs import registry


@pytest.mark.parametrize(
    ("model", "recipe", "settings", "says"),
    [
        ("random", "none", {"model.max_length": 64}, "no `max_length`: random draws a direction for every text"),
        ("random", "none", {"model.similarity": "dot"}, "no `similarity`: random draws"),
        ("random", "none", {"model.prompts.query": "q: "}, "no `prompts`: random draws"),
        ("random", "none", {"model.post_rank": 2}, "post: lir with `post_rank`: without it, it changes nothing"),
        ("random", "none", {"model.post_texts": 9}, "`post` with `post_texts`: without it, it changes nothing"),
        ("random", "none", {"model.post": "center-by-language", "model.post_rank": 2}, "post: lir with `post_rank`"),
        ("static", "hybrid", {"model.max_length": 64}, "found 64, expected nothing: a static model reads texts of any"),
        ("static", "none", {"model.training.steps": 3}, "--set model.training: no run trains"),
        ("static", "none", {"model.instruction": "Find"}, "prompts with {instruction} in them"),
        ("static", "hybrid", {"model.prompts.query": "q: "}, "--set model.prompts: a trained encoder has the prompts"),
        ("static", "none", {"task.instruction": "Find"}, "--set task.instruction: no prompt of these models has"),
        ("static", "hybrid", {"recipe.versions": 3}, "--set recipe.versions: it is of parallel batches, and the mix"),
        ("static", "monolingual", {"recipe.pairs": [["de", "en"]]}, "--set recipe.pairs: it is of cross batches"),
        ("static", "hybrid", {"recipe.training.steps": 3}, "model static has its own, which goes over the recipe's"),
    ],
)
def test_a_setting_that_nothing_reads_is_one_line(model: str, recipe: str, settings: dict[str, Any], says: str) -> None:
    request = Request((model,), (recipe,), ("facts",), corpus=None if model == "random" else "facts", settings=settings)
    with pytest.raises(SpecError) as told:
        make_plan(request)
    assert says in str(told.value) and "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("model", "recipe", "settings"),
    [
        ("static", "hybrid", {"model.training.steps": 3}),
        ("static", "hybrid", {"recipe.training.scale": 10.0}),
        ("static", "hybrid", {"recipe.pairs": [["de", "en"]]}),
        (
            "static",
            "none",
            {"model.prompts.query": "{instruction}: ", "model.prompts.document": "", "task.instruction": "F"},
        ),
    ],
)
def test_a_setting_that_a_run_reads_is_taken(model: str, recipe: str, settings: dict[str, Any]) -> None:
    assert make_plan(Request((model,), (recipe,), ("facts",), corpus="facts", settings=settings)).runs


def test_a_folder_has_no_revision(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="no `revision` with `folder`: a folder is read as it is"):
        registry.load("model", str(tmp_path), {"revision": "0" * 40, "name": "mine"})


def test_what_one_of_several_runs_reads_is_used() -> None:
    static = registry.load("model", "static").spec
    hybrid = registry.load("recipe", "hybrid").spec
    changed = Overrides.of({"model.prompts.query": "q: "})
    require_used(changed, [(static, None), (static, hybrid)])
    with pytest.raises(SpecError, match="a trained encoder has the prompts"):
        require_used(changed, [(static, hybrid)])
