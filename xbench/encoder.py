"""One run's encoder, made on first use: loaded as it is, built, or trained; and found again when it was made before.

Its `origin` names it before it exists: everything that makes it except the seed, without loading a model.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from xbench import specs
from xbench.encoders.base import Encoder
from xbench.encoders.lexical import lexical_origin
from xbench.encoders.loading import load_model, model_identity, pinned
from xbench.encoders.post import Post
from xbench.encoders.prompts import filled
from xbench.encoders.sentence import SentenceEncoder
from xbench.errors import EncoderError
from xbench.files import RECORD, digest, whole_folder
from xbench.plan import Request, Run
from xbench.progress import Reporter
from xbench.scorer import LexicalScorer, Scorer, VectorScorer
from xbench.train.corpus import Corpus


class Maker:
    """Makes the encoder of one run, at most once."""

    def __init__(self, request: Request, planned: Run, corpus: Corpus | None, reporter: Reporter) -> None:
        self._request, self._run, self._reporter = request, planned, reporter
        spec = planned.model.spec
        self.uses_corpus = corpus is not None and (planned.recipe is not None or isinstance(spec, specs.StaticModel))
        self._corpus = corpus if self.uses_corpus else None
        self.corpus_digest = self._corpus.digest if self._corpus else None
        self.origin = self._origin(spec)
        self.record: dict[str, Any] | None = None
        self._encoder: Encoder | None = None

    def encoder(self, task: specs.TaskBase) -> Encoder:
        """The encoder as it is used on `task`, made now if it is not there yet."""
        if self._encoder is None:
            self._encoder = self._make()
        if isinstance(self._encoder, SentenceEncoder):
            return self._encoder.instructed(task.instruction, task.name)
        return self._encoder

    def origin_on(self, task: specs.TaskBase) -> dict[str, Any]:
        """What makes the vectors of `task`: the origin, with the task's sentence where the prompts hold one."""
        spec = self._run.model.spec
        if self._run.training is not None or spec.prompts is None:
            return self.origin
        return {**self.origin, "prompts": filled(spec.prompts, spec, task.instruction, task.name).model_dump()}

    def scorer(self, task: specs.TaskBase, post: Post | None) -> Scorer:
        """What ranks `task` for this run; `post` is what is taken from vectors."""
        spec = self._run.model.spec
        if isinstance(spec, specs.LexicalModel):
            return LexicalScorer(spec, self._reporter)
        return VectorScorer(self.encoder(task), post, self._request.storage.cache, self._reporter)

    def _origin(self, spec: specs.ModelBase) -> dict[str, Any]:
        if isinstance(spec, specs.LexicalModel):
            return {"model": lexical_origin(spec)}
        base = {
            "model": self._base_identity(spec),
            "similarity": spec.similarity,
            "max_length": spec.max_length,
        }
        if isinstance(spec, specs.SentenceModel) and spec.encode_arguments:
            base["encode_arguments"] = {role: dict(given) for role, given in spec.encode_arguments.items()}
        if self._run.recipe is None or self._run.training is None:
            return {**base, "prompts": spec.prompts.model_dump() if spec.prompts else None}
        return {
            **base,
            **self._run.recipe.drawing(),
            "training": self._run.training.model_dump(mode="json"),
            "corpus": self.corpus_digest,
        }

    def _base_identity(self, spec: specs.ModelBase) -> dict[str, Any]:
        if isinstance(spec, specs.SentenceModel):
            return {**model_identity(pinned(spec, self._request.loading)), "dtype": spec.dtype}
        named = spec.model_dump(mode="json", include={"format", "dimension", "vocabulary", "alphabet"})
        return {**named, "corpus": self.corpus_digest}

    def _make(self) -> Encoder:
        from xbench.encoders.chance import RandomEncoder

        spec = self._run.model.spec
        if isinstance(spec, specs.RandomModel):
            return RandomEncoder(spec, self._run.seed)
        base = self._static(spec) if isinstance(spec, specs.StaticModel) else spec
        assert isinstance(base, specs.SentenceModel)
        if self._run.training is None:
            return SentenceEncoder(base, self._request.loading)
        folder = self._folder(self.origin, self._run.recipe_name)
        length = self._run.training.max_length or spec.max_length
        if not (folder / RECORD).is_file():
            self._train(base, self._run.training.model_copy(update={"max_length": length}), folder)
        self.record = _read_record(folder)
        trained = base.model_copy(
            update={
                "hub": "",
                "revision": "",
                "folder": str(folder),
                "max_length": length,
            }
        )
        return SentenceEncoder(trained, self._request.loading, self._run.training.prompts)

    def _folder(self, origin: Any, recipe: str) -> Path:
        name = f"{self._run.model.spec.name}-{recipe}-{digest(origin)[:12]}-seed-{self._run.seed}"
        return self._request.storage.cache / "encoders" / name

    def _static(self, spec: specs.StaticModel) -> specs.SentenceModel:
        """The untrained static model of this run's seed, as an ordinary folder."""
        from xbench.encoders.static import build_static, tokenizer_file

        assert self._corpus is not None
        folder = self._folder(self._base_identity(spec), "untrained")
        if not folder.is_dir():
            with self._reporter.bar("train tokenizer", 1, "corpus") as bar:
                cache = self._request.storage.cache
                tokenizer = tokenizer_file(spec, self._corpus.digest, self._corpus.texts, cache)
                bar.advance()
            build_static(spec, tokenizer, self._run.seed, folder)
        return specs.SentenceModel(
            name=spec.name,
            format="sentence",
            folder=str(folder),
            prompts=spec.prompts,
            instruction=spec.instruction,
            similarity=spec.similarity,
        )

    def _train(self, base: specs.SentenceModel, training: specs.Training, folder: Path) -> None:
        from xbench.train.batches import stream_of
        from xbench.train.trainer import train

        run, corpus = self._run, self._corpus
        assert run.recipe and corpus
        stream = stream_of(corpus, run.recipe, training.batch_size, run.seed)
        limited = base.model_copy(update={"max_length": training.max_length})
        model = load_model(pinned(limited, self._request.loading), self._request.loading)
        record = train(model, corpus, stream, training, run.seed, self._reporter, f"train {run.label}")
        model.prompts = training.prompts.model_dump()
        with whole_folder(folder) as temporary:
            model.save_pretrained(str(temporary), create_model_card=False)
            made = {"origin": self.origin, "training": record}
            (temporary / RECORD).write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


def _read_record(folder: Path) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads((folder / RECORD).read_text(encoding="utf-8"))["training"]
        return record
    except (OSError, ValueError, KeyError, TypeError):
        raise EncoderError(f"{folder / RECORD}: damaged; delete {folder}, and the encoder is trained again") from None
