"""What a plan promises: every run checked before any work, and one plan for all processes."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_run import request

from xbench.encoders.model_loading import Loading
from xbench.errors import EncoderError, SpecError, XbenchError
from xbench.jobs.agreement import agreed_plan
from xbench.jobs.announcing import say_loading
from xbench.jobs.plan import make_plan
from xbench.processes import Processes
from xbench.progress import Numbered, Silent


class Words(Silent):
    """Remembers what is said, and the labels of bars."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)

    def bar(self, label: str, total: int, unit: str = "") -> Any:
        self.lines.append(label)
        return super().bar(label, total, unit)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_an_unusable_run_is_left_out_with_what_it_alone_needs(tmp_path: Path) -> None:
    asked = request(tmp_path, models=("random", "bm25"), recipes=("none", "hybrid"), corpus="facts")
    with pytest.raises(SpecError, match="model random cannot be trained"):
        agreed_plan(replace(asked, recipes=("hybrid",)))
    plan = agreed_plan(asked)
    assert [run.label for run in plan.runs] == ["random x none, seed 0", "bm25 x none, seed 0"]
    assert plan.corpus is None and len(plan.unusable) == 2
    mixed = agreed_plan(replace(asked, models=("random", "static")))
    assert [run.label for run in mixed.runs] == [
        "random x none, seed 0",
        "static x none, seed 0",
        "static x hybrid, seed 0",
    ]
    assert mixed.corpus is not None


def test_a_folder_that_holds_no_model_is_left_out_and_alone_is_an_error_of_its_own_kind(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    plan = agreed_plan(request(tmp_path, models=("empty", "random")))
    assert [run.label for run in plan.runs] == ["random x none, seed 0"]
    assert "neither modules.json nor config.json" in str(*plan.unusable.values())
    with pytest.raises(EncoderError, match="neither modules"):
        agreed_plan(request(tmp_path, models=("empty",)))


def test_a_name_that_is_none_stops_everything(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="did you mean 'random'"):
        make_plan(request(tmp_path, models=("randm", "bm25")))


@pytest.mark.parametrize("fault", ["bm25 x none, seed 0", "other.yaml"])
def test_all_processes_leave_out_what_any_of_them_cannot_use(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a machine of several lacks a model: all go through the same runs, or they would wait for one another."""

    def gather(self: Processes, value: Any) -> list[Any]:
        there = {"random x none, seed 0"}, {fault: EncoderError("not here")}
        return [value, there] if isinstance(value, tuple) else [value, None]

    monkeypatch.setattr(Processes, "gather", gather)
    plan = agreed_plan(request(tmp_path, models=("random", "bm25"), processes=Processes(0, 2)))
    assert [run.label for run in plan.runs] == ["random x none, seed 0"]
    assert {label: str(error) for label, error in plan.unusable.items()} == {fault: "not here"}


def test_a_model_that_is_not_here_is_left_out_and_several_alone_are_all_named(tmp_path: Path) -> None:
    plan = agreed_plan(request(tmp_path, models=("./none", "random", "none.yaml"), corpus="facts"))
    assert [run.label for run in plan.runs] == ["random x none, seed 0"] and plan.corpus is None
    assert list(plan.unusable) == ["./none", "none.yaml"]
    with pytest.raises(EncoderError, match=r"model './none': no such folder.*; model none.yaml: no such file$"):
        agreed_plan(request(tmp_path, models=("./none", "none.yaml")))


def test_a_hub_that_does_not_answer_is_asked_once_whatever_the_seeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def refused(self: object, name: str, **_: object) -> None:
        asked.append(name)
        raise ConnectionError("couldn't connect")

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", refused)
    both = request(
        tmp_path,
        models=("nobody/nothing", "random"),
        recipes=("hybrid",),
        seeds=(0, 1),
        corpus="facts",
        loading=Loading(device="cpu"),
    )
    with pytest.raises(
        XbenchError, match=r"random x hybrid: .*; model nobody-nothing: no network to fetch nobody/nothing@main"
    ):
        agreed_plan(both)
    assert asked == ["nobody/nothing"]


def test_training_prompts_that_hold_a_place_for_a_sentence_stop_everything(tmp_path: Path) -> None:
    settings = {"prompts.query": "{instruction} "}
    with pytest.raises(SpecError, match=r"static x hybrid, seed 0: training prompts hold \{instruction\}"):
        agreed_plan(
            request(
                tmp_path, models=("random", "static"), recipes=("none", "hybrid"), corpus="facts", settings=settings
            )
        )


def test_several_pieces_of_work_are_numbered_and_one_is_not() -> None:
    words = Words()
    for count in (1, 3):
        numbered = Numbered(words, "m x none, seed 0", 1, count)
        numbered.say("wrote it")
        with numbered.bar("rank t", 3):
            pass
    assert words.lines == ["wrote it", "rank t", "[1/3] m x none, seed 0", "wrote it", "[1/3] rank t"]


def test_a_word_is_said_before_libraries_are_imported_and_not_after(monkeypatch: pytest.MonkeyPatch) -> None:
    words = Words()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "modules", {key: value for key, value in sys.modules.items() if "sentence" not in key})
        say_loading(words)
    import sentence_transformers  # noqa: F401

    say_loading(words)
    assert words.lines == ["loading torch and transformers ..."]
