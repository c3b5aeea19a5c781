"""What a corpus is made of: units, one meaning in several languages. A value; knows no file and no recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """One row: what is asked, what answers it, and what seems to, by language."""

    query: Mapping[str, str]
    passage: Mapping[str, str]
    negatives: Sequence[Mapping[str, str]] = ()
