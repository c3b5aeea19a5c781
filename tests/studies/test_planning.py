"""What a plan says before anything is run, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from study_files import content, machine, run, study

from xbench.errors import SpecError
from xbench.specs import registry
from xbench.studies.declared import declared_study
from xbench.studies.folder import StudyFolder
from xbench.studies.plan_words import plan_lines, plan_record
from xbench.studies.planning import plan_study

TRAINED: dict[str, Any] = {
    "factors": {"recipe": ["monolingual", "hybrid"]},
    "fixed": {
        "model": "static",
        "corpus": "facts",
        "languages": ["de", "en"],
        "set": {"steps": 7, "batch_size": 16, "corpus.kinds": ["first-day"]},
    },
    "hypotheses": [{"name": "h", "contrast": "hybrid - monolingual", "outcome": "Cr", "direction": "higher"}],
}


def test_a_plan_counts_the_runs_less_those_that_are_there(tmp_path: Path) -> None:
    declared = study(tmp_path)
    assert (plan_study(declared, machine(tmp_path)).costs.encoders, StudyFolder(declared.out).records()) == (6, [])
    run(declared, "1/3")
    costs = plan_study(declared, machine(tmp_path)).costs
    assert (costs.runs, costs.done, costs.encoders) == (6, 2, 4)
    assert costs.seconds and costs.seconds > 0 and "measured on 2 encoders" in costs.how[1]


def test_tokens_and_hours_follow_from_steps_rows_and_a_rate(tmp_path: Path) -> None:
    declared = study(tmp_path, **TRAINED, assumed={"tokens_per_text": 10})
    plan = plan_study(declared, machine(tmp_path), rate=100.0)
    assert plan.costs.tokens == 6 * 7 * 16 * 2 * 10
    assert plan.costs.seconds == plan.costs.tokens / 100
    assert plan_study(declared, machine(tmp_path)).costs.seconds is None, "no rate is made up"


@pytest.mark.parametrize(
    ("budget", "line"),
    [({"runs": 5}, "budget of 5 runs: it needs 6"), ({"tokens": 100}, "budget of 100 tokens: it needs 13,440")],
)
def test_what_costs_more_than_its_budget_is_refused(tmp_path: Path, budget: dict[str, Any], line: str) -> None:
    declared = study(tmp_path, **TRAINED, assumed={"tokens_per_text": 10}, budget=budget)
    line = line.replace("13,440", "1.344e\\+04")
    with pytest.raises(SpecError, match=line):
        plan_study(declared, machine(tmp_path))
    with pytest.raises(SpecError, match=line):
        run(declared)
    assert not (declared.out / "results").exists()


def test_what_is_decided_is_frozen_with_the_runs_that_were_done(tmp_path: Path) -> None:
    declared = study(tmp_path)
    assert plan_study(declared, machine(tmp_path)).decision.runs == 0
    plan_study(declared, machine(tmp_path))
    assert len(StudyFolder(declared.out).decisions()) == 1, "the same is not decided again"
    run(declared, "1/3")
    changed = study(tmp_path, hypotheses=content()["hypotheses"][:1])
    assert plan_study(changed, machine(tmp_path)).decision.runs == 2


def test_a_pilot_tells_the_smallest_effect_with_the_planned_seeds(tmp_path: Path) -> None:
    """Twice the seeds: the seeds' part of the variance is halved, and the error falls."""
    few, many = study(tmp_path / "few", seeds=2), study(tmp_path / "many", seeds=2)
    run(few), run(many)
    many = study(tmp_path / "many", seeds=8)
    sizes = [plan_study(one, machine(one.out.parent)).smallest["more is better"][1].effect for one in (few, many)]
    assert sizes[0] and sizes[1] and sizes[1] < sizes[0]


def test_assumed_variance_tells_it_before_any_run(tmp_path: Path) -> None:
    """sqrt(.01^2 / 4 * 2 + .01^2) = .01225, t of Satterthwaite's freedom a little above 1.96 + .84."""
    declared = study(tmp_path, seeds=4, assumed={"seed_sd": 1, "question_error": 1, "clusters": 100_000})
    found = plan_study(declared, machine(tmp_path)).smallest["more is better"][1]
    assert found.effect == pytest.approx(0.01225 * 2.9, rel=0.03)
    bare = plan_study(study(tmp_path / "bare"), machine(tmp_path / "bare")).smallest["more is better"][1]
    assert bare.effect is None and "pilot" in bare.how


