"""Studies that run in seconds: chance in two dimensions on one kind of embedded facts, in two languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from xbench.data.download import Storage
from xbench.progress import Silent
from xbench.studies.declared import declared_study
from xbench.studies.machine import Declared, Machine
from xbench.studies.running import Shard, Tally, run_study


def content(**changes: Any) -> dict[str, Any]:
    """A study of two arms and three seeds."""
    keys: dict[str, Any] = {
        "name": "chance",
        "question": "Is chance in more dimensions better?",
        "factors": {"model.dimension": [8, 32]},
        "fixed": {
            "model": "random",
            "languages": ["de", "en"],
            "set": {"task.options.kinds": ["official-language"]},
        },
        "seeds": 3,
        "tasks": ["facts"],
        "outcomes": ["Cr", "Mo", "rank distance"],
        "hypotheses": [
            {"name": "more is better", "contrast": "32 - 8", "outcome": "Cr", "direction": "higher"},
            {"name": "keeps Mo", "contrast": "32 - 8", "outcome": "Mo", "margin": "5 points"},
        ],
    }
    return keys | changes


def write(folder: Path, **changes: Any) -> Path:
    """The study as a YAML."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "chance.yaml"
    path.write_text(yaml.safe_dump(content(**changes), sort_keys=False))
    return path


def study(folder: Path, **changes: Any) -> Declared:
    """The study, which keeps what it makes in `folder`/out."""
    return declared_study(str(write(folder, **changes)), folder / "out")


def machine(folder: Path) -> Machine:
    return Machine(Storage(cache=folder / "cache", offline=True))


def run(declared: Declared, shard: str = "1/1") -> Tally:
    return run_study(declared, machine(declared.out.parent), Silent(), Shard.of(shard))
