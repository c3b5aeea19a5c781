"""Published runs for a site: every store that is there, read and checked; one with a fault is named and left out.

Knows stores; no page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xbench.errors import XbenchError, visible
from xbench.published.runs import PublishedRun
from xbench.published.store_reading import read_store

LONGEST = 300  # letters of a line


@dataclass(frozen=True)
class PublishedStores:
    """`runs` of all stores, those of one source once; `skipped`: a line for each store that was left out."""

    runs: tuple[PublishedRun, ...]
    skipped: tuple[str, ...]


def read_stores(paths: Sequence[Path]) -> PublishedStores:
    """The runs in these stores. A run that two of them hold from one source is taken from the first. Whatever goes
    wrong with a store costs this store alone."""
    runs: dict[tuple[object, ...], PublishedRun] = {}
    skipped = []
    for path in paths:
        try:
            for run in read_store(path):
                runs.setdefault((run.task.name, run.origin.source, run.key), run)
        except XbenchError as error:
            skipped.append(visible(str(error), LONGEST))
        except Exception as error:
            reason = f"{path}: it cannot be read ({type(error).__name__}: {error}); make it again"
            skipped.append(visible(" ".join(reason.split()), LONGEST))
    return PublishedStores(tuple(runs.values()), tuple(skipped))
