"""The processes beside the first one: they meet it at every step, and neither speak nor write results."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
from facts_request import Listener, request

from xbench.errors import DataError, SpecError
from xbench.jobs.followers import follow, wait
from xbench.jobs.run import run
from xbench.processes import Processes

Value = TypeVar("Value")


@dataclass(frozen=True)
class Alone(Processes):
    """One of several processes whose others agree with it; `meetings`: the kinds of what it gave, in order."""

    meetings: list[str] = field(default_factory=list)

    def gather(self, value: Value) -> list[Value]:
        self.meetings.append(type(value).__name__)
        return [value]


@pytest.mark.parametrize("models", [("random",), ("random", "bm25"), ("static", "random")], ids=str)
def test_a_follower_meets_the_leader_at_every_step(
    models: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    leader, follower = Alone(index=0), Alone(index=1)
    left_out = pytest.raises(SpecError, match="model static: ") if "static" in models else nullcontext()
    with left_out:
        run(request(tmp_path, models=models, processes=leader), Listener())
    with left_out:
        follow(request(tmp_path, models=models, processes=follower))
    assert follower.meetings == leader.meetings
    assert leader.meetings.count("bool") == sum(model != "static" for model in models)  # one for each encoder


def test_a_follower_says_and_files_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    listener = Listener()
    assert run(request(tmp_path, processes=Alone(index=1)), listener) == []
    assert (listener.lines, listener.bars, capsys.readouterr()) == ([], [], ("", ""))
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]


def test_a_wrong_request_is_refused_in_every_process(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="unknown model 'randm'; did you mean 'random'"):
        follow(request(tmp_path, models=("randm",), processes=Alone(index=1)))


def test_waiting_ends_with_the_fault_of_the_process_that_is_waited_for() -> None:
    class Beside(Processes):
        def gather(self, value: Value) -> list[Value]:
            return [DataError("the disk is full"), value]  # type: ignore[list-item]

    with pytest.raises(DataError, match=r"^the disk is full$"):
        wait(Beside(index=1, count=2))
