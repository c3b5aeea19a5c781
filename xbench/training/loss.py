"""InfoNCE over the documents of a batch, gathered from all processes; plain, or with cached gradients.

Rows: this process's queries. Columns: every process's passages and hard negatives (see negatives.Layout). Which
columns are no negatives is told as pairs; this module knows nothing of units and languages. Similarities are float32
whatever the model computes in. Cached gradients: arXiv 2101.06983, through sentence-transformers' machinery.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import torch
from sentence_transformers.base.losses.gradcache import CachedLossMixin, has_static_embedding_input
from sentence_transformers.util import all_gather_with_grad
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize

from xbench.errors import TrainingError
from xbench.processes import Processes
from xbench.specs import Training
from xbench.training.lengths import Features, encode

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


def info_nce(queries: Tensor, documents: Tensor, own: Tensor, left_out: Tensor, scale: float) -> Tensor:
    """-log softmax of each row's own passage, summed over rows.

    `queries` [rows, dim]; `documents` [columns, dim], or [rows, columns, dim] where each row has its own; `own` [rows]
    the column of a row's passage; `left_out` [pairs, 2] (row, column) that do not count.
    """
    with torch.autocast(queries.device.type, enabled=False):
        rows, columns = normalize(queries.float(), dim=-1), normalize(documents.float(), dim=-1)
        scores = rows @ columns.T if columns.dim() == 2 else torch.einsum("rd,rcd->rc", rows, columns)
        scores = scores * scale
        if len(left_out):
            taken_out = torch.zeros_like(scores, dtype=torch.bool)
            taken_out[left_out[:, 0], left_out[:, 1]] = True
            scores = scores.masked_fill(taken_out, -torch.inf)
        return cross_entropy(scores, own, reduction="sum")


class RecipeLoss(nn.Module):
    """The loss of one process's share of a batch: features of both sides in, mean over its rows out."""

    model: SentenceTransformer

    def __init__(self, model: SentenceTransformer, settings: Training, processes: Processes) -> None:
        super().__init__()
        self.model = model
        self._settings, self._processes = settings, processes

    def forward(self, features: Iterable[Features], left_out: Tensor) -> Tensor:
        queries, documents = (encode(self.model, side) for side in features)
        return self.of_vectors(queries, documents, left_out)

    def of_vectors(self, queries: Tensor, documents: Tensor, left_out: Tensor) -> Tensor:
        """Mean over rows, from the vectors of this process's texts."""
        columns, own = self.columns(self._gathered(documents), len(queries))
        return info_nce(queries, columns, own, left_out, self._settings.scale) / len(queries)

    def columns(self, documents: Tensor, rows: int) -> tuple[Tensor, Tensor]:
        """The documents as columns of the scores, and the column of each row's own passage."""
        place = torch.arange(rows, device=documents.device)
        if self._settings.in_batch_negatives:
            return documents, place + self._processes.index * (len(documents) // self._processes.count)
        negatives = documents[rows:].view(rows, -1, documents.shape[1])
        return torch.cat([documents[:rows, None], negatives], dim=1), torch.zeros_like(place)

    def _gathered(self, documents: Tensor) -> Tensor:
        """Every process's documents, with gradients; a row's own where there are no in-batch negatives."""
        if self._processes.count == 1 or not self._settings.in_batch_negatives:
            return documents
        gathered: Tensor = all_gather_with_grad(documents)
        return gathered


class CachedRecipeLoss(CachedLossMixin, RecipeLoss):  # type: ignore[misc]
    """The same loss with the memory of `mini_batch_size` texts: encoded twice, scored in blocks of rows."""

    def __init__(self, model: SentenceTransformer, settings: Training, processes: Processes) -> None:
        if has_static_embedding_input(model):
            raise TrainingError("mini_batch_size: a bag of tokens cannot be split, nor need it be; leave it out")
        super().__init__(model, settings, processes)
        self.mini_batch_size = settings.mini_batch_size or settings.batch_size

    def forward(self, features: Iterable[Features], left_out: Tensor) -> Tensor:
        loss: Tensor = CachedLossMixin.forward_cached(self, features, left_out)
        return loss

    def calculate_loss(
        self, reps: list[list[Tensor]], labels: Tensor | None = None, *, with_backward: bool = False
    ) -> Tensor:
        """The loss of all vectors; with `with_backward`, their gradients too, one block of rows at a time."""
        assert labels is not None
        queries, gathered = torch.cat(reps[0]), self._gathered(torch.cat(reps[1]))
        rows, documents = (part.detach().requires_grad_(with_backward) for part in (queries, gathered))
        total = torch.zeros((), device=queries.device)
        for first in range(0, len(rows), self.mini_batch_size):
            block = slice(first, first + self.mini_batch_size)
            here = (labels[:, 0] >= first) & (labels[:, 0] < first + self.mini_batch_size)
            left_out = labels[here] - torch.tensor([first, 0], device=labels.device)
            columns, own = self.columns(documents, len(rows))
            columns = columns[block] if columns.dim() == 3 else columns
            part = info_nce(rows[block], columns, own[block], left_out, self._settings.scale) / len(rows)
            if with_backward:
                part.backward()  # type: ignore[no-untyped-call]
            total += part.detach()
        if with_backward:
            torch.autograd.backward([queries, gathered], [rows.grad, documents.grad])
        return total


def make_loss(model: SentenceTransformer, settings: Training, processes: Processes) -> RecipeLoss:
    """The loss that the settings ask for."""
    kind = CachedRecipeLoss if settings.mini_batch_size else RecipeLoss
    return kind(model, settings, processes)
