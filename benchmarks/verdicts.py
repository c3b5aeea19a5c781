"""The verdict of every shipped model, as it is, on every shipped task: from declarations, no file is read.

python benchmarks/verdicts.py
docs/zero-shot.md keeps the table.
"""

from collections.abc import Iterator

from xbench.specs import registry
from xbench.zero_shot.verdict import declared


def table() -> Iterator[str]:
    """Lines of Markdown: a row a task, a column a group of models that have the same verdicts everywhere."""
    tasks = [registry.load("task", name).spec for name in sorted(registry.known("task"))]
    columns: dict[tuple[str, ...], list[str]] = {}
    for name in sorted(registry.known("model")):
        model = registry.load("model", name).spec
        columns.setdefault(tuple(declared(task, model, None).name for task in tasks), []).append(name)
    yield f"| task | {' | '.join(', '.join(names) for names in columns.values())} |"
    yield "|---" * (len(columns) + 1) + "|"
    rows: dict[tuple[str, ...], list[str]] = {}
    for number, task in enumerate(tasks):
        rows.setdefault(tuple(verdicts[number] for verdicts in columns), []).append(task.name)
    for verdicts, names in rows.items():
        yield f"| {', '.join(names)} | {' | '.join(verdicts)} |"


if __name__ == "__main__":
    print(*table(), sep="\n")
