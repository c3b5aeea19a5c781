"""What a reader must know of a test before believing it: few clusters, one seed, two. Knows results; no file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xbench.evaluation.statistics import FEW_CLUSTERS, FEWEST_CLUSTERS
from xbench.results.result import Result

TWO_SEEDS = "Two seeds tell little of their spread; add some before a claim rests on them."


def few_clusters(clusters: int) -> Iterator[str]:
    """Of an interval over so few clusters."""
    if clusters < FEW_CLUSTERS:
        unsaid = "; what these data could have shown is not told" if clusters < FEWEST_CLUSTERS else ""
        yield f"Fewer than {FEW_CLUSTERS} clusters: the test takes their means for normally distributed{unsaid}."


def knows_seeds(run: Result) -> bool:
    """A model as it is knows no seed, unless it is drawn (random) or built (static)."""
    return run.recipe != "none" or run.model_spec.format in ("random", "static")


def few_seeds(first: Sequence[Result], second: Sequence[Result]) -> Iterator[str]:
    """Of the seeds of a side that has one: they cannot be told; of one that has two: hardly."""
    drawn = {name: knows_seeds(side[0]) for name, side in (("A", first), ("B", second)) if len(side) == 1}
    if len(drawn) == 2:
        yield "One run a side: the test is of these two encoders" + (
            ", not of the recipe; add seeds to tell a recipe from its luck." if any(drawn.values()) else "."
        )
    else:
        for name in (name for name, knows in drawn.items() if knows):
            yield f"{name} is one run: the test is of that encoder, not of its recipe; add seeds."
    if any(len(side) == 2 for side in (first, second)):
        yield TWO_SEEDS


def few_seeds_of_rows(rows: Mapping[str, Sequence[Result]]) -> Iterator[str]:
    """The same of the rows of a table, by name."""
    single = [name for name, runs in rows.items() if len(runs) == 1 and knows_seeds(runs[0])]
    if single:
        yield f"{', '.join(single)}: one seed, tested as that encoder, not as its recipe"
    if any(len(runs) == 2 for runs in rows.values()):
        yield TWO_SEEDS.rstrip(".")
