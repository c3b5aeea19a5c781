"""The one family of errors: a line that says what, where, found, expected and what to do.

Everything a user can cause is an `XbenchError`; anything else that escapes is a defect of xbench or of the machine.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path


class XbenchError(Exception):
    """The request cannot be carried out as it stands; the message is one line for the user (exit code 2).

    `paths`: the results that were filed before.
    """

    paths: tuple[Path, ...] = ()


class SpecError(XbenchError):
    """A task, model, recipe or corpus is wrongly declared, unknown, or asked for in a way it does not allow."""


class DataError(XbenchError):
    """A data file is absent, damaged, or does not hold what its format promises."""


class AbsentError(DataError):
    """A data file is in none of the folders, and nothing says where it could be fetched."""


class EncoderError(XbenchError):
    """A model cannot be loaded, or gave vectors that cannot be scored."""


class TrainingError(XbenchError):
    """A recipe cannot be trained on this corpus with this model."""


class Abandoned(Exception):
    """Another process of this command has ended, so this one cannot go on (exit code 1)."""


def joined(errors: Iterable[XbenchError]) -> XbenchError:
    """One error for several, of their kind where all are of one; what several say is said once."""
    by_text = {str(error): error for error in errors}
    first, *others = by_text.values()
    if not others:
        return first
    kind = type(first) if all(type(other) is type(first) for other in others) else XbenchError
    return kind("; ".join(by_text))


def near_miss(name: str, choices: Iterable[str]) -> str:
    """`; did you mean 'x'?` when a choice is close to `name`, else the choices themselves."""
    known = sorted(choices)
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; expected one of: {', '.join(known)}" if known else ""
