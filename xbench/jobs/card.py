"""A trained encoder's folder: an ordinary sentence-transformers model, the record of what made it, and its card.

The record (xbench.json) and the card (README.md) are no part of the folder's digest, so scores can be added to both
once they are known and the encoder stays the same. Knows files and results; no model is loaded here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from pydantic import Field

from xbench import __version__, specs
from xbench.errors import EncoderError
from xbench.evaluation.scores import HALVES, Number, OpenPart
from xbench.files import RECORD, whole, whole_folder, write_json
from xbench.metrics import Metric
from xbench.results.record import TrainingRecord
from xbench.results.result import Result
from xbench.results.spec_records import SpecKeys
from xbench.strict_json import strict_json

CARD = "README.md"
UNKNOWN = "unknown"


class Making(OpenPart):
    """What a card says of an encoder's making, without the folders of this machine."""

    model: str
    base_model: str = Field(description="its hub id; empty for a model that is on no hub")
    revision: str
    license: str
    recipe: str
    drawing: SpecKeys = Field(description="how batches were composed")
    corpus: str
    corpus_license: str
    relation: str
    languages: list[str]
    settings: SpecKeys = Field(description="the settings of training")
    similarity: str
    seed: int
    command: str

    @property
    def title(self) -> str:
        """The encoder's name on its card."""
        return f"{self.model}, {self.recipe} batches of {self.corpus}, seed {self.seed}"


class TaskScores(OpenPart):
    """What an encoder reached on one task: macro means of `metric`, and the rank distance."""

    metric: str
    languages: list[str]
    Mo: Number = None
    Cr: Number = None
    Mul: Number = None
    rank_distance: Number = Field(None, alias="rank distance")
    verdict: str
    command: str

    def mean(self, column: str) -> float | None:
        """Mo, Cr or Mul."""
        return {"Mo": self.Mo, "Cr": self.Cr, "Mul": self.Mul}[column]


class EncoderRecord(OpenPart):
    """What is kept beside a trained encoder."""

    origin: SpecKeys = Field({}, description="what makes the encoder, but for the seed")
    training: TrainingRecord
    made: Making | None = None
    scores: dict[str, TaskScores] = Field({}, description="by task")


class Saveable(Protocol):
    """A model that writes itself into a folder."""

    def save_pretrained(self, path: str, *, create_model_card: bool) -> None: ...


def made_by(
    model: specs.ModelBase,
    recipe: specs.Recipe,
    training: specs.Training,
    corpus: specs.CorpusBase,
    seed: int,
    command: str,
) -> Making:
    """What a card says of the encoder that these make."""
    return Making(
        model=model.name,
        base_model=getattr(model, "hub", ""),
        revision=getattr(model, "revision", ""),
        license=model.license,
        recipe=recipe.name,
        drawing=recipe.drawing(),
        corpus=corpus.name,
        corpus_license=corpus.license,
        relation=getattr(corpus, "relation", ""),
        languages=list(recipe.trains_on(corpus.languages, corpus.lexicons)),
        settings=training.identity(),
        similarity=model.similarity,
        seed=seed,
        command=command,
    )


