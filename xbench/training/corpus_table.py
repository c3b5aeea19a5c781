"""A corpus on disk: texts in one file, units as numbers in memory-mapped arrays. This module reads what was written.

Knows files and numbers; nothing of formats, relations or recipes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, TypeVar, overload

import numpy as np
import numpy.typing as npt

from xbench.errors import DataError
from xbench.specs.strict_json import strict_json
from xbench.training.corpus import Corpus, Negatives
from xbench.training.pools import read_index

LAYOUT = 1
MANIFEST = "manifest.json"
Number = TypeVar("Number", bound=np.generic)


class Texts(Sequence[str]):
    """Texts by number, read from disk as they are asked for."""

    def __init__(self, folder: Path, count: int) -> None:
        self._offsets = mapped(folder / "offsets.bin", np.int64, (count + 1,))
        self._bytes = mapped(folder / "texts.bin", np.uint8, (int(self._offsets[-1]),))

    def __len__(self) -> int:
        return len(self._offsets) - 1

    @overload
    def __getitem__(self, number: int) -> str: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[str]: ...
    def __getitem__(self, number: int | slice) -> str | Sequence[str]:
        if isinstance(number, slice):
            return [self[place] for place in range(*number.indices(len(self)))]
        number = number + len(self) if number < 0 else number
        if not 0 <= number < len(self):
            raise IndexError(number)
        return bytes(self._bytes[self._offsets[number] : self._offsets[number + 1]]).decode("utf-8")

    def __iter__(self) -> Iterator[str]:
        return (self[number] for number in range(len(self)))


def mapped(
    path: Path, kind: type[Number], shape: tuple[int, ...], mode: Literal["r", "r+"] = "r"
) -> npt.NDArray[Number]:
    """A memory-mapped array; a plain one where it is empty, which cannot be mapped."""
    if 0 in shape:
        return np.empty(shape, kind)
    return np.memmap(path, kind, mode, shape=shape)


def open_table(folder: Path, relation: str) -> Corpus:
    """The corpus of a finished table; nothing is read until it is asked for. Raises DataError where it is damaged."""
    try:
        manifest = strict_json((folder / MANIFEST).read_text(encoding="utf-8"))
        languages, units = tuple(manifest["languages"]), manifest["units"]
        shape = (units, len(languages))
        negatives = None
        if manifest["negatives"] is not None:
            text = mapped(folder / "negatives.bin", np.int32, (manifest["negatives"], len(languages)))
            negatives = Negatives(mapped(folder / "starts.bin", np.int64, (units + 1,)), text)
        query, passage = (mapped(folder / f"{side}.bin", np.int32, shape).T for side in ("query", "passage"))
        return Corpus(
            languages,
            Texts(folder, manifest["texts"]),
            query,
            passage,
            mapped(folder / "group.bin", np.int32, (units,)),
            manifest["digest"],
            negatives,
            relation,
            read_index(folder, manifest["index"], query, passage),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{folder}: damaged table ({error}); delete the folder, and it is built again") from None
