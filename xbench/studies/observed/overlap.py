"""What published models saw of a study's tasks, as far as mteb states their training data and the graph knows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from xbench.published.task_facts import published_task
from xbench.studies.document import Section, Table
from xbench.studies.observed.evidence import Observed
from xbench.zero_shot.data_graph import Graph

ORDER = ("contaminated", "unknown", "in-domain", "zero-shot")


def relation_of(observed: Observed, graph: Graph, model: str, task: str) -> str:
    """The worst that is known of a model: data of the task itself, related data, or nothing stated."""
    facts = observed.facts[model]
    if facts is None or not facts.training_datasets:
        return "nothing stated"
    found = {"unknown name"} if any(name not in graph for name in facts.training_datasets) else set()
    if published_task(task).mteb in facts.training_datasets:
        return "contaminated"
    if task in graph:
        found |= {graph.relate(name, [task]).relation for name in facts.training_datasets if name in graph}
    return next((one for one in ORDER if one in found), "nothing known")


def overlap_section(observed: Observed) -> Section:
    """A row per task: how many models saw it, by what is stated."""
    graph = Graph.load()
    heads = ("contaminated", "in-domain", "unknown", "nothing known", "zero-shot", "nothing stated")
    rows = []
    for task, grid in observed.grids.items():
        counts = Counter(relation_of(observed, graph, model, task) for model in observed.models if model in grid.runs)
        rows.append((task, *(str(counts[head]) for head in heads)))
    words = (
        "What mteb states of each model's training data, held against the graph of data sets. Contaminated: the task's "
        "own data are named. Nothing known: data are named, and the graph does not relate them to the task. Nothing "
        "stated is no sign of a clean model; pre-training is stated for none."
    )
    return Section(
        "Overlap with training data",
        (words,),
        points=tuple(_seen(observed, graph)),
        tables=(Table("Models", ("task", *heads), rows),),
    )


def _seen(observed: Observed, graph: Graph) -> Iterator[str]:
    """Who saw what, of studies of few models."""
    for task, grid in observed.grids.items():
        seen = [model for model in observed.models if model in grid.runs]
        named = [model for model in seen if relation_of(observed, graph, model, task) == "contaminated"]
        if named and len(named) <= 4:
            yield f"{task}: its data are among what is stated of {', '.join(named)}."
