"""Any sentence-transformers or transformers model, from the hub or a folder. Knows models; nothing of tasks.

Pooling comes from the model's own configuration (sentence-transformers builds mean pooling where there is none).
Texts are encoded from long to short in batches of a fixed number of tokens, so little is padding.
"""

from __future__ import annotations

import logging
import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from xbench.encoders.base import Counts, Role, Vectors
from xbench.errors import EncoderError
from xbench.files import folder_digest
from xbench.specs import Prompts, SentenceModel

TOKENS_PER_BATCH = 16_384
LIBRARIES = ("sentence-transformers", "transformers", "torch", "tokenizers")


@dataclass(frozen=True)
class Loading:
    """How models are loaded in this command."""

    device: str = "auto"
    offline: bool = False
    remote_code: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"auto|cpu|mps|cuda(:[0-9]+)?", self.device):
            raise EncoderError(f"--device {self.device}: expected auto, cpu, cuda, cuda:1 or mps")


class SentenceEncoder:
    """One loaded model with its prompts; see `Encoder`."""

    def __init__(self, spec: SentenceModel, loading: Loading, prompts: Prompts | None = None) -> None:
        spec = pinned(spec, loading)
        self.model = load_model(spec, loading)
        self._prompts = prompts or spec.prompts or _own_prompts(self.model)
        if spec.max_length is not None:
            try:
                self.model.max_seq_length = spec.max_length
            except AttributeError:
                raise EncoderError(f"model {spec.name} reads texts of any length; leave max_length out") from None
        length = self.model.max_seq_length
        self.max_length: int | None = None if length is None or math.isinf(length) else int(length)
        self.similarity = spec.similarity
        self.identity: Mapping[str, Any] = {
            **model_identity(spec),
            "dtype": spec.dtype,
            "max_length": self.max_length,
            "prompts": self._prompts.model_dump(),
            "similarity": spec.similarity,
            "device": self.model.device.type,
            "libraries": {name: version(name) for name in LIBRARIES},
        }

    def encode(self, texts: Sequence[str], role: Role, advance: Callable[[int], None]) -> Vectors:
        prompt = getattr(self._prompts, role)
        lengths = np.minimum(self.tokens(texts, role)[:, 0], self.max_length or 2**31 - 1)
        order = np.argsort(-lengths, kind="stable")
        vectors: Vectors | None = None
        for batch in _batches(order, lengths):
            found = self.model.encode(
                [texts[number] for number in batch],
                prompt=prompt,
                batch_size=len(batch),
                show_progress_bar=False,
                convert_to_numpy=True,
            )
            if vectors is None:
                vectors = np.empty((len(texts), found.shape[1]), np.float32)
            vectors[batch] = found
            advance(len(batch))
        assert vectors is not None, "encode is called with texts"
        return vectors

    def tokens(self, texts: Sequence[str], role: Role) -> Counts:
        prompt = getattr(self._prompts, role)
        return count_tokens(self.model.tokenizer, [prompt + text for text in texts])


def _own_prompts(model: Any) -> Prompts:
    """What the model's configuration puts before queries and documents."""
    own = {role: text for role, text in model.prompts.items() if text}
    return Prompts(query=own.get("query", ""), document=own.get("document", own.get("passage", "")))


def count_tokens(tokenizer: Any, texts: list[str]) -> Counts:
    """[n, 2] int32: tokens before truncation (special ones included) and unknown tokens among them."""
    from tokenizers import Tokenizer

    if isinstance(tokenizer, Tokenizer):
        unknown = tokenizer.token_to_id("[UNK]")
        ids = [encoding.ids for encoding in tokenizer.encode_batch(texts, add_special_tokens=False)]
    else:
        unknown = tokenizer.unk_token_id
        ids = tokenizer(texts, truncation=False, verbose=False)["input_ids"]
    counts = [(len(found), 0 if unknown is None else found.count(unknown)) for found in ids]
    return np.array(counts, np.int32).reshape(-1, 2)


