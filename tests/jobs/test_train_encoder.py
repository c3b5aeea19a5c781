"""An encoder trained without a task: found again where it is kept, and refused where no recipe trains it."""

from __future__ import annotations

from pathlib import Path

import pytest
from facts_request import Listener, training

from xbench.errors import SpecError, TrainingError
from xbench.jobs.inputs import read_corpus
from xbench.jobs.plan import make_plan
from xbench.jobs.prepared_encoder import PreparedEncoder
from xbench.jobs.training import train_encoder
from xbench.keeping import seal
from xbench.progress import Silent

RECORD = '{"training": {"steps": 7, "loss": [[7, 0.5]]}}'


def test_what_is_kept_is_found_with_its_record_and_not_trained_again(tmp_path: Path) -> None:
    asked, listener = training(tmp_path, tasks=(), languages=()), Listener()
    plan = make_plan(asked)
    folder = PreparedEncoder(asked, plan.runs[0], read_corpus(plan, asked), Silent()).trained_folder
    folder.mkdir(parents=True)
    (folder / "xbench.json").write_text(RECORD)
    seal(folder, folder.name)
    assert train_encoder(asked, listener) == (folder, {"steps": 7, "loss": [[7, 0.5]]})
    assert listener.lines[-2:] == ["corpus facts: 148 units, relation qa", f"kept {folder}"]
    assert listener.bars == []


def test_batches_that_cannot_be_filled_are_refused_before_any_training(tmp_path: Path) -> None:
    listener = Listener()
    with pytest.raises(TrainingError, match="batch of 200 is larger than the 148 distinct units"):
        train_encoder(training(tmp_path, tasks=(), languages=(), settings={"batch_size": 200}), listener)
    assert listener.bars == [] and not (tmp_path / "cache" / "encoders").exists()


def test_no_recipe_trains_nothing(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="recipe none: nothing is trained by it; name a recipe"):
        train_encoder(training(tmp_path, recipes=("none",)), Silent())
    assert not (tmp_path / "cache").exists()
