"""What no measurement gives: numbers, names and languages of a result that cannot be right, each in a few words.

A schema says what kind a value is of; this says what values there can be. Whoever reads a result asks once, here.
Knows results as values; no file.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import TypeAlias

from xbench.errors import DataError, can_be_seen, printable
from xbench.evaluation.alignment_scores import ALIGNMENT_METRICS
from xbench.evaluation.scores import EDGE, HALVES, PairScores, PoolScores, ScoredEntry
from xbench.languages import is_language
from xbench.metrics import SHAPE
from xbench.results.result import Result

LARGEST_SEED = 2**63
LONGEST_NAME = 300
SHOWN = 60  # characters of a name on a page
MOST_TEXTS = 10**12  # of one language
ROUNDING = 1e-6  # between a mean and that of its values

Fault: TypeAlias = tuple[str, str]


class ImpossibleResult(DataError):
    """A result that no measurement gives. `faults`: all that was found, each with its kind, `value` or `mean`."""

    def __init__(self, path: Path, faults: Sequence[Fault]) -> None:
        more = f" (and {len(faults) - 1:,} more)" if len(faults) > 1 else ""
        super().__init__(f"{path}: {faults[0][1]}{more}; not a result that xbench wrote: delete it and run again")
        self.faults = faults


def faults(result: Result) -> Iterator[Fault]:
    """Each as its kind, and key, found and expected."""
    yield from (("value", fault) for fault in _values(result))
    for half, part in result.scores.halves.items():
        yield from (("mean", fault) for fault in _means(result, half, part))
    yield from (("mean", fault) for fault in _derived(result))
    yield from (("value", fault) for fault in _alignment(result))


def _values(result: Result) -> Iterator[str]:
    yield from _names(result)
    if not 0 <= result.seed < LARGEST_SEED:
        yield f"seed: found {str(result.seed)[:30]}, expected 0 to 2^63 - 1"
    for side, counts in (("queries", result.counts.queries), ("documents", result.counts.documents)):
        for code, count in counts.items():
            if not is_language(code):
                yield f"counts.{side}: found {code[:30]!r}, expected a language code such as 'de'"
            if count > MOST_TEXTS:
                yield f"counts.{side}.{code[:30]}: found {count:,}, expected at most {MOST_TEXTS:,}"
    yield from _languages(result)
    for name in result.metrics:
        if not SHAPE.fullmatch(name):
            yield f"metrics: found {name[:30]!r}, expected names such as 'nDCG@10'"
    if len(set(result.metrics)) < len(result.metrics):
        yield f"metrics: found {', '.join(result.metrics)[:60]}, expected each once"
    for name, seconds in result.timings.items():
        if seconds < 0:
            yield f"timings.{name[:30]}: found {seconds:g}, expected seconds from 0"
    for half, part in result.scores.halves.items():
        yield from _half(result, half, part)


def _alignment(result: Result) -> Iterator[str]:
    """Values out of their metric's range."""
    values = result.alignment.values if result.alignment else {}
    for metric in ALIGNMENT_METRICS:
        for pair, value in values.get(metric.name, {}).items():
            if value is not None and not metric.low - EDGE <= value <= metric.high + EDGE:
                expected = f"{metric.low:g} to {metric.high:g}"
                yield f"alignment.values.{metric.name}.{pair[:20]}: found {value:g}, expected {expected}"


def _languages(result: Result) -> Iterator[str]:
    wrong = [code for code in result.languages if not is_language(code)]
    for code in wrong:
        yield f"languages: found {code[:30]!r}, expected a language code such as 'de'"
    counted = sorted(result.languages) == sorted(result.counts.queries)
    if not wrong and not counted:
        found, expected = (", ".join(codes)[:60] for codes in (result.languages, result.counts.queries))
        yield f"languages: found {found}, expected {expected}, whose queries are counted"


