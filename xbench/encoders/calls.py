"""How an object that encodes is asked: the ways in use, found by its methods and what they take.

A function of (texts, role); `encode_query` and `encode_document`, as sentence-transformers has them; or
`encode(texts)`, which learns the role by `role` or, where the object has prompts of these names, by `prompt_name`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TypeAlias

from xbench.encoders.base import Role
from xbench.errors import EncoderError

Call: TypeAlias = Callable[[list[str], Role], object]
"""(texts, role) -> whatever the encoder gives; it is checked afterwards."""

EXPECTED = "a function of (texts, role), or an object with encode(texts), or with encode_query and encode_document"


def call_of(encoder: object) -> Call:
    """The way to ask an encoder for vectors. Raises EncoderError where there is none."""
    query, document = (getattr(encoder, f"encode_{role}", None) for role in ("query", "document"))
    if callable(query) and callable(document):
        return lambda texts, role: query(texts) if role == "query" else document(texts)
    encode = getattr(encoder, "encode", None)
    if callable(encode):
        return _by_encode(encode, getattr(encoder, "prompts", None))
    if callable(encoder) and not isinstance(encoder, type):
        return _function(encoder)
    raise EncoderError(f"encoder: found {type(encoder).__name__}, expected {EXPECTED}")


def _function(function: Callable[..., object]) -> Call:
    parameters = _parameters(function)
    if parameters is not None:
        try:
            inspect.signature(function).bind([], "query")
        except TypeError:
            taken = ", ".join(parameters) or "nothing"
            raise EncoderError(
                f"encoder {_name(function)}: found a function of ({taken}), expected one of (texts, role); "
                "role is 'query' or 'document'"
            ) from None
    return lambda texts, role: function(texts, role)


def _by_encode(encode: Callable[..., object], prompts: object) -> Call:
    parameters = _parameters(encode) or {}
    if "role" in parameters:
        return lambda texts, role: encode(texts, role=role)
    if "prompt_name" in parameters and isinstance(prompts, Mapping):
        names = {"query": _named(prompts, "query"), "document": _named(prompts, "document", "passage")}
        return lambda texts, role: encode(texts, prompt_name=names[role]) if names[role] else encode(texts)
    needed = [name for name, parameter in list(parameters.items())[1:] if _is_needed(parameter)]
    if needed:
        raise EncoderError(
            f"encoder {_name(encode)}: also asks for {', '.join(needed)}; wrap it in a function of (texts, role)"
        )
    return lambda texts, role: encode(texts)


def _named(prompts: Mapping[str, object], *names: str) -> str | None:
    return next((name for name in names if prompts.get(name)), None)


def _is_needed(parameter: inspect.Parameter) -> bool:
    several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return parameter.default is inspect.Parameter.empty and parameter.kind not in several


def _parameters(function: Callable[..., object]) -> Mapping[str, inspect.Parameter] | None:
    """What a function takes, by name; None where that cannot be seen."""
    try:
        return inspect.signature(function).parameters
    except (ValueError, TypeError):
        return None


def _name(function: object) -> str:
    return str(getattr(function, "__qualname__", type(function).__name__))
