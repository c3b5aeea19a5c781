"""What every picture says of itself, and which texts, numbers and addresses one may hold."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from xbench.specs.parts import Spec

LARGEST = 1e18  # a number on a picture
SMALLEST = 1e-12  # that has a place on a logarithmic scale

Words = Annotated[str, Field(max_length=500)]
Quantity = Annotated[float, Field(ge=-LARGEST, le=LARGEST)]
Address = Annotated[str, Field(max_length=500, pattern=r"^(?:[A-Za-z0-9._][A-Za-z0-9._/~=&#%+-]*)?$")]
"""Relative, of this site: no scheme, no host."""
Bounds: TypeAlias = tuple[float | None, float | None]


class Picture(Spec):
    """A picture: its name, what it shows to somebody who does not see it, and what its axes say."""

    title: Words
    description: Words = ""
    across: Words = ""
    up: Words = ""
