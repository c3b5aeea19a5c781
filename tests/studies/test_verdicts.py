"""What a verdict says of an estimate, and how often it errs."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from xbench.evaluation.statistics import Estimate, holm
from xbench.specs import Hypothesis
from xbench.studies.verdicts import Test, claims, detectable, verdicts

CLEAR = 0.001  # a standard error far below any margin here


def claim(**keys: Any) -> Hypothesis:
    return Hypothesis(**{"name": "h", "contrast": "A - B", "outcome": "Mo"} | keys)


def word(value: float, error: float = CLEAR, **keys: Any) -> str:
    hypothesis, estimate = claim(**keys), Estimate(value, error, 50.0, 100)
    (verdict,) = verdicts([Test(hypothesis, "", estimate, (5, 5), *claims(hypothesis, estimate))])
    return verdict.word


@pytest.mark.parametrize(
    ("keys", "supported", "refuted", "undecided"),
    [
        ({"direction": "higher"}, 0.02, -0.02, 0.001),
        ({"direction": "lower"}, -0.02, 0.02, 0.001),
        ({"margin": "1 points"}, -0.005, -0.02, -0.01),
        ({"margin": "1 points", "outcome": "gap"}, 0.005, 0.02, 0.01),
        ({"direction": "higher", "margin": "1 points"}, 0.02, 0.005, 0.01),
        ({"direction": "lower", "margin": "1 points"}, -0.02, -0.005, -0.01),
        ({"direction": "same", "margin": "1 points"}, 0.005, 0.02, 0.01),
        ({"direction": "same", "margin": "1 points"}, -0.005, -0.02, -0.01),
        ({"direction": "lower", "margin": "5 ranks", "outcome": "rank distance"}, -7, -3, -5),
    ],
)
def test_a_claim_is_supported_refuted_or_left_open(
    keys: dict[str, Any], supported: float, refuted: float, undecided: float
) -> None:
    assert word(supported, **keys) == "supported"
    assert word(refuted, **keys) == "refuted"
    assert word(undecided, **keys) == "undecided"


def test_no_difference_found_is_no_sameness() -> None:
    assert word(0.0, error=0.05, direction="same", margin="1 points") == "undecided"


def test_a_direction_is_held_against_both_tails() -> None:
    estimate = Estimate(0.02, 0.01, 50.0, 100)
    assert claims(claim(direction="higher"), estimate)[0] == pytest.approx(estimate.p)


def test_holm_counts_a_family_and_what_could_not_be_tested() -> None:
    estimate = Estimate(0.022, 0.01, 50.0, 100)
    one = claim(direction="higher")
    test = Test(one, "", estimate, (5, 5), *claims(one, estimate))
    missing = Test(claim(name="other", direction="higher"), "", None)
    elsewhere = Test(claim(name="apart", direction="higher", family="second"), "", None)
    alone, together = verdicts([test])[0], verdicts([test, missing, elsewhere])[0]
    assert (alone.word, together.word) == ("supported", "undecided")
    assert together.p == pytest.approx(holm([test.support, 1.0])[0])


def test_the_smallest_effect_of_a_margin_is_one_sided() -> None:
    estimate = Estimate(0.0, 0.01, 1e6, 100)
    two, one = (Test(claim(**keys), "", estimate) for keys in ({"direction": "higher"}, {"margin": "1 points"}))
    assert detectable(two) == pytest.approx(0.01 * (1.960 + 0.842), rel=1e-3)
    assert detectable(one) == pytest.approx(0.01 * (1.645 + 0.842), rel=1e-3)


def script() -> ModuleType:
    path = Path(__file__).parents[2] / "benchmarks" / "study_verdicts.py"
    spec = importlib.util.spec_from_file_location("study_verdicts", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.simulate
@pytest.mark.parametrize("seeds", [3, 5, 10])
def test_verdicts_err_as_often_as_they_say(seeds: int) -> None:
    """At most 5 % and what 1,000 draws vary by: three standard errors are 2.1 points."""
    module, studies = script(), 1_000
    world = module.World((seeds, seeds), (1.0, 1.0), 240)
    none, at, beyond = (module.rates(world, effect, studies) for effect in module.EFFECTS.values())
    assert none["higher"]["supported"] + none["higher"]["refuted"] <= 0.071 * studies
    for name in ("not worse", "same"):
        assert at[name]["supported"] <= 0.071 * studies and at[name]["refuted"] <= 0.071 * studies
        assert beyond[name]["supported"] == 0 and beyond[name]["refuted"] > 0.9 * studies
    assert module.false_families(world, studies) <= 0.071
