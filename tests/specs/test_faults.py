"""How a fault of a spec is worded: which of several is said, where it stands, and what was expected."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field, TypeAdapter, ValidationError, field_validator

from xbench.specs.faults import expected, explain, tags
from xbench.specs.parts import Spec
from xbench.specs.strict_yaml import load_yaml


class Part(Spec):
    """A section."""

    width: int = Field(1, ge=1)
    code: str = Field("ab", pattern="^[a-z]+$")


class Corner(Spec):
    """Another section, with keys of its own."""

    angle: int = 90


class Circle(Spec):
    """One format."""

    format: Literal["circle"]
    radius: float = 1.0
    part: Part = Part()
    corners: Annotated[tuple[Corner, ...], Field(min_length=1)] = (Corner(),)

    @field_validator("radius")
    @classmethod
    def _small(cls, radius: float) -> float:
        if radius > 9:
            raise ValueError("a radius that fits the page")
        return radius


class Square(Spec):
    """Another format, with a key that its neighbour lacks."""

    format: Literal["square"]
    edge: float
    title: str = Field("", alias="called")


Shape = Annotated[Circle | Square, Field(discriminator="format")]


def line(folder: Path, text: str, overrides: Sequence[str] = (), form: object = Shape) -> str:
    """The words for the first fault of a YAML."""
    (folder / "s.yaml").write_text(text)
    document = load_yaml(folder / "s.yaml")
    with pytest.raises(ValidationError) as fault:
        TypeAdapter(form).validate_json(json.dumps(document.data))
    return explain("shape", form, document, fault.value, overrides).replace(f"{folder}/", "")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("format: circle\nradus: 2\n", "s.yaml:2: radus: unknown key 'radus'; did you mean 'radius'?"),
        (
            "format: circle\nedge: 2\n",
            "s.yaml:2: edge: unknown key 'edge'; expected one of: corners, format, part, radius",
        ),
        (
            "format: square\nedge: 1\ntitle: x\ncaled: x\n",
            "s.yaml:4: caled: unknown key 'caled'; did you mean 'called'?",
        ),
        ("format: circle\npart:\n  widht: 2\n", "s.yaml:3: part.widht: unknown key 'widht'; did you mean 'width'?"),
        (
            "format: circle\ncorners:\n- {angle: 2}\n- {x: 2}\n",
            "s.yaml:4: corners.1.x: unknown key 'x'; expected one of: angle",
        ),
        ("format: circle\npart:\n  x: 2\n", "s.yaml:3: part.x: unknown key 'x'; expected one of: code, width"),
        ("format: square\n", "s.yaml:1: missing key 'edge'"),
        ("format: circle\npart:\n  width: 0\n", "s.yaml:3: part.width: found 0, expected greater than or equal to 1"),
        ("format: circle\npart: {code: A1}\n", "s.yaml:2: part.code: found 'A1', expected text that matches ^[a-z]+$"),
        ("format: circle\ncorners: []\n", "s.yaml:2: corners: found [], expected at least 1"),
        ("format: circle\ncorners: 3\n", "s.yaml:2: corners: found 3, expected a list"),
        ("format: circle\npart: 3\n", "s.yaml:2: part: found 3, expected keys and values"),
        ("format: square\nedge: 1\ncalled: 5\n", "s.yaml:3: called: found 5, expected text; quote it"),
        ("format: circle\nradius: 10\n", "s.yaml:2: radius: found 10, expected a radius that fits the page"),
        ("radius: 1\nformat: cirle\n", "s.yaml:2: format: found 'cirle', expected one of 'circle', 'square'"),
        ("radius: 1\n", "s.yaml:1: format: found 'no such key', expected one of 'circle', 'square'"),
    ],
)
def test_a_fault_names_file_line_key_found_and_expected(tmp_path: Path, text: str, says: str) -> None:
    assert line(tmp_path, text) == says


def test_an_unknown_key_is_said_before_the_fault_that_it_caused(tmp_path: Path) -> None:
    assert line(tmp_path, "format: square\negde: 1\n").startswith(
        "s.yaml:2: egde: unknown key 'egde'; did you mean 'edge'"
    )


def test_a_long_value_is_cut(tmp_path: Path) -> None:
    said = line(tmp_path, f"format: circle\nradius: {'x' * 500}\n")
    assert said.startswith("s.yaml:2: radius: found 'xxx") and len(said) < 200


@pytest.mark.parametrize(
    ("overrides", "where"),
    [
        (["part.width"], "--set shape.part.width"),
        (["part"], "--set shape.part"),
        (["radius", "part.width"], "--set shape.part.width"),
        (["radius"], "s.yaml:3: part.width"),
        (["part.w", "part.width_other"], "s.yaml:3: part.width"),
        ([], "s.yaml:3: part.width"),
    ],
)
def test_a_fault_that_an_option_brought_names_the_option_and_no_line(
    tmp_path: Path, overrides: list[str], where: str
) -> None:
    text = "format: circle\npart:\n  width: 0\n"
    assert line(tmp_path, text, overrides) == f"{where}: found 0, expected greater than or equal to 1"


def test_a_fault_of_the_whole_names_all_options_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("format: circle\n")
    document = load_yaml(tmp_path / "s.yaml")
    with pytest.raises(ValidationError) as fault:
        TypeAdapter(Circle).validate_python(5)
    said = explain("shape", Circle, document, fault.value, ["radius", "part"])
    assert said.startswith(f"--set shape.radius, shape.part over {tmp_path}/s.yaml: found 5, expected ")


def test_the_formats_of_a_union_are_the_tags_of_its_members_in_order() -> None:
    assert tags(Shape) == ["circle", "square"]
    assert tags(Circle) == ["circle"]
    assert tags(Part) == [] and tags(int) == []


def test_what_pydantic_expected_is_said_in_plain_words() -> None:
    with pytest.raises(ValidationError) as fault:
        TypeAdapter(dict[str, int]).validate_python(5)
    assert expected(fault.value.errors()[0]) == "keys and values"
    with pytest.raises(ValidationError) as fault:
        TypeAdapter(Literal["a", "b"]).validate_python("c")
    assert expected(fault.value.errors()[0]) == "'a' or 'b'"
