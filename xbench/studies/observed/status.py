"""What a study of published runs reads, for `plan` and `status`: there is nothing to run, and nothing to fetch."""

from __future__ import annotations

from pydantic import JsonValue

from xbench.studies.machine import Declared
from xbench.studies.observed.evidence import Observed


def published_record(study: Declared) -> dict[str, JsonValue]:
    """Runs by task and models by kind."""
    observed = Observed(study)
    tasks: dict[str, JsonValue] = {
        grid.name: {"runs": len(grid.runs), "pairs": len(grid.pairs), "partial": grid.partial}
        for grid in observed.grids.values()
    }
    kinds: dict[str, JsonValue] = {
        kind: {"models": len(models), "families": len({observed.families[model] for model in models})}
        for kind, models in observed.kinds.items()
    }
    return {"study": study.spec.name, "source": "published", "tasks": tasks, "kinds": kinds}


def published_lines(study: Declared) -> list[str]:
    """The same in words."""
    observed = Observed(study)
    lines = [f"{study.spec.name}: published runs, nothing to run or to fetch"]
    for grid in observed.grids.values():
        lines.append(
            f"{grid.name}: {len(grid.runs)} runs of {len(grid.pairs)} pairs, {grid.partial} of a part left out"
        )
    for kind, models in observed.kinds.items():
        lines.append(f"{kind}: {len(models)} models of {len({observed.families[model] for model in models})} families")
    return lines
