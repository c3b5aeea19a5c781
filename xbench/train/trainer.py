"""Train a sentence-transformers model on a stream of batches. Knows models and batches; never imports evaluate.

The library's trainer does everything but choose batches: one overridden method hands it a loader whose item `step` is
this process's share of global batch `step`. Loss: InfoNCE over the passages of the batch (cosine times `scale`).
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from xbench.errors import TrainingError
from xbench.progress import Bar, Reporter
from xbench.specs import Training
from xbench.train.batches import Batch, BatchStream
from xbench.train.corpus import Corpus


class TokenisedBatches:
    """Map-style data set: item `step` is one process's part of global batch `step`, tokenised."""

    def __init__(
        self,
        model: Any,
        corpus: Corpus,
        stream: BatchStream,
        settings: Training,
        process: int = 0,
        processes: int = 1,
    ) -> None:
        if settings.batch_size % processes:
            raise TrainingError(f"batch_size {settings.batch_size} does not divide over {processes} processes")
        self._model, self._corpus, self._stream, self._settings = model, corpus, stream, settings
        self._place = (process, processes)

    def __len__(self) -> int:
        return self._settings.steps

    def __getitem__(self, step: int) -> dict[str, Any]:
        batch = self._stream[step].share(*self._place)
        queries, passages = batch_texts(self._corpus, batch)
        prompts = self._settings.prompts
        sides = {"query": (prompts.query, queries), "passage": (prompts.document, passages)}
        return {
            f"{side}_{key}": value
            for side, (prompt, texts) in sides.items()
            for key, value in self._model.preprocess([prompt + text for text in texts]).items()
        }


def batch_texts(corpus: Corpus, batch: Batch) -> tuple[list[str], list[str]]:
    """The queries and passages of a batch, as written in the corpus."""
    queries = corpus.query[batch.query_language, batch.units]
    passages = corpus.passage[batch.passage_language, batch.units]
    return [corpus.texts[number] for number in queries], [corpus.texts[number] for number in passages]


def train(
    model: Any,
    corpus: Corpus,
    stream: BatchStream,
    settings: Training,
    seed: int,
    reporter: Reporter,
    label: str,
) -> dict[str, Any]:
    """Train `model` in place; the record says what was done. Raises TrainingError for a loss or weights not finite."""
    import torch
    from sentence_transformers import SentenceTransformerTrainer
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
    from torch.utils.data import DataLoader

    if settings.max_length is not None:
        try:
            model.max_seq_length = settings.max_length
        except AttributeError:
            raise TrainingError("max_length: this model reads texts of any length; leave max_length out") from None
    torch.manual_seed(seed)
    with tempfile.TemporaryDirectory() as scratch, reporter.bar(label, settings.steps, "steps") as bar:
        arguments = _arguments(settings, seed, scratch, model.device.type)
        gather = arguments.world_size > 1
        loss = MultipleNegativesRankingLoss(model, scale=settings.scale, gather_across_devices=gather)

        class RecipeTrainer(SentenceTransformerTrainer):  # type: ignore[misc]
            def get_train_dataloader(self) -> Any:
                place = (self.args.process_index, self.args.world_size)
                batches = TokenisedBatches(model, corpus, stream, settings, *place)
                return DataLoader(batches, batch_size=1, shuffle=False, collate_fn=itemgetter(0))  # type: ignore

        watcher = _watcher(bar, arguments.logging_steps)
        trainer = RecipeTrainer(model=model, args=arguments, loss=loss, callbacks=[watcher])
        _remove_talkers(trainer, watcher)
        outcome = trainer.train()
    if not all(bool(torch.isfinite(weights).all()) for weights in model.parameters()):
        raise TrainingError(
            f"weights are not finite after step {settings.steps}; nothing was kept: "
            "lower learning_rate (--set learning_rate=...)"
        )
    model.eval()
    return {
        "steps": settings.steps,
        "batch_size": settings.batch_size,
        "units": len(corpus),
        "loss": [[step, round(value, 4)] for step, value in watcher.losses],
        "seconds": round(outcome.metrics["train_runtime"], 2),
        "batches_sha256": stream.digest(),
    }


def _arguments(settings: Training, seed: int, scratch: str, device: str) -> Any:
    from sentence_transformers import SentenceTransformerTrainingArguments

    arguments = SentenceTransformerTrainingArguments(
        output_dir=scratch,
        max_steps=settings.steps,
        per_device_train_batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        warmup_steps=round(settings.warmup * settings.steps),
        lr_scheduler_type="linear" if settings.schedule == "linear" else "constant_with_warmup",
        optim="adamw_torch",
        bf16=settings.precision == "bf16",
        seed=seed,
        data_seed=seed,
        use_cpu=device == "cpu",
        logging_steps=max(1, settings.steps // 50),
        logging_nan_inf_filter=False,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=device != "cpu",
    )
    arguments._n_gpu = min(arguments.n_gpu, 1)  # several GPUs in one process would split the batch behind our back
    return arguments


def _watcher(bar: Bar, every: int) -> Any:
    """A trainer callback that moves the bar, keeps the losses, and stops at the first that is not finite."""
    from transformers import TrainerCallback

    class Watcher(TrainerCallback):  # type: ignore[misc]
        def __init__(self) -> None:
            self.losses: list[tuple[int, float]] = []

        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            note = f"loss {self.losses[-1][1]:.3f}" if self.losses else ""
            bar.advance(1, note)

        def on_log(
            self, args: Any, state: Any, control: Any, logs: Mapping[str, float] | None = None, **kwargs: Any
        ) -> None:
            value = (logs or {}).get("loss")
            if value is None:
                return
            if not math.isfinite(value):
                raise TrainingError(
                    f"the loss is {value} by step {state.global_step} (logged every {every}); nothing was kept: "
                    "lower learning_rate or scale (--set learning_rate=...)"
                )
            self.losses.append((state.global_step, value))

    return Watcher()


def _remove_talkers(trainer: Any, watcher: Any) -> None:
    """Leave only the flow of control and our watcher: the library's printers and model-card writer say nothing here."""
    keep = ("DefaultFlowCallback", type(watcher).__name__)
    for callback in list(trainer.callback_handler.callbacks):
        if type(callback).__name__ not in keep:
            trainer.remove_callback(callback)
