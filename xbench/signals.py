"""SIGTERM, a scheduler's warning: an orderly end, at a moment that the work at hand chooses. Knows no work.

Unasked, a SIGTERM raises Terminated where it finds the program, so that temporary files are removed. Inside
`deferred` it is only noted, and the work looks when it can stop with nothing lost.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Terminated(BaseException):
    """The program was asked to end (SIGTERM); the message says what is kept."""


def raise_terminated(*_: Any) -> None:
    """The handler of SIGTERM where no work has a better moment for it."""
    raise Terminated("finished results are kept, nothing is half-written")


def end_in_order() -> None:
    """From now on a SIGTERM raises Terminated. Only the main thread can do this."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, raise_terminated)


@contextmanager
def deferred() -> Iterator[Callable[[], bool]]:
    """Inside the block a SIGTERM is noted; the function tells whether one came. Only the main thread can do this.

    One that the block has not answered by an end of its own takes effect after it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    came = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: came.set())
    try:
        yield came.is_set
    finally:
        signal.signal(signal.SIGTERM, before)
    if came.is_set():
        signal.raise_signal(signal.SIGTERM)
