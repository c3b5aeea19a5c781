"""What stands around an `=` when a shell asks for completions; tests/test_commands.py asks as a shell does."""

from __future__ import annotations

import pytest
from click.shell_completion import get_completion_class

from xbench.cli import cli
from xbench.commands.completion import complete_after_equals


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("--model=lab", ["--model=labse"]),
        ("--recipe=n", ["--recipe=none"]),
        ("--model=./my", ["--model=./my"]),
        ("--save-r", ["--save-run"]),
    ],
)
def test_a_shell_that_keeps_option_and_value_together_is_given_both(shell: str, typed: str, offered: list[str]) -> None:
    complete_after_equals()
    kind = get_completion_class(shell)
    assert kind is not None
    found = kind(cli, {}, "xbench", "_XBENCH_COMPLETE").get_completions(["run"], typed)
    assert [item.value for item in found] == offered
    assert {item.type for item in found} == {"file" if "/" in typed else "plain"}
