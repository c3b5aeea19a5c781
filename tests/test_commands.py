"""What every command promises a person: help that ends with examples which are right, and names that complete."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from xbench.cli import cli, main
from xbench.specs import registry


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(leaves(cli))


def examples(path: str) -> list[str]:
    shown = CliRunner().invoke(cli, [*path.split(), "--help"], terminal_width=80).output
    assert "\n  Examples:\n" in shown, shown
    lines = shown.split("\n  Examples:\n")[1].replace("\\\n", " ").splitlines()
    return [line.strip() for line in lines if line.strip()]


@pytest.mark.parametrize("path", COMMANDS)
def test_help_ends_with_one_to_three_examples_of_the_command_that_it_takes(path: str) -> None:
    shown = examples(path)
    assert 1 <= len(shown) <= 3
    for line in shown:
        words = shlex.split(line.split(" > ")[0])
        assert words[: len(path.split()) + 1] == ["xbench", *path.split()]
        COMMANDS[path].make_context(path, words[len(path.split()) + 1 :])


@pytest.mark.parametrize("path", COMMANDS)
def test_help_fits_80_columns(path: str) -> None:
    shown = CliRunner().invoke(cli, [*path.split(), "--help"], terminal_width=80).output
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize("line", ["compare a b --examples 3", "run --model x --sead 1", "run", "data frob"])
def test_a_line_that_is_not_understood_ends_before_it_names_the_help(
    line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["xbench", *line.split()])
    with pytest.raises(SystemExit) as stopped:
        main()
    (said,) = capsys.readouterr().err.splitlines()
    assert stopped.value.code == 2 and re.search(r"[^.?!][.?!] See `xbench [a-z ]+ --help`\.$", said), said


def complete(line: str) -> list[str]:
    """What bash is offered for the last word of a line."""
    words = line.split(" ")
    environment = {"_XBENCH_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    command = [sys.executable, "-m", "xbench"]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=True)
    return [offered.removeprefix("plain,") for offered in done.stdout.split()]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("xbench run --task xquad", {"xquad-r", "xquad-r-context"}),
        ("xbench run --model la", {"labse"}),
        ("xbench run --recipe n", {"none"}),
        ("xbench run --recipe hybrid --corpus fac", {"facts"}),
        ("xbench run --task ./ta", {"file,./ta"}),
        ("xbench tasks show bele", {"belebele"}),
        ("xbench task check bele", {"belebele"}),
        ("xbench run --model=lab", {"--model=labse"}),
        ("xbench run --model = lab", {"labse"}),  # as bash parts it
        ("xbench run --recipe = n", {"none"}),
        ("xbench run --set steps = 3 --model = labse --task = bele", {"belebele"}),
        ("xbench data where facts bele", {"belebele"}),
        ("xbench data where bele", {"belebele"}),
        ("xbench models show bm", {"bm25"}),
        ("xbench recipes preview hy", {"hybrid"}),
        ("xbench corpora mine fac", {"facts"}),
        ("xbench cite --model lab", {"labse"}),
        ("xbench compare --task mlqa", {"mlqa-r", "mlqa-r-context"}),
        ("xbench table --task xm", {"xm3600"}),
        ("xbench published list --task bele", {"belebele"}),
        ("xbench published show --task mlqa BAAI/bge-m3", {"BAAI/bge-m3"}),
    ],
)
def test_names_are_completed(line: str, offered: set[str]) -> None:
    assert set(complete(line)) == offered


@pytest.mark.parametrize("path", COMMANDS)
def test_every_option_that_takes_a_name_completes_it(path: str) -> None:
    for parameter in COMMANDS[path].params:
        if parameter.name in ("task", "tasks", "model", "models", "recipe", "recipes", "corpus", "corpora"):
            known = registry.known(parameter.type.name)
            offered = parameter.type.shell_complete(click.Context(COMMANDS[path]), parameter, "")
            assert set(known) <= {item.value for item in offered}
