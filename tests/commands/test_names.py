"""Names as a shell completes them and as a user writes them."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from xbench.commands.names import MODEL, RECIPE, RECIPE_OR_NONE, SETTING, TASK, SpecName


def completions(kind: SpecName, typed: str) -> list[tuple[str, str]]:
    option = click.Option(["--name"])
    return [(item.value, item.type) for item in kind.shell_complete(click.Context(click.Command("x")), option, typed)]


def test_none_is_offered_where_a_run_may_go_without_a_recipe() -> None:
    assert completions(RECIPE_OR_NONE, "n") == [("none", "plain")]
    assert completions(RECIPE, "n") == []


def test_a_task_beside_the_user_is_offered_with_those_that_ship(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert completions(TASK, "xquad-r") == [("xquad-r", "plain"), ("xquad-r-context", "plain")]
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "xquad-rare.yaml").write_text("name: xquad-rare\n")
    assert completions(TASK, "xquad-ra") == [("xquad-rare", "plain")]


@pytest.mark.parametrize("typed", ["./mod", "org/mod", "."])
def test_a_path_is_left_to_the_shell(typed: str) -> None:
    assert completions(MODEL, typed) == [(typed, "file")]


@pytest.mark.parametrize(
    ("typed", "setting"),
    [("deu_Latn-eng_Latn", "de-en"), ("zho_Hant-pool", "zh-Hant-pool"), ("de-en", "de-en"), ("all", "all")],
)
def test_languages_of_a_setting_become_codes(typed: str, setting: str) -> None:
    assert SETTING.convert(typed, None, None) == setting
