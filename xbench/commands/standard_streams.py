"""Standard output and standard error where they are closed, full, or read by nobody. Knows no word that is written.

A closed stream (`>&-`) is a wish for silence, and its number must not go to the next file that is opened. What cannot
be written to standard output is said once; on standard error it would be noise, and the work goes on without it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EPIPE
from typing import Any, TextIO, cast

from xbench.errors import XbenchError


class Unwritten(XbenchError):
    """Standard output cannot be written."""


class ReaderGone(Exception):
    """Whoever read standard output or standard error, such as `head`, has ended."""


class _Stream:
    """A text stream that says in our words why it cannot be written; `name` is empty where that may pass unsaid."""

    def __init__(self, stream: TextIO, name: str) -> None:
        self._stream, self._name = stream, name
        self._fault: Unwritten | ReaderGone | None = None  # libraries try a stream out, and pass over what it says

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """As of any text stream."""
        with self._said():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """As of any text stream."""
        with self._said():
            self._stream.flush()

    @contextmanager
    def _said(self) -> Iterator[None]:
        if self._fault:
            raise self._fault
        try:
            yield
        except OSError as error:
            _forget(self._stream)
            if error.errno == EPIPE:
                self._fault = ReaderGone()
            elif self._name:
                self._fault = Unwritten(f"cannot write to {self._name}: {error.strerror}")
        if self._fault:
            raise self._fault


@contextmanager
def standard_streams() -> Iterator[None]:
    """Inside the block, standard output and standard error are as this module says."""
    for number in range(3):
        _occupy(number)
    before = sys.stdout, sys.stderr
    own = (sys.stdout or _nowhere(), "standard output"), (sys.stderr or _nowhere(), "")
    sys.stdout, sys.stderr = (cast(TextIO, _Stream(stream, name)) for stream, name in own)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _occupy(number: int) -> None:
    """Give a closed file number to what takes everything, so that no file of ours gets it."""
    try:
        os.fstat(number)
    except OSError:
        os.open(os.devnull, os.O_RDWR)  # the lowest number that is free


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123  # it lives as long as the process


def _forget(stream: TextIO) -> None:
    """What is still in the stream goes nowhere: the interpreter would complain of it at the end."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
