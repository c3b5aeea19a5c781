"""A trained encoder's folder: an ordinary sentence-transformers model, the record of what made it, and its card.

The record (xbench.json) and the card (README.md) are no part of the folder's digest, so scores can be added to both
once they are known and the encoder stays the same. Knows files and results; no model is loaded here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from xbench import __version__
from xbench.errors import EncoderError, XbenchError
from xbench.evaluation.scores import HALVES
from xbench.files import RECORD, folder_digest, whole, whole_folder, write_json
from xbench.jobs.encoder_record import EncoderRecord, Making, TaskScores, read_record
from xbench.keeping import SEAL, seal, seal_fault
from xbench.metrics import Metric
from xbench.results.record import TrainingRecord
from xbench.results.result import Result
from xbench.results.spec_records import SpecKeys
from xbench.zero_shot.lineage import Training

CARD = "README.md"
UNKNOWN = "unknown"


class Saveable(Protocol):
    """A model that writes itself into a folder."""

    def save_pretrained(self, path: str, *, create_model_card: bool) -> None: ...


def keep(model: Saveable, folder: Path, record: EncoderRecord) -> None:
    """Write a trained model whole or not at all. Raises XbenchError, and leaves nothing behind."""
    from safetensors import SafetensorError

    try:
        with whole_folder(folder) as temporary:
            model.save_pretrained(str(temporary), create_model_card=False)
            kept = record.sealed(temporary)
            (temporary / RECORD).write_text(json.dumps(kept.plain(), indent=1) + "\n", encoding="utf-8")
            (temporary / CARD).write_text(card(record), encoding="utf-8")
            seal(temporary, folder.name)
    except (OSError, SafetensorError, XbenchError) as error:
        reason = getattr(error, "strerror", None) or str(error).removeprefix(f"cannot write {folder}: ")
        raise EncoderError(
            f"cannot write {folder}: {reason}; what was trained up to the last checkpoint is kept: make "
            "room and run again"
        ) from None


def require_intact(folder: Path, say: Callable[[str], None]) -> None:
    """Raise EncoderError where a kept encoder is not what was written, or its record is that of another. One that
    was kept before there were seals is sealed as it is, and that is said."""
    if not (folder / SEAL).is_file():
        say(f"{folder}: kept before there were seals, so what was written cannot be checked; it is sealed as it is")
        seal(folder, folder.name)
    if fault := seal_fault(folder):
        raise EncoderError(f"{folder}: damaged encoder ({fault}); delete the folder, and it is trained again")
    if read_record(folder).folder_sha256 not in (None, folder_digest(folder)):
        raise EncoderError(
            f"{folder / RECORD}: the record of another encoder; delete {folder}, and it is trained again"
        )


def add_scores(folder: Path, results: Iterable[Result]) -> None:
    """Put what was scored into the record and the card."""
    record = read_record(folder)
    scores = record.scores | {result.task: _scores(result) for result in results}
    if scores == record.scores or record.made is None:
        return
    record = record.with_scores(scores)
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
        f"---\n{_front_matter(made, scores, _before(record))}\n---\n",
        f"# {made.title}\n",
        f"{_origin(made, _before(record))}\n",
        _use(made),
        _scores_table(scores) if scores else "Not scored yet.\n",
        _making(made, record.training),
    )
    return "\n".join(parts)


def _before(record: EncoderRecord) -> Sequence[Training]:
    """The trainings before the one that the card is of, first to last."""
    return record.lineage.trainings[:-1] if record.lineage else ()


def _front_matter(made: Making, scores: Mapping[str, TaskScores], before: Sequence[Training]) -> str:
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
        datasets=list(dict.fromkeys([*(training.corpus.name for training in before), made.corpus])),
        model_name=made.title,
        eval_results=evaluations or None,
    )
    return str(data.to_yaml())


def _origin(made: Making, before: Sequence[Training]) -> str:
    base = f"{made.base_model} at {made.revision or 'its default revision'}" if made.base_model else "no hub"
    mix = ", ".join(f"{kind} {share:g}" for kind, share in _shares(made.drawing) if share)
    licences = [f"base model: {made.license or UNKNOWN}", f"corpus: {made.corpus_license or UNKNOWN}"]
    return "\n".join(
        (
            f"A text encoder for retrieval across languages, trained by xbench {__version__}.\n",
            f"- base model: {made.model} ({base})",
            *(f"- trained before: {training}" for training in before),
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
