"""What a recipe asks for, what of it names an encoder, and which languages it trains on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from xbench.specs.corpora import Lexicons
from xbench.specs.parts import Source
from xbench.specs.recipes import LanguageChoice, Mix, Prompts, Recipe, Training

CORPUS = ("de", "en", "th")


def recipe(mix: dict[str, float], **keys: Any) -> Recipe:
    return Recipe.model_validate_json(json.dumps({"name": "r", "mix": mix, **keys}))


@pytest.mark.parametrize("mix", [{}, {"mono": 0.5}, {"mono": 0.5, "cross": 0.5, "mixed": 1e-6}])
def test_the_shares_of_a_mix_are_all_batches(mix: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match=r"mono \+ cross \+ mixed \+ parallel \+ codeswitch = 1, not "):
        Mix(**mix)


def test_shares_that_are_thirds_sum_to_one() -> None:
    assert Mix(mono=1 / 3, cross=1 / 3, mixed=1 / 3).parallel == 0.0
    assert Mix(mono=0.1, cross=0.2, mixed=0.3, parallel=0.4).codeswitch == 0.0


def test_a_key_that_came_later_is_written_only_where_it_is_used() -> None:
    assert set(Mix(mono=1.0).model_dump()) == {"mono", "cross", "mixed", "parallel"}
    assert Mix(mono=0.5, codeswitch=0.5).model_dump()["codeswitch"] == 0.5
    assert "codeswitch" not in recipe({"mono": 1.0}).model_dump()
    assert "codeswitch" in recipe({"codeswitch": 1.0}, codeswitch={}).model_dump()


def test_how_often_checkpoints_are_written_is_all_of_training_that_changes_no_weight() -> None:
    assert Training.model_fields.keys() - Training().identity().keys() == {"checkpoint_every"}
    assert Training(checkpoint_every=1).identity() == Training().identity()
    assert Training(prompts=Prompts()).identity() != Training().identity()


def test_settings_of_words_name_an_encoder_only_where_words_are_replaced() -> None:
    assert recipe({"codeswitch": 1.0}).drawing() == recipe({"codeswitch": 1.0}, codeswitch={}).drawing()
    often = recipe({"codeswitch": 1.0}, codeswitch={"probability": 0.9})
    assert often.drawing() != recipe({"codeswitch": 1.0}).drawing()
    other = recipe({"mono": 1.0}, training={"steps": 5}, title="another", cite="x")
    assert other.drawing() == recipe({"mono": 1.0}).drawing()


def test_a_cap_is_one_number_or_one_by_language() -> None:
    assert [LanguageChoice(cap=5).cap_of(language) for language in ("de", "en")] == [5, 5]
    assert [LanguageChoice(cap={"de": 5}).cap_of(language) for language in ("de", "en")] == [5, None]
    assert LanguageChoice().cap_of("de") is None


@pytest.mark.parametrize(
    ("mix", "keys", "languages"),
    [
        ({"mixed": 1.0}, {"languages": {"exclude": ["en"]}}, ("de", "th")),
        ({"cross": 1.0}, {}, CORPUS),
        ({"cross": 1.0}, {"pairs": [["th", "de"]]}, ("de", "th")),
        ({"cross": 0.5, "parallel": 0.5}, {"pairs": [["th", "de"]]}, CORPUS),
        ({"codeswitch": 1.0}, {}, ("en", "fr", "th")),
        ({"codeswitch": 1.0}, {"codeswitch": {"query": ["fr"], "document": []}}, ("en", "fr")),
        ({"codeswitch": 1.0}, {"codeswitch": {"query": ["fr"]}}, ("en", "fr", "th")),
        ({"codeswitch": 0.5, "cross": 0.5}, {"pairs": [["th", "de"]]}, ("de", "th", "en", "fr")),
    ],
)
def test_languages_are_those_of_whole_texts_and_then_those_of_words(
    mix: dict[str, float], keys: dict[str, Any], languages: tuple[str, ...]
) -> None:
    lexicons = Lexicons(source=Source(path="{lang}.txt"), to=("fr", "th"))
    assert recipe(mix, **keys).trains_on(CORPUS, lexicons) == languages


def test_no_other_negative_is_a_contradiction_and_hard_ones_are_enough() -> None:
    with pytest.raises(ValidationError, match="hard_negatives of at least 1 where in_batch_negatives is false"):
        Training(in_batch_negatives=False)
    assert Training(in_batch_negatives=False, hard_negatives=1).hard_negatives == 1
