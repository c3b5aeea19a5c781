"""One encoder on one task, measured: what was worked on, how long, and what follows for the gap."""

from __future__ import annotations

from pathlib import Path

import pytest
from facts_request import Listener, request
from test_encoder_job import job_of

from xbench.jobs.encoder_job import EncoderJob
from xbench.jobs.inputs import read_tasks
from xbench.jobs.plan import make_plan
from xbench.jobs.request import Request
from xbench.jobs.scoring import Measurement, measure


def measured(asked: Request, job: EncoderJob | None = None) -> Measurement:
    plan = make_plan(asked)
    (collection,) = read_tasks(plan, asked).values()
    return measure(job or job_of(asked), plan.tasks[0].spec, collection)


def test_vectors_that_are_kept_are_not_worked_on_again_and_give_the_same_numbers(tmp_path: Path) -> None:
    first, second = (measured(request(tmp_path)) for _ in range(2))
    assert first.encoded == {"queries": 474, "documents": 474}
    assert second.encoded == {"queries": 0, "documents": 0}
    assert second.scores.scores == first.scores.scores
    assert second.identity == first.identity == {"format": "random", "dimension": 64, "seed": 0}


def test_the_seconds_of_the_stages_add_up(tmp_path: Path) -> None:
    seconds = dict(measured(request(tmp_path)).seconds)
    assert list(seconds) == ["model", "total", "encode", "rank"]
    assert seconds.pop("total") == pytest.approx(sum(seconds.values()), abs=0.003)  # each to the millisecond


def test_every_query_is_ranked_on_one_bar(tmp_path: Path) -> None:
    asked = request(tmp_path, models=("bm25",))
    job = job_of(asked)
    listener = Listener()
    measured(asked, EncoderJob(asked, job.run, job.encoder, job.screening, listener))
    assert listener.bars == [("rank facts", 474, "queries")]


def test_only_what_the_task_asks_for_is_scored(tmp_path: Path) -> None:
    settings = {"task.grid": {"multilingual": False}, "task.metrics": ["RR"]}
    scores = measured(request(tmp_path, settings=settings)).scores.scores
    assert scores.multilingual is None
    assert scores.monolingual is not None and set(scores.monolingual.macro) == {"RR"}


def test_the_gap_of_what_was_not_trained_is_not_split(tmp_path: Path) -> None:
    found = measured(request(tmp_path))
    assert found.gap == found.scores.gap
    assert set(found.gap.pairs) == {"de-en", "en-de"}
    assert (found.gap.trained_on, found.gap.unseen) == ([], {})
