"""`xbench.train`: what it gives says how it was made, and what it refuses it refuses before any work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from xbench.api.train import TrainedEncoder, train
from xbench.errors import SpecError


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("XBENCH_DATA", raising=False)
    monkeypatch.chdir(tmp_path)


def encoder(seed: int = 0, **settings: Any) -> TrainedEncoder:
    return TrainedEncoder("static", "hybrid", "facts", seed, Path("kept"), {"steps": 2}, settings)


@pytest.mark.parametrize(
    ("trained", "command"),
    [
        (encoder(), "xbench.train('static', 'hybrid', 'facts')"),
        (encoder(3), "xbench.train('static', 'hybrid', 'facts', seed=3)"),
        (encoder(steps=2), "xbench.train('static', 'hybrid', 'facts', settings={'steps': 2})"),
    ],
    ids=range(3),
)
def test_the_call_that_made_an_encoder_is_the_shortest_that_makes_it(trained: TrainedEncoder, command: str) -> None:
    assert trained.command == command


def test_an_encoder_is_told_in_words_without_its_losses() -> None:
    assert encoder(3).label == "static x hybrid on facts, seed 3"
    assert "record" not in repr(encoder()) and "folder" in repr(encoder())


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"seed": -1}, "seeds: found -1, expected a whole number"),
        ({"settings": {"stps": 2}}, "settings stps: unknown setting; did you mean 'steps'?"),
        ({"settings": {"task.metrics": ["AP"], "steps": 0}}, "settings steps: found 0, expected"),
        ({"track": "mlflow"}, "track mlflow: unknown tracker"),
        ({"track": 3}, "track: found 3, expected names"),
        ({"device": "cuda:1"}, "device cuda:1: training takes the first GPU; set CUDA_VISIBLE_DEVICES=1"),
    ],
    ids=str,
)
def test_a_wrong_option_is_refused_before_any_work(options: dict[str, Any], says: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError) as refused:
        train("static", "hybrid", "facts", progress=False, **options)
    assert str(refused.value).startswith(says) and "\n" not in str(refused.value)
    assert not list(tmp_path.iterdir())
