"""What was measured, as the result that is filed: numbers beside everything that they follow from.

The only place that knows both how a run was made and what a result file holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import JsonValue

from xbench import specs
from xbench.data.collection import Collection, Texts
from xbench.jobs.encoder_job import EncoderJob
from xbench.jobs.scoring import Measurement
from xbench.results.provenance import EncodedTexts, provenance
from xbench.results.record import TextCounts
from xbench.results.result import Result
from xbench.specs.parts import Spec


def result_of(job: EncoderJob, task: specs.Task, collection: Collection, measured: Measurement) -> Result:
    """The result of one encoder on one task."""
    corpus, scores = job.encoder.corpus, measured.scores
    return Result(
        task=task.name,
        model=job.run.model.spec.name,
        recipe=job.run.recipe_name,
        corpus=corpus.name if corpus else None,
        seed=job.run.seed,
        digest=job.key(task, collection),
        languages=list(collection.queries),
        metrics=list(task.metrics),
        counts=TextCounts(queries=_sizes(collection.queries), documents=_sizes(collection.documents)),
        scores=scores.scores,
        bias=scores.bias,
        gap=measured.gap,
        pooling=scores.pooling,
        zero_shot=job.screening.record(job.run, task),
        tokens=measured.tokens,
        training=job.encoder.record,
        specs=_specs(job, task),
        timings=dict(measured.seconds),
        provenance=provenance(
            job.request.command,
            encoder=measured.identity,
            post=job.post.origin if job.post else None,
            collection_sha256=collection.digest,
            corpus_sha256=job.encoder.corpus_digest,
            encoded=EncodedTexts.model_validate(measured.encoded),
            notes=collection.notes,
        ),
    )


def _specs(job: EncoderJob, task: specs.Task) -> dict[str, JsonValue]:
    """The resolved specs, without the folders of this machine."""
    return {
        "task": _plain(task),
        "model": _without_folders(job.post.model if job.post else job.run.model.spec),
        "recipe": _plain(job.run.recipe),
        "training": _plain(job.run.training),
        "corpus": _plain(job.encoder.corpus),
    }


def _without_folders(model: specs.ModelBase) -> JsonValue:
    """A model's spec, its files by their names alone."""
    plain: dict[str, JsonValue] = model.model_dump(mode="json", by_alias=True)
    for section, key in ((plain, "folder"), (plain.get("tokens"), "tokenizer")):
        if isinstance(section, dict) and isinstance(place := section.get(key), str) and place:
            section[key] = Path(place).name
    return plain


def _plain(spec: Spec | None) -> JsonValue:
    plain: JsonValue = spec.model_dump(mode="json", by_alias=True) if spec else None
    return plain


def _sizes(texts: Mapping[str, Texts]) -> dict[str, int]:
    return {language: len(written) for language, written in texts.items()}
