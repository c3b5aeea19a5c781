"""From a name to a checked spec: where YAML files lie, and one-line errors that name file, line and key.

Knows folders and YAML; nothing of what a spec is used for. Names resolve to a path ending in .yaml, then to ./tasks and
./baselines of the working directory, then to the folders in XBENCH_PATH, then to what ships with xbench.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from xbench import specs
from xbench.errors import SpecError, near_miss
from xbench.specs import strict_yaml

FOLDERS = {
    "task": "tasks",
    "model": "baselines/models",
    "recipe": "baselines/recipes",
    "corpus": "baselines/corpora",
}
_TYPES: dict[str, Any] = {
    "task": specs.Task,
    "model": specs.Model,
    "recipe": specs.Recipe,
    "corpus": specs.Corpus,
}
_ADAPTERS: dict[str, TypeAdapter[Any]] = {kind: TypeAdapter(spec) for kind, spec in _TYPES.items()}
SpecT = TypeVar("SpecT")


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
    found: dict[str, Path] = {}
    for folder in search_path(kind):
        for path in sorted(folder.glob("*.yaml")):
            found.setdefault(path.stem, path)
    return dict(sorted(found.items()))


def load(kind: str, name: str, overrides: Mapping[str, Any] | None = None) -> Entry[Any]:
    """The spec called `name`, with `overrides` (dotted keys) over the file's values. Raises SpecError."""
    if name.endswith((".yaml", ".yml")):
        path = Path(name)
        if not path.is_file():
            raise SpecError(f"{kind} {name}: no such file")
        return _read(kind, path, overrides or {})
    path_known = known(kind).get(name)
    if path_known is None:
        if kind == "model" and (entry := _unlisted_model(name, overrides or {})) is not None:
            return entry
        raise SpecError(_unknown(kind, name))
    entry = _read(kind, path_known, overrides or {})
    if entry.spec.name != name:
        raise SpecError(f"{path_known}: name: found {entry.spec.name!r}, expected {name!r} as the file is called")
    return entry


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of `kind`, for editors."""
    if kind not in _ADAPTERS:
        raise SpecError(f"unknown schema {kind!r}{near_miss(kind, [*_ADAPTERS, 'result'])}")
    return _ADAPTERS[kind].json_schema(by_alias=True)


def _unknown(kind: str, name: str) -> str:
    if kind == "model" and ("/" in name or "\\" in name):
        return f"model {name!r}: no such folder, and no hub id (owner/name); a YAML's path ends in .yaml"
    if "/" in name or "\\" in name:
        return f"{kind} {name!r} has a path in it; give a name, or a path that ends in .yaml"
    return f"unknown {kind} {name!r}{near_miss(name, known(kind))}"


def _unlisted_model(name: str, overrides: Mapping[str, Any]) -> Entry[Any] | None:
    """A local folder or a hub id; None when `name` is neither."""
    folder = Path(name)
    if name and folder.is_dir():
        place, base = {"folder": str(folder.resolve())}, folder
    elif re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", name) and not name.startswith("."):
        place, base = {"hub": name}, Path()
    else:
        return None
    slug = re.sub(r"[^a-z0-9._-]+", "-", (folder.resolve().name if folder.is_dir() else name).lower()).strip("-._")
    if not slug:
        raise SpecError(
            f"model folder {name}: no letter a-z or digit to name it by; write a YAML: name, format, folder"
        )
    data: dict[str, Any] = {"name": slug, "format": "sentence", **place}
    return _check("model", strict_yaml.Document(Path(name), data, {}), overrides, base)


def _read(kind: str, path: Path, overrides: Mapping[str, Any]) -> Entry[Any]:
    document = strict_yaml.load_yaml(path)
    for section, key in ((document.data, "folder"), (document.data.get("tokens"), "tokenizer")):
        if kind == "model" and isinstance(section, dict) and isinstance(place := section.get(key), str) and place:
            section[key] = str((path.parent / place).resolve())
    return _check(kind, document, overrides, path.parent)


def _check(kind: str, document: strict_yaml.Document, overrides: Mapping[str, Any], base: Path) -> Entry[Any]:
    for dotted, value in overrides.items():
        _put(document.data, dotted.split("."), value)
    try:
        spec = _ADAPTERS[kind].validate_json(json.dumps(document.data, ensure_ascii=False).encode())
    except UnicodeEncodeError:
        raise SpecError(
            f"{document.path}: holds half a surrogate pair (\\ud800 to \\udfff); write the character"
        ) from None
    except ValidationError as error:
        raise SpecError(_explain(kind, document, error, overrides)) from None
    return Entry(spec, base)


def _put(data: dict[str, Any], keys: list[str], value: Any) -> None:
    for key in keys[:-1]:
        inner = data.setdefault(key, {})
        if not isinstance(inner, dict):
            raise SpecError(f"--set {'.'.join(keys)}: {key!r} is a value, not a section")
        data = inner
    data[keys[-1]] = value


def _explain(kind: str, document: strict_yaml.Document, error: ValidationError, overrides: Mapping[str, Any]) -> str:
    """The first fault as one line: file, line, key, found, expected. Unknown keys first: they are often the cause."""
    faults = sorted(error.errors(include_url=False), key=lambda fault: fault["type"] != "extra_forbidden")
    fault = faults[0]
    key = tuple(part for part in fault["loc"] if part in _parts(document.data, fault["loc"]))
    dotted = ".".join(str(part) for part in key)
    where = f"{document.path}:{document.line(key)}"
    related = [name for name in overrides if dotted and f"{name}.".startswith(f"{dotted}.")]
    related += [name for name in overrides if f"{dotted}.".startswith(f"{name}.")]
    if related:
        where = f"--set {kind}.{related[0]}"
    elif dotted:
        where += f": {dotted}"
    elif overrides:
        where = f"--set {', '.join(f'{kind}.{name}' for name in overrides)} over {document.path}"
    if fault["type"] == "extra_forbidden":
        return f"{where}: unknown key {key[-1]!r}{near_miss(str(key[-1]), _allowed(kind, fault['loc']))}"
    if fault["type"] == "missing":
        return f"{where}: missing key {str(fault['loc'][-1])!r}"
    if fault["type"] in ("union_tag_invalid", "union_tag_not_found"):
        formats = ", ".join(repr(_tag(model)) for model in _models_in(_TYPES[kind]))
        where = f"{document.path}:{document.line(('format',))}"
        return f"{where}: format: found {document.data.get('format', 'no such key')!r}, expected one of {formats}"
    found = fault["input"]
    shown = f"found {found!r:.100}, " if not isinstance(found, dict) else ""
    return f"{where}: {shown}expected {expected(fault)}"


def expected(fault: Mapping[str, Any]) -> str:
    """What pydantic expected instead of the faulty value, in this project's words."""
    if fault["type"] == "string_pattern_mismatch":
        return f"text that matches {fault['ctx']['pattern']}"
    if fault["type"] == "too_short":
        return f"at least {fault['ctx']['min_length']}"
    message = str(fault["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    plain = {"a valid array": "a list", "an object": "keys and values", "a valid dictionary": "keys and values"}
    return plain.get(message, message.replace("a valid string", "text; quote it"))


def _parts(data: Any, loc: tuple[int | str, ...]) -> list[int | str]:
    """The parts of pydantic's location that stand in the file (it adds the names of union members)."""
    parts: list[int | str] = []
    for part in loc:
        if (isinstance(data, dict) and part in data) or (isinstance(data, list) and isinstance(part, int)):
            parts.append(part)
            data = data[part]  # type: ignore[index]
    return parts


def _allowed(kind: str, loc: tuple[int | str, ...]) -> list[str]:
    """The keys that may stand where an unknown one was found; pydantic's location starts with a union's tag."""
    models = _models_in(_TYPES[kind])
    for part in loc[:-1]:
        tagged = [model for model in models if _tag(model) == part]
        fields = [field for model in models for name, field in _fields(model).items() if name == part]
        models = tagged or [inner for field in fields for inner in _models_in(field.annotation)] or models
    return sorted({name for model in models for name in _fields(model)})


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _tag(model: type[BaseModel]) -> str | None:
    field = model.model_fields.get("format")
    return next(iter(get_args(field.annotation)), None) if field else None


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in _models_in(inner)]
