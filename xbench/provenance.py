"""The graph of data sets: what was made from what, and how training data relate to the data of a task.

Names are `set` or `set:split`. Knows provenance.yaml and names; nothing of texts, models or runs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from xbench import yamlfile
from xbench.errors import SpecError
from xbench.specs.parts import Spec

FILE = "provenance.yaml"
Relation = Literal["contaminated", "in-domain", "zero-shot"]


class DataSet(Spec):
    """One entry of provenance.yaml."""

    derived_from: tuple[str, ...] = ()
    splits: Mapping[str, tuple[str, ...]] = {}
    text: bool = False
    note: str = ""
    source: str = ""


@dataclass(frozen=True)
class Finding:
    """What one training data set means for a task, and why, as a line for people."""

    relation: Relation
    reason: str


Chain = tuple[str, ...]  # from a name to something that it was made from


@dataclass(frozen=True)
class Graph:
    """Data sets by name."""

    sets: Mapping[str, DataSet]

    @classmethod
    def load(cls) -> Graph:
        """What ships, under what ./provenance.yaml and the folders of XBENCH_PATH add. Raises SpecError."""
        folders = [Path(part) for part in os.environ.get("XBENCH_PATH", "").split(os.pathsep) if part]
        own = [path for folder in (*reversed(folders), Path.cwd()) if (path := folder / FILE).is_file()]
        return _load(tuple((path, path.stat().st_mtime_ns) for path in (Path(__file__).with_name(FILE), *own)))

    def extended(self, name: str, derived_from: Iterable[str]) -> Graph:
        """The graph with one more data set: a task or corpus that another spec names."""
        return Graph({**self.sets, name: DataSet(derived_from=tuple(derived_from))})

    def __contains__(self, name: str) -> bool:
        entry = self.sets.get(set_of(name))
        return entry is not None and (":" not in name or not entry.splits or name.partition(":")[2] in entry.splits)

    def require(self, names: Iterable[str], where: str) -> None:
        """Raise SpecError, opening with `where`, for a name that is no data set and no split of one."""
        for name in names:
            if name not in self:
                raise SpecError(
                    f"{where}: unknown data set {name!r}{self._near(name)}; a new one goes into ./{FILE}, "
                    "and every task and corpus is one by its name"
                )

    def _near(self, name: str) -> str:
        close = get_close_matches(name, self._names, n=1, cutoff=0.7)
        return f" (did you mean {close[0]!r}?)" if close else ""

    @cached_property
    def _names(self) -> list[str]:
        return [*self.sets, *(f"{name}:{split}" for name, entry in self.sets.items() for split in entry.splits)]

    def chains(self, name: str) -> dict[str, Chain]:
        """Everything that `name` was made from, itself included, each with the shortest chain that leads there."""
        found: dict[str, Chain] = {name: (name,)}
        waiting = [name]
        for current in waiting:  # grows while it is read: breadth first
            for parent in self._parents(current):
                if parent not in found:
                    found[parent] = (*found[current], parent)
                    waiting.append(parent)
        return found

    def _parents(self, name: str) -> tuple[str, ...]:
        whole, _, split = name.partition(":")
        entry = self.sets.get(whole, DataSet())
        chosen = entry.splits.get(split, ()) if split else [made for part in entry.splits.values() for made in part]
        return (*chosen, *entry.derived_from)

    def is_text(self, name: str) -> bool:
        return self.sets.get(name.partition(":")[0], DataSet()).text

    def relate(self, trained_on: str, task: Sequence[str]) -> Finding:
        """How the data set `trained_on` relates to the data sets of a task."""
        ours, theirs = self._made_from(task), self._made_from([trained_on])
        siblings = [(one, other) for one in ours for other in theirs if _siblings(one, other)]
        # What two splits of one set were both made from, they hold different parts of.
        apart = {common for one, other in siblings for common in {*self.chains(one)} & {*self.chains(other)}}
        same = [(one, other) for one in ours for other in theirs if _same(one, other) and one not in apart]
        if same:
            return Finding("contaminated", _reason(ours, theirs, same))
        if siblings:
            return Finding("in-domain", _reason(ours, theirs, siblings))
        return Finding("zero-shot", f"{trained_on} has no data in common with the task's {', '.join(task)}")

    def _made_from(self, names: Sequence[str]) -> dict[str, Chain]:
        """All data sets that are no running text, behind the names."""
        chains: dict[str, Chain] = {}
        for name in names:
            chains = self.chains(name) | chains
        return {name: chain for name, chain in chains.items() if not self._is_text(name)}

    def shared_text(self, trained_on: Sequence[str], task: Sequence[str]) -> list[str]:
        """Running text that both drew on, such as the pages of wikipedia."""
        ours, theirs = ({behind for name in names for behind in self.chains(name)} for names in (task, trained_on))
        return sorted(name for name in ours & theirs if self._is_text(name))

    def _is_text(self, name: str) -> bool:
        return self.sets.get(set_of(name), DataSet()).text


def set_of(name: str) -> str:
    """The data set that a split is of."""
    return name.partition(":")[0]


def _siblings(one: str, other: str) -> bool:
    """Different splits of one set."""
    return set_of(one) == set_of(other) and one != other and ":" in one and ":" in other


def _same(one: str, other: str) -> bool:
    """One split, or a whole set and a part of it."""
    return set_of(one) == set_of(other) and not _siblings(one, other)


def _reason(task: Mapping[str, Chain], trained_on: Mapping[str, Chain], pairs: Sequence[tuple[str, str]]) -> str:
    """The shortest way from the task to the training data."""
    one, other = min(pairs, key=lambda pair: len(task[pair[0]]) + len(trained_on[pair[1]]))
    return f"the task is from {' <- '.join(task[one])}, training from {' <- '.join(trained_on[other])}"


@cache
def _load(files: tuple[tuple[Path, int], ...]) -> Graph:
    """The files together; they are read again when they change."""
    graph = Graph({name: entry for path, _ in files for name, entry in _read(path).items()})
    for name, entry in graph.sets.items():
        named = [*entry.derived_from, *(made for split in entry.splits.values() for made in split)]
        graph.require(named, f"{FILE}: {name}")
    return graph


def _read(path: Path) -> dict[str, DataSet]:
    document = yamlfile.load_yaml(path)
    try:
        return TypeAdapter(dict[str, DataSet]).validate_json(json.dumps(document.data))
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        line = document.line(tuple(fault["loc"]))
        raise SpecError(f"{path}:{line}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}") from None
