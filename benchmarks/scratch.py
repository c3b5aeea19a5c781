"""A transformer from scratch: make one with a tokenizer of a corpus's own, and measure how fast a recipe trains it.

    python benchmarks/scratch.py make FOLDER --corpus CORPUS --layers 6 --width 512
    python benchmarks/scratch.py speed FOLDER --corpus CORPUS --batch 128 --precision bf16
    xbench run --model FOLDER --recipe hybrid --corpus CORPUS --task xquad-r --set precision=bf16

`speed` prints tokens per second and model FLOP utilisation: the operations that the model's real tokens need (6 per
weight outside the embeddings and token, 12 x layers x width x length for the attention scores), as a share of what a
large matrix product reaches in the same process, device and precision. docs/training.md keeps the figures.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from xbench.data.download import Storage
from xbench.encoders.static import tokenizer_file
from xbench.progress import Silent
from xbench.specs import Mix, Recipe, StaticModel, Training, registry
from xbench.training import loader
from xbench.training.checkpoints import Checkpoints
from xbench.training.corpus import Corpus
from xbench.training.corpus_loading import load_corpus
from xbench.training.loader import TokenisedBatches
from xbench.training.streams import make_streams
from xbench.training.trainer import Course, Surroundings, train

HYBRID = Recipe(name="hybrid", mix=Mix(mono=0.5, cross=0.5))
LEFT_OUT = 5  # first steps, while everything warms up
LENGTH = 128  # tokens per text
PEAK_ROUNDS = 20


class Watch(Silent):
    """Notes when each step ends."""

    def __init__(self) -> None:
        self.times: list[float] = []

    @contextmanager
    def bar(self, label: str, total: int, unit: str = "") -> Iterator[Any]:
        yield self

    def advance(self, steps: int = 1, note: str = "") -> None:
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        self.times.append(time.perf_counter())

    @property
    def seconds(self) -> float:
        """The median step without the first; a median, for other programs run beside."""
        return statistics.median(after - before for before, after in itertools.pairwise(self.times[LEFT_OUT:]))


def trained(model: Any, corpus: Corpus, settings: Training, checkpoints: Checkpoints | None = None) -> float:
    """Seconds per step of the trainer."""
    watch = Watch()
    course = Course(model, corpus, make_streams(corpus, HYBRID, settings, 0), settings, 0)
    train(course, Surroundings(watch, checkpoints=checkpoints))
    return watch.seconds


@contextmanager
def timed(owner: Any, name: str) -> Iterator[list[float]]:
    """Seconds of every call of a method."""
    seconds: list[float] = []
    real = getattr(owner, name)

    def watched(*given: Any, **named: Any) -> Any:
        started = time.perf_counter()
        found = real(*given, **named)
        seconds.append(time.perf_counter() - started)
        return found

    setattr(owner, name, watched)
    try:
        yield seconds
    finally:
        setattr(owner, name, real)


def make(corpus: Corpus, layers: int, width: int, vocabulary: int, device: str = "cpu") -> Any:
    """A BERT of random weights over a BPE tokenizer of the corpus's texts, mean pooling; heads of 64."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(0)
    sizes = {"hidden_size": width, "num_hidden_layers": layers, "num_attention_heads": max(1, width // 64)}
    with tempfile.TemporaryDirectory() as name:
        spec = StaticModel(name="tokens", format="static", vocabulary=vocabulary)
        path = tokenizer_file(spec, corpus.digest, corpus.texts, Path(name))
        tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(path), unk_token="[UNK]", pad_token="[UNK]")
        tokenizer.save_pretrained(name)
        BertModel(BertConfig(vocab_size=len(tokenizer), intermediate_size=4 * width, **sizes)).save_pretrained(name)
        transformer = Transformer(name, max_seq_length=LENGTH)
    return SentenceTransformer(modules=[transformer, Pooling(width, "mean")], device=device)


def weights(model: Any) -> int:
    """Of the layers; the embeddings are looked up, not multiplied with."""
    return sum(values.numel() for name, values in model.named_parameters() if "embeddings" not in name)


def operations(model: Any, masks: list[Tensor]) -> float:
    """Floating-point operations that the tokens of one step need, forward and backward."""
    config = model[0].auto_model.config
    lengths = torch.cat([mask.sum(dim=1) for mask in masks]).double()
    scores = 12 * config.num_hidden_layers * config.hidden_size * lengths.square().sum()
    return float(6 * weights(model) * lengths.sum() + scores)


def peak(device: str, precision: str) -> float:
    """Floating-point operations per second of a large matrix product."""
    size = 8192 if device == "cuda" else 1024
    one = torch.randn(size, size, device=device, dtype={"fp32": torch.float32, "bf16": torch.bfloat16}[precision])
    seconds = []
    for _ in range(PEAK_ROUNDS):
        started = time.perf_counter()
        one @ one
        if device == "cuda":
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - started)
    return 2 * size**3 / min(seconds)


def speed(folder: Path, corpus: Corpus, settings: Training) -> None:
    from sentence_transformers import SentenceTransformer

    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = SentenceTransformer(str(folder), device=device)
    batches = TokenisedBatches(model, corpus, make_streams(corpus, HYBRID, settings, 0).train, settings)
    steps = [batches.tokenised(step) for step in range(LEFT_OUT, settings.steps)]
    masks = [[step["query_attention_mask"], step["document_attention_mask"]] for step in steps]
    tokens = statistics.mean(sum(float(mask.sum()) for mask in both) for both in masks)
    padded = statistics.mean(sum(mask.numel() for mask in both) for both in masks)
    needed = statistics.mean(operations(model, both) for both in masks)
    with timed(TokenisedBatches, "__getitem__") as waits:
        seconds = trained(model, corpus, settings)
    loader.lengths_of = lambda model, features: {}  # type: ignore[assignment]
    padded_seconds = trained(model, corpus, settings)
    reached, possible = needed / seconds, peak(device, settings.precision)
    for name, value in {
        "weights, and those outside the embeddings, millions": f"{sum(p.numel() for p in model.parameters()) / 1e6:.1f}"
        f", {weights(model) / 1e6:.1f}",
        "device, precision, batch": f"{device}, {settings.precision}, {settings.batch_size}",
        "ms a step; with every text padded to the longest": f"{1000 * seconds:.0f}; {1000 * padded_seconds:.0f}",
        "tokens a second": f"{tokens / seconds:,.0f}",
        "of these batches that would be padding, %": f"{100 * (1 - tokens / padded):.0f}",
        "model FLOP a second, G": f"{reached / 1e9:,.0f}",
        "of a matrix product's, %": f"{100 * reached / possible:.0f} of {possible / 1e9:,.0f}",
        "share of a step without its batch, %": f"{100 * statistics.median(waits[LEFT_OUT:]) / seconds:.2f}",
    }.items():
        print(f"{name:55s} {value}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["make", "speed"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--corpus", default="facts")
    for name, default in (("layers", 6), ("width", 512), ("vocabulary", 32_000), ("batch", 128), ("steps", 40)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    asked = parser.parse_args()
    corpus = load_corpus(registry.load("corpus", asked.corpus), Storage.of(None, True))
    if asked.what == "make":
        model = make(corpus, asked.layers, asked.width, asked.vocabulary)
        model.save_pretrained(str(asked.folder))
        print(f"{asked.folder}: {sum(p.numel() for p in model.parameters()) / 1e6:.1f} million weights")
    else:
        chosen = {"batch_size": asked.batch, "steps": asked.steps, "precision": asked.precision}
        speed(asked.folder, corpus, Training(**chosen, checkpoint_every=0))


if __name__ == "__main__":
    main()
