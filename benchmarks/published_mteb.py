"""Make baselines/published/mteb, the published runs that ship, from mteb's results repository.

git clone https://github.com/embeddings-benchmark/results && git -C results checkout COMMIT
python benchmarks/published_mteb.py results baselines/published/mteb

FOLDER may also be an extraction of it (retrieval.parquet, bitext.parquet, models.jsonl): the tables are the same bytes,
the manifest says what was left out of either. No network.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from xbench.files import write_json
from xbench.published.importing import Imported, read_mteb
from xbench.published.runs import Origin, PublishedRun
from xbench.published.store import write_folder

SOURCE = "embeddings-benchmark/results"
COMMIT = "f4cc6c8b365a3c779dbc708d6affe0b0355b2ddf"
LARGEST = 1 << 22  # bytes of a file: larger ones are grids of tens of thousands of pairs, most of them of Flores
UNNAMED = ("external", "no_revision_available")
MOST_BYTES = 4_000_000
RULES = {
    "large_files": f"Files over {LARGEST:,} bytes are not read: nearly all of FloresBitextMining (41,412 pairs)",
    "older_files": "Files that mteb before 1.11 wrote are not read: they state no version, and their splits differ.",
    "experiments": "Runs of a model with settings that are not its own (folders `experiments`) are left out.",
    "revisions": "Runs at no revision are left out: `external` ones are as the model's authors reported them, "
    "`no_revision_available` names none. Of several revisions of one model on a task the run with most pairs is taken, "
    "then the one by the newest mteb, then the last revision by its name.",
    "partial_grids": "Runs that lack pairs of mteb's grid are kept and listed: they have no mean that could be ranked.",
    "sizes": "Models of which mteb states no number of parameters are kept and listed.",
}


def main() -> None:
    """Write the tables and their manifest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    asked = parser.parse_args()
    found = read_mteb([asked.folder], Origin(SOURCE, COMMIT), LARGEST)
    runs, dropped = chosen(found.runs)
    shutil.rmtree(asked.out, ignore_errors=True)
    files = write_folder(runs, asked.out)
    write_json(asked.out / "manifest.json", manifest(asked.folder, found, runs, dropped, files))
    size = sum(path.stat().st_size for path in asked.out.iterdir())
    print(f"{len(runs):,} runs of {len({run.model for run in runs})} models, {size:,} bytes")
    if size > MOST_BYTES:
        sys.exit(f"{size:,} bytes are more than the {MOST_BYTES:,} that may ship")


def chosen(runs: Iterable[PublishedRun]) -> tuple[list[PublishedRun], list[PublishedRun]]:
    """One run of a model on each split of a task, by RULES['revisions']; and the others."""
    groups: dict[tuple[str, str, str], list[PublishedRun]] = defaultdict(list)
    dropped = []
    for run in runs:
        if run.revision in UNNAMED:
            dropped.append(run)
        else:
            groups[run.task.name, run.model, run.split].append(run)
    kept = []
    for group in groups.values():
        *others, best = sorted(group, key=_rank)
        kept.append(best)
        dropped += others
    return kept, dropped


def _rank(run: PublishedRun) -> tuple[int, list[int], str]:
    version = [int(part) for part in re.findall(r"\d+", run.versions.mteb_version or "")]
    return run.n, version, run.revision


def manifest(
    folder: Path, found: Imported, runs: list[PublishedRun], dropped: list[PublishedRun], files: list[Path]
) -> dict[str, object]:
    """What is in the tables, what is not, and by which rule."""
    faults = [line.replace(f"{folder}/", "") for line in found.faults]
    large = [line for line in faults if "bytes" in line]
    old = [line for line in faults if "mteb 1.11" in line]
    experiments = [line for line in faults if "an experiment" in line]
    tasks = sorted({run.task.name for run in runs})
    return {
        "source": SOURCE,
        "url": f"https://github.com/{SOURCE}",
        "commit": COMMIT,
        "license": "CC0-1.0",
        "rules": RULES,
        "tasks": {task: _task([run for run in runs if run.task.name == task]) for task in tasks},
        "left_out": {
            "large_files": dict(sorted(Counter(_task_of(line) for line in large).items())),
            "older_files": sorted(line.partition(":")[0] for line in old),
            "experiments": sorted(line.partition(":")[0] for line in experiments),
            "revisions": sorted(_named(run) for run in dropped),
            "faults": sorted(set(faults) - {*large, *old, *experiments}),
        },
        "without_size": sorted({run.model for run in runs if run.facts is None or not run.facts.n_parameters}),
        "sha256": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files},
    }


def _task_of(line: str) -> str:
    return Path(line.partition(":")[0]).stem


def _named(run: PublishedRun) -> str:
    return f"{run.task.mteb}: {run.model} at {run.revision}, {run.split}"


def _task(runs: list[PublishedRun]) -> dict[str, object]:
    first = runs[0].task
    return {
        "mteb": first.mteb,
        "pairs": first.grid,
        "runs": {split: sum(run.split == split for run in runs) for split in first.splits},
        "models": len({run.model for run in runs}),
        "dataset_revisions": dict(sorted(Counter(run.versions.dataset_revision or "" for run in runs).items())),
        "partial": {_partial(run): run.n for run in sorted(runs, key=_partial) if not run.complete},
    }


def _partial(run: PublishedRun) -> str:
    return f"{run.model} at {run.revision}, {run.split}"


if __name__ == "__main__":
    main()
