"""Cr split by scripts, by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from written_results import file_result

from xbench.results.reading import read_result
from xbench.results.settings import script_means


def test_cr_is_split_into_pairs_of_one_script_and_of_two_and_mo_is_in_neither(tmp_path: Path) -> None:
    pairs = {"de-en": 0.5, "en-de": 0.3, "de-ru": 0.2, "ru-en": 0.1, "ru-ru": 0.9, "de-de": 0.8}
    result = read_result(file_result(tmp_path, pairs))
    assert script_means(result, pairs) == {
        "Cr one script": pytest.approx(0.4),
        "Cr two scripts": pytest.approx(0.15),
    }
    assert script_means(result, {"de-en": 0.5, "de-ru": None}) == {"Cr one script": 0.5, "Cr two scripts": None}


def test_a_pair_with_a_language_whose_script_nobody_knows_is_in_neither(tmp_path: Path) -> None:
    result = read_result(file_result(tmp_path, {"de-zxx": 0.5, "zxx-de": 0.5}))
    assert set(script_means(result, {"de-zxx": 0.5}).values()) == {None}
