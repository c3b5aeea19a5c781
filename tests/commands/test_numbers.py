"""Numbers on a command line are plain digits, whichever option takes them."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from xbench.cli import cli
from xbench.commands.numbers import MOST, Decimal, Whole

ODD = ["1_0", "\u0661", "\uff11", "nan", "inf", "Infinity", " 1", "1 ", "0x1", "", "9" * 5000, "+-1", "1e", "True"]


def options(command: click.Command, path: str = "xbench") -> Iterator[tuple[str, click.Parameter]]:
    """Every option of every command, with its place."""
    yield from ((f"{path} {option.opts[0]}", option) for option in command.params)
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from options(inner, f"{path} {name}")


NUMBERS = {
    place: option
    for place, option in options(cli)
    if isinstance(option.type, click.types.IntParamType | click.types.FloatParamType)
}


def test_no_option_reads_numbers_as_python_does() -> None:
    assert len(NUMBERS) > 8
    for place, option in NUMBERS.items():
        assert isinstance(option.type, Whole | Decimal), place


@pytest.mark.parametrize("written", ODD, ids=ascii)
@pytest.mark.parametrize("place", NUMBERS)
def test_a_number_that_is_not_in_plain_digits_is_no_number(place: str, written: str) -> None:
    with pytest.raises(click.BadParameter) as refused:
        NUMBERS[place].type.convert(written, NUMBERS[place], None)
    assert len(str(refused.value)) < 200


def test_what_is_no_whole_number_is_none() -> None:
    for written in ("1.0", "1e3", ".5"):
        with pytest.raises(click.BadParameter, match="expected a whole number in plain digits"):
            Whole(0).convert(written, None, None)


def test_plain_digits_are_numbers() -> None:
    assert [Whole(-5).convert(written, None, None) for written in ("0", "+7", "-3", "007")] == [0, 7, -3, 7]
    assert [Decimal().convert(written, None, None) for written in ("0.5", ".5", "1.", "-1e-3", 0.95)] == [
        0.5,
        0.5,
        1.0,
        -0.001,
        0.95,
    ]
    with pytest.raises(click.BadParameter):
        Whole(0).convert(str(MOST + 1), None, None)
    with pytest.raises(click.BadParameter):
        Decimal().convert("1e400", None, None)
