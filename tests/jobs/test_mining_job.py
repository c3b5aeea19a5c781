"""Mining from start to end: what is looked through, and what is counted by language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from facts_request import Listener

from xbench.data.download import Storage
from xbench.errors import SpecError
from xbench.jobs.mining import MiningRequest, mine, plan_mining
from xbench.mining.hard_negatives import total
from xbench.mining.miner import Rules
from xbench.progress import Silent
from xbench.specs import registry


def asked(folder: Path, **changes: Any) -> MiningRequest:
    settings = {"corpus.kinds": ["first-day"], "corpus.languages": ["de", "en"], **changes.pop("settings", {})}
    defaults: dict[str, Any] = {
        "corpus": "facts",
        "model": "random",
        "out": folder / "new",
        "rules": Rules("own", 5, 2, 0.95),
        "storage": Storage(cache=folder / "cache", offline=True),
    }
    return MiningRequest(**defaults | changes, settings=settings)


def test_both_sides_are_encoded_and_every_unit_is_looked_at(tmp_path: Path) -> None:
    listener = Listener()
    counts = mine(asked(tmp_path), listener)
    assert {language: part.rows for language, part in counts.items()} == {"de": 148, "en": 148}
    assert all(part.negatives <= 2 * part.rows_with_negatives for part in counts.values())
    assert total(counts.values()).rows == 296
    assert listener.bars == [
        ("encode queries", 296, "texts"),
        ("encode passages", 296, "texts"),
        ("mine facts", 148, "units"),
    ]


def test_the_new_corpus_is_named_after_both_unless_it_is_given_a_name(tmp_path: Path) -> None:
    for name, called in ((None, "facts-mined-by-random"), ("harder", "harder")):
        mine(asked(tmp_path, name=name, out=tmp_path / called), Silent())
        spec = registry.load("corpus", str(tmp_path / called / "corpus.yaml")).spec
        assert (spec.name, list(spec.languages)) == (called, ["de", "en"])


def test_settings_go_to_the_corpus_and_to_the_model_and_to_nothing_else(tmp_path: Path) -> None:
    corpus, model = plan_mining(asked(tmp_path, settings={"model.dimension": 8}))
    assert (corpus.spec.kinds, model.spec.dimension) == (("first-day",), 8)
    for setting in ("task.metrics", "recipe.tau", "steps"):
        with pytest.raises(SpecError, match=r"--set: mining depends on corpus\.… and model\.… alone"):
            plan_mining(asked(tmp_path, settings={setting: 1}))
