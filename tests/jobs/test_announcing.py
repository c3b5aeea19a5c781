"""What a run says before it works: how many encoders, on what, and where results go; each thing once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from facts_request import Listener, request, training

from xbench.jobs.agreement import agreed_plan
from xbench.jobs.announcing import announce, say_left_out, say_run_files, say_what_was_read
from xbench.jobs.inputs import read_corpus, read_tasks
from xbench.jobs.plan import make_plan
from xbench.jobs.request import Request
from xbench.results.run_files import Wanted


def announced(asked: Request) -> list[str]:
    listener = Listener()
    announce(make_plan(asked), asked, listener)
    return listener.lines


def test_one_encoder_as_it_is_is_one_line(tmp_path: Path) -> None:
    assert announced(request(tmp_path)) == ["score 1 encoder on facts; results in out"]


def test_the_steps_of_two_trainings_are_added(tmp_path: Path) -> None:
    assert announced(training(tmp_path, seeds=(0, 1))) == [
        "prompts of static x hybrid: query none, document none",
        "train 2 encoders on facts, 14 steps in all; what is kept is not trained again",
        "score 2 encoders on facts; results in out",
    ]


def test_without_a_task_nothing_is_scored(tmp_path: Path) -> None:
    asked = training(tmp_path, tasks=(), languages=(), settings={"steps": 2000})
    assert [line for line in announced(asked) if not line.startswith("prompts")] == [
        "train 1 encoder on facts, 2,000 steps in all; what is kept is not trained again"
    ]


def test_what_a_corpus_asks_its_users_to_know_comes_first(tmp_path: Path) -> None:
    lines = announced(training(tmp_path, settings={"corpus.notice": "for research alone"}))
    assert lines[0] == "corpus: for research alone"


def test_a_reason_that_two_seeds_share_is_said_once(tmp_path: Path) -> None:
    listener = Listener()
    plan = agreed_plan(request(tmp_path, models=("static", "random"), seeds=(0, 1)))
    assert sorted(plan.unusable) == ["static x none, seed 0", "static x none, seed 1"]
    say_left_out(plan, listener)
    (line,) = listener.lines
    assert line.startswith("left out: model static: its tokenizer is made from a corpus")


def test_what_was_read_is_said_of_tasks_and_then_of_the_corpus(tmp_path: Path) -> None:
    asked, listener = training(tmp_path), Listener()
    plan = make_plan(asked)
    collections = read_tasks(plan, asked)
    say_what_was_read(plan, collections, read_corpus(plan, asked), listener)
    say_what_was_read(plan, collections, None, listener)
    task = "task facts: 2 languages, 474 queries, 474 documents"
    assert listener.lines == [task, "corpus facts: 148 units, relation qa", task]


@pytest.mark.parametrize(
    ("wanted", "changes", "says"),
    [
        (Wanted(("all",), 100), {}, "6 runs and their qrels beside each result, 142,200 lines, about 2 MB"),
        (Wanted(("all",), None), {}, "6 runs and their qrels beside each result, 449,352 lines, about 5 MB"),
        (
            Wanted(("de-en", "en-pool"), 10),
            {},
            "2 runs and their qrels beside each result, 4,740 lines, less than 1 MB",
        ),
        (Wanted(("all",), 10), {"task.grid.multilingual": False}, "4 runs and their qrels beside each result, 9,480"),
        (
            Wanted(("all",), 10),
            {"task.grid.cross-lingual": "en-x"},
            "5 runs and their qrels beside each result, 11,850",
        ),
    ],
)
def test_run_files_are_said_with_their_size_before_they_are_written(
    tmp_path: Path, wanted: Wanted, changes: dict[str, Any], says: str
) -> None:
    asked, listener = request(tmp_path, runs=wanted, settings=changes), Listener()
    plan = make_plan(asked)
    say_run_files(plan, asked.runs, read_tasks(plan, asked), listener)
    (line,) = listener.lines
    assert line.startswith(f"--save-run on facts: {says}")
    say_run_files(plan, None, read_tasks(plan, asked), listener)
    assert listener.lines == [line]
