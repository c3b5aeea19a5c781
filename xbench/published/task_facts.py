"""What the tasks of published runs are: what is searched, and how mteb names splits, metrics and pairs of languages.

The facts are `mteb_tasks.yaml`, each with its source; of tasks of the catalogue that name an mteb task of the same data
(key `mteb`, which `xbench export mteb` writes by) they are the catalogue's. Knows specs; no result.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, cached_property
from itertools import chain
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import ConfigDict, Field, ValidationError

from xbench.errors import SpecError, near_miss
from xbench.metrics import Metric
from xbench.specs import registry
from xbench.specs.mteb_names import Mteb
from xbench.specs.parts import Language, Name, Spec
from xbench.specs.strict_yaml import load_yaml

Pair: TypeAlias = tuple[str, str]
"""(query language, document language)"""
TABLE = Path(__file__).with_name("mteb_tasks.yaml")
OWN_NAMES = {"AP@1000": "map_at_1000", "F1": "f1", "accuracy": "accuracy"}
"""Metrics that mteb defines otherwise than `metrics.py`, or that it does not have: AP cut at 1,000 with the number of
relevant documents as divisor; F1 and accuracy of sentences as classes, so that accuracy is the share of queries whose
translation comes first."""
RETRIEVAL = ("nDCG@10", "AP@1000", "R@1", "R@10", "R@100")
BITEXT = ("F1", "accuracy")


class PublishedTask(Spec):
    """A task as mteb has it. `order` says which language of a subset's name is which; `subsets`, where it is given,
    names every pair itself; `splits` begin with the one that is meant unless another is asked for."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    name: Name
    mteb: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    text: Literal["sentence", "passage", "document", "answer", "catalogue"]
    order: Literal["corpus-query", "query-corpus", "same"]
    splits: tuple[str, ...] = Field(min_length=1)
    metric: Literal["nDCG@10", "nDCG@20", "F1"]
    grid: int = Field(gt=0)
    languages: Mapping[Language, str]
    subsets: Mapping[str, Pair] = {}
    note: str = ""
    source: str

    @property
    def metrics(self) -> tuple[str, ...]:
        """Its metrics, the first of them its main score."""
        rest = BITEXT if self.metric in BITEXT else RETRIEVAL
        return (self.metric, *(name for name in rest if name != self.metric))

    @cached_property
    def _codes(self) -> Mapping[str, Language]:
        """Our code of each of mteb's."""
        return {code: language for language, code in self.languages.items()}

    def pair(self, subset: str) -> Pair | None:
        """The pair that a subset of mteb's is; None for what the task does not have."""
        if self.subsets:
            return self.subsets.get(subset)
        codes = self._codes
        if self.order == "same":
            return (codes[subset], codes[subset]) if subset in codes else None
        first, _, second = subset.partition("-")
        if first not in codes or second not in codes:
            return None
        pair = codes[first], codes[second]
        return pair if self.order == "query-corpus" else pair[::-1]

    def has(self, pair: Pair) -> bool:
        """Whether both languages are the task's, and one where it has no pairs of two."""
        one = self.order == "same" and pair[0] != pair[1]
        return not one and all(language in self.languages for language in pair)


def mteb_key(metric: str) -> str:
    """What mteb's files call a metric."""
    return OWN_NAMES.get(metric) or Metric.parse(metric).mteb


@cache
def tasks() -> dict[str, PublishedTask]:
    """The tasks of the table, by name."""
    document = load_yaml(TABLE)
    listed = document.data["tasks"]
    entries = listed if isinstance(listed, list) else []
    made = [_entry(json.dumps(entry), document.line(("tasks", number))) for number, entry in enumerate(entries)]
    return {task.name: task for task in made}


def _entry(text: str, line: int) -> PublishedTask:
    try:
        return PublishedTask.model_validate_json(text)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        raise SpecError(f"{TABLE}:{line}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}") from None


def _of_catalogue() -> dict[str, PublishedTask]:
    """The tasks of the catalogue that name an mteb task of the same data."""
    return _read_catalogue(tuple(folder.absolute() for folder in registry.search_path("task")))


@cache
def _read_catalogue(folders: tuple[Path, ...]) -> dict[str, PublishedTask]:
    """`folders` are where names of tasks are looked up now: what was read there stays."""
    made = {}
    for name in registry.known("task"):
        spec = registry.load("task", name).spec
        if spec.mteb and spec.mteb.main_score in ("nDCG@10", "nDCG@20"):
            made[name] = _declared(name, spec.mteb)
    return made


def _declared(name: str, mteb: Mteb) -> PublishedTask:
    languages = list(mteb.languages)
    pairs = [(query, document) for query in languages for document in languages if mteb.covers(query, document)]
    subsets = {mteb.name_of(query, document): (query, document) for query, document in pairs}
    return PublishedTask.model_validate(
        {
            "name": name,
            "mteb": mteb.task,
            "text": "catalogue",
            "order": "corpus-query" if any(query != document for query, document in pairs) else "same",
            "splits": (mteb.split,),
            "metric": mteb.main_score,
            "grid": len(subsets),
            "languages": dict(mteb.languages),
            "subsets": subsets,
            "source": f"tasks/{name}.yaml, key mteb",
        }
    )


def task_of_mteb(name: str) -> PublishedTask | None:
    """The task that mteb calls so; None for one that is not known here."""
    known = chain(tasks().values(), _later(_of_catalogue))  # the catalogue is read where the table has no such task
    return next((task for task in known if task.mteb == name), None)


def _later(read: Callable[[], dict[str, PublishedTask]]) -> Iterator[PublishedTask]:
    yield from read().values()


def published_task(name: str) -> PublishedTask:
    """The task of this name, ours or mteb's. Raises SpecError with the name that is nearest."""
    found = tasks().get(name) or task_of_mteb(name) or _of_catalogue().get(name)
    if found is None:
        raise SpecError(f"no published runs of task {name!r:.80}{near_miss(name, names())}")
    return found


def names() -> Iterable[str]:
    """Our names of all tasks, and mteb's."""
    known = (*tasks().values(), *_of_catalogue().values())
    return [name for task in known for name in (task.name, task.mteb)]
