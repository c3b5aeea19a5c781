"""An encoder trained without a task: kept, found again, and refused where no recipe trains it."""

from __future__ import annotations

from pathlib import Path

import pytest
from facts_request import Listener, training

from xbench.errors import SpecError
from xbench.jobs.training import train_encoder
from xbench.progress import Silent


def test_what_is_trained_is_kept_and_found_again(tmp_path: Path) -> None:
    small = {"steps": 2, "model.vocabulary": 400, "model.dimension": 8}
    asked = training(tmp_path, tasks=(), languages=(), settings=small)
    first, second = Listener(), Listener()
    folder, record = train_encoder(asked, first)
    assert folder.parent == tmp_path / "cache" / "encoders"
    assert (record["steps"], record["batch_size"], record["units"]) == (2, 16, 148)
    assert "train static x hybrid, seed 0" in [label for label, _, _ in first.bars]
    assert train_encoder(asked, second) == (folder, record)
    assert second.lines[-1] == f"kept {folder}" and second.bars == []


def test_no_recipe_trains_nothing(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="recipe none: nothing is trained by it; name a recipe"):
        train_encoder(training(tmp_path, recipes=("none",)), Silent())
    assert not (tmp_path / "cache").exists()
