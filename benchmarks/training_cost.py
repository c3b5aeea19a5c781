"""What the trainer costs beside the training itself, as ratios measured in one process on the embedded facts.

    python benchmarks/training_cost.py

docs/training.md keeps the figures. `static` against a bare loop over the same batches: draw, tokenise, forward,
backward, clip, AdamW, schedule. A small transformer: how long a step waits for its batch, and what options cost.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from scratch import HYBRID, LEFT_OUT, Watch, make, timed, trained
from torch.nn.functional import cross_entropy, normalize

from xbench.data.download import Storage
from xbench.encoders.static import tokenizer_file
from xbench.specs import StaticModel, Training, registry
from xbench.training.checkpoints import Checkpoints
from xbench.training.corpus import Corpus
from xbench.training.corpus_loading import load_corpus
from xbench.training.lengths import LENGTHS
from xbench.training.loader import TokenisedBatches
from xbench.training.snapshots import Snapshots
from xbench.training.streams import make_streams

ROUNDS = 9
MORE_ROUNDS = 3  # of the transformer


def bare(model: Any, corpus: Corpus, settings: Training) -> float:
    """Seconds per step of the loop that one would write oneself."""
    stream = make_streams(corpus, HYBRID, settings, 0).train
    batches = TokenisedBatches(model, corpus, stream, settings)
    optimiser = torch.optim.AdamW(model.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / settings.steps)
    watch = Watch()
    model.train()
    for step in range(settings.steps):
        item = batches.tokenised(step)  # here and now, with nobody working ahead
        sides = [
            {
                key.removeprefix(f"{side}_"): value
                for key, value in item.items()
                if key.startswith(side) and not key.endswith(LENGTHS)
            }
            for side in ("query", "document")
        ]
        queries, documents = (normalize(model(side)["sentence_embedding"], dim=-1) for side in sides)
        loss = cross_entropy(settings.scale * queries @ documents.T, torch.arange(len(queries)))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), settings.max_gradient_norm)
        optimiser.step()
        schedule.step()
        watch.advance()
    return watch.seconds


def static(corpus: Corpus, folder: Path) -> Any:
    """The shipped static model, untrained, with a tokenizer of 8,000 entries."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer

    spec = StaticModel(name="static", format="static", vocabulary=8_000)
    tokenizer = Tokenizer.from_file(str(tokenizer_file(spec, corpus.digest, corpus.texts, folder)))
    return SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=spec.dimension)], device="cpu")


def transformer(corpus: Corpus) -> Any:
    """Four layers of 256, from scratch: smaller than any that one would use, so that waiting shows."""
    return make(corpus, layers=4, width=256, vocabulary=8_000)


def report(name: str, values: list[float]) -> None:
    print(f"{name:62s} {statistics.median(values):7.3f}  ({min(values):.3f} to {max(values):.3f})", flush=True)


def main() -> None:
    corpus = load_corpus(registry.load("corpus", "facts"), Storage.of(None, True))
    quick = Training(batch_size=256, steps=100, learning_rate=0.01, checkpoint_every=0)
    slow = Training(batch_size=32, steps=14, checkpoint_every=0, max_length=32)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads; medians (least to most) of")
    print(f"{ROUNDS} rounds of static and {MORE_ROUNDS} of the transformer")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ratios, steps = [], []
        for _ in range(ROUNDS):
            steps.append(bare(static(corpus, folder), corpus, quick))
            ratios.append(trained(static(corpus, folder), corpus, quick) / steps[-1])
        report("static, batch 256: a step of the bare loop, ms", [1000 * one for one in steps])
        report("static, batch 256: trainer / bare loop", ratios)
        found: dict[str, list[float]] = {}

        def note(name: str, value: float) -> None:
            found.setdefault(name, []).append(value)

        for number in range(MORE_ROUNDS):
            with timed(TokenisedBatches, "__getitem__") as waits:
                plain = trained(transformer(corpus), corpus, slow)
            note("share of a step without its batch, %", 100 * statistics.median(waits[LEFT_OUT:]) / plain)
            note("trainer / bare loop", plain / bare(transformer(corpus), corpus, slow))
            for changes in ({"mini_batch_size": 8}, {"gradient_checkpointing": True}):
                seconds = trained(transformer(corpus), corpus, slow.model_copy(update=changes))
                note(f"{next(iter(changes))} / plain", seconds / plain)
            with timed(Snapshots, "write") as writes:
                often = slow.model_copy(update={"checkpoint_every": 4})
                trained(transformer(corpus), corpus, often, Checkpoints(folder / f"checkpoints-{number}", "", 0))
            note("a checkpoint, in steps", statistics.median(writes) / plain)
        for name, values in found.items():
            report(f"transformer, batch 32: {name}", values)


if __name__ == "__main__":
    sys.exit(main())
