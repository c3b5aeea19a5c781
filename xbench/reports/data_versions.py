"""Results on corrected data beside those on the data before: told apart by digest and day. Knows results only.

Data are versions of each other where the task and its languages are the same and the digests are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from xbench.results.provenance import MOMENT_FORMAT
from xbench.results.result import Result

DIGITS = 12  # of a digest, as in the names of result files


def made(result: Result) -> datetime:
    """When a result was made: as it says, or else as its file does, which a copy may have changed."""
    if result.provenance.filed:
        return datetime.strptime(result.provenance.filed, MOMENT_FORMAT).replace(tzinfo=UTC)
    return datetime.fromtimestamp(result.path.stat().st_mtime, UTC)


def newest_data(results: Sequence[Result]) -> list[Result]:
    """Of every task and set of languages, the results on the data that the last of them was made on."""
    last: dict[tuple[str, frozenset[str]], Result] = {}
    for result in results:
        kind = (result.task, frozenset(result.languages))
        if kind not in last or made(result) > made(last[kind]):
            last[kind] = result
    chosen = {kind: result.provenance.collection_sha256 for kind, result in last.items()}
    return [
        result
        for result in results
        if result.provenance.collection_sha256 == chosen[result.task, frozenset(result.languages)]
    ]


def data_label(results: Sequence[Result]) -> str:
    """The data of some results, and the day of the first and of the last: `data f168de6b4cf9 of 2026-09-21`."""
    days = sorted({f"{made(result).date()}" for result in results})
    digests = dict.fromkeys((result.provenance.collection_sha256 or "-")[:DIGITS] for result in results)
    return f"data {', '.join(digests)} of {days[0]}" + (f" to {days[-1]}" if len(days) > 1 else "")
