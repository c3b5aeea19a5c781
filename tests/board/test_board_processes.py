"""Work in several processes: in order, and one line where one of them dies."""

from __future__ import annotations

import os

import pytest

from xbench.board import processes
from xbench.errors import XbenchError


@pytest.mark.parametrize(("many", "weight"), [(100, 1), (1, 1), (1, 8), (1, 100)])
def test_what_is_made_comes_in_the_order_of_the_work(monkeypatch: pytest.MonkeyPatch, many: int, weight: int) -> None:
    monkeypatch.setattr(processes, "MANY", many)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    made = list(processes.spread(lambda item: (item, os.getpid()), range(30), weight))
    assert [item for item, _ in made] == list(range(30))
    assert ({process for _, process in made} == {os.getpid()}) == (many > 30)
    assert list(processes.spread(str, [])) == []


def test_a_process_that_is_ended_from_outside_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "MANY", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    with pytest.raises(XbenchError, match="ended from outside"):
        list(processes.spread(lambda item: os._exit(9), range(30)))
    assert processes._forked == []


def test_an_error_of_the_work_is_that_of_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "MANY", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)

    def act(item: int) -> None:
        raise XbenchError("no room")

    with pytest.raises(XbenchError, match="no room"):
        list(processes.spread(act, range(30)))
