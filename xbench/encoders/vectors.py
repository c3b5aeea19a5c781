"""Vectors kept on disk, so that no text is encoded twice for a role. Knows encoders by their identity only.

A store is a folder whose name covers everything that changes a vector (model, weights, prompt, length, dtype, library
versions); it holds shards: an array file and, written last, a manifest with the digest of every text. A shard without
its manifest does not exist; any number of runs may add shards.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from xbench.arrays import Vectors
from xbench.encoders.base import Encoder, Role, TokenCounts
from xbench.errors import EncoderError
from xbench.files import digest, whole, write_json
from xbench.progress import Reporter

SHARD_TEXTS = 50_000


@dataclass(frozen=True)
class Encoded:
    """Vectors [n, dim] float32 and tokens [n, 2] int32 of each language, as the encoder gave them."""

    vectors: Mapping[str, Vectors]
    tokens: Mapping[str, TokenCounts]
    encoded: int  # texts that the encoder saw; the others were kept


class VectorStore:
    """The kept vectors of one encoder in one role."""

    def __init__(self, cache: Path, identity: Mapping[str, Any], role: Role) -> None:
        self.folder = cache / "vectors" / digest({"identity": dict(identity), "role": role})[:24]
        self._rows: dict[bytes, tuple[int, int]] = {}
        self._shards: list[tuple[Vectors, TokenCounts]] = []
        for manifest in sorted(self.folder.glob("[!.]*.json")):  # a hidden one is half written, by a run that goes on
            self._load(manifest)

    def _load(self, manifest: Path) -> None:
        try:
            keys = [bytes.fromhex(key) for key in json.loads(manifest.read_text())["texts"]]
            with np.load(manifest.with_suffix(".npz")) as arrays:
                vectors, tokens = arrays["vectors"], arrays["tokens"]
        except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
            shard = manifest.with_suffix("")
            raise EncoderError(f"{shard}: damaged kept vectors ({error}); delete {self.folder}") from None
        if len(vectors) != len(keys) or len(tokens) != len(keys):
            raise EncoderError(f"{manifest}: {len(keys)} texts but {len(vectors)} vectors; delete {self.folder}")
        self._shards.append((vectors, tokens))
        self._rows.update((key, (len(self._shards) - 1, row)) for row, key in enumerate(keys))

    def missing(self, texts: Sequence[str]) -> list[str]:
        """The distinct texts that have no vector yet, in order."""
        return [text for text in dict.fromkeys(texts) if _key(text) not in self._rows]

    def add(self, texts: Sequence[str], vectors: Vectors, tokens: TokenCounts) -> None:
        """Keep one shard. Raises EncoderError for vectors that cannot be scored, and keeps nothing."""
        if vectors.shape[0] != len(texts) or not np.isfinite(vectors).all():
            bad = int((~np.isfinite(vectors).all(axis=1)).sum())
            raise EncoderError(f"the encoder gave NaN or infinity for {bad} of {len(texts)} texts; nothing was scored")
        keys = [_key(text).hex() for text in texts]
        path = self.folder / digest(keys)[:16]
        with whole(path.with_suffix(".npz")) as temporary, temporary.open("wb") as stream:
            np.savez(stream, vectors=vectors, tokens=tokens)
        write_json(path.with_suffix(".json"), {"texts": keys})
        self._load(path.with_suffix(".json"))

    def take(self, texts: Sequence[str]) -> tuple[Vectors, TokenCounts]:
        """Vectors and tokens of texts that are all kept."""
        places = np.array([self._rows[_key(text)] for text in texts])
        vectors = np.empty((len(texts), self._shards[0][0].shape[1]), np.float32)
        tokens = np.empty((len(texts), 2), np.int32)
        for number, (kept_vectors, kept_tokens) in enumerate(self._shards):
            here = places[:, 0] == number
            vectors[here] = kept_vectors[places[here, 1]]
            tokens[here] = kept_tokens[places[here, 1]]
        return vectors, tokens


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def encode_all(
    encoder: Encoder, texts: Mapping[str, Sequence[str]], role: Role, cache: Path, reporter: Reporter
) -> Encoded:
    """Vectors of every language's texts; a text is encoded once for this encoder and role, however often it stands."""
    store = VectorStore(cache, encoder.identity, role)
    encoded = 0
    for language, written in texts.items():
        todo = store.missing(written)
        encoded += len(todo)
        if not todo:
            continue
        with reporter.bar(
            f"encode {language} {'queries' if role == 'query' else 'documents'}", len(todo), "texts"
        ) as bar:
            for first in range(0, len(todo), SHARD_TEXTS):
                shard = todo[first : first + SHARD_TEXTS]
                store.add(shard, encoder.encode(shard, role, bar.advance), encoder.tokens(shard, role))
    taken = {language: store.take(written) for language, written in texts.items()}
    return Encoded(
        {language: vectors for language, (vectors, _) in taken.items()},
        {language: tokens for language, (_, tokens) in taken.items()},
        encoded,
    )


def token_statistics(tokens: Any, max_length: int | None) -> dict[str, dict[str, float]]:
    """Per language: mean tokens per text, share of texts cut at `max_length`, share of unknown tokens."""
    statistics = {}
    for language, counts in tokens.items():
        found: TokenCounts = counts
        total = int(found[:, 0].sum())
        statistics[language] = {
            "mean": round(float(found[:, 0].mean()), 2),
            "truncated": float((found[:, 0] > max_length).mean()) if max_length else 0.0,
            "unknown": int(found[:, 1].sum()) / total if total else 0.0,
        }
    return statistics
