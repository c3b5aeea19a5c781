"""One encoder on one task: its texts encoded, every setting ranked, every number counted. Nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xbench import specs
from xbench.data.collection import Collection
from xbench.jobs.clock import Clock
from xbench.jobs.encoder_job import EncoderJob
from xbench.results.record import Tokens

if TYPE_CHECKING:
    from xbench.evaluation.grid import GridScores
    from xbench.evaluation.ranker import Ranker
    from xbench.evaluation.rankings import Rankings
    from xbench.evaluation.scores import Gap


@dataclass(frozen=True)
class Measurement:
    """What was measured, on what and by what. `encoded`: texts that were worked on, by role. `seconds`: of each
    stage."""

    scores: GridScores
    gap: Gap
    tokens: Tokens
    identity: Mapping[str, object]
    encoded: Mapping[str, int]
    seconds: Mapping[str, float]
    ranker: Ranker


def measure(job: EncoderJob, task: specs.Task, collection: Collection) -> Measurement:
    """Encode, rank and score one task. Raises EncoderError for vectors that cannot be scored."""
    from xbench.encoders.vectors import token_statistics

    clock = Clock()
    preparation = job.preparation(task)
    clock.lap("model")
    prepared = preparation.prepare(collection)
    clock.lap("encode")
    with job.reporter.bar(f"rank {task.name}", sum(map(len, collection.queries.values())), "queries") as bar:
        scores = grid_scores(task, collection, prepared.ranker.rankings(bar.advance))
    clock.lap("rank")
    tokens = Tokens.model_validate(
        {
            "max_length": preparation.max_length,
            "queries": token_statistics(prepared.query_tokens, preparation.max_length),
            "documents": token_statistics(prepared.document_tokens, preparation.max_length),
        }
    )
    gap = _split_gap(job, collection, scores)
    encoded, identity = prepared.encoded, preparation.identity
    return Measurement(scores, gap, tokens, identity, encoded, clock.seconds, prepared.ranker)


def grid_scores(task: specs.Task, collection: Collection, rankings: Rankings) -> GridScores:
    """Every setting of the task's grid from rankings."""
    from xbench.evaluation import grid
    from xbench.metrics import Metric

    rule = grid.ScoringRule(task.grid, tuple(map(Metric.parse, task.metrics)), task.relevance)
    return grid.evaluate_rankings(collection, rankings, rule)


def _split_gap(job: EncoderJob, collection: Collection, scores: GridScores) -> Gap:
    """The gap, split by the languages that an encoder was trained on; as it is for one that was not trained."""
    from xbench.evaluation.report import split_by_seen

    corpus, recipe = job.encoder.corpus, job.run.recipe
    if not (corpus and recipe):
        return scores.gap
    sides = (list(collection.queries), list(collection.documents))
    seen = recipe.trains_on(corpus.languages, corpus.lexicons)
    return split_by_seen(scores.gap, scores.scores, sides, seen)
