"""The vectors of a collection's texts: those that are kept, and the others encoded now. And what tokens they have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xbench.arrays import Vectors
from xbench.encoders.base import Encoder, Role, TokenCounts
from xbench.encoders.vector_store import VectorStore, text_digests
from xbench.progress import Reporter

SHARD_TEXTS = 50_000


@dataclass(frozen=True)
class Encoded:
    """Vectors [n, dim] float32 and tokens [n, 2] int32 of each language, as the encoder gave them."""

    vectors: Mapping[str, Vectors]
    tokens: Mapping[str, TokenCounts]
    encoded: int  # texts that the encoder saw now; the others were kept


def encode_all(
    encoder: Encoder, texts: Mapping[str, Sequence[str]], role: Role, cache: Path, reporter: Reporter
) -> Encoded:
    """Vectors of every language's texts. A text is encoded once, however often and in whichever role it stands, as
    long as the encoder treats the roles alike."""
    store = VectorStore(cache, encoder.role_identity(role))
    keys = {language: text_digests(written) for language, written in texts.items()}
    encoded = 0
    for language, written in texts.items():
        todo = store.missing(keys[language])
        encoded += len(todo)
        if not len(todo):
            continue
        side = "queries" if role == "query" else "documents"
        with reporter.bar(f"encode {language} {side}", len(todo), "texts") as bar:
            for first in range(0, len(todo), SHARD_TEXTS):
                numbers = todo[first : first + SHARD_TEXTS]
                shard = [written[number] for number in numbers]
                store.add(
                    keys[language][numbers], encoder.encode(shard, role, bar.advance), encoder.tokens(shard, role)
                )
    taken = {language: store.take(part) for language, part in keys.items()}
    return Encoded(
        {language: vectors for language, (vectors, _) in taken.items()},
        {language: tokens for language, (_, tokens) in taken.items()},
        encoded,
    )


def token_statistics(tokens: Mapping[str, TokenCounts], max_length: int | None) -> dict[str, dict[str, float]]:
    """Per language: mean tokens per text, share of texts cut at `max_length`, share of unknown tokens."""
    statistics = {}
    for language, counts in tokens.items():
        total = int(counts[:, 0].sum())
        statistics[language] = {
            "mean": round(float(counts[:, 0].mean()), 2),
            "truncated": float((counts[:, 0] > max_length).mean()) if max_length else 0.0,
            "unknown": int(counts[:, 1].sum()) / total if total else 0.0,
        }
    return statistics
