"""The one family of errors, a line that says what, where, found, expected and what to do; and text fit to be shown.

Everything a user can cause is an `XbenchError`; anything else that escapes is a defect of xbench or of the machine.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

Value = TypeVar("Value")

LONGEST_TEXT = 2_000
LEGITIMATE = "\u200c\u200d"  # joiners that Persian and Indic scripts need
LAYOUT = "\n\t"
BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs in name alone: fillers of Hangul, Braille without dots


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


def carefully(source: str, work: Callable[[], Value], kind: type[XbenchError] = EncoderError) -> Value:
    """What someone else's code gives. Raises an error of this `kind` with one line, which `source` opens, for whatever
    it raises; an XbenchError stays what it is."""
    try:
        return work()
    except XbenchError:
        raise
    except (Exception, SystemExit) as error:  # someone else's code fails in any way
        reason = " ".join(str(error).split())[:300]
        raise kind(f"{source}: {type(error).__name__}: {reason}") from error


def near_miss(name: str, choices: Iterable[str]) -> str:
    """`; did you mean 'x'?` when a choice is close to `name`, else the choices themselves."""
    known = sorted(choices)
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; expected one of: {', '.join(known)}" if known else ""


def visible(text: object, length: int = LONGEST_TEXT) -> str:
    """Text as one can see it: controls, and what turns the direction of writing, by their code; cut when long."""
    plain = str(text)
    return printable(plain[:length] + ("\u2026" if len(plain) > length else ""), "\n")


def printable(text: str, layout: str = LAYOUT) -> str:
    """Text that neither drives a terminal nor hides anything: as `visible`, whole; `layout` stays."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character if character in layout or _shows(character) else f"\u27e8{ord(character):04X}\u27e9"
        for character in text
    )


def can_be_seen(text: str) -> bool:
    """Whether any character of a text leaves a mark: a letter, figure, point or sign that is not blank."""
    return any(unicodedata.category(character)[0] in "LNPS" and character not in BLANK for character in text)


def _shows(character: str) -> bool:
    category = unicodedata.category(character)
    return (category[0] != "C" and category not in ("Zl", "Zp")) or character in LEGITIMATE