def _names(result: Result) -> Iterator[str]:
    names = {key: getattr(result, key) for key in ("task", "model", "recipe", "corpus", "digest")}
    for key, name in names.items():
        if name is None:
            continue
        if not can_be_seen(name[:SHOWN]):
            yield f"{key}: found {name[:30]!a}, expected a name that can be seen"
        elif len(name) > LONGEST_NAME or printable(name, "") != name:
            yield f"{key}: found {name[:30]!a}, expected a name of at most {LONGEST_NAME} visible characters"


def _half(result: Result, half: str, part: PairScores | PoolScores) -> Iterator[str]:
    group = "languages" if half == HALVES["Mul"] else "pairs"
    asked = _asked(result, half)
    for name, entry in part.entries.items():
        yield from _entry(result, f"scores.{half}.{group}.{name[:20]}", asked.get(name), entry)
    for mean, values in (("macro", part.macro), ("micro", part.micro)):
        for metric, value in values.items():
            if value is not None and not _is_share(value):
                yield f"scores.{half}.{mean}.{metric[:20]}: found {value:g}, expected a score from 0 to 1"


def _means(result: Result, half: str, part: PairScores | PoolScores) -> Iterator[str]:
    group = "languages" if half == HALVES["Mul"] else "pairs"
    for metric in result.metrics:
        scored = [entry for entry in part.entries.values() if metric in entry and entry.get("n", 0) > 0]
        known = [entry[metric] for entry in scored]
        if not known or not all(map(_is_share, known)):
            continue
        queries = [entry["n"] for entry in scored]
        for name, means, expected in (
            ("macro", part.macro, fmean(known)),
            ("micro", part.micro, fmean(known, queries)),
        ):
            if (stated := means.get(metric)) is not None and not _is_near(stated, expected):
                yield f"scores.{half}.{name}.{metric}: found {stated}, expected {expected}, the mean of its {group}"


def _derived(result: Result) -> Iterator[str]:
    """Numbers that others of the result give."""
    distance, gap = result.bias.distance, result.gap
    means = [one.mean for one in distance.languages.values() if one.mean is not None]
    if distance.mean is not None and means and not _is_near(distance.mean, expected := fmean(means)):
        yield f"bias.rank_distance.mean: found {distance.mean}, expected {expected}, the mean of its languages"
    metric = gap.metric or result.metric
    alone, across = (result.scores.macro(column, metric) for column in ("Mo", "Cr"))
    if gap.absolute is None or alone is None or across is None:
        return
    if not _is_near(gap.absolute, alone - across):
        yield f"gap.absolute: found {gap.absolute}, expected {alone - across}, the means' difference"


def _asked(result: Result, half: str) -> dict[str, str]:
    """The query language of every pair, or entry of the pool, that a half may have."""
    queries, documents = result.counts.queries, result.counts.documents
    if half == HALVES["Mul"]:
        return {query: query for query in queries}
    same = half == HALVES["Mo"]
    pairs = ((query, document) for query in queries for document in documents if (query == document) == same)
    return {f"{query}-{document}": query for query, document in pairs}


def _entry(result: Result, where: str, query: str | None, entry: ScoredEntry) -> Iterator[str]:
    if query is None:
        yield f"{where}: expected languages that `counts` has, in this half"
        return
    most, n = result.counts.queries[query], entry.get("n", 0)
    if not isinstance(n, int) or not 0 < n <= most:
        yield f"{where}.n: found {str(entry.get('n'))[:30]}, expected 1 to {most}"
    for metric in result.metrics:
        value = entry.get(metric)
        if value is None or not _is_share(value):
            yield f"{where}.{metric}: found {str(value)[:30]}, expected a score from 0 to 1"


def _is_near(stated: float, expected: float) -> bool:
    return math.isclose(stated, expected, rel_tol=ROUNDING, abs_tol=ROUNDING)


def _is_share(value: float) -> bool:
    return -EDGE <= value <= 1 + EDGE
