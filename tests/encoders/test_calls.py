"""Which way an object is asked for vectors, and what it is told of the role."""

from __future__ import annotations

import pytest

from xbench.encoders.calls import call_of
from xbench.errors import EncoderError


class Both:
    """Two methods go before `encode`, as in sentence-transformers."""

    def encode(self, texts: list[str]) -> str:
        raise AssertionError("not asked")

    def encode_query(self, texts: list[str]) -> str:
        return f"q {texts}"

    def encode_document(self, texts: list[str]) -> str:
        return f"d {texts}"


class HalfOfBoth:
    """One of the two methods is none: `encode` is asked."""

    def encode_query(self, texts: list[str]) -> str:
        raise AssertionError("not asked")

    def encode(self, texts: list[str], role: str) -> str:
        return f"{role} {texts}"


class Prompted:
    """A prompt of one role alone: the other is asked without a name."""

    prompts = {"query": "", "document": "", "passage": "p: "}

    def encode(self, texts: list[str], prompt_name: str = "absent") -> str:
        return f"{prompt_name} {texts}"


class Instance:
    """An instance that is called like a function."""

    def __call__(self, texts: list[str], role: str, batch_size: int = 8) -> str:
        return f"{role} {texts}"


@pytest.mark.parametrize(
    ("encoder", "query", "document"),
    [
        (Both(), "q ['a']", "d ['a']"),
        (HalfOfBoth(), "query ['a']", "document ['a']"),
        (Prompted(), "absent ['a']", "passage ['a']"),
        (Instance(), "query ['a']", "document ['a']"),
        (lambda *anything: anything, (["a"], "query"), (["a"], "document")),
    ],
    ids=["two methods", "role", "prompt_name", "instance", "function"],
)
def test_each_way_is_told_the_role_as_it_takes_it(encoder: object, query: object, document: object) -> None:
    call = call_of(encoder)
    assert (call(["a"], "query"), call(["a"], "document")) == (query, document)


def test_prompt_names_are_given_only_to_an_object_that_has_prompts() -> None:
    class Bare:
        def encode(self, texts: list[str], prompt_name: str = "absent") -> str:
            return prompt_name

    assert call_of(Bare())(["a"], "query") == "absent"


def named(texts: list[str]) -> None:
    """A function that takes no role."""


def test_what_cannot_be_asked_is_named_with_what_is_expected() -> None:
    with pytest.raises(EncoderError) as refused:
        call_of(named)
    assert str(refused.value) == (
        "encoder named: found a function of (texts), expected one of (texts, role); role is 'query' or 'document'"
    )
    with pytest.raises(EncoderError) as refused:
        call_of(None)
    assert str(refused.value) == (
        "encoder: found NoneType, expected a function of (texts, role), "
        "or an object with encode(texts), or with encode_query and encode_document"
    )


def test_an_encode_that_needs_more_than_texts_is_refused_with_what_it_needs() -> None:
    class Odd:
        def encode(self, texts: list[str], task: str, size: int, *, device: str, batch: int = 2, **more: int) -> None:
            raise AssertionError("not asked")

    with pytest.raises(EncoderError, match=r"Odd\.encode: also asks for task, size, device; wrap it in a function of"):
        call_of(Odd())
