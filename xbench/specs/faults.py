"""What is wrong with a spec, as one line: file, line, key, found, expected. Knows pydantic's faults and the specs'
models; not where files lie.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from xbench.errors import near_miss
from xbench.specs.extensions import formats as extension_formats
from xbench.specs.strict_yaml import Document, Value

Location: TypeAlias = tuple[int | str, ...]


def explain(kind: str, form: object, document: Document, error: ValidationError, overrides: Iterable[str]) -> str:
    """The first fault of a `kind` of spec, whose type is `form`. Unknown keys first: they are often the cause."""
    fault = min(error.errors(include_url=False), key=lambda fault: fault["type"] != "extra_forbidden")
    key = tuple(_parts(document.data, fault["loc"]))
    where = _where(kind, document, key, list(overrides))
    if fault["type"] == "extra_forbidden":
        return f"{where}: unknown key {key[-1]!r}{near_miss(str(key[-1]), _allowed(form, fault['loc']))}"
    if fault["type"] == "missing":
        return f"{where}: missing key {str(fault['loc'][-1])!r}"
    if fault["type"] in ("union_tag_invalid", "union_tag_not_found"):
        formats = ", ".join(map(repr, (*tags(form), *extension_formats(kind))))
        where = f"{document.path}:{document.line(('format',))}"
        return f"{where}: format: found {document.data.get('format', 'no such key')!r}, expected one of {formats}"
    shown = f"found {fault['input']!r:.100}, " if not isinstance(fault["input"], dict) else ""
    return f"{where}: {shown}expected {expected(fault)}"


def _where(kind: str, document: Document, key: Location, overrides: list[str]) -> str:
    """The file, line and key of a fault, or the `--set` that brought it."""
    dotted = ".".join(str(part) for part in key)
    related = [name for name in overrides if dotted and f"{name}.".startswith(f"{dotted}.")]
    related += [name for name in overrides if f"{dotted}.".startswith(f"{name}.")]
    if related:
        return f"--set {kind}.{related[0]}"
    if dotted:
        return f"{document.path}:{document.line(key)}: {dotted}"
    if overrides:
        return f"--set {', '.join(f'{kind}.{name}' for name in overrides)} over {document.path}"
    return f"{document.path}:{document.line(key)}"


def expected(fault: ErrorDetails) -> str:
    """What pydantic expected instead of the faulty value, in this project's words."""
    if fault["type"] == "string_pattern_mismatch":
        return f"text that matches {fault['ctx']['pattern']}"
    if fault["type"] == "too_short":
        return f"at least {fault['ctx']['min_length']}"
    message = fault["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    plain = {"a valid array": "a list", "an object": "keys and values", "a valid dictionary": "keys and values"}
    return plain.get(message, message.replace("a valid string", "text; quote it"))


def _parts(data: Value, location: Location) -> Location:
    """The parts of pydantic's location that stand in the file (it adds the names of union members)."""
    parts: list[int | str] = []
    for part in location:
        if isinstance(data, Mapping) and part in data:
            data = data[str(part)]
        elif isinstance(data, list) and isinstance(part, int):
            data = data[part]
        else:
            continue
        parts.append(part)
    return tuple(parts)


def tags(form: object) -> list[str]:
    """The formats that a union of specs tells apart."""
    return [tag for model in _models_in(form) if (tag := _tag(model))]


def _allowed(form: object, location: Location) -> list[str]:
    """The keys that may stand where an unknown one was found; pydantic's location starts with a union's tag."""
    models = _models_in(form)
    for part in location[:-1]:
        tagged = [model for model in models if _tag(model) == part]
        fields = [field for model in models for name, field in _fields(model).items() if name == part]
        models = tagged or [inner for field in fields for inner in _models_in(field.annotation)] or models
    return sorted({name for model in models for name in _fields(model)})


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _tag(model: type[BaseModel]) -> str | None:
    field = model.model_fields.get("format")
    return next(iter(get_args(field.annotation)), None) if field else None


def _models_in(annotation: object) -> list[type[BaseModel]]:
    """The models of a union, or the one that stands alone."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in _models_in(inner)]
