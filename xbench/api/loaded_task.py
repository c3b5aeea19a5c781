"""A task with its data, for programs: to look at, to encode by oneself, and to hand back to `evaluate`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from xbench import specs
from xbench.api.arguments import Place, languages_of, place_of, reporter_of, settings_of, storage_of
from xbench.api.words import for_programs
from xbench.data import readers
from xbench.data.collection import Collection, Golds, Queries, Texts
from xbench.data.fetches import announced, missing, require_reachable
from xbench.errors import SpecError
from xbench.jobs.inputs import summary
from xbench.specs import registry
from xbench.specs.registry import Entry


@dataclass(frozen=True, eq=False)
class LoadedTask:
    """A task and its collection, as `xbench.evaluate` takes it."""

    entry: Entry[specs.Task]
    collection: Collection

    @property
    def name(self) -> str:
        """The task's name."""
        return self.entry.spec.name

    @property
    def spec(self) -> specs.Task:
        """What the task's YAML says."""
        return self.entry.spec

    @property
    def queries(self) -> Mapping[str, Queries]:
        """By language: ids, texts, questions and groups, in order."""
        return self.collection.queries

    @property
    def documents(self) -> Mapping[str, Texts]:
        """By language: ids and texts, in order."""
        return self.collection.documents

    @property
    def golds(self) -> Mapping[str, Golds]:
        """By query language: which documents of every language are relevant."""
        return self.collection.golds

    def __repr__(self) -> str:
        return f"<{summary(self.entry.spec, self.collection)}>"


@for_programs
def load_task(
    name: Place,
    *,
    languages: str | Iterable[str] | None = None,
    settings: Mapping[str, object] | None = None,
    data_dir: Place | None = None,
    offline: bool = False,
    progress: bool = True,
) -> LoadedTask:
    """The task called `name` (or a path that ends in .yaml) with its data, on some of its languages or all.

    `settings` are keys of the YAML with other values: `{"metrics": ["AP"]}`. Files are looked for as by the command
    line. Raises XbenchError.
    """
    entry: Entry[specs.Task] = registry.load("task", str(place_of(name, "name")), settings_of(settings))
    if languages is not None:
        chosen = languages_of(languages)
        try:
            entry = Entry(specs.restrict(entry.spec, chosen), entry.base)
        except ValueError as error:
            raise SpecError(f"languages {', '.join(chosen)}: {error}") from None
    storage, reporter = storage_of(data_dir, offline, progress), reporter_of(progress)
    fetches = missing(entry, storage)
    require_reachable(fetches, storage, "")
    if fetches:
        reporter.say(announced(entry, fetches, storage))
    return LoadedTask(entry, readers.read(entry, storage))
