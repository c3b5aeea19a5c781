"""Work over many items in several forked processes, which inherit what they need. Knows no result and no page."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from typing import Any, TypeVar

from xbench.errors import XbenchError

MANY = 100  # items from which several processes are worth their start
AT_ONCE = 8  # items that a process takes at a time
Item = TypeVar("Item")
Made = TypeVar("Made")
_forked: list[tuple[Callable[[Any], Any], Sequence[Any], int]] = []  # what a forked process finds of its parent


def spread(act: Callable[[Item], Made], work: Sequence[Item], weight: int = 1) -> Iterator[Made]:
    """What `act` makes of each item, in order; `weight`: how many things an item is. Made in forked processes where
    there are many, so that what comes back is pickled, and nothing that `act` changes is."""
    processes = os.cpu_count() or 1
    if len(work) * weight < MANY or processes < 2 or sys.platform != "linux":
        yield from map(act, work)
        return
    size = max(1, AT_ONCE // weight)
    _forked[:] = [(act, work, size)]
    try:
        with ProcessPoolExecutor(processes, multiprocessing.get_context("fork")) as pool:
            for part in pool.map(_part, range(0, len(work), size)):
                yield from part
    except BrokenExecutor:
        raise XbenchError(
            "a process of the build was ended from outside, perhaps for lack of memory; build again"
        ) from None
    finally:
        _forked.clear()


def _part(first: int) -> list[Any]:
    """In a forked process."""
    ((act, work, size),) = _forked
    return [act(item) for item in work[first : first + size]]
