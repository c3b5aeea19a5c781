"""What counts as vectors, whatever kind of object holds them, and the line where something does not."""

from __future__ import annotations

import numpy as np
import pytest

from xbench.arrays import Vectors
from xbench.encoders.vector_checks import as_vectors
from xbench.errors import EncoderError

SHOWN = "w" * 60
ROWS = [[0.5, -1.0], [2.0, 0.25]]


def checked(value: object, similarity: str = "cosine", dimension: int | None = None) -> Vectors:
    return as_vectors(value, ["one", "w" * 70], "encoder e", similarity, dimension)


def holders() -> list[object]:
    import torch

    tensor = torch.tensor(ROWS)
    return [
        ROWS,
        tuple(map(tuple, ROWS)),
        iter(ROWS),
        np.array(ROWS, np.float16),
        np.array(ROWS, np.float64, order="F"),
        [np.array(row, np.float32) for row in ROWS],
        tensor.to(torch.bfloat16).requires_grad_(),
        list(tensor),
        [tensor[0], ROWS[1]],
    ]


def test_the_same_numbers_are_the_same_vectors_whatever_holds_them() -> None:
    for value in holders():
        vectors = checked(value)
        assert vectors.dtype == np.float32 and vectors.flags.c_contiguous
        assert vectors.tolist() == ROWS


def test_float32_stays_as_it_is() -> None:
    given = np.array(ROWS, np.float32)
    assert checked(given).tobytes() == given.tobytes()


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (np.ones((3, 2)), "found an array of shape (3, 2), expected [2, dim], a row per text"),
        (np.ones((1, 2, 2)), "found an array of shape (1, 2, 2), expected [2, dim], a row per text"),
        (np.ones((2, 0)), "found an array of shape (2, 0), expected [2, dim], a row per text"),
        ([], "found an array of shape (0,), expected [2, dim], a row per text"),
        ([[1.0], [1.0, 2.0]], "found rows of different lengths, expected an array [texts, dim]"),
        ("vectors", "found str, expected an array [texts, dim]"),
        ([[1, 2], [3, 4]], "found numbers of type int64, expected float32, float64 or float16"),
        ([[True], [False]], "found numbers of type bool, expected float32, float64 or float16"),
        ([[1.0, 2.0], [1.0, float("nan")]], f"found NaN or infinity in 1 of 2 vectors, first in row 1, '{SHOWN}'..."),
        ([[1e39, 2.0], [float("inf"), 1.0]], "found NaN or infinity in 2 of 2 vectors, first in row 0, 'one'"),
    ],
)
def test_what_cannot_be_scored_is_one_line_after_its_source(value: object, line: str) -> None:
    with pytest.raises(EncoderError) as refused:
        checked(value)
    assert str(refused.value) == f"encoder e: {line}"


def test_a_width_other_than_that_before_is_refused() -> None:
    assert checked(ROWS, dimension=2).shape == (2, 2)
    with pytest.raises(EncoderError, match="found vectors of 2 dimensions, expected 3 as for the texts before"):
        checked(ROWS, dimension=3)


def test_a_vector_without_a_direction_has_a_dot_product_and_no_cosine() -> None:
    flat = [[0.0, 0.0], [1.0, 0.0]]
    assert checked(flat, "dot").tolist() == flat
    with pytest.raises(
        EncoderError, match=r"found 1 of 2 vectors that are zero, first in row 0, 'one'; no cosine .* similarity dot"
    ):
        checked(flat)


def test_an_encoder_that_fills_one_buffer_again_changes_nothing_it_gave_before() -> None:
    buffer = np.ones((2, 3), np.float32)
    before = as_vectors(buffer, ["a", "b"], "own", "cosine")
    buffer[:] = 7
    assert (before == 1).all()
