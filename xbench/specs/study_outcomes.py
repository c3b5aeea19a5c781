"""What a study measures, by name (`Cr`, `Cr unseen - seen`, `worst language Mul`, `nDCG@10 Mo`), and margins.

Knows words only: what a task can give of them is seen where results are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator

from xbench import metrics
from xbench.errors import near_miss

Half: TypeAlias = Literal["Mo", "Cr", "Mul"]
HALVES: tuple[Half, ...] = ("Mo", "Cr", "Mul")
DISTANCE, WORST, SPREAD, GAP = "rank distance", "worst language", "spread", "gap"
SEEN, UNSEEN = "seen", "unseen"
ALIGNMENT = (  # measured by the analysis of alignment, not out of ranks
    "xSIM",
    "MEXA",
    "hubness",
    "cosine gap",
    "centroid distance",
    "CKA",
    "RSIM",
    "IsoScore",
)
EXAMPLES = "Mo, Cr, Mul, gap, rank distance, worst language, spread, 'Cr unseen', 'Cr unseen - seen', 'nDCG@10 Cr'"
LOWER_IS_BETTER = (GAP, DISTANCE, SPREAD, "xSIM", "hubness", "centroid distance")
UNITS = ("points", "ranks")
MARGIN = re.compile(r"([0-9]+(?:\.[0-9]+)?) (points?|ranks?)")
POINT = 0.01


@dataclass(frozen=True)
class OutcomeName:
    """`kind`: a half, or gap, rank distance, worst language, spread or a metric of alignment; `half`: what the last two
    are taken over. `part`: of which languages alone, `less`: whose value is taken off that. `metric`: "" for the task's
    first."""

    text: str
    kind: str
    half: Half = "Cr"
    metric: str = ""
    part: str = ""
    less: str = ""

    @property
    def lower_is_better(self) -> bool:
        """Whether a smaller value is the better one."""
        return self.kind in LOWER_IS_BETTER

    @property
    def unit(self) -> str:
        """What a margin of it is stated in."""
        return "ranks" if self.kind == DISTANCE else "points"

    @property
    def scale(self) -> float:
        """How large one unit is in what is measured."""
        return 1.0 if self.kind == DISTANCE else POINT

    @property
    def better(self) -> str:
        """In words, for tables."""
        return "lower" if self.lower_is_better else "higher"


def parse_outcome(text: str) -> OutcomeName:
    """The outcome of a name. Raises ValueError where it is none."""
    words = text.split()
    metric = words.pop(0) if len(words) > 1 and _is_metric(words[0]) else ""
    kind, rest = _kind(" ".join(words))
    if kind in ALIGNMENT and not rest and not metric:
        return OutcomeName(text, kind)
    half, rest = _half(kind, rest)
    parts = re.fullmatch(r"(?:([\w-]+)(?: - ([\w-]+))?)?", rest)
    splits = kind not in (DISTANCE, WORST, SPREAD)
    if kind in ALIGNMENT or not kind or parts is None or (rest and not splits) or (kind == DISTANCE and metric):
        raise ValueError(f"an outcome such as {EXAMPLES}{_near(text)}")
    return OutcomeName(text, kind, half, metric, parts[1] or "", parts[2] or "")


def _kind(words: str) -> tuple[str, str]:
    """(what is measured, the words after it)."""
    for kind in (*HALVES, GAP, DISTANCE, WORST, SPREAD, *ALIGNMENT):
        if words == kind or words.startswith(f"{kind} "):
            return kind, words.removeprefix(kind).strip()
    return "", words


def _half(kind: str, rest: str) -> tuple[Half, str]:
    """(the half of the grid, the words after it)."""
    for half in HALVES:
        if kind == half:
            return half, rest
        if kind in (WORST, SPREAD) and rest == half:
            return half, ""
    return "Cr", rest


def _near(text: str) -> str:
    close = near_miss(text, [*HALVES, GAP, DISTANCE, WORST, SPREAD, *ALIGNMENT])
    return close if close.startswith("; did you mean") else ""


def _is_metric(word: str) -> bool:
    try:
        metrics.Metric.parse(word)
    except ValueError:
        return False
    return True


def _outcome(value: str) -> str:
    parse_outcome(value)
    return value


@dataclass(frozen=True)
class MarginText:
    """A margin as it is written: so many points of a metric x 100, or so many ranks."""

    size: float
    unit: str


def parse_margin(text: str) -> MarginText:
    """The margin of a text. Raises ValueError where it is none."""
    match = MARGIN.fullmatch(text)
    if match is None or not float(match[1]) > 0:
        raise ValueError("a number above 0 with its unit: '0.5 points' (of a metric x 100) or '20 ranks'")
    return MarginText(float(match[1]), match[2].rstrip("s") + "s")


def _margin(value: object) -> object:
    if value is None:
        return value
    parse_margin(value if isinstance(value, str) else "")
    return value


OutcomeText = Annotated[str, AfterValidator(_outcome)]
MarginOfOutcome = Annotated[str | None, BeforeValidator(_margin)]