def _batches(order: Any, lengths: Any) -> Iterator[Any]:
    """Runs of `order` (long to short) whose padded size stays within TOKENS_PER_BATCH."""
    first = 0
    while first < len(order):
        size = max(1, TOKENS_PER_BATCH // max(1, int(lengths[order[first]])))
        yield order[first : first + size]
        first += size


def load_model(spec: SentenceModel, loading: Loading) -> Any:
    """The SentenceTransformer of a spec. Raises EncoderError with one line."""
    if spec.remote_code and not loading.remote_code:
        raise EncoderError(f"model {spec.name} runs code from its repository; allow it with --remote-code")
    require_model_folder(spec)
    if spec.hub and _cached_commit(spec) is None:
        _ask_hub(spec, loading)  # answers or fails at once, where loading would retry for a minute
    with _quiet():
        from sentence_transformers import SentenceTransformer

        try:
            return SentenceTransformer(
                spec.folder or spec.hub,
                revision=spec.revision or None,
                device=None if loading.device == "auto" else loading.device,
                trust_remote_code=loading.remote_code,
                local_files_only=loading.offline,
                model_kwargs={"dtype": spec.dtype},  # unsaid, it is whatever the weights were saved in
            )
        except Exception as error:  # a damaged or foreign model fails in any way its own code can
            raise EncoderError(_explain(spec, loading, error)) from error


def require_model_folder(spec: SentenceModel) -> None:
    """Raise EncoderError where a model's folder is none, before anything is read or digested."""
    if spec.folder and not any((Path(spec.folder) / name).is_file() for name in ("modules.json", "config.json")):
        found = "neither modules.json nor config.json in it" if Path(spec.folder).is_dir() else "no such folder"
        raise EncoderError(f"model folder {spec.folder}: {found}; name a folder that holds a saved model")


def _explain(spec: SentenceModel, loading: Loading, error: Exception) -> str:
    place = spec.folder or f"{spec.hub}@{spec.revision or 'main'}"
    reason = " ".join(str(error).split())
    if spec.folder:
        return f"model {spec.name}: cannot load {place}: {reason[:300] or type(error).__name__}"
    if loading.offline:
        return f"model {spec.name}: {place} is not in the hub cache, and --offline forbids fetching it; name a folder"
    text = " ".join(f"{type(cause).__name__} {cause}" for cause in _causes(error))
    if "GatedRepo" in text or "access a gated repo" in text:
        return f"model {spec.name}: {place} is gated; accept its terms on its hub page, then log in (HF_TOKEN)"
    if "RepositoryNotFound" in text or "not a valid model identifier" in text:
        return f"model {spec.name}: the hub has no {place}, or it is private; check the id, or log in (HF_TOKEN)"
    if "RevisionNotFound" in text:
        return f"model {spec.name}: {spec.hub} has no revision {spec.revision!r}; check the branch, tag or commit"
    if any(word in text for word in ("Connect", "couldn't connect", "resolve", "timed out", "Timeout")):
        return f"model {spec.name}: no network to fetch {place}; fetch it elsewhere and name its folder as --model"
    return f"model {spec.name}: cannot load {place}: {reason[:300] or type(error).__name__}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def model_identity(spec: SentenceModel) -> dict[str, Any]:
    """What names the weights of a pinned model: the hub id with its commit, or a digest of the folder's files."""
    if spec.folder:
        return {"format": "sentence", "folder_sha256": folder_digest(Path(spec.folder))}
    return {"format": "sentence", "hub": spec.hub, "revision": spec.revision}


def pinned(spec: SentenceModel, loading: Loading) -> SentenceModel:
    """The same model by its commit: a branch of a hub is looked up in the hub cache first, then on the hub."""
    if spec.folder or len(spec.revision) == 40:
        return spec
    return spec.model_copy(update={"revision": _cached_commit(spec) or _ask_hub(spec, loading)})


def hub_fetch(spec: SentenceModel, loading: Loading) -> str:
    """What loading the model will fetch, in words; empty where it is a folder or in the hub cache.

    Raises EncoderError where it would have to be fetched and may not be.
    """
    if spec.folder or _cached_commit(spec):
        return ""
    if loading.offline:
        raise EncoderError(_explain(spec, loading, FileNotFoundError(spec.hub)))
    size = f", about {4 * spec.parameters / 1e9:.1f} GB" if spec.parameters else ""
    return f"fetch model {spec.name}: {spec.hub} from the hub{size}, kept in the hub cache"


def _cached_commit(spec: SentenceModel) -> str | None:
    from huggingface_hub import try_to_load_from_cache

    for name in ("config.json", "modules.json"):
        found = try_to_load_from_cache(spec.hub, name, revision=spec.revision or "main")
        if isinstance(found, str):
            return Path(found).parent.name
    return None


def _ask_hub(spec: SentenceModel, loading: Loading) -> str:
    """The commit that a revision stands for now, by one question to the hub."""
    from huggingface_hub import HfApi

    try:
        if loading.offline:
            raise FileNotFoundError(spec.hub)
        return str(HfApi().model_info(spec.hub, revision=spec.revision or None).sha)
    except Exception as error:  # the client's errors are those of whichever HTTP library it uses
        raise EncoderError(_explain(spec, loading, error)) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Hub libraries talk while they load; xbench says what matters itself."""
    from huggingface_hub.utils import disable_progress_bars  # type: ignore[attr-defined]
    from transformers.utils import logging as hub_logging

    if not sys.stderr.isatty():
        disable_progress_bars()

    loggers = [logging.getLogger(name) for name in ("sentence_transformers", "transformers", "huggingface_hub")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    hub_logging.disable_progress_bar()
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
