"""What a program hands over as an encoder, as a model of a request; whatever is not named is asked for.

A name, a folder or a hub id stays what it is. A loaded SentenceTransformer, an object, a function and vectors become a
model with a name and a version, which decide what is the same encoder: a function says neither, so both are asked for;
weights and vectors can be read, so their digest is their version where none is given.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from pydantic import ValidationError

from xbench import specs
from xbench.encoders.calls import call_of
from xbench.encoders.loaded_model import LoadedEncoder, weights_digest
from xbench.encoders.python_encoder import PythonEncoder
from xbench.encoders.task_vectors import TaskVectors
from xbench.errors import SpecError, near_miss
from xbench.jobs.request import Overrides, ProgramModel
from xbench.jobs.training_settings import nested
from xbench.specs.faults import expected
from xbench.specs.strict_yaml import Value

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


def model_of(
    encoder: object, name: str | None, version: str | None, settings: Mapping[str, Value]
) -> str | ProgramModel:
    """The model of a request. Raises SpecError where its name or version is asked for, or given and not needed;
    EncoderError for what cannot encode."""
    if isinstance(encoder, str | Path):
        if name is not None or version is not None:
            raise SpecError(f"encoder {encoder}: has a name of its own; leave name and version out, or write a YAML")
        return str(encoder)
    overrides = Overrides.of(settings).model
    if _is_sentence_transformer(encoder):
        spec = _spec(encoder, name, version or f"weights-{weights_digest(encoder)}", overrides)
        return ProgramModel(spec, LoadedEncoder(spec, encoder))
    if isinstance(encoder, Mapping):
        encoder = TaskVectors.of(encoder)
    if isinstance(encoder, TaskVectors):
        return ProgramModel(_spec(encoder, name, version or f"vectors-{encoder.digest()}", overrides), encoder)
    call = call_of(encoder)
    spec = _spec(encoder, name, version, overrides)
    return ProgramModel(spec, PythonEncoder(spec, call))


def _is_sentence_transformer(encoder: object) -> TypeGuard[SentenceTransformer]:
    library = sys.modules.get("sentence_transformers")  # not imported: then nobody has an object of its class
    return library is not None and isinstance(encoder, library.SentenceTransformer)


def _spec(encoder: object, name: str | None, version: str | None, overrides: Mapping[str, Value]) -> specs.PythonModel:
    what = getattr(encoder, "__qualname__", type(encoder).__name__)
    if name is None or version is None:
        lacking = " and ".join(key for key, value in (("name", name), ("version", version)) if value is None)
        example = f"name={_suggestion(what)!r}, version='1'"
        raise SpecError(f"encoder {what}: give its {lacking}, by which results and vectors are kept: {example}")
    declared = {**nested(overrides), "name": name, "format": "python", "version": str(version)}
    try:
        return specs.PythonModel.model_validate_json(json.dumps(declared))
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        key = ".".join(map(str, fault["loc"]))
        if fault["type"] == "extra_forbidden":
            raise SpecError(f"model.{key}: unknown setting{near_miss(key, specs.PythonModel.model_fields)}") from None
        raise SpecError(f"model {key}: found {fault['input']!r:.60}, expected {expected(fault)}") from None


def _suggestion(name: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._") or "my-encoder"
