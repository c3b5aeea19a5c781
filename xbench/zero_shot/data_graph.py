"""The graph of data sets: what was made from what, and how training data relate to the data of a task.

Names are `set`, `set:split`, or `set:?` for a split of it that nobody names. Knows provenance.yaml and names; nothing
of texts, models or runs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property
from itertools import product
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from xbench.errors import SpecError
from xbench.results.record import VerdictName
from xbench.specs import strict_yaml
from xbench.specs.parts import Spec

FILE = "provenance.yaml"
ORDER: tuple[VerdictName, ...] = ("contaminated", "in-domain", "unknown", "zero-shot")  # the first that applies
UNKNOWN = "?"  # a split: one of those that its set lists, and nobody says which


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

    relation: VerdictName
    reason: str


Chain = tuple[str, ...]  # from a name to something that it was made from
Reading = Mapping[str, str]  # the split that each unknown one is taken to be


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
        entry, split = self.sets.get(set_of(name)), name.partition(":")[2]
        if entry is None:
            return False
        return ":" not in name or split in entry.splits or (bool(entry.splits) == (split == UNKNOWN))

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

    def chains(self, name: str, reading: Reading | None = None) -> dict[str, Chain]:
        """Everything that `name` was made from, itself included, each with the shortest chain that leads there.

        An unknown split stands for what `reading` takes it to be, and without one for all splits of its set.
        """
        taken = reading or {}
        reached: dict[str, Chain] = {taken.get(name, name): (name,)}
        waiting = list(reached)
        for current in waiting:  # grows while it is read: breadth first
            for written in self._parents(current):
                parent = taken.get(written, written)
                if parent not in reached:
                    reached[parent] = (*reached[current], written)
                    waiting.append(parent)
        return reached

    def _parents(self, name: str) -> tuple[str, ...]:
        whole, _, split = name.partition(":")
        entry = self.sets.get(whole, DataSet())
        if split and split != UNKNOWN:
            return (*entry.splits.get(split, ()), *entry.derived_from)
        return (*(made for part in entry.splits.values() for made in part), *entry.derived_from)

    def _readings(self, names: Sequence[str]) -> Iterator[Reading]:
        """Every way of taking the unknown splits behind `names`; one, of nothing, where there are none."""
        behind = dict.fromkeys(source for name in names for source in self.chains(name))
        unknown = [name for name in behind if name.endswith(f":{UNKNOWN}")]
        possible = [[f"{set_of(name)}:{split}" for split in self.sets[set_of(name)].splits] for name in unknown]
        for chosen in product(*possible):
            yield dict(zip(unknown, chosen, strict=True))

    def relate(self, trained_on: str, task: Sequence[str]) -> Finding:
        """How the data set `trained_on` relates to the data sets of a task.

        Splits that are not known may be any: the finding is what all of these give, and otherwise unknown.
        """
        sides = list(product(self._readings(task), self._readings([trained_on])))
        findings = [self._relate(trained_on, task, *readings) for readings in sides]
        worst = min(findings, key=lambda finding: ORDER.index(finding.relation))
        if all(finding.relation == worst.relation for finding in findings):
            return worst
        open_splits = ", ".join(dict.fromkeys(name for ours, theirs in sides for name in (*ours, *theirs)))
        return Finding("unknown", f"{worst.reason}; which split {open_splits} is, is not known")

    def _relate(self, trained_on: str, task: Sequence[str], ours_as: Reading, theirs_as: Reading) -> Finding:
        ours, theirs = self._made_from(task, ours_as), self._made_from([trained_on], theirs_as)
        siblings = [(own, other) for own in ours for other in theirs if _siblings(own, other)]
        # What two splits of one set were both made from, they hold different parts of.
        apart = {
            common
            for own, other in siblings
            for common in {*self.chains(own, ours_as)} & {*self.chains(other, theirs_as)}
        }
        same = [(own, other) for own in ours for other in theirs if _same(own, other) and own not in apart]
        if same:
            return Finding("contaminated", _reason(ours, theirs, same))
        if siblings:
            return Finding("in-domain", _reason(ours, theirs, siblings))
        return Finding("zero-shot", f"{trained_on} has no data in common with the task's {', '.join(task)}")

    def _made_from(self, names: Sequence[str], reading: Reading) -> dict[str, Chain]:
        """All data sets that are no running text, behind the names."""
        chains: dict[str, Chain] = {}
        for name in names:
            chains = self.chains(name, reading) | chains
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


def _siblings(own: str, other: str) -> bool:
    """Different splits of one set."""
    return set_of(own) == set_of(other) and own != other and ":" in own and ":" in other


def _same(own: str, other: str) -> bool:
    """One split, or a whole set and a part of it."""
    return set_of(own) == set_of(other) and not _siblings(own, other)


def _reason(task: Mapping[str, Chain], trained_on: Mapping[str, Chain], pairs: Sequence[tuple[str, str]]) -> str:
    """The shortest way from the task to the training data."""
    own, other = min(pairs, key=lambda pair: len(task[pair[0]]) + len(trained_on[pair[1]]))
    return f"the task is from {' <- '.join(task[own])}, training from {' <- '.join(trained_on[other])}"


@cache
def _load(files: tuple[tuple[Path, int], ...]) -> Graph:
    """The files together; they are read again when they change."""
    graph = Graph({name: entry for path, _ in files for name, entry in _read(path).items()})
    for name, entry in graph.sets.items():
        named = [*entry.derived_from, *(made for split in entry.splits.values() for made in split)]
        graph.require(named, f"{FILE}: {name}")
    return graph


def _read(path: Path) -> dict[str, DataSet]:
    document = strict_yaml.load_yaml(path)
    try:
        return TypeAdapter(dict[str, DataSet]).validate_json(json.dumps(document.data))
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        line = document.line(tuple(fault["loc"]))
        raise SpecError(f"{path}:{line}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}") from None
