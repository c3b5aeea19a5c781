"""The batches that a run would see, counted before anything is trained: resolve, read, draw, count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from xbench import specs
from xbench.data.download import Storage
from xbench.data.fetches import missing, require_reachable
from xbench.errors import SpecError
from xbench.jobs.inputs import LoadedCorpus
from xbench.jobs.plan import require_lexicons
from xbench.jobs.request import DEFAULT_CORPUS, Overrides
from xbench.jobs.training_settings import training_settings
from xbench.progress import Bar, Reporter
from xbench.specs import registry
from xbench.specs.registry import Entry
from xbench.specs.strict_yaml import Value
from xbench.training.batches import Batch, BatchStream, stream_of
from xbench.training.preview import Composition, LeftOutCounts, compose, word_counter


@dataclass(frozen=True)
class PreviewRequest:
    """`steps`: how many of the first batches, None for all of the recipe; `model`: whose training settings count."""

    recipe: str
    corpus: str | None = None
    model: str | None = None
    steps: int | None = None
    seed: int = 0
    settings: Mapping[str, Value] = field(default_factory=dict)
    storage: Storage = field(default_factory=Storage)


@dataclass(frozen=True)
class Drawing:
    """A recipe with its settings and the corpus that it draws batches from."""

    recipe: specs.Recipe
    training: specs.Training
    corpus: Entry[specs.Corpus]


@dataclass(frozen=True)
class Preview:
    """What is drawn, from what, the counts of `composition.steps` batches, and what in them is no negative.

    `round`: how many batches are counted out at a time, where a recipe says so."""

    drawing: Drawing
    loaded: LoadedCorpus
    composition: Composition
    left_out: LeftOutCounts
    round: int | None = None

    def as_json(self) -> dict[str, object]:
        """Shares by name."""
        counted = {} if self.round is None else {"round": self.round}
        return {**self.composition.as_json(), **counted, "left_out": self.left_out.as_json(self.composition.rows)}


def preview(request: PreviewRequest, reporter: Reporter) -> Preview:
    """Count the batches of a recipe. Raises SpecError, DataError, and TrainingError where they cannot be filled."""
    from xbench.training.corpus_loading import load_corpus

    drawing = plan_drawing(request)
    corpus = drawing.corpus
    require_reachable(missing(corpus, request.storage), request.storage, ", or another corpus with --corpus")
    text = load_corpus(corpus, request.storage)
    stream = stream_of(text, drawing.recipe, drawing.training.batch_size, request.seed)
    stream.check()
    steps = request.steps or drawing.training.steps
    with reporter.bar(f"draw {drawing.recipe.name} from {corpus.spec.name}", steps, "batches") as bar:
        left_out = LeftOutCounts(text, drawing.training, request.seed)
        composition = compose(_batches(stream, steps, bar, left_out), text.languages, word_counter(text, stream))
    counted = stream.schedule.round if stream.schedule else None
    return Preview(drawing, LoadedCorpus(corpus.spec, text), composition, left_out, counted)


def plan_drawing(request: PreviewRequest) -> Drawing:
    """Resolve what a run would draw from. Raises SpecError."""
    overrides, model = Overrides.of(request.settings), request.model
    if overrides.task or (overrides.model and model is None):
        raise SpecError("--set: batches depend on recipe, corpus and training settings, and on a --model's alone")
    recipe = registry.load("recipe", request.recipe, overrides.recipe).spec
    trained = registry.load("model", model, overrides.model).spec if model else specs.ModelBase(name="none")
    corpus = registry.load("corpus", DEFAULT_CORPUS if request.corpus is None else request.corpus, overrides.corpus)
    require_lexicons(recipe, corpus.spec)
    return Drawing(recipe, training_settings(recipe, trained, overrides.training), corpus)


def _batches(stream: BatchStream, steps: int, bar: Bar, left_out: LeftOutCounts) -> Iterator[Batch]:
    for step in range(steps):
        batch = stream[step]
        left_out.add(batch, step)
        yield batch
        bar.advance(1)
