"""A store of published runs: lines of JSON, packed or not, that hold every number with where it comes from.

The first line names the source; a line per model holds its facts, a line per task its pairs, and a line per run its
values of those pairs in hundred-thousandths. A folder of such files is a store too: `models.jsonl.xz` and a file per
task, so that a task is read alone. The same runs give the same bytes. Writes; `store_reading` reads.
"""

from __future__ import annotations

import gzip
import json
import lzma
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from xbench.errors import DataError
from xbench.files import whole
from xbench.published.runs import ABSENT, PublishedRun, Steps

VERSION = 1
ENDINGS: Mapping[str, Callable[[bytes], bytes]] = {
    ".jsonl": bytes,
    ".jsonl.gz": lambda content: gzip.compress(content, 9, mtime=0),
    ".jsonl.xz": lambda content: lzma.compress(content, preset=9 | lzma.PRESET_EXTREME),
}
MODELS_FILE = "models.jsonl.xz"
Line: TypeAlias = Mapping[str, object]


def is_store(path: Path) -> bool:
    """Whether a name is that of a store's file."""
    return any(path.name.endswith(ending) for ending in ENDINGS)


def require_name(path: Path) -> Callable[[bytes], bytes]:
    """How a file of this name is packed. Raises DataError for a name that does not say."""
    for ending, pack in ENDINGS.items():
        if path.name.endswith(ending):
            return pack
    raise DataError(f"{path}: expected a name that ends in {', '.join(ENDINGS)}")


def write_store(runs: Sequence[PublishedRun], path: Path) -> None:
    """Write runs of one source. Raises DataError for a name that says no way to pack."""
    pack = require_name(path)
    with whole(path) as temporary:
        temporary.write_bytes(pack(_text([*_head(runs), *_models(runs), *_tasks(runs)])))


def write_folder(runs: Sequence[PublishedRun], folder: Path) -> list[Path]:
    """Write runs of one source as a file per task, and their models; gives the files."""
    by_name = {MODELS_FILE: [*_head(runs), *_models(runs)]}
    for task in sorted({run.task.name for run in runs}):
        some = [run for run in runs if run.task.name == task]
        by_name[f"{task}.jsonl.xz"] = [*_head(some), *_tasks(some)]
    for name, lines in by_name.items():
        with whole(folder / name) as temporary:
            temporary.write_bytes(ENDINGS[".jsonl.xz"](_text(lines)))
    return [folder / name for name in by_name]


def _text(lines: Iterable[Line]) -> bytes:
    return "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines).encode()


def _head(runs: Sequence[PublishedRun]) -> list[Line]:
    (origin,) = {run.origin for run in runs}
    return [{"published": VERSION, "source": origin.source, "commit": origin.commit}]


def _models(runs: Sequence[PublishedRun]) -> list[Line]:
    facts = {(run.model, run.revision): run.facts for run in runs if run.facts is not None}
    return [
        {"model": model, "revision": revision, "facts": stated.model_dump(mode="json", exclude_none=True)}
        for (model, revision), stated in sorted(facts.items(), key=lambda item: item[0])
    ]


def _tasks(runs: Sequence[PublishedRun]) -> list[Line]:
    return [line for task in sorted({run.task.name for run in runs}) for line in _task(task, runs)]


def _task(name: str, runs: Sequence[PublishedRun]) -> Iterator[Line]:
    some = sorted((run for run in runs if run.task.name == name), key=lambda run: (run.model, run.revision, run.split))
    pairs = sorted({pair for run in some for pair in run.pairs})
    yield {"task": some[0].task.mteb, "pairs": pairs}
    for run in some:
        places = {pair: number for number, pair in enumerate(run.pairs)}
        columns = {
            metric: [_value(column, places.get(pair)) for pair in pairs] for metric, column in run.columns.items()
        }
        yield {
            "run": run.model,
            "revision": run.revision,
            "split": run.split,
            "dataset_revision": run.versions.dataset_revision,
            "mteb_version": run.versions.mteb_version,
            "values": columns,
        }


def _value(column: Steps, place: int | None) -> int | None:
    return None if place is None or column[place] == ABSENT else column[place]
