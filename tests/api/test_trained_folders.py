"""A trained encoder that a program names by its folder, or has loaded from it: what it was trained on comes with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tiny_models import tiny_bert

from xbench.api.evaluate import evaluate
from xbench.api.program_models import model_of
from xbench.api.train import train
from xbench.errors import EncoderError, SpecError
from xbench.jobs.request import ProgramModel

SETTINGS = {"corpus.kinds": ["official-language"], "steps": 1, "batch_size": 4}
KINDS = {"task.options.kinds": ["official-language"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A transformer trained on the facts that the task asks for."""
    place = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XBENCH_CACHE", str(place / "cache"))
        patch.chdir(place)
        return train(tiny_bert(place / "bert"), "hybrid", "facts", settings=SETTINGS, progress=False).folder


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


def loaded(folder: Path) -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def lineage(model: object) -> Any:
    given = model_of(model, "mine", "1", {})
    assert isinstance(given, ProgramModel)
    return given.lineage


@pytest.mark.parametrize("as_object", [False, True])
def test_the_gate_holds_for_a_folder_and_for_what_was_loaded_from_it(folder: Path, as_object: bool) -> None:
    named: dict[str, Any] = {"name": "mine", "version": "1"} if as_object else {}
    encoder = loaded(folder) if as_object else folder
    options: dict[str, Any] = {"languages": "de,en", "settings": KINDS, "progress": False}
    with pytest.raises(SpecError, match=r"trained on facts: contaminated: .* with allow_contaminated=True"):
        evaluate(encoder, "facts", **named, **options)
    (result,) = evaluate(encoder, "facts", **named, **options, allow_contaminated=True)
    assert result.verdict == "contaminated"
    assert [(each.recipe, each.corpus) for each in result.zero_shot.earlier] == [("hybrid", "facts")]


def test_a_loaded_model_that_was_changed_since_has_a_gap(folder: Path) -> None:
    import torch

    model = loaded(folder)
    assert lineage(model).gaps == []
    with torch.no_grad():
        next(model.parameters()).add_(1)
    assert [each.reason for each in lineage(model).gaps] == ["changed"]


def test_a_loaded_model_of_a_folder_without_a_record_is_any_model(tmp_path: Path) -> None:
    assert lineage(loaded(tiny_bert(tmp_path / "bert"))) is None


def test_a_damaged_record_of_a_loaded_model_is_refused(folder: Path) -> None:
    record = (folder / "xbench.json").read_bytes()
    try:
        (folder / "xbench.json").write_text("{")
        with pytest.raises(EncoderError, match=r"xbench.json: damaged; restore it"):
            lineage(loaded(folder))
    finally:
        (folder / "xbench.json").write_bytes(record)
