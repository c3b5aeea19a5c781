"""Equal texts of a corpus's table become one, by the digests of the texts, BUCKET at a time: bounded memory.

Knows files and numbers; nothing of what the texts say.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from xbench.arrays import Numbers, blocks
from xbench.training.corpus_table import mapped

BUCKET = 1 << 22  # texts, about 60 bytes each


def merge(folder: Path, texts: int, rows: Sequence[Numbers]) -> int:
    """Give equal texts the number of their first, drop the others, and renumber `rows`. How many texts are left."""
    first = np.memmap(folder / "first.scratch", np.int32, "w+", shape=(texts,))
    digests = mapped(folder / "digests.bin", np.uint64, (texts, 2))
    buckets = max(1, -(-texts // BUCKET))
    for bucket in range(buckets):
        _first_of_equals(digests, first, bucket, buckets)
    left = _drop(folder, texts, first)
    for array_ in rows:
        for block in blocks(len(array_)):
            numbers = array_[block]
            array_[block] = np.where(numbers >= 0, first[np.maximum(numbers, 0)], -1)
    return left


def _first_of_equals(digests: npt.NDArray[np.uint64], first: Numbers, bucket: int, buckets: int) -> None:
    """Write, for every text whose digest falls into the bucket, the number of the first text equal to it."""
    parts = [
        np.flatnonzero(digests[block, 0] % np.uint64(buckets) == bucket) + block.start for block in blocks(len(digests))
    ]
    members = np.concatenate(parts)
    order = members[np.lexsort((digests[members, 1], digests[members, 0]))]  # stable: the first of equals comes first
    sorted_digests = digests[order]
    new = np.append(True, (sorted_digests[1:] != sorted_digests[:-1]).any(axis=1)) if len(order) else np.zeros(0, bool)
    first[order] = order[new][np.cumsum(new) - 1]


def _drop(folder: Path, texts: int, first: Numbers) -> int:
    """Keep the first of equal texts and their digests, and turn `first` into the numbers that are left."""
    left = end = 0
    old = mapped(folder / "offsets.bin", np.int64, (texts + 1,))
    content = mapped(folder / "texts.bin", np.uint8, (int(old[-1]),))
    digests = mapped(folder / "digests.bin", np.uint64, (texts, 2))
    names = ("texts", "offsets", "digests")
    streams = {name: (folder / f"{name}.new").open("wb") for name in names}
    streams["offsets"].write(np.int64(0).tobytes())
    for block in blocks(texts):
        mine = np.array(first[block])
        keep = mine == np.arange(block.start, block.stop, dtype=np.int32)
        lengths = np.diff(old[block.start : block.stop + 1])
        streams["texts"].write(content[old[block.start] : old[block.stop]][np.repeat(keep, lengths)].tobytes())
        streams["offsets"].write((end + np.cumsum(lengths[keep])).tobytes())
        streams["digests"].write(digests[block][keep].tobytes())
        # The first of equals stands before the others, so its entry already holds its new number when they look it up.
        first[block] = np.where(keep, left + np.cumsum(keep) - 1, mine)
        first[block] = np.where(keep, first[block], first[mine])
        left, end = left + int(keep.sum()), end + int(lengths[keep].sum())
    del old, content, digests
    for name, stream in streams.items():
        stream.close()
        (folder / f"{name}.new").replace(folder / f"{name}.bin")
    return left
