"""One run's encoder, made on first use: loaded as it is, built, or trained; and found again when it was made before.

Training is done by all processes of a command together; the first one keeps what comes out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from xbench import specs
from xbench.encoders.base import Encoder
from xbench.encoders.extension_encoder import ExtensionEncoder
from xbench.encoders.model_loading import load_model, pinned
from xbench.encoders.post import Post
from xbench.encoders.python_encoder import PythonEncoder
from xbench.encoders.sentence import SentenceEncoder
from xbench.encoders.static_encoder import StaticEncoder, is_token_table
from xbench.encoders.task_vectors import TaskVectors
from xbench.files import RECORD, digest
from xbench.jobs.announcing import say_loading
from xbench.jobs.card import add_scores, keep, require_intact
from xbench.jobs.encoder_record import EncoderRecord, made_by, read_record
from xbench.jobs.folder_lineage import next_lineage
from xbench.jobs.inputs import LoadedCorpus
from xbench.jobs.origins import base_identity, origin_of, origin_on
from xbench.jobs.plan import Run
from xbench.jobs.rankers import Preparation, TaskVectorsPreparation, TermPreparation, VectorPreparation
from xbench.jobs.request import Request
from xbench.keeping import made_by_one, seal_fault
from xbench.progress import Reporter
from xbench.results.record import TrainingRecord
from xbench.results.result import Result
from xbench.specs.extensions import extension_of
from xbench.zero_shot.lineage import Lineage, Training

if TYPE_CHECKING:
    from xbench.training.checkpoints import Checkpoints
    from xbench.training.trainer import Surroundings


class PreparedEncoder:
    """The encoder of one run; `loaded` is the corpus of its plan, which it may be made from."""

    def __init__(self, request: Request, run: Run, loaded: LoadedCorpus | None, reporter: Reporter) -> None:
        self._request, self._run, self._reporter = request, run, reporter
        made_from = run.recipe is not None or isinstance(run.model.spec, specs.StaticModel)
        self._loaded = loaded if made_from else None
        self._corpus = self._loaded.text if self._loaded else None
        self.origin = origin_of(run, self._corpus, request.loading)
        self.record: TrainingRecord | None = None
        self._encoder: Encoder | None = None

    @property
    def corpus(self) -> specs.CorpusBase | None:
        """The corpus that the encoder is made from, if any."""
        return self._loaded.spec if self._loaded else None

    @property
    def corpus_digest(self) -> str | None:
        """What names the text of that corpus."""
        return self._corpus.digest if self._corpus else None

    @property
    def needs_training(self) -> bool:
        """Whether a recipe asks for an encoder that is not kept yet."""
        return self._run.training is not None and not (self.trained_folder / RECORD).is_file()

    @property
    def trained_folder(self) -> Path:
        """Where the encoder is kept once it is trained."""
        return self._folder(self.origin, self._run.recipe_name)

    def made_by_one(self, asked: bool) -> AbstractContextManager[None]:
        """A block that one command of this machine at a time is in, of all that train this encoder; for the first
        process of each command, and where training is asked for at all."""
        if not asked or self._run.training is None:
            return nullcontext()
        return made_by_one(self.trained_folder, self._reporter.say)

    def encoder(self, task: specs.TaskBase) -> Encoder:
        """The encoder as it is used on `task`, made now if it is not there yet."""
        return self.instructed(task.instruction, task.name)

    def instructed(self, sentence: str, asked_by: str) -> Encoder:
        """The encoder with a sentence in its prompts, where they take one; made now if it is not there yet."""
        if self._encoder is None:
            self._encoder = self._make()
        if isinstance(self._encoder, SentenceEncoder | PythonEncoder):
            return self._encoder.instructed(sentence, asked_by)
        return self._encoder

    def origin_on(self, task: specs.TaskBase) -> dict[str, object]:
        """What makes the vectors of `task`."""
        return origin_on(task, self._run, self.origin)

    def preparation(self, task: specs.TaskBase, post: Post | None) -> Preparation:
        """What prepares the ranker of `task` for this run; `post` is what is taken from vectors."""
        spec = self._run.model.spec
        if isinstance(spec, specs.LexicalModel):
            return TermPreparation(spec, self._reporter)
        if self._run.program_model and isinstance(self._run.program_model.encoder, TaskVectors):
            return TaskVectorsPreparation(self._run.program_model.spec, self._run.program_model.encoder)
        return VectorPreparation(self.encoder(task), post, self._request.storage.cache, self._reporter)

    def require_kept(self) -> None:
        """Raise EncoderError where the kept encoder is not what was written; drop checkpoints that it made needless."""
        require_intact(self.trained_folder, self._reporter.say)
        self._checkpoints().remove()

    def add_scores(self, results: Iterable[Result]) -> None:
        """Put what was scored into the card of an encoder that was trained."""
        if self._run.training is not None:
            add_scores(self.trained_folder, results)

    def train(self) -> None:
        """Train the encoder, in all processes, and keep it. Raises TrainingError or EncoderError."""
        from xbench.training.streams import make_streams
        from xbench.training.trainer import Course, train

        run, request = self._run, self._request
        assert run.recipe and run.training and self._loaded
        lineage = self._lineage()
        settings = run.training.model_copy(update={"max_length": self._length})
        with request.processes.leader_first():
            streams = make_streams(self._loaded.text, run.recipe, settings, run.seed)
            limited = self._base().model_copy(update={"max_length": settings.max_length})
            say_loading(self._reporter)
            model = load_model(pinned(limited, request.loading), request.loading)
        surroundings = self._surroundings()
        course = Course(model, self._loaded.text, streams, settings, run.seed, f"train {run.label}")
        record = train(course, surroundings)
        model.prompts = settings.prompts.model_dump()
        with request.processes.together():
            if request.processes.leads:
                about = run.recipe, run.training, self._loaded.spec, run.seed, request.command
                made = made_by(run.model.spec, *about)
                stored = EncoderRecord(origin=self.origin, training=record, made=made, lineage=lineage)
                keep(model, self.trained_folder, stored)
                self._checkpoints().remove()

    def _lineage(self) -> Lineage:
        """What the encoder will have been trained on; the keys of the corpus that were set, and no defaults."""
        run, loaded = self._run, self._loaded
        assert run.recipe and loaded
        corpus = loaded.spec.model_dump(mode="json", by_alias=True, exclude_unset=True)
        training = {"recipe": run.recipe.name, "corpus": corpus, "corpus_sha256": loaded.text.digest, "seed": run.seed}
        return next_lineage(run.model.spec, Training.model_validate_json(json.dumps(training)))

    def _make(self) -> Encoder:
        from xbench.encoders.chance import RandomEncoder

        spec, loading = self._run.model.spec, self._request.loading
        if isinstance(spec, specs.RandomModel):
            return RandomEncoder(spec, self._run.seed)
        if self._run.program_model and not isinstance(self._run.program_model.encoder, TaskVectors):
            return self._run.program_model.encoder
        if not isinstance(spec, specs.SentenceModel | specs.StaticModel):
            return ExtensionEncoder(spec, extension_of("model", spec), loading.device)
        base = self._base()
        if self._run.training is None:
            return self._opened(base)
        if self.needs_training:
            self.train()
        self.require_kept()
        self.record = read_record(self.trained_folder).training
        place = {"hub": "", "revision": "", "folder": str(self.trained_folder), "max_length": self._length}
        return self._opened(base.model_copy(update=place), self._run.training.prompts)

    def _opened(self, spec: specs.SentenceModel, prompts: specs.Prompts | None = None) -> SentenceEncoder:
        """The encoder of a model that is there: by the library, where it has to be."""
        loading = self._request.loading
        if is_token_table(spec, loading):
            return StaticEncoder(spec, prompts)
        say_loading(self._reporter)
        return SentenceEncoder(spec, loading, prompts)

    @property
    def _length(self) -> int | None:
        training = self._run.training
        return (training.max_length if training else None) or self._run.model.spec.max_length

    def _base(self) -> specs.SentenceModel:
        """What is trained, or scored as it is."""
        spec = self._run.model.spec
        base = self._static(spec) if isinstance(spec, specs.StaticModel) else spec
        assert isinstance(base, specs.SentenceModel)
        return base

    def _folder(self, origin: dict[str, object], recipe: str) -> Path:
        name = f"{self._run.model.spec.name}-{recipe}-{digest(origin)[:12]}-seed-{self._run.seed}"
        return self._request.storage.cache / "encoders" / name

    def _static(self, spec: specs.StaticModel) -> specs.SentenceModel:
        """The untrained static model of this run's seed, as an ordinary folder."""
        from xbench.encoders.static import build_static, tokenizer_file

        assert self._corpus is not None
        folder = self._folder(base_identity(spec, self._corpus, self._request.loading), "untrained")
        with made_by_one(folder):
            fault = seal_fault(folder)
            if fault and folder.is_dir():
                self._reporter.say(f"{folder}: {fault}; it is made again")
            if fault:
                with self._reporter.bar("train tokenizer", 1, "corpus") as bar:
                    cache = self._request.storage.cache
                    tokenizer = tokenizer_file(spec, self._corpus.digest, self._corpus.texts, cache)
                    bar.advance()
                say_loading(self._reporter)
                build_static(spec, tokenizer, self._corpus.texts, self._run.seed, folder)
        return specs.SentenceModel(
            name=spec.name,
            format="sentence",
            folder=str(folder),
            prompts=spec.prompts,
            instruction=spec.instruction,
            similarity=spec.similarity,
        )

    def _checkpoints(self) -> Checkpoints:
        from xbench.training.checkpoints import Checkpoints

        folder = self._request.storage.cache / "checkpoints" / self.trained_folder.name
        return Checkpoints(folder, digest(self.origin), self._run.seed)

    def _surroundings(self) -> Surroundings:
        from xbench.training.trainer import Surroundings

        request, tracks = self._request, self._request.out / "tracks" / self.trained_folder.name
        return Surroundings(self._reporter, request.processes, self._checkpoints(), request.trackers, tracks)
