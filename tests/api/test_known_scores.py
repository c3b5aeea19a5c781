"""`xbench.evaluate` on four questions whose scores are worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xbench.api.evaluate import evaluate
from xbench.errors import SpecError
from xbench.results.result import Result

TASK = "name: own\nlanguages: [de, en]\nformat: parallel\nsource: {path: rows.jsonl}\nmetrics: [AP, R@1]\n"


@pytest.fixture(autouse=True)
def _desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("XBENCH_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    rows = [
        {
            "id": number,
            "query": {"de": f"de{number} query", "en": f"en{number} query"},
            "positive": {"de": f"de{number} answer", "en": f"en{number} answer"},
        }
        for number in (0, 1)
    ]
    Path("rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    Path("own.yaml").write_text(TASK)


def directions(meaning: float, language: float) -> Any:
    """An encoder of texts such as `de1 query`: so much of its number, and so much of its language."""

    def encode(texts: list[str], role: str) -> np.ndarray[Any, Any]:
        vectors = np.zeros((len(texts), 4), np.float32)
        for row, text in enumerate(texts):
            vectors[row, int(text[2])] += meaning
            vectors[row, 2 + ("de", "en").index(text[:2])] += language
        return vectors

    return encode


def scored(meaning: float, language: float, **options: Any) -> Result:
    (result,) = evaluate(directions(meaning, language), "own.yaml", name="own", version="1", progress=False, **options)
    return result


def means(result: Result, metric: str) -> tuple[float | None, ...]:
    halves = (result.scores.monolingual, result.scores.cross_lingual, result.scores.multilingual)
    return tuple(half.macro[metric] for half in halves if half)


def test_an_encoder_that_knows_the_meaning_alone_is_perfect_and_has_no_gap() -> None:
    result = scored(1, 0)
    assert means(result, "AP") == (1, 1, 1)
    assert result.gap.absolute == 0
    assert {language: bias.mean for language, bias in result.bias.rank_distance.languages.items()} == {"de": 1, "en": 1}


def test_an_encoder_that_prefers_its_language_loses_in_the_pool_alone() -> None:
    result = scored(1, 2)  # own answer 5, other of the language 4, own answer in the other language 1, the last 0
    assert means(result, "AP") == pytest.approx((1, 1, (1 / 1 + 2 / 3) / 2))
    assert means(result, "R@1") == pytest.approx((1, 1, 1 / 2))
    assert {language: bias.mean for language, bias in result.bias.rank_distance.languages.items()} == {"de": 2, "en": 2}


def test_an_encoder_that_knows_the_language_alone_is_chance() -> None:
    result = scored(0, 1)  # of two answers with one score either may come first
    assert means(result, "AP")[:2] == pytest.approx((3 / 4, 3 / 4))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"seeds": (0, True)}, "seeds: found True, expected a whole number from 0 to 4294967295"),
        ({"languages": 3}, "languages: found 3, expected names"),
        ({"save_runs": ["de-en", 3]}, "save_runs: found 3, expected names"),
        ({"settings": {"task.metrics": float("nan")}}, "settings: Out of range float values are not JSON compliant"),
    ],
    ids=str,
)
def test_an_option_of_another_kind_is_one_line(options: dict[str, Any], says: str) -> None:
    with pytest.raises(SpecError) as refused:
        scored(1, 0, **options)
    assert str(refused.value).startswith(says) and "\n" not in str(refused.value)
