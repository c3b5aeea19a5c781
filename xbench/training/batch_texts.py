"""The texts of a batch: the queries and passages that its numbers stand for. Knows no tokenizer."""

from __future__ import annotations

from xbench.training.batches import Batch
from xbench.training.corpus import Corpus
from xbench.training.switching import Switcher


def batch_texts(corpus: Corpus, batch: Batch, switcher: Switcher | None = None) -> tuple[list[str], list[str]]:
    """The queries and passages of a batch, as written in the corpus, or with words replaced."""
    numbers = corpus.query[batch.query_language, batch.units], corpus.passage[batch.passage_language, batch.units]
    queries, passages = ([corpus.texts[number] for number in side] for side in numbers)
    if batch.seeds is None or switcher is None:
        return queries, passages
    asked, answered = batch.seeds.T.tolist()
    return switcher.texts("query", queries, asked), switcher.texts("document", passages, answered)
