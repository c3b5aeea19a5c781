"""`xbench.published_runs`: what others measured, for programs."""

from __future__ import annotations

from collections.abc import Iterable

from xbench.api.arguments import Place, place_of, text_of
from xbench.api.words import for_programs, shown
from xbench.errors import SpecError
from xbench.published import library
from xbench.published.runs import PublishedRun


@for_programs
def published_runs(
    task: str, model: str | None = None, *, split: str | None = None, published: Place | Iterable[Place] = ()
) -> list[PublishedRun]:
    """Every published run of a task on a split, by default the task's first; of one model where one is named.

    `published` names stores that `xbench import` wrote elsewhere than in baselines/published. A run that two stores
    hold from one source is taken from the first. Raises SpecError for a task, split or model that there is not.
    """
    named = text_of(task, "task")
    if named is None:
        raise SpecError(f"task: found {shown(task)}, expected a name")
    places = _places(published)
    return library.published_runs(named, text_of(model, "model"), split=text_of(split, "split"), published=places)


def _places(published: object) -> list[Place]:
    if isinstance(published, Iterable) and not isinstance(published, str | bytes):
        return [place_of(place, "published") for place in published]
    return [place_of(published, "published")]
