"""Encoders that xbench did not make: a function, an extension's, a loaded model, vectors that are there already."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np
import pytest
from build import collection

from xbench.arrays import Vectors
from xbench.encoders.base import Role
from xbench.encoders.extension_encoder import ExtensionEncoder
from xbench.encoders.loaded_model import LoadedEncoder, weights_digest
from xbench.encoders.python_encoder import TEXTS, PythonEncoder
from xbench.encoders.sentence import SentenceEncoder
from xbench.encoders.task_vectors import TaskVectors
from xbench.errors import EncoderError
from xbench.specs import ModelBase, Prompts, PythonModel
from xbench.specs.extensions import Extension


def model(prompts: Prompts | None = None, instruction: str = "") -> PythonModel:
    return PythonModel(name="own", format="python", version="1", prompts=prompts, instruction=instruction)


def silent(texts: int) -> None:
    """Nobody watches."""


# --- a function --------------------------------------------------------------------------------------------------


def lengths(texts: Sequence[str], role: Role) -> Vectors:
    return np.array([[len(text), 1] for text in texts], np.float32)


def test_texts_come_in_calls_of_bounded_size_in_their_order_behind_their_prompt() -> None:
    calls: list[int] = []

    def counted(texts: Sequence[str], role: Role) -> Vectors:
        calls.append(len(texts))
        return lengths(texts, role)

    done: list[int] = []
    encoder = PythonEncoder(model(Prompts(query="q: ")), counted)
    texts = ["x" * (number % 7) for number in range(TEXTS + 3)]
    vectors = encoder.encode(texts, "query", done.append)
    assert vectors[:, 0].tolist() == [len(text) + 3 for text in texts]
    assert encoder.encode(["x"], "document", silent)[0, 0] == 1
    assert done == [TEXTS, 3] and calls == [TEXTS, 3, 1]


def test_its_roles_are_never_taken_for_alike_and_its_tokens_are_unknown() -> None:
    encoder = PythonEncoder(model(), lengths)
    assert encoder.role_identity("query") != encoder.role_identity("document")
    assert encoder.role_identity("query") == {**encoder.identity, "role": "query"}
    assert encoder.tokens(["a", "b"], "query").tolist() == [[0, 0], [0, 0]] and encoder.max_length is None


def test_an_instruction_makes_another_encoder_and_leaves_this_one() -> None:
    encoder = PythonEncoder(model(Prompts(query="{instruction}: ")), lengths)
    instructed = encoder.instructed("find", "task t")
    assert instructed.encode(["x"], "query", silent)[0, 0] == len("find: x")
    assert instructed.identity["prompts"] == {"query": "find: ", "document": ""}
    assert encoder.identity["prompts"] == {"query": "{instruction}: ", "document": ""}
    with pytest.raises(EncoderError, match="model own is told what the task asks for, and task t has no instruction"):
        encoder.instructed("", "task t")


def test_what_its_code_raises_is_one_line_with_the_role() -> None:
    def broken(texts: Sequence[str], role: Role) -> Vectors:
        raise KeyError("no\n  such word")

    with pytest.raises(EncoderError) as refused:
        PythonEncoder(model(), broken).encode(["a"], "query", silent)
    assert str(refused.value) == "encoder own, query texts: KeyError: 'no\\n such word'"


def test_widths_may_not_differ_between_calls_and_roles() -> None:
    encoder = PythonEncoder(model(), lambda texts, role: np.ones((len(texts), 3 if role == "query" else 4)))
    encoder.encode(["a"], "query", silent)
    with pytest.raises(EncoderError, match="document texts: found vectors of 4 dimensions, expected 3"):
        encoder.encode(["a"], "document", silent)


# --- an encoder of another package -------------------------------------------------------------------------------


class Letters(ModelBase):
    """The format of another package."""

    format: Literal["letters"] = "letters"


class Counter:
    """What another package's module makes."""

    similarity, max_length = "dot", 8
    identity = {"format": "letters"}

    def encode(self, texts: Sequence[str], role: Role, advance: object) -> object:
        return [[float(len(text)), 0.0] for text in texts]

    def tokens(self, texts: Sequence[str], role: Role) -> object:
        return [[len(text), 0] for text in texts]


class Alike(Counter):
    """One that says that its roles are alike."""

    def role_identity(self, role: Role) -> dict[str, object]:
        return {}


