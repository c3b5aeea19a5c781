"""From a spec to a loaded model: what may be loaded, where it lies, its commit, and one clear line where it cannot be.

Knows the hub, its cache and folders; nothing of texts, prompts or tasks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from xbench.data.hub import blob_fault
from xbench.encoders.prompts import CONFIGURATION
from xbench.encoders.quiet import quiet
from xbench.errors import EncoderError
from xbench.files import folder_digest
from xbench.specs import SentenceModel

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

SMALL_FILES = ("README.md", CONFIGURATION)
ACCELERATOR_PACKAGES = ("torch_npu", "habana_frameworks")  # beside a torch that knows the processor alone
UNLIMITED = 10**9  # tokenizers that know no limit state 10^30


@dataclass(frozen=True)
class Loading:
    """How models are loaded in this command."""

    device: str = "auto"
    offline: bool = False
    remote_code: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"auto|cpu|mps|cuda(:[0-9]+)?", self.device):
            raise EncoderError(f"--device {self.device}: expected auto, cpu, cuda, cuda:1 or mps")


def load_model(spec: SentenceModel, loading: Loading) -> SentenceTransformer:
    """The SentenceTransformer of a spec. Raises EncoderError with one line."""
    require_allowed(spec, loading)
    require_model_folder(spec)
    if spec.hub and _cached_commit(spec) is None:
        _ask_hub(spec, loading)  # answers or fails at once, where loading would retry for a minute
    require_as_fetched(spec)
    with quiet():
        from sentence_transformers import SentenceTransformer

        try:
            model = SentenceTransformer(
                spec.folder or spec.hub,
                revision=spec.revision or None,
                device=None if loading.device == "auto" else loading.device,
                trust_remote_code=loading.remote_code,
                local_files_only=loading.offline,
                model_kwargs={"dtype": spec.dtype},  # unsaid, it is whatever the weights were saved in
            )
        except Exception as error:  # a damaged or foreign model fails in any way its own code can
            raise EncoderError(_explain(spec, loading, error)) from error
    limit_length(model, spec.name, spec.max_length)
    return model


def require_as_fetched(spec: SentenceModel) -> None:
    """Raise EncoderError where a file of the model in the hub's cache is not the one that was fetched."""
    folder = _cached_folder(spec) if spec.hub else None
    for path in sorted(folder.rglob("*")) if folder else ():
        if path.is_file() and (fault := blob_fault(path)):
            raise EncoderError(
                f"model {spec.name}: damaged since it was fetched ({fault}); delete {path.resolve()} and {path}, and "
                "it is fetched again"
            )


def limit_length(model: SentenceTransformer, name: str, limit: int | None) -> None:
    """Let a model read `limit` tokens per text, or what it is configured to, within what it has positions for.

    Raises EncoderError where `limit` is more than that, or where the model reads texts of any length.
    """
    own, positions = reads(model), _positions(model)
    if limit is None:
        if own is not None and positions is not None and own > positions:
            model.max_seq_length = positions  # the configuration promises more than the model can read
        return
    if positions is not None and limit > positions:
        raise EncoderError(f"model {name}: max_length: found {limit}, expected at most {positions}, its positions")
    try:
        model.max_seq_length = limit
    except AttributeError:
        raise EncoderError(f"model {name} reads texts of any length; leave max_length out") from None


def reads(model: SentenceTransformer) -> int | None:
    """Tokens that a loaded model reads per text; None for any number."""
    length = model.max_seq_length
    return None if length is None or math.isinf(length) or length >= UNLIMITED else int(length)


def _positions(model: SentenceTransformer) -> int | None:
    """Tokens that a model has positions for; None for any number."""
    from torch.nn import Embedding

    for module in model.modules():
        if isinstance(table := getattr(module, "position_embeddings", None), Embedding):
            padding = getattr(module, "padding_idx", None)  # RoBERTa's positions start behind it
            return table.num_embeddings - (padding + 1 if isinstance(padding, int) else 0)
    transformer = model.transformers_model
    limit = getattr(transformer.config, "max_position_embeddings", None) if transformer is not None else None
    return limit if isinstance(limit, int) and limit > 0 else None


def on_processor(loading: Loading) -> bool:
    """Whether models run on no accelerator. torch is asked, but for a build of it that knows none."""
    if loading.device != "auto":
        return loading.device == "cpu"
    if version("torch").endswith("+cpu") and not any(map(find_spec, ACCELERATOR_PACKAGES)):
        return True
    import torch

    return not torch.accelerator.is_available()


def require_allowed(spec: SentenceModel, loading: Loading) -> None:
    """Raise EncoderError where a model's own code may not run, or cannot."""
    if spec.remote_code and not loading.remote_code:
        raise EncoderError(f"model {spec.name} runs code from its repository; allow it with --remote-code")
    if absent := [package for package in spec.packages if find_spec(package) is None]:
        raise EncoderError(_needs(spec, absent))


