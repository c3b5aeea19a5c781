"""The YAML that a new task starts from, by format. Knows the skeletons and where a working folder's tasks lie."""

from __future__ import annotations

import os
from pathlib import Path

import yaml

from xbench.errors import SpecError, near_miss
from xbench.specs.extensions import formats
from xbench.specs.parts import NAME

SKELETONS = Path(__file__).parent / "task_skeletons.yaml"
ENDS = ("head", "tail")


def task_formats() -> list[str]:
    """The formats that have a skeleton."""
    return [name for name in _skeletons() if name not in ENDS]


def write_task(name: str, kind: str, folder: Path) -> Path:
    """Write `folder/name.yaml` for a format. Raises SpecError for a wrong name or format, or a file that is there."""
    if not NAME.fullmatch(name):
        raise SpecError(f"name {name!r}: expected lower-case letters, digits, '.', '_' and '-', such as 'my-task'")
    if kind not in task_formats():
        if kind in formats("task"):
            raise SpecError(f"--format {kind}: has no skeleton, for another package brings it; see its documentation")
        raise SpecError(f"--format {kind}: no such format{near_miss(kind, task_formats())}")
    texts = _skeletons()
    fixed = {line.split(":")[0] for line in texts[kind].splitlines() if line[:1].isalpha()}
    tail = "".join(line for line in texts["tail"].splitlines(True) if line.lstrip("# ").split(":")[0] not in fixed)
    path = folder / f"{name}.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "w", encoding="utf-8") as file:
            file.write(f"{texts['head']}{texts[kind]}{tail}".replace("NAME", name))
    except FileExistsError:
        raise SpecError(f"{path}: is there already; choose another name, or edit it") from None
    except OSError as error:
        raise SpecError(f"cannot write {path}: {error.strerror}") from None
    return path


def _skeletons() -> dict[str, str]:
    skeletons: dict[str, str] = yaml.safe_load(SKELETONS.read_text(encoding="utf-8"))
    return skeletons
