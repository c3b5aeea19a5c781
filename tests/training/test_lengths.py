"""What encoding in parts of like length promises: the vectors of the whole batch, with less padding."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny_models import tiny_bert

from xbench.training.lengths import encode, lengths_of

RIGHT, LEFT = (SimpleNamespace(tokenizer=SimpleNamespace(padding_side=side)) for side in ("right", "left"))


class Watched:
    """A model whose vector of a text is the sum of its tokens; notes the shape of what it is given."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, int]] = []

    def __call__(self, features: dict[str, Any]) -> dict[str, Any]:
        assert "lengths" not in features
        ids, mask = features["input_ids"], features["attention_mask"]
        self.shapes.append((ids.shape[0], ids.shape[1]))
        return {"sentence_embedding": (ids * mask).sum(dim=1, keepdim=True)}


def batch(lengths: list[int]) -> dict[str, Any]:
    """Text i is `lengths[i]` times token i + 1, padded on the right with zeros."""
    mask = (torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]).long()
    features = {"input_ids": mask * torch.arange(1, len(lengths) + 1)[:, None], "attention_mask": mask}
    return features | lengths_of(RIGHT, features)


def test_each_part_is_cut_to_its_longest_and_the_order_stays() -> None:
    """Twelve texts are two parts of six: the short ones of at most 6 tokens, the long ones of at most 12."""
    lengths = [12, 1, 11, 2, 10, 3, 9, 4, 8, 5, 7, 6]
    model = Watched()
    vectors = encode(model, batch(lengths))
    assert model.shapes == [(6, 6), (6, 12)]
    assert vectors[:, 0].tolist() == [length * (number + 1) for number, length in enumerate(lengths)]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=80).filter(any))
def test_the_calls_depend_on_the_rows_alone_and_every_text_is_whole(lengths: list[int]) -> None:
    """Processes that call the model unequally often would wait for each other for ever."""
    model, same = Watched(), Watched()
    vectors = encode(model, batch(lengths))
    encode(same, batch([7] * len(lengths)))
    assert [rows for rows, _ in model.shapes] == [rows for rows, _ in same.shapes]
    assert vectors[:, 0].tolist() == [length * (number + 1) for number, length in enumerate(lengths)]
    assert sum(rows * columns for rows, columns in model.shapes) <= len(lengths) * max(lengths)


def test_what_cannot_be_cut_is_encoded_whole() -> None:
    """Left padding is told by the tokenizer: texts of equal length look the same, and processes must not differ."""
    features = {key: value for key, value in batch([3] * 30 + [5]).items() if key != "lengths"}
    assert lengths_of(RIGHT, features)
    assert lengths_of(LEFT, features) == {}
    assert lengths_of(RIGHT, features | {"bias": torch.zeros(31, 5, 5)}) == {}
    assert lengths_of(SimpleNamespace(tokenizer=object()), features) == {}
    assert lengths_of(RIGHT, {"input_ids": torch.arange(5), "offsets": torch.arange(2)}) == {}
    model = Watched()
    encode(model, features)
    assert model.shapes == [(31, 5)]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from sentence_transformers import SentenceTransformer

    folder: Path = tmp_path_factory.mktemp("lengths") / "bert"
    return SentenceTransformer(str(tiny_bert(folder)), device="cpu").eval()


def test_vectors_and_gradients_of_a_transformer_are_those_of_the_whole_batch(model: Any) -> None:
    texts = [
        " ".join(["das", "ist", "ein", "Satz", "the", "end"][: 1 + number % 6]) * (1 + number % 4)
        for number in range(40)
    ]
    features = model.preprocess(texts)
    lengths = lengths_of(model, features)
    assert len(set(lengths["lengths"])) > 5
    found = []
    for given_features in (dict(features), {**features, **lengths}):
        model.zero_grad()
        vectors = encode(model, given_features)
        (vectors * torch.arange(vectors.numel()).view_as(vectors)).sum().backward()
        gradients = torch.cat([one.grad.ravel() for one in model.parameters() if one.grad is not None])
        found.append((vectors.detach(), gradients))
    (whole, of_whole), (parts, of_parts) = found
    torch.testing.assert_close(parts, whole, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(of_parts, of_whole, atol=1e-3 * float(of_whole.abs().max()), rtol=1e-4)