def _needs(spec: SentenceModel, packages: Sequence[str]) -> str:
    named = " ".join(packages)
    return f"model {spec.name}: its code imports {named}, not installed here: pip install {named}"


def require_model_folder(spec: SentenceModel) -> None:
    """Raise EncoderError where a model's folder is none, before anything is read or digested."""
    if spec.folder and not any((Path(spec.folder) / name).is_file() for name in ("modules.json", "config.json")):
        found = "neither modules.json nor config.json in it" if Path(spec.folder).is_dir() else "no such folder"
        raise EncoderError(f"model folder {spec.folder}: {found}; name a folder that holds a saved model")


def _explain(spec: SentenceModel, loading: Loading, error: Exception) -> str:
    place = _place(spec)
    reason = " ".join(str(error).split())
    if needs := re.search(r"packages that were not found in your environment: (.+?)\. Run", reason):
        return _needs(spec, needs[1].split(", "))
    if "trust_remote_code" in reason:
        return f"model {spec.name} runs code from its repository; allow it with --remote-code"
    if spec.folder:
        return str(unloadable(spec, error))
    if loading.offline:
        return f"model {spec.name}: {place} is not in the hub cache, and --offline forbids fetching it; name a folder"
    text = " ".join(f"{type(cause).__name__} {cause}" for cause in _causes(error))
    if "GatedRepo" in text or "access a gated repo" in text:
        return f"model {spec.name}: {place} is gated; accept its terms at {_page(spec)}, then log in (HF_TOKEN)"
    if "RepositoryNotFound" in text or "not a valid model identifier" in text:
        return f"model {spec.name}: the hub has no {place}, or it is private; check the id, or log in (HF_TOKEN)"
    if "RevisionNotFound" in text:
        return f"model {spec.name}: {spec.hub} has no revision {spec.revision!r}; check the branch, tag or commit"
    if any(word in text for word in ("Connect", "couldn't connect", "resolve", "timed out", "Timeout")):
        return f"model {spec.name}: no network to fetch {place}; fetch it elsewhere and name its folder as --model"
    return str(unloadable(spec, error))


def unloadable(spec: SentenceModel, error: Exception) -> EncoderError:
    """One line for whatever is wrong with the files of a model."""
    reason = " ".join(str(error).split())
    return EncoderError(f"model {spec.name}: cannot load {_place(spec)}: {reason[:300] or type(error).__name__}")


def _place(spec: SentenceModel) -> str:
    return spec.folder or f"{spec.hub}@{spec.revision or 'main'}"


def _page(spec: SentenceModel) -> str:
    from huggingface_hub.constants import ENDPOINT

    return f"{ENDPOINT}/{spec.hub}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def model_identity(spec: SentenceModel) -> dict[str, object]:
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
    require_allowed(spec, loading)
    if spec.folder or _cached_commit(spec):
        return ""
    if loading.offline:
        raise EncoderError(_explain(spec, loading, FileNotFoundError(spec.hub)))
    size = f", about {4 * spec.parameters / 1e9:.1f} GB" if spec.parameters else ""
    gated = f"; gated: its terms have to be accepted at {_page(spec)}" if spec.gated else ""
    return f"fetch model {spec.name}: {spec.hub} from the hub{size}, kept in the hub cache{gated}"


def small_files(spec: SentenceModel, loading: Loading) -> Path | None:
    """The folder with a model's card and prompts; of a hub model they are fetched ahead of the weights.

    None where it has neither. Raises EncoderError where they cannot be had.
    """
    if spec.folder:
        return Path(spec.folder)
    if (folder := _cached_folder(spec)) or loading.offline:
        return folder
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    _ask_hub(spec, loading)  # answers or fails at once, where fetching would retry for half a minute
    folder = None
    for name in SMALL_FILES:
        try:
            folder = Path(hf_hub_download(spec.hub, name, revision=spec.revision or None)).parent
        except EntryNotFoundError as error:
            if isinstance(error, LocalEntryNotFoundError):
                raise EncoderError(_explain(spec, loading, error)) from error
        except Exception as error:  # the client's errors are those of whichever HTTP library it uses
            raise EncoderError(_explain(spec, loading, error)) from error
    return folder


def _cached_commit(spec: SentenceModel) -> str | None:
    folder = _cached_folder(spec)
    return folder.name if folder else None


def _cached_folder(spec: SentenceModel) -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    for name in ("config.json", "modules.json"):
        path = try_to_load_from_cache(spec.hub, name, revision=spec.revision or "main")
        if isinstance(path, str):
            return Path(path).parent
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
