"""What a YAML file may hold, how its values are read, and on which line each of its keys stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from xbench.errors import SpecError
from xbench.specs.strict_yaml import Document, load_yaml, parse_value


def read(folder: Path, text: str) -> Document:
    (folder / "x.yaml").write_text(text, encoding="utf-8")
    return load_yaml(folder / "x.yaml")


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(SpecError) as refused:
        read(folder, text)
    assert "\n" not in str(refused.value)
    return str(refused.value).removeprefix(f"{folder}/")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("3e-5", 3e-5),
        ("-1E+5", -1e5),
        ("2.e3", 2000.0),
        ("3e", "3e"),
        ("1e5a", "1e5a"),
        ("2024-01-31", "2024-01-31"),
        ("2024-01-31 12:30:00", "2024-01-31 12:30:00"),
        ("'no'", "no"),
        ("true", True),
        ("~", None),
        ("", None),
        ("+3", 3),
        ("-.5", -0.5),
        ("'010'", "010"),
        ('"1:30"', "1:30"),
        ("0b25fcfc2a77", "0b25fcfc2a77"),
        ("1.5.2", "1.5.2"),
        ("y", "y"),
        ("[1, {a: b}]", [1, {"a": "b"}]),
    ],
)
def test_a_value_is_what_everyone_who_writes_it_means(tmp_path: Path, written: str, value: object) -> None:
    assert read(tmp_path, f"key: {written}\n").data == {"key": value}
    assert parse_value(written) == value
    assert type(parse_value(written)) is type(value)


def test_a_key_has_the_line_on_which_it_stands_and_an_absent_one_that_of_its_section(tmp_path: Path) -> None:
    document = read(tmp_path, "# a comment\nname: x\n\nsource:\n  files:\n    - path: a\n    - path: b\n")
    assert document.line(("name",)) == 2
    assert document.line(("source", "files", 1, "path")) == 7
    assert document.line(("source", "files", 1, "url", "deeper")) == 7
    assert document.line(("source", "licence")) == 4
    assert document.line(("nowhere",)) == document.line(()) == 2


def test_a_mark_at_the_start_that_editors_write_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    assert read(tmp_path, "\ufeffname: x\n").data == {"name": "x"}


def test_an_alias_is_its_value_again(tmp_path: Path) -> None:
    assert read(tmp_path, "a: &x [1]\nb: *x\n").data == {"a": [1], "b": [1]}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a:\n  b: 1\n  c: 2\n  b: 3\n", "x.yaml:4: duplicate key 'b'; keep one"),
        ("a: [{b: 1,\n b: 2}]\n", "x.yaml:2: duplicate key 'b'; keep one"),
        (
            "a:\n  no: 1\n",
            "x.yaml:2: key: unquoted no: some YAML reads it as true or false; write true or false, or quote it: 'no'",
        ),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", "x.yaml:3: '<<' merges are not allowed; write the keys out"),
        ("2024: 1\n", "x.yaml:1: key '2024' is read by YAML as 2024; keys are text: quote it"),
        ("a: 1\nb: !x 2\n", "x.yaml:2: YAML tag '!x' is not allowed; write plain values"),
        (
            "a:\n- 0x_\n",
            "x.yaml:2: a.0: unquoted 0x_: YAML reads such numbers in other bases; write it in plain digits, or quote "
            "it as text: '0x_'",
        ),
        ("a: 1\n---\nb: 2\n", "x.yaml:2: not valid YAML: but found another document"),
        ("a: &x\n  b: *x\n", "x.yaml:1: an alias that contains itself"),
        ("text\n", "x.yaml: found a str, expected keys and values such as `name: ...`"),
    ],
)
def test_what_is_refused_is_one_line_with_file_and_line(tmp_path: Path, text: str, line: str) -> None:
    assert refusal(tmp_path, text) == line


@pytest.mark.parametrize("switch", ["yes", "No", "ON", "off"])
def test_a_switch_of_older_yaml_is_refused_unquoted(switch: str) -> None:
    with pytest.raises(SpecError, match=f"^--set: unquoted {switch}: .* write true or false, or quote it: '{switch}'$"):
        parse_value(switch)


@pytest.mark.parametrize(
    ("number", "digits"),
    [("010", ", 10"), ("08", ", 8"), ("1_000", ", 1000"), ("0x1f", ""), ("0b11", ""), ("1:30", ""), ("1:30:00.5", "")],
)
def test_a_number_in_another_base_is_refused_unquoted(number: str, digits: str) -> None:
    with pytest.raises(SpecError, match=f"^--set: unquoted {number}: .*; write it in plain digits{digits}, or quote"):
        parse_value(number)


@pytest.mark.parametrize("number", [".inf", "-.INF", ".NaN"])
def test_no_setting_is_infinite(number: str) -> None:
    with pytest.raises(SpecError, match="no setting is infinite or not a number"):
        parse_value(number)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"none\.yaml: cannot be read: No such file or directory$"):
        load_yaml(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("a: b: c", "--set: 'a: b: c' is not a YAML value; quote it"),
        ("{a: 1, a: 2}", "--set: duplicate key 'a'; keep one"),
    ],
)
def test_a_value_of_the_command_line_is_as_strict(written: str, line: str) -> None:
    with pytest.raises(SpecError) as refused:
        parse_value(written)
    assert str(refused.value) == line
