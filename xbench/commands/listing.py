"""What there is: `list` and `show` for each kind of spec, and the JSON Schemas."""

from __future__ import annotations

import click

from xbench.commands.names import SpecName
from xbench.commands.options import command_examples
from xbench.commands.words import echo

KINDS = {"tasks": "task", "models": "model", "recipes": "recipe", "corpora": "corpus"}
SHOWN = {"tasks": "xquad-r", "models": "labse", "recipes": "hybrid", "corpora": "squad-translated"}  # in the help


def listing(kind: str) -> click.Group:
    """`list` and `show` for one kind of spec."""

    @click.group(name=kind, help=f"The {kind} there are.")
    def group() -> None: ...

    @group.command(name="list", help=f"Every {KINDS[kind]} by name.", epilog=command_examples(f"xbench {kind} list"))
    def list_() -> None:
        from xbench.commands.terminal import console
        from xbench.specs import registry

        known = registry.known(KINDS[kind])
        width = max(map(len, known), default=0) + 2
        for name in known:
            title = registry.load(KINDS[kind], name).spec.title
            console().print(f"{name:<{width}}{title}", soft_wrap=True)

    @group.command(
        name="show", help=f"One {KINDS[kind]}, resolved.", epilog=command_examples(f"xbench {kind} show {SHOWN[kind]}")
    )
    @click.argument("name", type=SpecName(KINDS[kind]))
    def show(name: str) -> None:
        import yaml

        from xbench.jobs.folder_lineage import lineage_of
        from xbench.specs import ModelBase, registry

        spec = registry.load(KINDS[kind], name).spec
        lineage = lineage_of(spec) if isinstance(spec, ModelBase) else None
        written = spec.model_dump(mode="json", by_alias=True)
        filled = {key: value for key, value in written.items() if value not in ("", None, {}, [])}
        echo(yaml.safe_dump(filled, sort_keys=False, allow_unicode=True, width=100), nl=False)
        for line in lineage.lines(spec.name) if lineage else ():
            echo(f"# {line}")

    return group


@click.command(epilog=command_examples("xbench schema task > task.schema.json"))
@click.argument("name")
def schema(name: str) -> None:
    """The JSON Schema of task, model, recipe, corpus, study or result, for editors and checkers."""
    import json

    from xbench.results.result import result_schema
    from xbench.specs import registry

    echo(json.dumps(result_schema() if name == "result" else registry.schema(name), indent=1))
