"""Completion of what follows the `=` of `--model=sta`, in every shell. Imported where a shell asks for completions.

bash parts such a word at its `=`, zsh and fish leave it whole and expect whole words back.
"""

from __future__ import annotations

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)


class _AfterEquals(ShellComplete):
    """Between click, which gives values, and a shell that wants whole words."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """What fits; with the option before it where the shell holds both for one word."""
        option, equals, _ = incomplete.partition("=")
        items = super().get_completions(args, incomplete)
        if not (equals and option.startswith("-")):
            return items
        return [CompletionItem(f"{option}={item.value}", item.type) for item in items]


class _Bash(_AfterEquals, BashComplete):
    """For bash, which gives `--model=sta` as three words."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """(words before the one that is typed, that one), parted as they were typed."""
        words, typed = super().get_completion_args()
        joined: list[str] = []
        for word in words:
            if joined and "=" in (word, joined[-1][-1:]):
                joined[-1] += word
            else:
                joined.append(word)
        return [*joined[:-1], *(word.removesuffix("=") for word in joined[-1:])], typed


class _Zsh(_AfterEquals, ZshComplete):
    """For zsh."""


class _Fish(_AfterEquals, FishComplete):
    """For fish."""


def complete_after_equals() -> None:
    """Let click use these for the shells that it knows."""
    for shell in (_Bash, _Zsh, _Fish):
        add_completion_class(shell)
