"""Which arms stand on which side of a contrast, and with what weight."""

from __future__ import annotations

import pytest

from xbench.errors import SpecError
from xbench.specs import Hypothesis, Study
from xbench.studies.arms import Arm, arms_of
from xbench.studies.sides import Contrast, contrasts_of


def arms() -> list[Arm]:
    study = Study(
        name="s",
        question="?",
        factors={"model": ("one", "two"), "recipe": ("hybrid", "mixed")},
        controls=({"name": "bm25", "model": "bm25"},),  # type: ignore[arg-type]
        tasks=("a", "b"),
        outcomes=("Cr",),
    )
    return arms_of(study)


def contrast(text: str = "", interaction: str = "", tasks: tuple[str, ...] = ("a",)) -> dict[str, Contrast]:
    claim = Hypothesis(name="h", contrast=text, interaction=interaction, outcome="Cr", direction="higher")
    return contrasts_of(claim, arms(), tasks)


def cells(side: Contrast, which: str = "first") -> dict[tuple[str, str], float]:
    return {(cell.arm.name, cell.task): cell.weight for cell in getattr(side, which)}


def test_what_is_not_named_is_averaged_over() -> None:
    (one,) = contrast("hybrid - mixed").values()
    assert cells(one) == {("one x hybrid", "a"): 0.5, ("two x hybrid", "a"): 0.5}
    assert cells(one, "second") == {("one x mixed", "a"): 0.5, ("two x mixed", "a"): 0.5}


def test_each_task_is_tested_alone_unless_it_is_named() -> None:
    assert list(contrast("hybrid - mixed", tasks=("a", "b"))) == ["a", "b"]
    (named,) = contrast("hybrid x a - mixed x a", tasks=("a", "b")).items()
    assert named[0] == "" and named[1].tasks == ["a"]


def test_an_interaction_of_arms_parts_them_by_their_seeds() -> None:
    (one,) = contrast(interaction="(one x hybrid - one x mixed) - (two x hybrid - two x mixed)").values()
    assert cells(one) == {("one x hybrid", "a"): 1.0, ("one x mixed", "a"): -1.0}
    assert cells(one, "second") == {("two x hybrid", "a"): 1.0, ("two x mixed", "a"): -1.0}


def test_an_interaction_with_a_task_keeps_an_encoder_on_one_side() -> None:
    """(h on a - m on a) - (h on b - m on b) = (h on a - h on b) - (m on a - m on b)."""
    words = "(one x hybrid x a - one x mixed x a) - (one x hybrid x b - one x mixed x b)"
    (one,) = contrast(interaction=words, tasks=("a", "b")).values()
    assert cells(one) == {("one x hybrid", "a"): 1.0, ("one x hybrid", "b"): -1.0}
    assert cells(one, "second") == {("one x mixed", "a"): 1.0, ("one x mixed", "b"): -1.0}


def test_a_control_stands_against_a_mean_of_arms() -> None:
    (one,) = contrast("hybrid - bm25").values()
    assert cells(one, "second") == {("bm25", "a"): 1.0}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("hybird - mixed", r"no arm has 'hybird'; did you mean 'hybrid'\?|no arm has 'hybird'; expected one of"),
        ("one x hybrid - mixed", "not alike"),
        ("one x hybrid - two x mixed x one", "no arm is two x mixed x one"),
        ("hybrid-mixed", "expected A - B"),
        ("one x hybrid - hybrid", "not alike|on both sides"),
    ],
)
def test_sides_that_are_none_are_one_line(text: str, line: str) -> None:
    with pytest.raises(SpecError, match=line):
        contrast(text)


def test_a_level_of_two_factors_has_to_say_which() -> None:
    study = Study(
        name="s",
        question="?",
        factors={"steps": (8, 16), "batch_size": (8, 16)},
        fixed={"model": "static"},  # type: ignore[arg-type]
        tasks=("a",),
        outcomes=("Cr",),
    )
    claim = Hypothesis(name="h", contrast="8 - 16", outcome="Cr", direction="higher")
    with pytest.raises(SpecError, match="batch_size=8 or steps=8"):
        contrasts_of(claim, arms_of(study), ["a"])
    said = claim.model_copy(update={"contrast": "steps=8 - steps=16"})
    assert [cell.arm.name for cell in contrasts_of(said, arms_of(study), ["a"])[""].first] == ["8 x 8", "8 x 16"]


def test_two_equal_differences_are_one_line() -> None:
    with pytest.raises(SpecError, match="nothing is compared"):
        contrast(interaction="(hybrid - mixed) - (hybrid - mixed)")


def test_a_control_with_the_name_of_a_level_is_refused() -> None:
    study = Study(
        name="s",
        question="?",
        factors={"model": ("one", "two"), "recipe": ("hybrid", "mixed")},
        controls=({"name": "hybrid", "model": "bm25"},),  # type: ignore[arg-type]
        tasks=("a",),
        outcomes=("Cr",),
    )
    with pytest.raises(SpecError, match="control hybrid has the name of a level of recipe"):
        arms_of(study)
