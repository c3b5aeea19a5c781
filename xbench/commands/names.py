"""Names of tasks, models, recipes and corpora as a shell completes them, and of languages as a user writes them.

Knows which names there are; what a name stands for is resolved where it is used.
"""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem
from click.types import StringParamType


class SpecName(StringParamType):
    """A name of one kind of spec; a YAML, a folder or a hub id are taken as they are."""

    def __init__(self, kind: str, *others: str) -> None:
        self.name, self._others = kind, others

    def shell_complete(
        self, context: click.Context, parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The names that begin as typed, or the shell's own files where a path is typed."""
        from xbench.specs import registry

        if "/" in incomplete or incomplete.startswith("."):
            return [CompletionItem(incomplete, type="file")]
        known = [*self._others, *registry.known(self.name)]
        return [CompletionItem(name) for name in known if name.startswith(incomplete)]


class PublishedTaskName(StringParamType):
    """The name of a task that may have published runs, ours or mteb's."""

    name = "published task"

    def shell_complete(
        self, context: click.Context, parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The names that begin as typed."""
        from xbench.published.task_facts import names

        return [CompletionItem(name) for name in names() if name.startswith(incomplete)]


class PublishedModelName(StringParamType):
    """mteb's name of a model."""

    name = "published model"

    def shell_complete(
        self, context: click.Context, parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The models that have runs, on the task where one is typed already."""
        from xbench.published.library import runs_of
        from xbench.published.task_facts import published_task

        task = context.params.get("published_task")
        models = {run.model for run in runs_of(published_task(task) if task else None)}
        return [CompletionItem(model) for model in sorted(models) if model.startswith(incomplete)]


class SettingName(StringParamType):
    """A setting such as `de-en` or `en-pool`; names of FLORES (`deu_Latn-eng_Latn`) become codes."""

    name = "setting"

    def convert(self, value: object, parameter: click.Parameter | None, context: click.Context | None) -> str:
        """The setting in codes."""
        from xbench.languages import canonical_names

        return canonical_names(super().convert(value, parameter, context))


TASK, MODEL, CORPUS = SpecName("task"), SpecName("model"), SpecName("corpus")
RECIPE = SpecName("recipe")
RECIPE_OR_NONE = SpecName("recipe", "none")
SETTING = SettingName()
PUBLISHED_TASK, PUBLISHED_MODEL = PublishedTaskName(), PublishedModelName()
