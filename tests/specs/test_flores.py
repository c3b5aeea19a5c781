"""A YAML in FLORES' names is the same YAML in codes, and its sources keep the names that their files carry."""

from __future__ import annotations

from pathlib import Path

import pytest

from xbench.errors import SpecError
from xbench.specs.flores import in_codes
from xbench.specs.strict_yaml import Document, Key, Value


def in_codes_of(data: dict[str, Value], lines: dict[Key, int] | None = None) -> dict[str, Value]:
    return in_codes(Document(Path("t.yaml"), data, lines or {})).data


def test_keys_become_codes_at_every_depth_and_values_stay() -> None:
    written: dict[str, Value] = {
        "title": "deu_Latn",
        "source": {"sha256": {"deu_Latn/3": "a", "deu_Latn-eng_Latn": "b", "qqq_Latn": "c"}},
        "files": [{"zho_Hant": "eng_Latn"}],
    }
    assert in_codes_of(written) == {
        "title": "deu_Latn",
        "source": {"sha256": {"de/3": "a", "de-en": "b", "qqq_Latn": "c"}},
        "files": [{"zh-Hant": "eng_Latn"}],
    }


@pytest.mark.parametrize("place", ["path", "url", "hub"])
def test_every_source_says_how_it_writes_the_languages_that_the_spec_names(place: str) -> None:
    data = in_codes_of(
        {
            "query_languages": ["eng_Latn"],
            "document_languages": ["de", "zho_Hant"],
            "queries": {place: "q"},
            "documents": {place: "d", "codes": {"zho_Hant": "zh"}},
            "options": {"language": "lang"},
        }
    )
    assert data["queries"] == {place: "q", "codes": {"en": "eng_Latn", "zh-Hant": "zho_Hant"}}
    assert data["documents"] == {place: "d", "codes": {"en": "eng_Latn", "zh-Hant": "zh"}}
    assert data["options"] == {"language": "lang"}


def test_a_spec_that_names_a_data_set_is_its_own_source() -> None:
    data = in_codes_of({"languages": ["eng_Latn"], "dataset": "x/{lang}"})
    assert data["codes"] == {"en": "eng_Latn"}


def test_lexicons_are_a_section_with_languages_of_their_own() -> None:
    data = in_codes_of(
        {"languages": ["deu_Latn"], "source": {"path": "a"}, "lexicons": {"to": ["fra_Latn"], "source": {"path": "b"}}}
    )
    assert data["source"] == {"path": "a", "codes": {"de": "deu_Latn"}}
    assert data["lexicons"] == {"to": ["fra_Latn"], "source": {"path": "b", "codes": {"fr": "fra_Latn"}}}


def test_a_spec_in_codes_stays_as_it_is() -> None:
    plain: dict[str, Value] = {"languages": ["en", "de"], "source": {"path": "{lang}"}, "grid": {"multilingual": True}}
    assert in_codes_of(plain) == plain


@pytest.mark.parametrize(
    "wrong",
    [
        {"languages": "eng_Latn", "source": {"path": "a"}},
        {"languages": [1, None, ["eng_Latn"]], "source": {"path": "a"}},
        {"languages": ["eng_Latn"], "source": {"path": "a", "codes": ["eng_Latn"]}},
        {"languages": ["eng_Latn"], "source": "a", "lexicons": 3},
    ],
)
def test_what_is_wrong_otherwise_is_left_to_the_check(wrong: dict[str, Value]) -> None:
    assert in_codes_of(wrong) == wrong


def test_two_keys_of_one_language_are_refused_at_the_line_of_the_second() -> None:
    data: dict[str, Value] = {"source": {"sha256": {"de/1": "a", "deu_Latn/1": "b"}}}
    lines: dict[Key, int] = {("source",): 1, ("source", "sha256", "de/1"): 3, ("source", "sha256", "deu_Latn/1"): 7}
    with pytest.raises(SpecError) as refused:
        in_codes_of(data, lines)
    assert str(refused.value) == "t.yaml:7: 'deu_Latn/1' is 'de/1', which stands there already; keep one"


def test_a_fault_under_a_translated_key_has_that_key_s_line() -> None:
    lines: dict[Key, int] = {("source",): 1, ("source", "sha256", "deu_Latn"): 7}
    document = in_codes(Document(Path("t.yaml"), {"source": {"sha256": {"deu_Latn": "abc"}}}, lines))
    assert document.line(("source", "sha256", "de")) == 7
