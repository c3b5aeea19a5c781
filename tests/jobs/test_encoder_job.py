"""One encoder's part of a request: the key of its results, and where they are filed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from facts_request import request

from xbench.encoders.post import Post
from xbench.jobs.encoder_job import EncoderJob
from xbench.jobs.inputs import read_tasks
from xbench.jobs.plan import make_plan
from xbench.jobs.prepared_encoder import PreparedEncoder
from xbench.jobs.request import Request
from xbench.jobs.screening import Screening
from xbench.progress import Silent
from xbench.specs import registry
from xbench.training.corpus_loading import load_corpus


def job_of(asked: Request) -> EncoderJob:
    plan, silent = make_plan(asked), Silent()
    encoder = PreparedEncoder(asked, plan.runs[0], None, silent)
    return EncoderJob(asked, plan.runs[0], encoder, Screening(plan, asked, silent), silent)


def key_of(asked: Request, job: EncoderJob | None = None) -> str:
    plan = make_plan(asked)
    (collection,) = read_tasks(plan, asked).values()
    return (job or job_of(asked)).key(plan.tasks[0].spec, collection)


@pytest.mark.parametrize(
    "changes",
    [
        {"seeds": (3,)},
        {"out": Path("elsewhere")},
        {"command": "typed in another way"},
        {"allow_contaminated": True},
        {"languages": ("en", "de")},
        {"settings": {"task.title": "Other", "task.description": "Other", "model.title": "Other"}},
    ],
    ids=str,
)
def test_what_changes_no_number_changes_no_key(changes: dict[str, Any], tmp_path: Path) -> None:
    assert key_of(request(tmp_path, **changes)) == key_of(request(tmp_path))


def test_what_is_taken_from_the_vectors_is_part_of_the_key(tmp_path: Path) -> None:
    corpus = load_corpus(registry.load("corpus", "facts", {"kinds": ["first-day"]}), request(tmp_path).storage)
    job = job_of(request(tmp_path))
    models = [
        job.run.model.spec.model_copy(update={"post": "lir", "post_rank": rank, "post_corpus": "facts"})
        for rank in (1, 2)
    ]
    jobs = [job, *(replace(job, post=Post(model, corpus)) for model in models)]
    assert len({key_of(request(tmp_path), each) for each in jobs}) == 3


def test_results_lie_by_task_model_and_recipe_and_are_named_by_key_and_seed(tmp_path: Path) -> None:
    asked = request(tmp_path, seeds=(3,))
    plan = make_plan(asked)
    (collection,) = read_tasks(plan, asked).values()
    key = key_of(asked)
    name = f"{key[:12]}-seed-3.json"
    assert job_of(asked).path(plan.tasks[0].spec, collection) == Path("out/facts/random/none") / name