def foreign(encoder: object) -> ExtensionEncoder:
    def make_encoder(spec: ModelBase, device: str) -> object:
        if isinstance(encoder, Exception):
            raise encoder
        return encoder

    package = Extension("fake 1.0", Letters, SimpleNamespace(make_encoder=make_encoder))
    return ExtensionEncoder(Letters(name="m"), package, "cpu")


def test_another_packages_encoder_is_known_by_the_package_and_checked_at_each_call() -> None:
    encoder = foreign(Counter())
    assert encoder.identity == {"package": "fake 1.0", "format": "letters"}
    assert (encoder.similarity, encoder.max_length) == ("dot", 8)
    assert encoder.encode(["ab", ""], "query", silent).tolist() == [[2.0, 0.0], [0.0, 0.0]]
    counts = encoder.tokens(["ab", ""], "query")
    assert counts.dtype == np.int32 and counts.tolist() == [[2, 0], [0, 0]]


def test_its_roles_are_alike_only_where_it_says_so() -> None:
    assert foreign(Counter()).role_identity("query") != foreign(Counter()).role_identity("document")
    assert foreign(Alike()).role_identity("query") == foreign(Alike()).role_identity("document")


def test_its_faults_name_model_and_package() -> None:
    with pytest.raises(EncoderError) as refused:
        foreign(object())
    assert str(refused.value) == (
        "model m (fake 1.0): its encoder lacks identity, similarity, max_length, encode, tokens; see xbench.Encoder"
    )
    with pytest.raises(EncoderError, match=r"^model m \(fake 1\.0\): RuntimeError: out of memory$"):
        foreign(RuntimeError("out of\n  memory"))
    own = EncoderError("the package's own line")
    with pytest.raises(EncoderError) as refused:
        foreign(own)
    assert refused.value is own
    encoder = foreign(type("Floats", (Counter,), {"tokens": lambda self, texts, role: np.ones((1, 2))})())
    with pytest.raises(EncoderError, match=r"tokens: found float64 of shape \(1, 2\), expected whole numbers \[1, 2\]"):
        encoder.tokens(["a"], "query")


# --- a loaded model ----------------------------------------------------------------------------------------------


