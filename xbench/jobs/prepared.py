"""One run's encoder, made on first use: loaded as it is, built, or trained; and found again when it was made before.

Its `origin` names it before it exists: everything that makes it except the seed, without loading a model. Training is
done by all processes of a command together; the first one keeps what comes out.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from xbench import specs
from xbench.encoders.base import Encoder
from xbench.encoders.lexical import lexical_origin
from xbench.encoders.model_loading import load_model, model_identity, pinned
from xbench.encoders.post import Post
from xbench.encoders.prompts import filled
from xbench.encoders.sentence import SentenceEncoder
from xbench.files import RECORD, digest
from xbench.jobs.card import add_scores, keep, made_by, read_record
from xbench.jobs.plan import Request, Run
from xbench.jobs.scorer import LexicalScorer, Scorer, VectorScorer
from xbench.progress import Reporter
from xbench.results.result import Result
from xbench.training.corpus import Corpus

if TYPE_CHECKING:
    from xbench.training.trainer import Surroundings

ARITHMETIC = 2  # of training a transformer; raised when the same settings give weights that differ in any digit


class Maker:
    """Makes the encoder of one run, at most once."""

    def __init__(
        self,
        request: Request,
        planned: Run,
        corpus: Corpus | None,
        reporter: Reporter,
        corpus_spec: specs.CorpusBase | None = None,
    ) -> None:
        self._request, self._run, self._reporter, self._corpus_spec = request, planned, reporter, corpus_spec
        spec = planned.model.spec
        self.uses_corpus = corpus is not None and (planned.recipe is not None or isinstance(spec, specs.StaticModel))
        self._corpus = corpus if self.uses_corpus else None
        self.corpus_digest = self._corpus.digest if self._corpus else None
        self.origin = self._origin(spec)
        self.record: dict[str, Any] | None = None
        self._encoder: Encoder | None = None

    @property
    def needs_training(self) -> bool:
        """Whether a recipe asks for an encoder that is not kept yet."""
        return self._run.training is not None and not (self._trained_folder / RECORD).is_file()

    def encoder(self, task: specs.TaskBase) -> Encoder:
        """The encoder as it is used on `task`, made now if it is not there yet."""
        return self.told(task.instruction, task.name)

    def told(self, sentence: str, asked_by: str) -> Encoder:
        """The encoder with a sentence in its prompts, where they take one; made now if it is not there yet."""
        if self._encoder is None:
            self._encoder = self._make()
        if isinstance(self._encoder, SentenceEncoder):
            return self._encoder.instructed(sentence, asked_by)
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
            "training": self._run.training.identity(),
            **({"arithmetic": ARITHMETIC} if isinstance(spec, specs.SentenceModel) else {}),
            "corpus": self.corpus_digest,
            **self._lexicons(self._run.recipe),
        }

    def _lexicons(self, recipe: specs.Recipe) -> dict[str, str]:
        """What words are replaced by, where they are."""
        if not recipe.mix.codeswitch:
            return {}
        assert self._corpus and self._corpus.lexicons
        return {"lexicons": self._corpus.lexicons.digest()}

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
        base = self._base()
        if self._run.training is None:
            return SentenceEncoder(base, self._request.loading)
        folder, length = self._trained_folder, self._length
        if self.needs_training:
            self.train()
        self.record = read_record(folder)["training"]
        trained = base.model_copy(
            update={
                "hub": "",
                "revision": "",
                "folder": str(folder),
                "max_length": length,
            }
        )
        return SentenceEncoder(trained, self._request.loading, self._run.training.prompts)

    @property
    def _length(self) -> int | None:
        training = self._run.training
        return (training.max_length if training else None) or self._run.model.spec.max_length

    @property
    def _trained_folder(self) -> Path:
        return self._folder(self.origin, self._run.recipe_name)

    def _base(self) -> specs.SentenceModel:
        """What is trained, or scored as it is."""
        spec = self._run.model.spec
        base = self._static(spec) if isinstance(spec, specs.StaticModel) else spec
        assert isinstance(base, specs.SentenceModel)
        return base

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

    def train(self) -> None:
        """Train the encoder, in all processes, and keep it. Raises TrainingError or EncoderError."""
        from xbench.training.streams import make_streams
        from xbench.training.trainer import Course, train

        run, request = self._run, self._request
        assert run.recipe and run.training and self._corpus and self._corpus_spec
        settings = run.training.model_copy(update={"max_length": self._length})
        with request.processes.leader_first():
            streams = make_streams(self._corpus, run.recipe, settings, run.seed)
            limited = self._base().model_copy(update={"max_length": settings.max_length})
            model = load_model(pinned(limited, request.loading), request.loading)
        around = self._surroundings()
        record = train(Course(model, self._corpus, streams, settings, run.seed, f"train {run.label}"), around)
        model.prompts = settings.prompts.model_dump()
        with request.processes.together():
            if request.processes.leads:
                about = run.recipe, run.training, self._corpus_spec, run.seed, request.command
                made = made_by(run.model.spec, *about)
                keep(model, self._trained_folder, {"origin": self.origin, "training": record, "made": made})
                assert around.checkpoints
                around.checkpoints.remove()

    def add_scores(self, results: list[Result]) -> None:
        """Put what was scored into the card of an encoder that was trained."""
        if self._run.training is not None:
            add_scores(self._trained_folder, results)

    def _surroundings(self) -> Surroundings:
        from xbench.training.checkpoints import Checkpoints
        from xbench.training.trainer import Surroundings

        name, request = self._trained_folder.name, self._request
        checkpoints = Checkpoints(request.storage.cache / "checkpoints" / name, digest(self.origin), self._run.seed)
        tracks = request.out / "tracks" / name
        return Surroundings(self._reporter, request.processes, checkpoints, request.trackers, tracks)
