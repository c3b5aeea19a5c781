"""How a request ends: what failed is left out and said, and every other error says which results are kept."""

from __future__ import annotations

import gc
import sys
import weakref
from pathlib import Path
from typing import Any

import pytest
from facts_request import Listener, request

from xbench import cli
from xbench.errors import EncoderError, TrainingError, XbenchError
from xbench.jobs import run as main_job
from xbench.jobs.outcome import Outcome, PartlyDone
from xbench.jobs.plan import make_plan
from xbench.jobs.run import run
from xbench.processes import Terminated

OTHER = "name: other\nlanguages: [en, de]\nformat: facts\noptions: {kinds: [currency]}\n"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("other.yaml").write_text(OTHER)


def failing_on_the_second_task(kind: type[BaseException], text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    measure = main_job.measure

    def measured(job: Any, task: Any, collection: Any) -> Any:
        if task.name == "other" and job.run.model.spec.name == "random":
            raise kind(text)
        return measure(job, task, collection)

    monkeypatch.setattr(main_job, "measure", measured)


def filed() -> list[Path]:
    return sorted(Path("out").rglob("*.json"))


@pytest.mark.parametrize("kind", [EncoderError, TrainingError])
def test_an_error_after_a_result_says_what_is_filed_and_where(
    kind: type[XbenchError], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing_on_the_second_task(kind, "no", monkeypatch)
    with pytest.raises(kind) as told:
        run(request(tmp_path, tasks=("facts", "other.yaml")), Listener())
    assert str(told.value) == "no (1 result is filed under out; the same command goes on after it)"
    assert list(told.value.paths) == filed() and len(filed()) == 1
    with pytest.raises(kind, match=r"^no$") as told:
        run(request(tmp_path, tasks=("other.yaml",)), Listener())
    assert told.value.paths == ()


@pytest.mark.parametrize("kind", [KeyboardInterrupt, MemoryError])
def test_whatever_else_ends_a_run_carries_it_as_a_note(
    kind: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing_on_the_second_task(kind, "", monkeypatch)
    with pytest.raises(kind) as told:
        run(request(tmp_path, models=("bm25", "random"), tasks=("facts", "other.yaml")), Listener())
    assert told.value.__notes__ == ["3 results are filed under out; the same command goes on after them"]


def test_a_model_that_fails_midway_is_left_out_and_the_others_are_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing_on_the_second_task(EncoderError, "model random: no", monkeypatch)
    listener = Listener()
    with pytest.raises(PartlyDone, match=r"^left out, the others are done: model random: no$") as told:
        run(request(tmp_path, models=("random", "bm25"), tasks=("facts", "other.yaml")), listener)
    assert "left out: model random: no" in listener.lines
    assert sorted(told.value.paths) == filed() and len(filed()) == 3


def test_what_is_left_out_is_not_held_in_memory(tmp_path: Path) -> None:
    asked = request(tmp_path, seeds=(0, 1))
    plan = make_plan(asked)
    held: list[weakref.ref[Listener]] = []

    def fail() -> None:
        encoder = Listener()
        held.append(weakref.ref(encoder))
        raise EncoderError("no")

    outcome = Outcome(plan, asked.out)
    with outcome.of(plan.runs[0], Listener()):
        fail()
    gc.collect()
    assert held[0]() is None


def test_where_every_model_fails_each_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def measured(job: Any, *_: Any) -> Any:
        raise EncoderError(f"{job.run.label}: no")

    monkeypatch.setattr(main_job, "measure", measured)
    with pytest.raises(EncoderError, match=r"^random x none, seed 0: no; random x none, seed 1: no$"):
        run(request(tmp_path, seeds=(0, 1)), Listener())
    assert not filed()


@pytest.mark.parametrize(
    ("kind", "code", "says"),
    [
        (KeyboardInterrupt, 130, "xbench: interrupted; finished results are kept, nothing is half-written"),
        (Terminated, 143, "xbench: asked to end; no"),
        (MemoryError, 1, "xbench: failed: MemoryError: no (--debug shows where)"),
        (TrainingError, 2, "xbench: no"),
    ],
)
def test_the_command_ends_with_a_line_that_says_what_is_filed(
    kind: type[BaseException], code: int, says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing_on_the_second_task(kind, "no", monkeypatch)
    monkeypatch.setenv("XBENCH_CACHE", "cache")
    line = "run --model random --task facts --task other.yaml --languages de,en --out out"
    monkeypatch.setattr(sys, "argv", ["xbench", *line.split()])
    monkeypatch.setattr(cli, "end_in_order", lambda: None)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == code
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == f"{says} (1 result is filed under out; the same command goes on after it)"
