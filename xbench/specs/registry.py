"""From a name to a checked spec: where YAML files lie.

Knows folders and YAML; nothing of what a spec is used for, nor of how a fault is worded (faults). Names resolve to a
path ending in .yaml, then to ./tasks and ./baselines of the working directory, then to the folders in XBENCH_PATH, then
to what ships with xbench.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Literal, TypeAlias, TypeVar, cast, overload

from pydantic import TypeAdapter, ValidationError

from xbench import specs
from xbench.errors import EncoderError, SpecError, XbenchError, near_miss
from xbench.specs.extensions import GROUPS, extension, require_own
from xbench.specs.faults import explain, tags
from xbench.specs.flores import in_codes
from xbench.specs.parts import PINS, Named, name_like
from xbench.specs.pins import require_known_pins
from xbench.specs.strict_yaml import Document, Value, load_yaml

FOLDERS = {
    "task": "tasks",
    "model": "baselines/models",
    "recipe": "baselines/recipes",
    "corpus": "baselines/corpora",
    "study": "baselines/studies",
}
_FORMS: dict[str, Any] = {
    "task": specs.Task,
    "model": specs.Model,
    "recipe": specs.Recipe,
    "corpus": specs.Corpus,
    "study": specs.Study,
}
_ADAPTERS: dict[str, TypeAdapter[Named]] = {kind: TypeAdapter(form) for kind, form in _FORMS.items()}
Overrides: TypeAlias = Mapping[str, Value]
SpecT = TypeVar("SpecT", covariant=True)


@dataclass(frozen=True)
class Entry(Generic[SpecT]):
    """A checked spec and the folder that its relative paths start from."""

    spec: SpecT
    base: Path


def shipped(folder: str) -> Path:
    """A top-level folder of the project (`tasks`, `baselines`, `leaderboard`): inside the wheel, or in the checkout."""
    package = Path(__file__).parents[1]
    inside = package / folder
    return inside if inside.is_dir() else package.parent / folder


def search_path(kind: str) -> list[Path]:
    """The folders searched for `kind`, first match wins."""
    folder = FOLDERS[kind]
    extra = [Path(part) for part in os.environ.get("XBENCH_PATH", "").split(os.pathsep) if part]
    top, _, rest = folder.partition("/")
    return [Path(folder), *(place / folder for place in extra), shipped(top) / rest]


def known(kind: str) -> dict[str, Path]:
    """Every name of `kind` and the file it resolves to, sorted by name."""
    paths: dict[str, Path] = {}
    for folder in search_path(kind):
        for path in sorted(folder.glob("*.yaml")):
            paths.setdefault(path.stem, path)
    return dict(sorted(paths.items()))


@overload
def load(kind: Literal["task"], name: str, overrides: Overrides | None = None) -> Entry[specs.Task]: ...
@overload
def load(kind: Literal["model"], name: str, overrides: Overrides | None = None) -> Entry[specs.Model]: ...
@overload
def load(kind: Literal["recipe"], name: str, overrides: Overrides | None = None) -> Entry[specs.Recipe]: ...
@overload
def load(kind: Literal["corpus"], name: str, overrides: Overrides | None = None) -> Entry[specs.Corpus]: ...
@overload
def load(kind: Literal["study"], name: str, overrides: Overrides | None = None) -> Entry[specs.Study]: ...
@overload
def load(kind: str, name: str, overrides: Overrides | None = None) -> Entry[Named]: ...
def load(kind: str, name: str, overrides: Overrides | None = None) -> Entry[Named]:
    """The spec called `name`, with `overrides` (dotted keys) over the file's values.

    Raises SpecError; EncoderError for a model whose file or folder is not on this machine.
    """
    if name.endswith((".yaml", ".yml")):
        path = Path(name)
        if not path.is_file():
            raise _absent(kind, f"{kind} {name}: no such file")
        return _read(kind, path, overrides or {})
    path_known = known(kind).get(name)
    if path_known is None:
        if kind == "model" and (entry := _unlisted_model(name, overrides or {})) is not None:
            return entry
        raise _unknown(kind, name)
    entry = _read(kind, path_known, overrides or {})
    if entry.spec.name != name and "name" in (overrides or {}):
        raise SpecError(f"--set {kind}.name: found {entry.spec.name!r}, expected no name: {name} keeps its own")
    if entry.spec.name != name:
        raise SpecError(f"{path_known}: name: found {entry.spec.name!r}, expected {name!r} as the file is called")
    return entry


def task_again(keys: Mapping[str, Value], base: Path) -> Entry[specs.Task]:
    """The task whose resolved keys a result holds; relative paths start from `base`. Raises SpecError."""
    return cast(Entry[specs.Task], _check("task", Document(Path("the result's task"), dict(keys), {}), {}, base))


def schema(kind: str) -> dict[str, object]:
    """The JSON Schema of `kind`, for editors."""
    if kind not in _ADAPTERS:
        raise SpecError(f"unknown schema {kind!r}{near_miss(kind, [*_ADAPTERS, 'result'])}")
    return _ADAPTERS[kind].json_schema(by_alias=True)


def _absent(kind: str, text: str) -> XbenchError:
    """The error of a path that leads nowhere here: a model may lie on another machine."""
    return EncoderError(text) if kind == "model" else SpecError(text)


def _unknown(kind: str, name: str) -> XbenchError:
    if "/" not in name and "\\" not in name:
        return SpecError(f"unknown {kind} {name!r}{near_miss(name, known(kind))}")
    if kind == "model":
        return _absent(kind, f"model {name!r}: no such folder, and no hub id (owner/name); a YAML's path ends in .yaml")
    return SpecError(f"{kind} {name!r} has a path in it; give a name, or a path that ends in .yaml")


def _unlisted_model(name: str, overrides: Overrides) -> Entry[Named] | None:
    """A local folder or a hub id; None when `name` is neither."""
    folder = Path(name)
    if name and folder.is_dir():
        place, base = {"folder": str(folder.resolve())}, folder
    elif re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", name) and not name.startswith("."):
        place, base = {"hub": name}, Path()
    else:
        return None
    called = name_like(folder.resolve().name if folder.is_dir() else name)
    if not called and "name" not in overrides:
        raise SpecError(
            f"model folder {name}: no letter a-z or digit to name it by; write a YAML: name, format, folder"
        )
    data: dict[str, Value] = {"name": called, "format": "sentence", **place}
    return _check("model", Document(Path(name), data, {}), overrides, base)


def _read(kind: str, path: Path, overrides: Overrides) -> Entry[Named]:
    document = in_codes(load_yaml(path))
    require_known_pins(document)
    for section, key in ((document.data, "folder"), (document.data.get("tokens"), "tokenizer")):
        if kind == "model" and isinstance(section, dict) and isinstance(place := section.get(key), str) and place:
            section[key] = str((path.parent / place).resolve())
    return _check(kind, document, overrides, path.parent)


def _check(kind: str, document: Document, overrides: Overrides, base: Path) -> Entry[Named]:
    declared = document.data.get("format")
    for dotted, value in overrides.items():
        if dotted == "format" and declared not in (None, value):
            raise SpecError(
                f"--set {kind}.format: found {str(value)[:40]!r}, expected no format: it is {declared!s:.40}, and "
                "another is another kind of thing; write a YAML of its own"
            )
        _put(document.data, dotted.split("."), value)
    if any(part in PINS for dotted in overrides for part in dotted.split(".")):
        require_known_pins(document)
    form, adapter = _form(kind, document)
    try:
        spec = adapter.validate_json(json.dumps(document.data, ensure_ascii=False).encode())
    except UnicodeEncodeError:
        raise SpecError(
            f"{document.path}: holds half a surrogate pair (\\ud800 to \\udfff); write the character"
        ) from None
    except ValidationError as error:
        raise SpecError(explain(kind, form, document, error, overrides)) from None
    return Entry(spec, base)


def _form(kind: str, document: Document) -> tuple[object, TypeAdapter[Named]]:
    """What a spec of its format has to be: xbench's own formats, or the one that another package brings."""
    name = document.data.get("format")
    own = kind not in GROUPS or not isinstance(name, str) or name in tags(_FORMS[kind])
    if own and kind in GROUPS and isinstance(name, str) and not _ships(document.path):
        require_own(kind, name)
    foreign = None if own else extension(kind, str(name))
    return (foreign.form, TypeAdapter(foreign.form)) if foreign else (_FORMS[kind], _ADAPTERS[kind])


def _ships(path: Path) -> bool:
    """Whether a file ships with xbench, which means its own formats."""
    return any(path.is_relative_to(shipped(top)) for top in ("tasks", "baselines"))


def _put(data: dict[str, Value], keys: list[str], value: Value) -> None:
    for key in keys[:-1]:
        inner = data.setdefault(key, {})
        if not isinstance(inner, dict):
            raise SpecError(f"--set {'.'.join(keys)}: {key!r} is a value, not a section")
        data = inner
    data[keys[-1]] = value
