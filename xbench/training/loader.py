"""Batches as a model reads them: item `step` is one process's part of global batch `step`, tokenised.

One thread works a step ahead, so that the device does not wait. Everything that needs the tokenizer goes through that
one thread, for a tokenizer cannot be asked twice at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import torch
from torch.utils.data import Dataset

from xbench.arrays import Ints
from xbench.errors import TrainingError
from xbench.processes import ALONE, Processes, require_even_shares
from xbench.specs import Training
from xbench.training.batch_texts import batch_texts
from xbench.training.batches import Batch, BatchStream
from xbench.training.corpus import Corpus
from xbench.training.lengths import Features, lengths_of
from xbench.training.negatives import ABSENT, Layout, draw_negatives, forbidden

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


class TokenisedBatches(Dataset[Features]):
    """Map-style data set of the steps of a stream. Raises TrainingError where it cannot be shared out."""

    def __init__(
        self,
        model: SentenceTransformer,
        corpus: Corpus,
        stream: BatchStream,
        settings: Training,
        seed: int = 0,
        processes: Processes = ALONE,
        thread: ThreadPoolExecutor | None = None,
    ) -> None:
        require_even_shares(settings.batch_size, processes.count)
        self._model, self._corpus, self._stream = model, corpus, stream
        self._settings, self._seed, self._processes = settings, seed, processes
        self._negatives = corpus.negatives
        if settings.hard_negatives and self._negatives is None:
            raise TrainingError("hard_negatives: the corpus has none; set hard_negatives=0 or take a corpus with them")
        self._thread = thread or ThreadPoolExecutor(1, thread_name_prefix="batches")
        self._ahead: dict[int, Future[Features]] = {}

    def __len__(self) -> int:
        return self._settings.steps

    def __getitem__(self, step: int) -> Features:
        asked = self._ahead.pop(step, None) or self._thread.submit(self.tokenised, step)
        if step + 1 < len(self) and not self._ahead:
            self._ahead[step + 1] = self._thread.submit(self.tokenised, step + 1)
        return asked.result()

    def tokenised(self, step: int) -> Features:
        """The features of both sides, and as `label` the pairs that are no negatives (see negatives.forbidden)."""
        whole = self._stream[step]
        layout = Layout(self._processes.index, self._processes.count, len(whole.units), self._settings.hard_negatives)
        drawn = draw_negatives(self._negatives, whole, layout.negatives, self._seed, step)
        mine = whole.share(layout.process, layout.processes)
        queries, passages = batch_texts(self._corpus, mine, self._stream.switcher)
        documents = passages + self._texts(drawn[list(layout.mine)], passages, mine)
        pairs = forbidden(self._corpus, whole, drawn, layout, self._settings.in_batch_negatives)
        return {**self._features(queries, documents), "label": torch.from_numpy(pairs)}

    def _texts(self, drawn: Ints, passages: Sequence[str], mine: Batch) -> list[str]:
        """Hard negatives as text, row by row; an absent one is read as the row's passage and left out of the loss."""
        return [
            passages[row] if text == ABSENT else self._negative(text, mine, row, number)
            for row, texts in enumerate(drawn.tolist())
            for number, text in enumerate(texts, 1)
        ]

    def _negative(self, text: int, mine: Batch, row: int, number: int) -> str:
        """A row's hard negative; with words replaced as in its passage, or it would be told by their absence."""
        if mine.seeds is None or self._stream.switcher is None:
            return self._corpus.texts[text]
        return self._stream.switcher.switch("document", self._corpus.texts[text], int(mine.seeds[row, 1]), number)

    def _features(self, queries: list[str], documents: list[str]) -> Features:
        prompts = self._settings.prompts
        sides = {"query": (prompts.query, queries), "document": (prompts.document, documents)}
        named: Features = {}
        for side, (prompt, texts) in sides.items():
            features = self._model.preprocess([prompt + text for text in texts])
            lengths = {} if self._settings.mini_batch_size else lengths_of(self._model, features)
            named |= {f"{side}_{key}": value for key, value in {**features, **lengths}.items()}
        return named
