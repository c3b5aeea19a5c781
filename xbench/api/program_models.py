"""What a program hands over as an encoder, as a model of a request; whatever is not named is asked for.

A name, a folder or a hub id stays what it is; the last two take another name. A loaded SentenceTransformer, an object,
a function and vectors become a model with a name and a version, which decide what is the same encoder: a function says
neither, so both are asked for; weights and vectors can be read, so their digest is their version where none is given.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from pydantic import ValidationError

from xbench import specs
from xbench.encoders.calls import call_of
from xbench.encoders.loaded_model import LoadedEncoder, folder_of, lies_in, weights_digest
from xbench.encoders.python_encoder import PythonEncoder
from xbench.encoders.task_vectors import TaskVectors
from xbench.errors import SpecError, near_miss
from xbench.jobs.folder_lineage import folder_lineage
from xbench.jobs.request import Overrides, ProgramModel
from xbench.jobs.training_settings import nested
from xbench.specs import registry
from xbench.specs.faults import expected
from xbench.specs.parts import name_like
from xbench.specs.strict_yaml import Value
from xbench.zero_shot.lineage import Gap, Lineage

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


def model_of(
    encoder: object, name: str | None, version: str | None, settings: Mapping[str, Value]
) -> str | ProgramModel:
    """The model of a request. Raises SpecError where its name or version is asked for, given and not needed, or that of
    another model; EncoderError for what cannot encode."""
    _require_free(encoder, name, version)
    for key, value in (("name", name), ("version", version)):
        if value is not None and f"model.{key}" in settings:
            raise SpecError(f"{key} {value}: settings say model.{key} too; keep one of the two")
    if isinstance(encoder, str | Path):
        return str(encoder)
    overrides = Overrides.of(settings).model
    if _is_sentence_transformer(encoder):
        spec = _spec(encoder, name, version or (name and f"weights-{weights_digest(encoder)}"), overrides, ("name",))
        return ProgramModel(spec, LoadedEncoder(spec, encoder), _lineage(spec.name, encoder))
    if isinstance(encoder, Mapping):
        encoder = TaskVectors.of(encoder)
    if isinstance(encoder, TaskVectors):
        spec = _spec(encoder, name, version or (name and f"vectors-{encoder.digest()}"), overrides, ("name",))
        return ProgramModel(spec, encoder)
    call = call_of(encoder)
    spec = _spec(encoder, name, version, overrides)
    return ProgramModel(spec, PythonEncoder(spec, call))


def _lineage(name: str, model: SentenceTransformer) -> Lineage | None:
    """What the record in the folder of a loaded model tells; None where it is from none, or does not say so."""
    folder = folder_of(model)
    lineage = folder_lineage(folder, name) if folder else None
    if folder is None or lineage is None or lies_in(model, folder):
        return lineage
    return lineage.model_copy(update={"gaps": [*lineage.gaps, Gap(model=name, reason="changed")]})


def _is_sentence_transformer(encoder: object) -> TypeGuard[SentenceTransformer]:
    library = sys.modules.get("sentence_transformers")  # not imported: then nobody has an object of its class
    return library is not None and isinstance(encoder, library.SentenceTransformer)


def _require_free(encoder: object, name: str | None, version: str | None) -> None:
    """Raise SpecError for a name or a version given to what has its own, and for the name of a model that is listed,
    unless it is that of the YAML anyway."""
    listed = registry.known("model")
    if isinstance(encoder, str | Path) and (version is not None or (name is not None and str(encoder) in listed)):
        raise SpecError(f"encoder {encoder}: has a name of its own; leave name and version out, or write a YAML")
    if name in listed and not _is_called(encoder, name):
        raise SpecError(f"name {name}: that is the model of {listed[name]}; give another name")


def _is_called(encoder: object, name: str) -> bool:
    """Whether an encoder is a YAML of this name."""
    is_yaml = isinstance(encoder, str | Path) and str(encoder).endswith((".yaml", ".yml"))
    return is_yaml and registry.load("model", str(encoder)).spec.name == name


def _spec(
    encoder: object,
    name: str | None,
    version: str | None,
    overrides: Mapping[str, Value],
    needed: tuple[str, ...] = ("name", "version"),
) -> specs.PythonModel:
    what = getattr(encoder, "__qualname__", type(encoder).__name__)
    if name is None or version is None:
        examples = {"name": name_like(what) or "my-encoder", "version": "1"}
        lacking = [key for key, value in (("name", name), ("version", version)) if value is None and key in needed]
        example = ", ".join(f"{key}={examples[key]!r}" for key in lacking)
        asked = " and ".join(lacking)
        raise SpecError(f"encoder {what}: give its {asked}, by which results and vectors are kept: {example}")
    if "format" in overrides:
        raise SpecError("settings: model.format: an encoder of a program has none to set; leave it out")
    declared = {**nested(overrides), "name": name, "format": "python", "version": str(version)}
    try:
        return specs.PythonModel.model_validate_json(json.dumps(declared))
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        key = ".".join(map(str, fault["loc"]))
        if fault["type"] == "extra_forbidden":
            raise SpecError(f"model.{key}: unknown setting{near_miss(key, specs.PythonModel.model_fields)}") from None
        raise SpecError(f"model {key}: found {fault['input']!r:.60}, expected {expected(fault)}") from None