@pytest.mark.parametrize(
    ("changes", "matched", "line"),
    [
        ({"factors": {"recipe": ["hybrid"], "steps": [6, 7]}}, "steps", "matched steps: .* has 6, .* has 7"),
        ({"factors": {"recipe": ["hybrid"], "batch_size": [16, 32]}}, "batch", "has 16, .* has 32"),
        (
            {"factors": {"arm": [{"name": "all"}, {"name": "less", "set": {"recipe.languages.exclude": ["el"]}}]}},
            "languages",
            "matched languages: .*",
        ),
        (
            {"factors": {"arm": [{"name": "all"}, {"name": "less", "set": {"recipe.languages.cap": 20}}]}},
            "units",
            r"matched units: .*\(.*: .* against 20\)",
        ),
        (
            {"factors": {"arm": [{"name": "all"}, {"name": "less", "set": {"corpus.kinds": ["currency"]}}]}},
            "tokens",
            "matched tokens: all has .* characters a text",
        ),
    ],
)
def test_arms_that_are_not_matched_are_refused(
    tmp_path: Path, changes: dict[str, Any], matched: str, line: str
) -> None:
    keys = {**TRAINED, **changes, "hypotheses": [], "matched": [matched]}
    keys["fixed"] = {**TRAINED["fixed"], "recipe": "hybrid"}
    if changes["factors"].keys() & {"steps", "batch_size"}:
        own = {name: value for name, value in TRAINED["fixed"]["set"].items() if name not in changes["factors"]}
        keys["fixed"] = {**keys["fixed"], "set": own}
    with pytest.raises(SpecError, match=line):
        plan_study(study(tmp_path, **keys), machine(tmp_path))


def test_arms_that_differ_in_something_else_are_warned_of(tmp_path: Path) -> None:
    arms = [{"name": "all"}, {"name": "less", "set": {"recipe.languages.cap": 20}}]
    fixed = {**TRAINED["fixed"], "recipe": "hybrid"}
    declared = study(tmp_path, **{**TRAINED, "factors": {"arm": arms}, "fixed": fixed, "hypotheses": []})
    (warning,) = plan_study(declared, machine(tmp_path)).warnings
    assert "arms differ in units, which is not under study" in warning
    assert not plan_study(study(tmp_path, **TRAINED), machine(tmp_path)).warnings


@pytest.mark.parametrize(
    ("outcome", "line"),
    [
        ("P@3 Cr", "its metrics are AP"),
        ("Cr unseen", "no arm is trained"),
        ("Cr low", "none of its query languages is in group low"),
    ],
)
def test_an_outcome_that_a_task_cannot_give_is_refused(tmp_path: Path, outcome: str, line: str) -> None:
    if outcome.startswith("P@3"):
        outcome = "nDCG@7 Cr"
    declared = study(tmp_path, outcomes=[outcome], groups={"low": ["sw"]})
    with pytest.raises(SpecError, match=line):
        plan_study(declared, machine(tmp_path))


def test_two_arms_that_are_one_are_refused(tmp_path: Path) -> None:
    controls = [{"name": "again", "set": {"model.dimension": 8}}]
    with pytest.raises(SpecError, match="arms 8 and again are one configuration"):
        plan_study(study(tmp_path, controls=controls), machine(tmp_path))


def test_a_plan_is_told_in_lines_and_as_a_record(tmp_path: Path) -> None:
    plan = plan_study(study(tmp_path), machine(tmp_path))
    lines = list(plan_lines(plan))
    assert "runs: 6, 0 done, 6 encoders to make" in lines
    assert any(
        line.startswith("frozen: 2 hypotheses, digest ") and line.endswith("before the first run") for line in lines
    )
    assert json.loads(json.dumps(plan_record(plan)))["encoders"] == 6


@pytest.mark.parametrize(
    "name", [name for name in registry.known("study") if not name.endswith(("-small", "-observed"))]
)
def test_every_study_that_ships_can_be_planned_without_network(name: str, tmp_path: Path) -> None:
    plan = plan_study(declared_study(name, tmp_path / "out"), machine(tmp_path))
    assert plan.costs.encoders == plan.costs.runs // len(plan.arms[0].plan.tasks)


@pytest.mark.parametrize("name", [name for name in registry.known("study") if name.endswith("-small")])
def test_every_small_study_can_be_planned_on_its_data(name: str, tmp_path: Path, data_folder: Path) -> None:
    here = machine(tmp_path)
    plan = plan_study(
        declared_study(name, tmp_path / "out"), replace(here, storage=replace(here.storage, data_dirs=(data_folder,)))
    )
    assert not plan.costs.fetches and len(plan.study.spec.all_seeds) >= 5
    assert not any("not compared" in warning for warning in plan.warnings)
