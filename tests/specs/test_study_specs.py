"""What a study's YAML may say: the example that others rely on, and one clear line for what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from xbench.errors import SpecError
from xbench.specs import registry
from xbench.specs.study_factors import Ladder, Simplex, levels
from xbench.specs.study_outcomes import parse_margin, parse_outcome

EXAMPLE = """
name: mine
question: Do cross-lingual batches lower language bias on facts?
factors: {model: [static], recipe: [monolingual, cross-lingual]}
fixed: {corpus: facts, set: {steps: 60}}
seeds: 3
tasks: [facts]
outcomes: [Cr, rank distance]
hypotheses:
  - {name: bias falls, contrast: cross-lingual - monolingual, outcome: rank distance, direction: lower}
  - {name: keeps Mo, contrast: cross-lingual - monolingual, outcome: Mo, margin: 0.5 points}
analysis: contrast
"""


def load(folder: Path, **changes: Any) -> Any:
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(EXAMPLE) | changes, sort_keys=False))
    return registry.load("study", str(path)).spec


def hypothesis(**changes: Any) -> list[dict[str, Any]]:
    keys = {"name": "it", "contrast": "hybrid - mixed", "outcome": "Mo", "direction": "higher"} | changes
    return [{key: value for key, value in keys.items() if value is not None}]


def test_the_example_is_a_study(tmp_path: Path) -> None:
    study = load(tmp_path)
    assert study.all_seeds == (0, 1, 2)
    assert [one.name for one in study.hypotheses] == ["bias falls", "keeps Mo"]
    assert study.fixed.set == {"steps": 60}
    assert registry.schema("study")["title"] == "Study"


@pytest.mark.parametrize("name", registry.known("study"))
def test_every_study_that_ships_is_one(name: str) -> None:
    study = registry.load("study", name).spec
    assert len(study.all_seeds) >= 3
    assert (study.hypotheses or study.source == "published") and study.limits


FACTORS = {"model": ["static"]}


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"factors": {"recipy": ["hybrid"]}}, r"factors: .*not 'recipy'; did you mean 'recipe'\?"),
        ({"factors": {"recipe": ["hybrid", "hybrid"]}}, "levels of recipe with different names, not 'hybrid' twice"),
        (
            {"factors": {"mix": {"of": ["mono", "cross"], "points": [[0.5, 0.4]]}}},
            "that sum to 1, not 0.5 [+] 0.4 = 0.9",
        ),
        ({"factors": {"mix": {"of": ["mono", "crss"], "lattice": 2}}}, "not 'crss'"),
        ({"factors": {"mix": {"of": ["mono", "cross"]}}}, "either `lattice` or `points`"),
        ({"factors": {"steps": {"ladder": [64, 32]}}}, "the smaller first"),
        ({"hypotheses": hypothesis(margin=0.5)}, "margin: found 0.5, expected a number above 0 with its unit"),
        ({"hypotheses": hypothesis(margin="0.5")}, "margin: found '0.5', expected a number above 0 with its unit"),
        ({"hypotheses": hypothesis(margin="0 points")}, "expected a number above 0 with its unit"),
        ({"hypotheses": hypothesis(margin="5 ranks")}, "a margin in points of Mo, not '5 ranks'"),
        ({"hypotheses": hypothesis(direction=None)}, "`direction` .*, `margin` .*, or both"),
        ({"hypotheses": hypothesis(direction="same")}, "a `margin` with direction same"),
        ({"hypotheses": hypothesis(interaction="(a - b) - (c - d)")}, "either `contrast` or `interaction`"),
        ({"hypotheses": hypothesis() * 2}, "hypotheses with different names, not 'it' twice"),
        ({"hypotheses": hypothesis(tasks=["xquad-r"])}, "of tasks of the study, not 'xquad-r'"),
        ({"outcomes": ["Crr"]}, r"outcomes.0: found 'Crr', expected an outcome .*did you mean 'Cr'\?"),
        ({"outcomes": ["rank distance unseen"]}, "expected an outcome"),
        ({"outcomes": ["Cr low"]}, "outcome 'Cr low' of seen, unseen, not 'low'; name it under `groups`"),
        ({"seeds": 0}, "seeds"),
        ({"analysis": "mixture"}, "with analysis mixture"),
        ({"hypothesis": []}, r"unknown key 'hypothesis'; did you mean 'hypotheses'\?"),
        ({"matched": ["stepz"]}, "matched.0"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path: Path, changes: dict[str, Any], line: str) -> None:
    with pytest.raises(SpecError, match=line) as error:
        load(tmp_path, **changes)
    assert "\n" not in str(error.value) and "mine.yaml:" in str(error.value)


def test_a_lattice_has_its_corners_its_edges_and_what_is_inside() -> None:
    points = Simplex(of=("mono", "cross", "parallel"), lattice=3, interior=True).shares()
    assert len(points) == 13
    assert all(sum(point) == pytest.approx(1) for point in points)
    assert (2 / 3, 1 / 6, 1 / 6) in [pytest.approx(point) for point in points]
    names = [level.name for level in levels("mix", Simplex(of=("mono", "cross"), lattice=2))]
    assert names == ["mono100", "mono50-cross50", "cross100"]
    assert levels("mix", Simplex(of=("mono", "cross"), lattice=2))[1].settings == {
        "recipe.mix": {"mono": 0.5, "cross": 0.5}
    }


def test_a_ladder_knows_its_sizes() -> None:
    found = levels("model", Ladder(ladder={"small": 10, "large": 100}))
    assert [(level.model, level.size) for level in found] == [("small", 10.0), ("large", 100.0)]
    assert [(level.settings, level.size) for level in levels("steps", Ladder(ladder=(5, 50)))] == [
        ({"steps": 5}, 5.0),
        ({"steps": 50}, 50.0),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Cr", ("Cr", "Cr", "", "", "")),
        ("nDCG@10 Mo", ("Mo", "Mo", "nDCG@10", "", "")),
        ("Cr unseen - seen", ("Cr", "Cr", "", "unseen", "seen")),
        ("gap low", ("gap", "Cr", "", "low", "")),
        ("worst language Mul", ("worst language", "Mul", "", "", "")),
        ("R@1 spread", ("spread", "Cr", "R@1", "", "")),
        ("rank distance", ("rank distance", "Cr", "", "", "")),
    ],
)
def test_an_outcome_is_read_by_its_words(text: str, expected: tuple[str, ...]) -> None:
    name = parse_outcome(text)
    assert (name.kind, name.half, name.metric, name.part, name.less) == expected


def test_a_margin_is_in_points_or_ranks() -> None:
    assert parse_margin("0.5 points") == parse_margin("0.5 points")
    assert (parse_margin("1 point").unit, parse_margin("20 ranks").size) == ("points", 20.0)
