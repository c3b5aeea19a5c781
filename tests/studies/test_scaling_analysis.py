"""The analyses of scaling and of reliability, from samples with known truth and from a study's YAML."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from study_files import machine, run, study

from xbench.evaluation.statistics import Sample
from xbench.specs.study_outcomes import parse_outcome
from xbench.studies.analyses.reliability import agreement_row, concordance_interval
from xbench.studies.analyses.scaling import Ladder, ladder_row, read_ladder
from xbench.studies.findings import findings_of
from xbench.studies.report import write_report

EVEN = np.zeros((1, 10))


def ladder(values: list[float], outcome: str = "Cr") -> Ladder:
    samples = [Sample(np.array([value]), EVEN) for value in values]
    return Ladder("l", 2.0 ** np.arange(len(values)), samples, parse_outcome(outcome))


def test_four_sizes_have_a_slope_and_no_exponent() -> None:
    found = read_ladder(ladder([0.1, 0.2, 0.3, 0.4]), draws=5)
    assert not found.laws
    assert ladder_row(ladder([0.1, 0.2, 0.3, 0.4]), found)[2:5] == ("+10.00", "+10.00 to +10.00", "fewer than 5 sizes")


def test_a_gap_that_can_be_below_0_has_no_law() -> None:
    values = [0.1, 0.05, 0.02, 0.0, -0.01, -0.02]
    assert not read_ladder(ladder(values, "gap"), draws=5).laws
    assert ladder_row(ladder(values, "gap"), read_ladder(ladder(values, "gap"), draws=5))[4] == "no law of a difference"


def test_the_loss_of_an_outcome_is_what_it_lacks_of_one() -> None:
    values = [1 - 0.4 * 2.0 ** (-0.3 * place) for place in range(7)]
    found = read_ladder(ladder(values), draws=5)
    assert found.laws[0].law == "power" and abs(found.laws[0].exponent - 0.3) < 0.01
    assert abs(found.held_out[0] - values[-1]) < 1e-3 and found.held_out[1] == values[-1]


def test_tasks_that_order_alike_agree_and_those_that_do_not_do_not() -> None:
    alike = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.7]])
    assert agreement_row("", alike)[3] == "1.000"
    assert agreement_row("", np.stack([alike[:, 0], -alike[:, 0]], axis=1))[3] == "0.000"


def test_questions_that_decide_the_order_widen_the_interval_of_w() -> None:
    random = np.random.default_rng(0)
    calm = [[Sample(np.array([value]), EVEN) for value in (0.1, 0.2, 0.3)]] * 2
    loud = [[Sample(one.levels, random.normal(0, 0.1, (1, 10))) for one in task] for task in calm]
    assert concordance_interval(calm, 20) == (1.0, 1.0)
    assert concordance_interval(loud, 100)[0] < 1.0


def test_a_ladder_of_a_study_is_reported(tmp_path: Path) -> None:
    declared = study(
        tmp_path, factors={"model.dimension": {"ladder": [4, 8, 16]}}, seeds=2, analysis="scaling", hypotheses=[]
    )
    run(declared)
    write_report(findings_of(declared, machine(tmp_path)), tmp_path / "report")
    text = (tmp_path / "report/report.md").read_text()
    assert "## Scaling on facts" in text and "| all | 3 | " in text and "fewer than 5 sizes" in text


def test_agreement_of_one_task_is_not_told(tmp_path: Path) -> None:
    declared = study(tmp_path, factors={"model.dimension": [4, 8, 16]}, seeds=2, analysis="reliability", hypotheses=[])
    run(declared)
    write_report(findings_of(declared, machine(tmp_path)), tmp_path / "report")
    text = (tmp_path / "report/report.md").read_text()
    assert "Cr: one task alone, so no agreement over tasks." in text and "**Kendall's tau-b**" in text
