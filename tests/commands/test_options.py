"""Options that commands share: what `--set` says, where files lie, and how examples stand in the help."""

from __future__ import annotations

from pathlib import Path

import pytest

from xbench.commands.options import command_examples, parse_settings, storage_of
from xbench.commands.terminal import DownloadBar
from xbench.errors import DataError, SpecError


def test_values_are_those_of_a_yaml_and_all_behind_the_first_equals_sign() -> None:
    lines = [
        "steps=300",
        "learning_rate=3e-5",
        "task.metrics=[AP, R@1]",
        "prompts.query=a=b",
        "recipe.title=",
        "x=false",
    ]
    assert parse_settings(lines) == {
        "steps": 300,
        "learning_rate": 3e-5,
        "task.metrics": ["AP", "R@1"],
        "prompts.query": "a=b",
        "recipe.title": None,
        "x": False,
    }
    assert parse_settings([]) == {}


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["steps"], "--set steps: expected KEY=VALUE, such as steps=300"),
        (["=3"], "--set =3: expected KEY=VALUE, such as steps=300"),
        (["steps=3", "tau=1", "steps=3"], "--set steps: given twice; keep one"),
        (["task.languages=" + "[" * 5000], "--set task.languages: nested too deeply; a spec has a few levels"),
        (
            ["task.languages=[de, no]"],
            "--set task.languages.1: unquoted no: some YAML reads it as true or false; write true or false, or quote "
            "it: 'no'",
        ),
    ],
)
def test_what_is_no_setting_is_one_line(lines: list[str], says: str) -> None:
    with pytest.raises(SpecError) as refused:
        parse_settings(lines)
    assert str(refused.value) == says


def test_the_named_folder_comes_before_those_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    monkeypatch.setenv("XBENCH_DATA", str(second))
    storage = storage_of(first, True)
    assert (storage.data_dirs, storage.offline, storage.progress) == ((first, second), True, DownloadBar)
    with pytest.raises(DataError, match=r"data folder .*third: no such folder"):
        storage_of(tmp_path / "third", False)


def test_examples_are_lines_of_their_own_that_help_does_not_fold() -> None:
    assert command_examples("xbench run", "    --more") == "\b\nExamples:\n  xbench run\n      --more"
