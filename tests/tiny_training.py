"""Trainings small enough for a test: a bag of words, a corpus whose texts name their units, and batches of it."""

from __future__ import annotations

import gc
from functools import cache
from typing import Any

import numpy as np

from xbench.specs import Mix, Recipe, Training
from xbench.training.corpus import Corpus
from xbench.training.streams import make_streams
from xbench.training.trainer import Course


def tiny_static() -> Any:
    """A bag of fifty word vectors."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = {f"w{number}": number for number in range(50)} | {"[UNK]": 50}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    weights = np.random.default_rng(0).standard_normal((51, 8)).astype(np.float32)
    return SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=weights)], device="cpu")


def tiny_corpus(units: int = 40, languages: tuple[str, ...] = ("de", "en"), negatives: Any = None) -> Corpus:
    """Units whose texts name them: unit 3 asks `w3 da de` and is answered by `w3 da x de`."""
    query, passage = (np.empty((len(languages), units), np.int32) for _ in range(2))
    texts: list[str] = []
    for row, language in enumerate(languages):
        for unit in range(units):
            for side, middle in ((query, ""), (passage, "x ")):
                side[row, unit] = len(texts)
                texts.append(f"w{unit} {chr(97 + unit % 26)}{chr(97 + unit // 26)} {middle}{language}")
    return Corpus(
        languages, tuple(texts), query, passage, np.arange(units, dtype=np.int32), "tiny", negatives, relation="qa"
    )


@cache
def _settle() -> None:
    """The libraries are here to stay: the trainer's garbage collection need not look at them every time."""
    gc.freeze()


def course_of(model: Any, corpus: Corpus, settings: Training, seed: int = 0, mix: Mix | None = None) -> Course:
    """A model, a corpus and half monolingual, half cross-lingual batches."""
    _settle()
    recipe = Recipe(name="half", mix=mix or Mix(mono=0.5, cross=0.5), training=settings)
    return Course(model, corpus, make_streams(corpus, recipe, settings, seed), settings, seed)


def sides_of(item: dict[str, Any]) -> list[dict[str, Any]]:
    """The features of queries and documents of a tokenised batch, as a loss takes them."""
    return [
        {key.removeprefix(f"{side}_"): value for key, value in item.items() if key.startswith(f"{side}_")}
        for side in ("query", "document")
    ]
