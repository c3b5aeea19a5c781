"""Vectors kept on disk, so that no text is encoded twice. Knows texts by their digests, and nothing of encoders.

A store is a folder whose name covers everything that changes a vector (`Encoder.role_identity`), and the layout. It
holds shards, each of four files: the digests of its texts, ascending; vectors and tokens in the same order, as plain
arrays that are mapped when they are needed; and, written last, a manifest with the checksums of the three. A shard
without its manifest does not exist. Shards are named by their content, so any number of runs may add some at once.

Opening a store reads the digests (16 bytes a text) and no vector. What is read is compared with its checksum when a
process first uses it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from xbench.arrays import Ints, Vectors
from xbench.encoders.base import Identity, TokenCounts
from xbench.errors import EncoderError
from xbench.files import checksum, digest, whole, write_json
from xbench.specs.strict_json import strict_json

KEY_BYTES = 16
LAYOUT = 2  # raised when shards are written otherwise: stores of another layout are not looked at
STORE = "store"  # key of the store's name in a manifest: whole vectors may still be another encoder's
ARRAYS = ("texts", "vectors", "tokens")
Keys = npt.NDArray[np.bytes_]


@dataclass(frozen=True)
class Shard:
    """What one manifest tells. `texts` [n]: digests, ascending; `sha256` of its arrays by name."""

    manifest: Path
    texts: Keys
    dimension: int
    sha256: Mapping[str, str]

    @classmethod
    def open(cls, manifest: Path) -> Shard:
        """Raises EncoderError for damage."""
        with _intact(manifest):
            stated = strict_json(manifest.read_text(encoding="utf-8"))
            texts = _array(manifest, "texts", stated["sha256"])
            shard = cls(manifest, np.array(texts), int(stated["dimension"]), stated["sha256"])
            if (store := stated.get(STORE, manifest.parent.name)) != manifest.parent.name:  # none before
                raise ValueError(f"they are those of {store!s:.60}")
            if texts.shape != (stated["texts"],) or texts.dtype != np.dtype(f"S{KEY_BYTES}"):
                raise ValueError(f"{stated['texts']} texts but digests of {texts.dtype} {texts.shape}")
        return shard

    def vectors(self, rows: Ints) -> Vectors:
        """[rows, dim]; no other row is read but for the checksum. Raises EncoderError for damage."""
        with _intact(self.manifest):
            return np.asarray(self._rows("vectors", self.dimension)[rows], np.float32)

    def tokens(self, rows: Ints) -> TokenCounts:
        """[rows, 2]. Raises EncoderError for damage."""
        with _intact(self.manifest):
            return np.asarray(self._rows("tokens", 2)[rows], np.int32)

    def _rows(self, name: str, width: int) -> npt.NDArray[np.generic]:
        """An array with a row for each text. Raises ValueError where the manifest says otherwise."""
        array = _array(self.manifest, name, self.sha256)
        if array.shape != (len(self.texts), width):
            raise ValueError(f"{name} are {array.shape}, and {(len(self.texts), width)} by the manifest")
        return array


class VectorStore:
    """The kept vectors of whatever has this identity, by the digests of their texts (`text_digests`)."""

    def __init__(self, cache: Path, identity: Identity) -> None:
        self.folder = cache / "vectors" / digest({"layout": LAYOUT, "vectors": dict(identity)})[:24]
        # a hidden manifest is half written, by a run that goes on
        self._shards = [Shard.open(manifest) for manifest in sorted(self.folder.glob("[!.]*.json"))]

    def missing(self, texts: Keys) -> Ints:
        """Where the texts stand that have no vector yet, each once, in order."""
        shards, _ = self._places(texts)
        absent = np.flatnonzero(shards < 0)
        _, first = np.unique(texts[absent], return_index=True)
        return absent[np.sort(first)]

    def add(self, texts: Keys, vectors: Vectors, tokens: TokenCounts) -> None:
        """Keep one shard of distinct texts: vectors [n, dim], tokens [n, 2].

        Raises EncoderError for vectors that cannot be scored, and keeps nothing.
        """
        if vectors.shape[0] != len(texts) or not np.isfinite(vectors).all():
            bad = int((~np.isfinite(vectors).all(axis=1)).sum())
            raise EncoderError(f"the encoder gave NaN or infinity for {bad} of {len(texts)} texts; nothing was scored")
        if widths := {shard.dimension for shard in self._shards} - {vectors.shape[1]}:
            before = " and ".join(map(str, sorted(widths)))
            raise EncoderError(
                f"the encoder gave vectors of {vectors.shape[1]} dimensions, and {before} for texts before, under one "
                f"name and version; give it another version, or {_advice(self.folder)}"
            )
        order = np.argsort(texts)
        arrays = (texts[order], np.asarray(vectors[order], np.float32), np.asarray(tokens[order], np.int32))
        manifest = self.folder / f"{_content_digest(arrays)[:16]}.json"
        sha256 = {name: _write(_path(manifest, name), array) for name, array in zip(ARRAYS, arrays, strict=True)}
        shape = {"texts": len(texts), "dimension": vectors.shape[1]}
        write_json(manifest, {STORE: self.folder.name, **shape, "sha256": sha256})
        self._shards.append(Shard.open(manifest))

    def take(self, texts: Keys) -> tuple[Vectors, TokenCounts]:
        """Vectors [n, dim] and tokens [n, 2] of at least one text; all are kept. Raises EncoderError for damage."""
        shards, rows = self._places(texts)
        if (shards < 0).any():
            raise KeyError(f"{int((shards < 0).sum())} texts are not in {self.folder}")
        used = np.unique(shards).tolist()
        widths = {self._shards[number].dimension for number in used}
        if len(widths) > 1:
            several = " and ".join(map(str, sorted(widths)))
            raise EncoderError(f"{self.folder}: damaged kept vectors, of {several} dimensions; {_advice(self.folder)}")
        vectors, tokens = np.empty((len(texts), *widths), np.float32), np.empty((len(texts), 2), np.int32)
        for number in used:
            here, shard = np.flatnonzero(shards == number), self._shards[number]
            vectors[here], tokens[here] = shard.vectors(rows[here]), shard.tokens(rows[here])
        return vectors, tokens

    def _places(self, keys: Keys) -> tuple[Ints, Ints]:
        """The shard of each text, -1 where none has it, and its row there."""
        shards, rows = np.full(len(keys), -1, np.int64), np.zeros(len(keys), np.int64)
        left = np.argsort(keys)  # ascending ones are found faster
        for number, shard in enumerate(self._shards):
            wanted = keys[left]
            row = np.minimum(shard.texts.searchsorted(wanted), len(shard.texts) - 1)
            here = shard.texts[row] == wanted
            shards[left[here]], rows[left[here]] = number, row[here]
            left = left[~here]
            if not len(left):
                break
        return shards, rows


def text_digests(texts: Iterable[str]) -> Keys:
    """[texts] 16 bytes each."""
    joined = b"".join(hashlib.blake2b(text.encode(), digest_size=KEY_BYTES).digest() for text in texts)
    return np.frombuffer(joined, f"S{KEY_BYTES}")


def _content_digest(arrays: Iterable[npt.NDArray[np.generic]]) -> str:
    seen = hashlib.sha256()
    for array in arrays:
        seen.update(repr((array.shape, array.dtype.str)).encode())
        seen.update(np.ascontiguousarray(array).view(np.uint8).data)
    return seen.hexdigest()


def _path(manifest: Path, name: str) -> Path:
    return manifest.with_suffix(f".{name}.npy")


def _write(path: Path, array: npt.NDArray[np.generic]) -> str:
    """Write an array, whole or not at all; the sha256 of the file."""
    with whole(path) as temporary:
        with temporary.open("wb") as stream:
            np.save(stream, array)
        with temporary.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()


def _array(manifest: Path, name: str, sha256: Mapping[str, str]) -> npt.NDArray[np.generic]:
    """One of a shard's arrays, mapped. Raises ValueError where it is not what was written."""
    path = _path(manifest, name)
    if checksum(path) != sha256[name]:
        raise ValueError(f"{path.name} is not what was written")
    array: npt.NDArray[np.generic] = np.load(path, mmap_mode="r")
    return array


@contextmanager
def _intact(manifest: Path) -> Iterator[None]:
    """One line for whatever damage to a shard shows itself as."""
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError, EOFError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise EncoderError(f"{manifest}: damaged kept vectors ({reason}); {_advice(manifest.parent)}") from None


def _advice(folder: Path) -> str:
    return f"delete {folder}, and its texts are encoded again"
