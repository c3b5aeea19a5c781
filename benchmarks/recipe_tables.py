"""The runs and tables of docs/recipes.md, made again.

    python benchmarks/recipe_tables.py list   FOLDER [PART ...]      the commands, in order
    python benchmarks/recipe_tables.py run    FOLDER [PART ...]      the runs; those that are done are not repeated
    python benchmarks/recipe_tables.py tables FOLDER [PART ...]      what is there, as Markdown

Parts: next, halves, curve (needs the runs of next), facts, small. XBENCH_DATA names a folder with lareqa/ and train/;
`small` needs the weights of all-MiniLM-L6-v2. --seeds N is for a first look. bm25 and static-idf stand in every table,
and static-idf trained by every recipe in those of next, halves and facts. The commands run in the repository's root;
what was ended goes on at its last checkpoint.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

TOP = Path(__file__).parents[1]
RECIPES = ("monolingual", "cross-lingual", "hybrid", "mixed")
CURVE = tuple(f"mono-{share}" for share in (10, 20, 30, 40, 60, 70, 80, 90))
PATH = ("cross-lingual", *CURVE[:4], "hybrid", *CURVE[4:], "monolingual")  # by share of monolingual batches
TEXT = ("xquad-r", "mlqa-r")
SMALL = {
    "small-next": ("xquad-r", "benchmarks/corpora/parallel-next.yaml", "en,de,es", 2),
    "small-facts": ("facts", "facts", "en,de,es,tr", 3),
}
LATE = "batch_size=32", "steps=120", "learning_rate=1e-4"  # settings of the small transformer
Command = list[str]


def run(out: Path, models: str, recipes: tuple[str, ...], tasks: tuple[str, ...], *options: str) -> Command:
    """One `xbench run`; names are separated by spaces."""
    named = [("--model", models.split()), ("--recipe", recipes), ("--task", tasks)]
    return ["run", *(word for option, names in named for name in names for word in (option, name)), *options,
            "--out", str(out)]  # fmt: skip


def runs(part: str, folder: Path, seeds: int | None) -> Iterator[Command]:
    """The runs of a part."""
    many = ["--seeds", str(seeds or 5)]
    fewer = ["--set", "steps=300"]
    if part in ("next", "halves"):
        corpus = ["--corpus", f"benchmarks/corpora/parallel-{part}.yaml"]
        yield run(folder / part, "bm25", ("none",), TEXT)
        yield run(folder / part, "static static-idf", ("none",), TEXT, *corpus, *many)
        yield run(folder / part, "static static-idf", RECIPES, TEXT, *corpus, *many)
    if part == "curve":
        files = tuple(f"benchmarks/recipes/{name}.yaml" for name in CURVE)
        corpus = ["--corpus", "benchmarks/corpora/parallel-next.yaml"]
        yield run(folder / "next", "static", files, TEXT, *corpus, *many)
    if part == "facts":
        files = tuple(f"benchmarks/recipes/{name}.yaml" for name in CURVE)
        yield run(folder / part, "bm25", ("none",), ("facts",))
        yield run(folder / part, "static static-idf", ("none",), ("facts",), "--corpus", "facts", *many)
        yield run(folder / part, "static static-idf", RECIPES, ("facts",), "--corpus", "facts", *many, *fewer)
        yield run(folder / part, "static", files, ("facts",), "--corpus", "facts", *many, *fewer)
    if part == "small":
        for name, (task, corpus_, languages, own) in SMALL.items():
            where = ["--languages", languages, "--corpus", corpus_, "--set", f"corpus.languages=[{languages}]"]
            settings = [word for setting in LATE for word in ("--set", setting)]
            yield run(folder / name, "bm25", ("none",), (task,), "--languages", languages)
            yield run(folder / name, "static-idf", ("none",), (task,), *where, "--seeds", str(seeds or own))
            yield run(folder / name, "all-minilm-l6", ("none",), (task,), "--languages", languages)
            yield run(
                folder / name, "all-minilm-l6", RECIPES[:3], (task,), *where, *settings, "--seeds", str(seeds or own)
            )


def tables(part: str, folder: Path) -> Iterator[tuple[str, Command]]:
    """(heading, `xbench table`) of a part."""
    if part == "small":
        for name, (task, corpus, _, _) in SMALL.items():
            place = folder / name / task
            rows = [str(place / "bm25/none"), str(place / "static-idf/none")]
            own = [str(place / "all-minilm-l6" / recipe) for recipe in ("none", *RECIPES[:3])]
            yield from pair(f"{task}, {name}", [*rows, *own], "all-minilm-l6", Path(corpus).stem)
        return
    source = "next" if part == "curve" else part
    corpus = "facts" if part == "facts" else f"parallel-{source}"
    for task in ("facts",) if part == "facts" else TEXT:
        place = folder / source / task
        if part in ("curve", "facts"):
            path = [
                str(place / name) for name in ("bm25/none", "static-idf/none", *(f"static/{name}" for name in PATH))
            ]
            yield f"{task}: the share of monolingual batches", table(path, f"static/hybrid/{corpus}")
        if part != "curve":
            rows = [str(place / model / recipe) for model in ("static", "static-idf") for recipe in ("none", *RECIPES)]
            yield from pair(f"{task}, {part}", [str(place / "bm25/none"), *rows], "static", corpus)


def pair(heading: str, rows: list[str], model: str, corpus: str) -> Iterator[tuple[str, Command]]:
    """Values with what differs from monolingual batches, and differences from hybrid ones."""
    yield heading, table(rows, f"{model}/monolingual/{corpus}")
    yield f"{heading}: less hybrid", [*table(rows, f"{model}/hybrid/{corpus}"), "--differences"]


def table(rows: list[str], baseline: str) -> Command:
    """One `xbench table`."""
    return ["table", *rows, "--baseline", baseline]


def main() -> None:
    """List, run or show."""
    parts = ("next", "halves", "curve", "facts", "small")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("list", "run", "tables"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(parts))
    parser.add_argument("--seeds", type=int)
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(parts):
        parser.error(f"no part {', '.join(sorted(unknown))}; parts: {', '.join(parts)}")
    chosen, folder = asked.parts or parts, asked.folder.resolve()
    commands = [command for part in chosen for command in runs(part, folder, asked.seeds)]
    shown = [entry for part in chosen for entry in tables(part, folder)]
    if asked.what == "list":
        for command in [*commands, *(command for _, command in shown)]:
            print(shlex.join(["xbench", *command]))
    failed = 0
    if asked.what == "run":
        for command in commands:
            print("$", shlex.join(["xbench", *command]), flush=True)
            failed |= subprocess.run([sys.executable, "-m", "xbench", *command], cwd=TOP).returncode
    if asked.what == "tables":
        for heading, command in shown:
            print(f"\n**{heading}**\n", flush=True)
            failed |= subprocess.run([sys.executable, "-m", "xbench", *command], cwd=TOP).returncode
    sys.exit(failed)


if __name__ == "__main__":
    main()
