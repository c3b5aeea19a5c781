"""The loss on the held-out part of a corpus, while a model is trained. Knows no optimiser and no file."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import torch

from xbench import specs
from xbench.processes import ALONE
from xbench.training.corpus import Corpus
from xbench.training.lengths import Features
from xbench.training.loader import TokenisedBatches
from xbench.training.loss import RecipeLoss
from xbench.training.streams import HELD_OUT_BATCHES, HELD_OUT_SEED, Streams

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

FEWEST_BATCHES = 4  # a recipe of several kinds shows some of each


class Validator:
    """The loss of a model on the held-out part."""

    def __init__(
        self,
        model: SentenceTransformer,
        corpus: Corpus,
        streams: Streams,
        settings: specs.Training,
        thread: ThreadPoolExecutor,
    ) -> None:
        assert streams.held_out
        once = -(-streams.held_out_units // streams.held_out_batch)
        self._batches = min(HELD_OUT_BATCHES, max(FEWEST_BATCHES, once))
        alone = settings.model_copy(update={"batch_size": streams.held_out_batch, "steps": self._batches})
        self._model, self._loss = model, RecipeLoss(model, alone, ALONE)
        self._items = TokenisedBatches(model, corpus, streams.held_out, alone, HELD_OUT_SEED, thread=thread)
        self._half = settings.precision == "bf16"

    def loss(self) -> float:
        """Mean over the held-out batches, without dropout and outside any gradient."""
        training = self._model.training
        self._model.eval()
        with torch.no_grad(), torch.autocast(self._model.device.type, torch.bfloat16, enabled=self._half):
            losses = [float(self._loss(*self._moved(step))) for step in range(self._batches)]
        self._model.train(training)
        return float(np.mean(losses))

    def _moved(self, step: int) -> tuple[list[Features], torch.Tensor]:
        item = self._items[step]
        sides: list[Features] = [
            {
                key.removeprefix(f"{side}_"): value.to(self._model.device) if isinstance(value, torch.Tensor) else value
                for key, value in item.items()
                if key.startswith(f"{side}_")
            }
            for side in ("query", "document")
        ]
        label = item["label"]
        assert isinstance(label, torch.Tensor)
        return sides, label.to(self._model.device)