def static(prompts: dict[str, str] | None = None, weight: float = 0.5, pieces: Sequence[str] = ("a", "b")) -> Any:
    """A SentenceTransformer of a few numbers, never saved."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, **{piece: n + 1 for n, piece in enumerate(pieces)}}, "[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    weights = torch.full((3, 2), weight)
    weights[1, 0] = 1.0
    module = StaticEmbedding(tokenizer, embedding_weights=weights)
    return SentenceTransformer(modules=[module], device="cpu", prompts=prompts)


def test_the_digest_of_weights_tells_apart_whatever_changes_a_vector() -> None:
    import torch

    halved = static()
    halved.to(torch.float16)
    others = [static(weight=0.25), static(prompts={"query": "b"}), static(pieces=("b", "a")), halved]
    digests = [weights_digest(other) for other in (static(), *others)]
    assert len(set(digests)) == len(digests)
    assert weights_digest(static()) == digests[0]


def test_a_loaded_model_is_asked_with_its_own_prompts_unless_others_are_set() -> None:
    loaded = static(prompts={"query": "b ", "passage": "a "})
    encoder = LoadedEncoder(model(), loaded)
    assert isinstance(encoder, SentenceEncoder) and encoder.max_length is None
    assert encoder.identity["prompts"] == {"query": "b ", "document": "a "}
    assert encoder.encode(["a"], "query", silent).tolist() == [[0.75, 0.5]]  # the mean of b and a
    assert encoder.encode(["a"], "document", silent).tolist() == [[1.0, 0.5]]
    assert encoder.tokens(["a x"], "query").tolist() == [[3, 1]]
    other = LoadedEncoder(model(Prompts(query="a ")), loaded)
    assert other.encode(["a"], "query", silent).tolist() == [[1.0, 0.5]]
    assert other.identity["version"] == "1" and other.identity["format"] == "python"


def test_what_a_loaded_model_raises_is_one_line_with_the_role(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = static()
    encoder = LoadedEncoder(model(), loaded)
    monkeypatch.setattr(loaded, "encode", lambda *_, **__: 1 / 0)
    with pytest.raises(EncoderError, match=r"^encoder own, query texts: ZeroDivisionError: division by zero$"):
        encoder.encode(["a"], "query", silent)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ([float("nan"), 1.0], "found NaN or infinity in 1 of 1 vectors, first in row 0, 'a'"),
        ([0.0, 0.0], "found 1 of 1 vectors that are zero, first in row 0, 'a'; no cosine exists"),
        ([1.0, 0.0, 0.0], "found vectors of 3 dimensions, expected 2 as for the texts before"),
    ],
)
def test_what_a_loaded_model_gives_is_checked_as_that_of_others(
    row: list[float], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = static()
    encoder = LoadedEncoder(model(), loaded)
    encoder.encode(["a"], "document", silent)
    monkeypatch.setattr(loaded, "encode", lambda *_, **__: np.array([row], np.float32))
    with pytest.raises(EncoderError, match=f"^encoder own, query texts: {says}"):
        encoder.encode(["a"], "query", silent)


# --- vectors that are there already ------------------------------------------------------------------------------

ASKED = collection({"de": ("q1", "q2"), "en": ("q1",)}, distractors=0)


def sides() -> tuple[dict[str, object], dict[str, object]]:
    return (
        {"de": np.ones((2, 3)), "en": [[1.0, 0.0, 0.0]]},
        {"de": np.ones((2, 3), np.float16), "en": np.ones((1, 3), np.float32)},
    )


def test_vectors_come_in_the_tasks_order_of_languages_as_float32() -> None:
    queries, documents = sides()
    turned = {language: queries[language] for language in reversed(queries)}
    checked = TaskVectors(turned, documents).checked(ASKED, "own", "cosine")
    assert [list(side) for side in checked] == [["de", "en"], ["de", "en"]]
    assert all(array.dtype == np.float32 for side in checked for array in side.values())


@pytest.mark.parametrize(
    ("side", "language", "array", "line"),
    [
        (0, "fr", [[1.0]], "vectors of own, queries: found an array for fr, expected the task's languages: de, en"),
        (1, "de", None, "vectors of own, documents: found no array for de, expected the task's languages: de, en"),
        (0, "de", np.ones((1, 3)), "queries in de: found an array of shape (1, 3), expected [2, dim], a row per text"),
        (0, "en", np.ones((1, 4)), "queries in en: found vectors of 4 dimensions, expected 3 as for the texts before"),
        (1, "en", np.ones((1, 2)), "documents in en: found vectors of 2 dimensions, expected 3 as for the texts befo"),
        (1, "en", np.zeros((1, 3)), "documents in en: found 1 of 1 vectors that are zero, first in row 0, '"),
    ],
)
def test_a_wrong_array_is_named_by_side_and_language(side: int, language: str, array: object, line: str) -> None:
    arrays = sides()
    arrays[side][language] = array
    if array is None:
        del arrays[side][language]
    with pytest.raises(EncoderError) as refused:
        TaskVectors(*arrays).checked(ASKED, "own", "cosine")
    assert line in str(refused.value)


def test_the_digest_of_vectors_does_not_depend_on_how_they_lie_in_memory_or_in_which_order() -> None:
    queries, documents = {"de": np.arange(6.0).reshape(2, 3)}, {"de": np.ones((1, 3)), "en": np.ones((1, 3))}
    digest = TaskVectors(queries, documents).digest()
    assert len(digest) == 32
    laid = {"de": np.asfortranarray(queries["de"])}
    turned = {language: documents[language] for language in reversed(documents)}
    assert TaskVectors(laid, turned).digest() == digest
    assert TaskVectors({"de": queries["de"].reshape(3, 2)}, documents).digest() != digest
    assert TaskVectors({"en": queries["de"]}, documents).digest() != digest
    assert TaskVectors({"de": queries["de"].astype(np.float32)}, documents).digest() != digest
    assert TaskVectors(documents, queries).digest() != digest


@pytest.mark.parametrize("keys", [{"query": {}}, {"query": {}, "document": 1}, {"query": {}, "passage": {}}, {}])
def test_both_sides_and_nothing_else_make_task_vectors(keys: dict[str, object]) -> None:
    said = ", ".join(map(repr, keys)) or "nothing"
    with pytest.raises(EncoderError, match=f"^vectors: found keys {said}, expected"):
        TaskVectors.of(keys)
    both = TaskVectors.of({"document": {"de": 2}, "query": {"de": 1}})
    assert (both.queries, both.documents) == ({"de": 1}, {"de": 2})
    assert TaskVectors.of({"queries": {"de": 1}, "documents": {"de": 2}}).queries == both.queries
    assert repr(both) == "<vectors of queries and documents: de>"


def test_a_loaded_model_that_cuts_its_vectors_is_another() -> None:
    loaded = static()
    whole = weights_digest(loaded)
    loaded.truncate_dim = 1
    assert weights_digest(loaded) != whole
