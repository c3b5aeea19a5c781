"""What tests share: where real data lie, and hypothesis without a clock."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from xbench.data import readers
from xbench.data.collection import Collection
from xbench.data.download import Storage
from xbench.specs import registry, restrict
from xbench.specs.registry import Entry

settings.register_profile("xbench", deadline=None)  # a busy machine is no failure
settings.load_profile("xbench")

Read = Callable[..., Collection]


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Real data, or a skip that says how to have them."""
    folder = Path(os.environ.get("XBENCH_DATA") or Path(__file__).parents[2] / "shared" / "data")
    if not (folder / "lareqa").is_dir():
        pytest.skip(f"no lareqa/ in {folder}: set XBENCH_DATA to a folder that holds lareqa/xquad-r and lareqa/mlqa-r")
    return folder


@pytest.fixture(scope="session")
def real(data_folder: Path) -> Read:
    """real(task, languages): a collection of real data; all languages of the task by default."""
    read: dict[tuple[str, tuple[str, ...]], Collection] = {}

    def get(task: str, languages: tuple[str, ...] = ()) -> Collection:
        if (task, languages) not in read:
            storage = Storage((data_folder,), offline=True)
            entry = registry.load("task", task)
            chosen = restrict(entry.spec, languages or entry.spec.languages)
            read[task, languages] = readers.read(Entry(chosen, entry.base), storage)
        return read[task, languages]

    return get
