"""When a run is refused for what its encoder saw, and what a result keeps of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from facts_request import Listener, request, training

from xbench.errors import SpecError
from xbench.jobs.inputs import read_corpus, read_tasks
from xbench.jobs.plan import make_plan
from xbench.jobs.request import Request
from xbench.jobs.screening import Screening
from xbench.progress import Silent

SAME = {"corpus.kinds": ["official-language"], "corpus.derived_from": []}


def compared(asked: Request) -> tuple[Screening, Listener]:
    """The screening of a request whose texts were compared, and what it said."""
    plan, listener = make_plan(asked), Listener()
    screening = Screening(plan, asked, listener)
    screening.compare(read_tasks(plan, asked), read_corpus(plan, asked))
    return screening, listener


def test_a_declaration_alone_refuses_a_run_before_anything_is_read(tmp_path: Path) -> None:
    asked = request(tmp_path, settings={"model.trained_on": ["cldr:official-language"]})
    with pytest.raises(SpecError, match=r"contaminated: .*; leave one out, .* with --allow-contaminated"):
        Screening(make_plan(asked), asked, Silent())


def test_what_is_allowed_is_scored_and_marked(tmp_path: Path) -> None:
    settings = {"model.trained_on": ["cldr:official-language"]}
    asked = request(tmp_path, settings=settings, allow_contaminated=True)
    screening, listener = compared(asked)
    (run,), (task,) = make_plan(asked).runs, make_plan(asked).tasks
    record = screening.record(run, task.spec)
    assert record.verdict == "contaminated" and record.overlap is None  # it was declared; no corpus was compared
    (line,) = listener.lines
    assert line.startswith("facts, random: contaminated: ")


def test_a_verdict_that_two_seeds_share_is_said_once_and_kept_with_the_overlap(tmp_path: Path) -> None:
    asked = training(tmp_path, seeds=(0, 1))
    screening, listener = compared(asked)
    (line,) = listener.lines
    assert line.startswith("facts, static trained on facts: in-domain: ")
    plan = make_plan(asked)
    for run in plan.runs:
        record = screening.record(run, plan.tasks[0].spec)
        assert record.verdict == "in-domain" and record.overlap is not None
        assert record.overlap.units["questions"].copied == 0


def test_a_corpus_that_only_gave_a_tokenizer_trained_nothing(tmp_path: Path) -> None:
    untrained = request(tmp_path, models=("static",), corpus="facts", settings={"corpus.kinds": ["official-language"]})
    screening, _ = compared(untrained)
    plan = make_plan(untrained)
    assert screening.record(plan.runs[0], plan.tasks[0].spec).verdict == "zero-shot"
