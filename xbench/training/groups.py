"""Which units may not stand together: connected components of units and the texts they share, in bounded memory.

Knows arrays of numbers only. Labels spread by minima over texts and are hooked to the roots that they replace, with
pointer jumping between the rounds (as in FastSV, arXiv 1910.05971): a chain of n units takes about log n rounds. Beside
the arrays it holds 4 bytes per unit and 4 per text, in files that the system may write out, and one block of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from xbench.arrays import Numbers, blocks


def components(sides: Sequence[Numbers], texts: int, scratch: Path | None = None) -> Numbers:
    """[units] int32: the number of each unit's component, in order of first appearance.

    `sides` [units, columns] each hold numbers of texts, -1 for none; units that share a number on one side are
    connected.
    """
    units = len(sides[0])
    label = _numbers(units, scratch, "labels")
    least = _numbers(texts, scratch, "least")
    for block in blocks(units):
        label[block] = np.arange(block.start, block.stop, dtype=np.int32)
    while sum(_spread(side, label, least) for side in sides):  # not any(): every side in every round
        while _jump(label):
            pass
    return _numbered(label)


def _numbers(size: int, scratch: Path | None, name: str) -> Numbers:
    if scratch is None or not size:
        return np.empty(size, np.int32)
    return np.memmap(scratch / f"{name}.scratch", np.int32, "w+", shape=(size,))


def _spread(rows: Numbers, label: Numbers, least: Numbers) -> bool:
    """Give every unit, and the root of its tree, the least label among the units it shares a text with."""
    for block in blocks(len(least)):
        least[block] = np.iinfo(np.int32).max
    for block in blocks(len(rows)):
        has = rows[block] >= 0
        unit, _ = has.nonzero()
        np.minimum.at(least, rows[block][has], label[block][unit])
    changed = False
    for block in blocks(len(rows)):
        texts, mine = rows[block], np.array(label[block])
        best = np.where(texts >= 0, least[np.maximum(texts, 0)], mine[:, None]).min(axis=1)
        if (best < mine).any():
            changed = True
            np.minimum.at(label, mine, best)
            label[block] = np.minimum(label[block], best)
    return changed


def _jump(label: Numbers) -> bool:
    changed = False
    for block in blocks(len(label)):
        mine = np.array(label[block])
        above = label[mine]
        if (above != mine).any():
            changed = True
            label[block] = above
    return changed


def _numbered(label: Numbers) -> Numbers:
    """Roots numbered 0, 1, ..., in place: a root stands before all others of its component."""
    roots = 0
    for block in blocks(len(label)):
        mine = np.array(label[block])
        root = mine == np.arange(block.start, block.stop, dtype=np.int32)
        number: npt.NDArray[np.int32] = np.cumsum(root, dtype=np.int32) + np.int32(roots - 1)
        # A root's own entry already holds its number when later units look it up.
        label[block] = np.where(root, number, mine)
        label[block] = np.where(root, number, label[mine])
        roots += int(root.sum())
    return label
