"""How well two languages can be told apart by their vectors: centroid distance, silhouette, a linear probe.

Row i of `first` and row i of `second` are one unit in two languages, as unit vectors. Where languages are aligned,
nothing tells them apart. Knows arrays only: no text, no model, no language.
"""

from __future__ import annotations

import numpy as np

from xbench.arrays import Floats, Vectors, blocks

RIDGE = 0.1  # of the mean variance of a dimension
ROWS = 256  # compared with all at once
EVEN = 1e-9  # a side of the boundary nearer than this is none


def centroid_distance(first: Vectors, second: Vectors) -> float:
    """Distance of the two means over the standard deviation within languages (root of the mean squared distance of a
    vector to the mean of its own): from 0, good; random sqrt(2 / n)."""
    sides = [side.astype(np.float64) for side in (first, second)]
    means = [side.mean(axis=0) for side in sides]
    within = np.mean([((side - mean) ** 2).sum(axis=1).mean() for side, mean in zip(sides, means, strict=True)])
    return float(np.linalg.norm(means[0] - means[1]) / np.sqrt(within)) if within > 0 else float("nan")


def silhouette(within: Floats, across: Floats) -> float:
    """Mean silhouette of the two languages as clusters (Rousseeuw 1987), Euclidean: -1 to 1; apart 1, random about 0, a
    perfect copy -1/n.

    Of every vector of both languages `within` is the mean distance to the others of its own, `across` to those of the
    other language.
    """
    larger = np.maximum(within, across)
    return float(np.divide(across - within, larger, out=np.zeros(len(larger)), where=larger > 0).mean())


def inner_distances(vectors: Vectors) -> Floats:
    """[n] Mean Euclidean distance of each vector to the others."""
    wide = vectors.astype(np.float64)
    squares = np.einsum("ij,ij->i", wide, wide)
    total = np.empty(len(wide))
    for rows in blocks(len(wide), ROWS):
        distances = squares[rows, None] + squares - 2 * (wide[rows] @ wide.T)
        total[rows] = np.sqrt(np.maximum(distances, 0)).sum(axis=1)
    return total / (len(wide) - 1)


def probe_accuracy(first: Vectors, second: Vectors) -> float:
    """Accuracy of a linear probe that names the language of a vector: 1/2 is chance, and good; 1 bad; a copy 1/2.

    Ridge regression on +1 and -1 with an intercept; the penalty is RIDGE of the mean variance of a dimension, times the
    vectors. Units at even places train, those at odd ones test, both languages of a unit on the same side. A vector on
    the boundary is half right.
    """
    train = np.concatenate([first[::2], second[::2]]).astype(np.float64)
    middle = train.mean(axis=0)
    train -= middle
    labels = np.repeat([1.0, -1.0], len(train) // 2)
    direction = _ridge(train, labels)
    right = 0.0
    for side, label in ((first, 1.0), (second, -1.0)):
        scores = label * ((side[1::2].astype(np.float64) - middle) @ direction)
        right += float(np.where(np.abs(scores) < EVEN, 0.5, scores > 0).mean()) / 2
    return right


def penalty(train: Floats) -> float:
    """Of the ridge, for centred vectors [n, dim]."""
    return float(RIDGE * (train**2).sum() / train.shape[1])


def _ridge(train: Floats, labels: Floats) -> Floats:
    """[dim] The direction that fits the labels; by dimensions or by vectors, whichever are fewer."""
    count, dimension = train.shape
    if dimension <= count:
        inner = train.T @ train + penalty(train) * np.eye(dimension)
        return np.asarray(np.linalg.solve(inner, train.T @ labels))
    outer = train @ train.T + penalty(train) * np.eye(count)
    return np.asarray(train.T @ np.linalg.solve(outer, labels))
