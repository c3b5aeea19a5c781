"""What mteb states of a model, checked: sizes, licence, origin, training data. Knows values; no file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, Field, ValidationError

from xbench.errors import printable
from xbench.specs.parts import Spec

LARGEST = 10**14  # of any size
MOST_SETS = 2_000
Raw: TypeAlias = Mapping[str, object]


def _seen(text: str) -> str:
    if printable(text, "") != text or not text.strip():
        raise ValueError("text that can be seen, without control characters")
    return text


Text = Annotated[str, Field(max_length=300), AfterValidator(_seen)]
Size = Annotated[int, Field(gt=0, le=LARGEST)]
SIZES = ("n_parameters", "n_active_parameters", "n_embedding_parameters", "embed_dim", "max_tokens")
SWITCHES = ("open_weights", "use_instructions")
LISTS = ("adapted_from", "training_datasets")


class ModelFacts(Spec):
    """mteb's metadata of a model at a revision, under mteb's names; None for what it does not state."""

    n_parameters: Size | None = None
    n_active_parameters: Size | None = None
    n_embedding_parameters: Size | None = None
    embed_dim: Size | None = None
    max_tokens: Size | None = None
    release_date: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$")] | None = None
    license: Text | None = None
    open_weights: bool | None = None
    use_instructions: bool | None = None
    adapted_from: Text | None = None
    training_datasets: Annotated[tuple[Text, ...], Field(max_length=MOST_SETS)] | None = None

    @property
    def other_parameters(self) -> int | None:
        """Parameters outside the embeddings; None where mteb does not state both numbers."""
        if self.n_parameters is None or self.n_embedding_parameters is None:
            return None
        return max(self.n_parameters - self.n_embedding_parameters, 0)


def model_facts(raw: Raw) -> ModelFacts:
    """The facts in `model_meta.json`, or in a line of models.jsonl, whose values are text. Raises ValueError."""
    active = raw.get("n_active_parameters_override")
    stated: dict[str, object] = {name: _size(raw.get(name), name) for name in SIZES}
    stated["n_active_parameters"] = _size(active, "n_active_parameters_override")
    stated |= {name: _switch(raw.get(name), name) for name in SWITCHES}
    stated |= {name: raw.get(name) or None for name in ("release_date", "license", "adapted_from")}
    if isinstance(stated["adapted_from"], list):
        stated["adapted_from"] = ", ".join(map(str, stated["adapted_from"]))
    sets = raw.get("training_datasets")
    if sets is not None:
        stated["training_datasets"] = _names(sets)
    try:
        return ModelFacts.model_validate(stated)
    except ValidationError as error:
        raise ValueError(first_fault(error)) from None


def first_fault(error: ValidationError) -> str:
    """Which fact cannot be, and why."""
    fault = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, fault['loc']))}: found {fault['input']!r:.60}, {fault['msg']}"


def _size(value: object, name: str) -> int | None:
    """A count; None for none, zero and infinity, which mteb writes for what has no limit."""
    if value is None or isinstance(value, bool) or value == "":
        if isinstance(value, bool):
            raise ValueError(f"{name}: found {value!r}, expected a number")
        return None
    if not isinstance(value, int | float | str):
        raise ValueError(f"{name}: found {value!r:.60}, expected a number")
    try:
        number = float(value)
        return int(number) if number and number != float("inf") else None
    except (ValueError, OverflowError):
        raise ValueError(f"{name}: found {value!r:.60}, expected a number") from None


def _switch(value: object, name: str) -> bool | None:
    known = {"True": True, "False": False, "": None}
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and value in known:
        return known[value]
    raise ValueError(f"{name}: found {value!r:.60}, expected true or false")


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | dict) or not all(isinstance(name, str) for name in value):
        raise ValueError(f"training_datasets: found {value!r:.60}, expected names of data sets")
    return tuple(sorted(set(value)))