def keep(model: Saveable, folder: Path, record: EncoderRecord) -> None:
    """Write a trained model whole or not at all. Raises XbenchError, and leaves nothing behind."""
    from safetensors import SafetensorError

    try:
        with whole_folder(folder) as temporary:
            model.save_pretrained(str(temporary), create_model_card=False)
            (temporary / RECORD).write_text(json.dumps(record.plain(), indent=1) + "\n", encoding="utf-8")
            (temporary / CARD).write_text(card(record), encoding="utf-8")
    except (OSError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise EncoderError(
            f"cannot write {folder}: {reason}; what was trained up to the last checkpoint is kept: make "
            "room and run again"
        ) from None


def read_record(folder: Path) -> EncoderRecord:
    """The record beside a kept encoder. Raises EncoderError where it is damaged."""
    try:
        record = EncoderRecord.model_validate(strict_json((folder / RECORD).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        record = None
    if record is None or record.training.steps is None:
        raise EncoderError(f"{folder / RECORD}: damaged; delete {folder}, and the encoder is trained again")
    return record


def add_scores(folder: Path, results: Iterable[Result]) -> None:
    """Put what was scored into the record and the card."""
    record = read_record(folder)
    scores = record.scores | {result.task: _scores(result) for result in results}
    if scores == record.scores or record.made is None:
        return
    record.scores = scores
    write_json(folder / RECORD, record.plain())
    with whole(folder / CARD) as temporary:
        temporary.write_text(card(record), encoding="utf-8")


def _scores(result: Result) -> TaskScores:
    scores, metric = result.scores, result.metric
    return TaskScores.model_validate(
        {
            "metric": metric,
            "languages": result.languages,
            **{column: scores.macro(column, metric) for column, half in HALVES.items() if half in scores.halves},
            "rank distance": result.bias.distance.mean,
            "verdict": result.verdict,
            "command": result.provenance.command or "",
        }
    )


def card(record: EncoderRecord) -> str:
    """The model card: front matter that hubs read, then the same for people. Needs no network."""
    made, scores = record.made, record.scores
    assert made is not None
    parts = (
        f"---\n{_front_matter(made, scores)}\n---\n",
        f"# {made.title}\n",
        f"{_origin(made)}\n",
        _use(made),
        _scores_table(scores) if scores else "Not scored yet.\n",
        _making(made, record.training),
    )
    return "\n".join(parts)


def _front_matter(made: Making, scores: Mapping[str, TaskScores]) -> str:
    from huggingface_hub import EvalResult, ModelCardData

    evaluations = [
        EvalResult(
            task_type="information-retrieval",
            dataset_type=task,
            dataset_name=task,
            metric_type=Metric.parse(reached.metric).card,
            metric_name=f"{short} (macro {reached.metric}, {half})",
            metric_value=round(value, 4),
        )
        for task, reached in sorted(scores.items(), key=lambda item: item[0])
        for short, half in HALVES.items()
        if (value := reached.mean(short)) is not None
    ]
    data = ModelCardData(
        language=made.languages,
        license=made.license or made.corpus_license or None,
        library_name="sentence-transformers",
        pipeline_tag="sentence-similarity",
        tags=["sentence-transformers", "cross-lingual-retrieval", "xbench", f"recipe-{made.recipe}"],
        base_model=made.base_model or None,
        datasets=[made.corpus],
        model_name=made.title,
        eval_results=evaluations or None,
    )
    return str(data.to_yaml())


def _origin(made: Making) -> str:
    base = f"{made.base_model} at {made.revision or 'its default revision'}" if made.base_model else "no hub"
    mix = ", ".join(f"{kind} {share:g}" for kind, share in _shares(made.drawing) if share)
    licences = [f"base model: {made.license or UNKNOWN}", f"corpus: {made.corpus_license or UNKNOWN}"]
    return "\n".join(
        (
            f"A text encoder for retrieval across languages, trained by xbench {__version__}.\n",
            f"- base model: {made.model} ({base})",
            f"- recipe: {made.recipe} ({mix})",
            f"- corpus: {made.corpus}, relation {made.relation or UNKNOWN}, {', '.join(made.languages)}",
            f"- seed: {made.seed}",
            f"- licences: {'; '.join(licences)}",
        )
    )


def _shares(drawing: SpecKeys) -> Iterator[tuple[str, float]]:
    """The share of each kind of batch."""
    mix = drawing.get("mix")
    for kind, share in mix.items() if isinstance(mix, dict) else ():
        if isinstance(share, int | float):
            yield kind, share


def _use(made: Making) -> str:
    stored, similarity = made.settings.get("prompts"), made.similarity
    prompts = stored if isinstance(stored, dict) else {}
    return f"""## Use

```python
from sentence_transformers import SentenceTransformer

model = SentenceTransformer("this folder")
queries = model.encode(["..."], prompt={prompts.get("query", "")!r})
documents = model.encode(["..."], prompt={prompts.get("document", "")!r})
```

Similarity: {similarity}.
"""


def _scores_table(scores: Mapping[str, TaskScores]) -> str:
    lines = [
        "## Scores\n",
        "Mo, Cr, Mul: macro mean of the metric, monolingual, cross-lingual, and against the pool of all languages.",
        "Rank distance: language bias, lower is better. Zero-shot: whether the task's data was trained on.\n",
        "| task | languages | metric | Mo | Cr | Mul | rank distance | zero-shot |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for task, reached in sorted(scores.items(), key=lambda item: item[0]):
        shown = [_number(reached.mean(short), 4) for short in HALVES] + [_number(reached.rank_distance, 1)]
        languages = ", ".join(reached.languages)
        lines.append(f"| {task} | {languages} | {reached.metric} | {' | '.join(shown)} | {reached.verdict} |")
    commands = sorted({reached.command for reached in scores.values() if reached.command})
    return "\n".join([*lines, "", *(f"    {command}" for command in commands), ""])


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _making(made: Making, training: TrainingRecord) -> str:
    settings = json.dumps({**made.drawing, **made.settings}, indent=1, ensure_ascii=False)
    command = f"    {made.command}\n\n" if made.command else ""
    return f"""## Training

{command}{training.steps:,} steps of {training.batch_size} rows; {training.units:,} units.

```json
{settings}
```
"""
