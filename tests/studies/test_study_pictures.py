"""The pictures of a study: which there are, what stands in them, and that their files need nothing beside them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from study_files import machine, run, study

from xbench.board.drawing.curves import Curve, CurvePoint, Curves
from xbench.board.drawing.dots import Dot, DotRow, Dots
from xbench.board.drawing.forest import Forest, ForestRow
from xbench.board.drawing.heat import Matrix, Ternary, TernaryPoint
from xbench.board.drawing.plots import DRAWS, Plot, draw
from xbench.board.drawing.scatter import Scatter, ScatterPoint
from xbench.specs.registry import shipped
from xbench.specs.study_factors import levels
from xbench.studies.factor_pictures import size_of
from xbench.studies.findings import Findings, findings_of
from xbench.studies.forms.picture import STYLE, standalone
from xbench.studies.plots import pictures_of
from xbench.studies.report import write_report


def findings(folder: Path, **changes: Any) -> Findings:
    declared = study(folder, **changes)
    run(declared)
    return findings_of(declared, machine(folder))


def pictures(found: Findings) -> dict[str, Plot]:
    return {picture.name: picture.plot for picture in pictures_of(found)}


def test_effects_the_plane_and_a_curve_show_what_was_measured(tmp_path: Path) -> None:
    found = findings(tmp_path)
    drawn = pictures(found)
    assert list(drawn) == ["effects-points", "plane-1", *(f"curve-model-dimension-1-{nth}" for nth in (1, 2, 3))]
    effects, plane, curve = drawn["effects-points"], drawn["plane-1"], drawn["curve-model-dimension-1-1"]
    assert isinstance(effects, Forest) and isinstance(plane, Scatter) and isinstance(curve, Curves)
    estimate = found.verdicts[0].test.estimate
    assert estimate and effects.rows[0].effect == pytest.approx(100 * estimate.value)
    assert effects.rows[0].high == pytest.approx(100 * (estimate.value + estimate.half))
    assert effects.margin == 5.0
    mono, cross = (found.evidence.sample(found.arms[1], "facts", outcome).value for outcome in ("Mo", "Cr"))
    assert (plane.points[1].x, plane.points[1].y) == pytest.approx((100 * mono, 100 * cross))
    assert plane.gaps and [point.short for point in plane.points] == ["8", "32"]
    (line,) = curve.curves
    assert [point.x for point in line.points] == [8, 32] and line.points[1].y == pytest.approx(100 * cross)


def test_controls_stand_in_one_plane_and_are_left_out_of_another(tmp_path: Path) -> None:
    control = {"name": "wide", "model": "random", "set": {"model.dimension": 64}}
    drawn = pictures(findings(tmp_path, controls=[control], seeds=1))
    whole, grid = drawn["plane-1"], drawn["plane-1-grid"]
    assert isinstance(whole, Scatter) and isinstance(grid, Scatter)
    assert [point.short for point in whole.points] == ["8", "32", "wide"]
    assert [point.short for point in grid.points] == ["8", "32"]


def test_a_study_of_several_tasks_has_a_matrix_of_outcomes_and_tasks(tmp_path: Path) -> None:
    other = yaml.safe_load((shipped("tasks") / "facts.yaml").read_text(encoding="utf-8")) | {"name": "other-facts"}
    (tmp_path / "other-facts.yaml").write_text(yaml.safe_dump(other))
    drawn = pictures(findings(tmp_path, tasks=["facts", "other-facts.yaml"], seeds=2))
    matrix = drawn["tasks-1"]
    assert isinstance(matrix, Matrix) and matrix.columns == ("facts", "other-facts")
    assert matrix.rows == ("Cr", "Mo"), "ranks are no points"
    assert {name for name in drawn if name.startswith("plane")} == {"plane-1", "plane-2"}


def test_an_interaction_shows_its_four_means(tmp_path: Path) -> None:
    claim = {"name": "more so", "interaction": "(64 - 32) - (16 - 8)", "outcome": "Cr", "direction": "higher"}
    found = findings(tmp_path, factors={"model.dimension": [8, 16, 32, 64]}, hypotheses=[claim], seeds=2)
    dots = pictures(found)["interaction-1"]
    assert isinstance(dots, Dots)
    assert {row.label for row in dots.rows} == {f"{size}, facts" for size in (8, 16, 32, 64)}
    cross = {arm.name: found.evidence.sample(arm, "facts", "Cr").value for arm in found.arms}
    assert all(row.dots[0].value == pytest.approx(100 * cross[row.label.split(",")[0]]) for row in dots.rows)


def test_a_study_without_runs_has_no_picture(tmp_path: Path) -> None:
    declared = study(tmp_path)
    assert not pictures(findings_of(declared, machine(tmp_path)))


def test_names_and_truth_values_are_no_sizes() -> None:
    assert [size_of(level) for level in levels("recipe", ("hybrid", "mixed"))] == [None, None]
    assert [size_of(level) for level in levels("recipe.pool", (True, False))] == [None, None]
    assert [size_of(level) for level in levels("steps", (100, 400))] == [100.0, 400.0]


def test_pictures_are_files_beside_the_report_and_in_its_page(tmp_path: Path) -> None:
    found = findings(tmp_path)
    write_report(found, tmp_path / "there")
    text = (tmp_path / "there" / "report.md").read_text(encoding="utf-8")
    named = re.findall(r"!\[[^]]*\]\(([\w-]+)\.svg\)", text)
    assert named == list(pictures(found))
    page = (tmp_path / "there" / "report.html").read_text(encoding="utf-8")
    for name in named:
        root = ElementTree.parse(tmp_path / "there" / f"{name}.svg").getroot()
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert f'id="{name}-title"' in page
    assert "chart { --page" in page


def test_a_picture_alone_has_a_rule_for_each_of_its_classes() -> None:
    lines = tuple(
        Curve(name=f"c{nth}", points=tuple(CurvePoint(x=x, y=nth, low=0, high=9) for x in (1, 2))) for nth in range(6)
    )
    dots = tuple(Dot(value=value, label="x") for value in (1, 2))
    plots: list[Plot] = [
        Forest(title="f", rows=(ForestRow(label="a", effect=1, group="g"),), margin=0.5),
        Scatter(title="s", points=(ScatterPoint(x=1, y=1, label="a", mark="published"),), gaps=True),
        Dots(title="d", rows=(DotRow(label="a", dots=dots),)),
        Matrix(title="m", rows=("a",), columns=("b", "c"), values=((-1, 2),), sure=((True, False),), diverging=True),
        Ternary(title="t", corners=("a", "b", "c"), points=(TernaryPoint(shares=(1, 0, 0), value=1),)),
        Curves(title="c", curves=lines),
    ]
    assert {type(plot) for plot in plots} == set(DRAWS)
    used = {
        word
        for plot in plots
        for classes in re.findall(r'class="([^"]*)"', standalone(str(draw(plot, "it"))))
        for word in classes.split()
    }
    assert not used - set(re.findall(r"\.([a-z]\w*)", STYLE))
