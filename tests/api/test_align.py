"""`xbench.align` and `evaluate(align=...)`: the alignment of any encoder, as the command gives it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import xbench
from xbench.arrays import Vectors
from xbench.evaluation.alignment import LanguageVectors, pair_alignment

LANGUAGES = ["de", "en"]
TASK: dict[str, Any] = {"languages": LANGUAGES, "progress": False}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("XBENCH_DATA", raising=False)
    Path("t.yaml").write_text("name: t\nlanguages: [de, en, es]\nformat: facts\noptions: {kinds: [first-day]}\n")


def lengths(texts: Sequence[str], role: str) -> Vectors:
    """Numbers that follow from a text."""
    return np.array([[len(text), sum(map(ord, text)) % 97, ord(text[0]), ord(text[-2]), 1] for text in texts], "f4")


def test_an_encoder_of_a_program_is_aligned_by_what_it_gives() -> None:
    alignment = xbench.align(lengths, "t.yaml", name="lengths", version="1", **TASK)
    assert isinstance(alignment, xbench.Alignment) and alignment.questions == {"de-en": 148, "en-de": 148}
    task = xbench.load_task("t.yaml", **TASK)
    order = [np.argsort(task.queries[language].questions) for language in LANGUAGES]
    sides = [
        LanguageVectors(lengths(np.array(task.queries[language].texts)[rows].tolist(), "query"))
        for language, rows in zip(LANGUAGES, order, strict=True)
    ]
    expected, _ = pair_alignment(*sides)
    for name in ("xsim", "mutual_nn", "cka", "isoscore"):
        assert alignment.values[name]["de-en"] == pytest.approx(expected[name], abs=1e-9)


def test_vectors_that_are_there_give_the_same() -> None:
    task = xbench.load_task("t.yaml", **TASK)
    sides = {
        side: {language: lengths(part.texts, side) for language, part in texts.items()}
        for side, texts in (("queries", task.queries), ("documents", task.documents))
    }
    for side in ("queries", "documents"):
        there = xbench.align(xbench.TaskVectors.of(sides), task, name="there", side=side, progress=False)
        made = xbench.align(lengths, task, name="lengths", version="1", side=side, progress=False)
        assert there.values == made.values and there.side == side


def test_results_hold_it_where_it_is_asked_for() -> None:
    (plain,) = xbench.evaluate("random", "t.yaml", **TASK)
    assert plain.alignment is None
    (result,) = xbench.evaluate("random", "t.yaml", align="documents", **TASK)
    assert result.path == plain.path and result.digest == plain.digest
    assert (
        result.alignment
        and result.alignment.values == xbench.align("random", "t.yaml", side="documents", **TASK).values
    )
    assert "alignment" in json.loads(result.path.read_text())


def test_what_was_trained_is_aligned_as_it_is() -> None:
    settings = {"steps": 8, "batch_size": 16, "model.vocabulary": 500, "model.dimension": 16}
    trained = xbench.train("static", "hybrid", "facts", settings=settings, progress=False)
    alignment = xbench.align(trained, "t.yaml", **TASK)
    (result,) = xbench.evaluate(trained, "t.yaml", align="queries", allow_contaminated=True, **TASK)
    assert result.alignment and result.alignment.values == alignment.values


def test_a_constant_encoder_is_one_line() -> None:
    with pytest.raises(xbench.XbenchError, match="queries in de: all 148 vectors are the same"):
        xbench.align(lambda texts, role: np.ones((len(texts), 4), "f4"), "t.yaml", name="one", version="1", **TASK)


@pytest.mark.parametrize("tasks", [[], ["t.yaml"], ["t.yaml", "facts"], None])
def test_it_is_one_task_that_is_aligned(tasks: Any) -> None:
    with pytest.raises(xbench.XbenchError, match=r"^task: found .*, expected a name or a YAML$"):
        xbench.align("random", tasks, **TASK)


@pytest.mark.parametrize("side", ["pool", "", None, 3, ["queries"]])
def test_an_unknown_side_is_one_line(side: Any) -> None:
    with pytest.raises(xbench.XbenchError, match=r"side: found .*, expected 'queries' or 'documents'"):
        xbench.align("random", "t.yaml", side=side, **TASK)
    if side is not None:
        with pytest.raises(xbench.XbenchError, match=r"align: found .*, expected 'queries' or 'documents'"):
            xbench.evaluate("random", "t.yaml", align=side, **TASK)
