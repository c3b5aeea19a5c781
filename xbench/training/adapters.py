"""What of a model is trained, and what is kept of its activations: all weights or LoRA, checkpointing or not.

Knows the model's layers; nothing of batches or losses. LoRA is merged before the model is saved, so that an encoder
needs no peft to be read.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from xbench.errors import TrainingError
from xbench.specs import Adapter, Training

if TYPE_CHECKING:
    from peft import PeftModel
    from sentence_transformers import SentenceTransformer
    from transformers import PreTrainedModel


def prepare(model: SentenceTransformer, settings: Training) -> None:
    """Make `model` ready to be trained, in place. Raises TrainingError for what it cannot do."""
    if settings.max_length is not None:
        try:
            model.max_seq_length = settings.max_length
        except AttributeError:
            raise TrainingError("max_length: this model reads texts of any length; leave max_length out") from None
    network = model.transformers_model
    if settings.adapter:
        if network is None or getattr(model[0], "model", None) is not network:
            raise TrainingError("adapter: this model has no transformer to add one to; leave adapter out")
        model[0].model = add_adapter(network, settings.adapter)
    if settings.gradient_checkpointing:
        if network is None or not network.supports_gradient_checkpointing:
            raise TrainingError("gradient_checkpointing: this model does not support it; leave it out")
        with _older_names():
            network.gradient_checkpointing_enable({"use_reentrant": False})


def add_adapter(network: PreTrainedModel, adapter: Adapter) -> PeftModel:
    """`network` with its weights frozen and a low-rank product beside each chosen layer."""
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError:
        raise TrainingError("adapter: LoRA needs the package peft; install xbench[lora]") from None
    config = LoraConfig(
        r=adapter.rank,
        lora_alpha=adapter.alpha,  # type: ignore[arg-type]  # peft divides by it; it need not be whole
        lora_dropout=adapter.dropout,
        target_modules=list(adapter.layers) or "all-linear",
    )
    try:
        return get_peft_model(network, config)
    except ValueError as error:
        names = ", ".join(adapter.layers) or "all linear layers"
        raise TrainingError(f"adapter.layers: found {names}: {' '.join(str(error).split())[:200]}") from None


def finish(model: SentenceTransformer, settings: Training) -> None:
    """Make a trained model an ordinary one again, in place."""
    if settings.adapter:
        model[0].model = model[0].model.merge_and_unload()
    if settings.gradient_checkpointing:
        with _older_names():
            model.transformers_model.gradient_checkpointing_disable()
    model.eval()


@contextmanager
def _older_names() -> Iterator[None]:
    """The newer ones are not in every version that setup.cfg allows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        yield
