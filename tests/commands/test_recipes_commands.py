"""`xbench recipes preview`: shares in tables for people, in JSON for programs, and nothing beside them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typed_lines import printed, refusal

from xbench.commands.recipes import LONGEST, recipes

MANY = "[ar, de, el, en, es, hi, ru, th, tr, vi, zh]"


@pytest.fixture(autouse=True)
def _desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "cache"))
    for name, languages in (("two", "[de, en]"), ("many", MANY)):
        Path(f"{name}.yaml").write_text(f"name: {name}\nlanguages: {languages}\nformat: facts\nkinds: [first-day]\n")


def test_the_tables_hold_the_shares_of_the_json() -> None:
    line = "preview hybrid --corpus two.yaml --steps 4 --set batch_size=16 --seed 1"
    shares = json.loads(printed(recipes, f"{line} --json")[0])
    assert (shares["steps"], shares["rows"]) == (4, 64)
    lines = printed(recipes, line)[0].splitlines()
    assert lines[0] == (f"hybrid on two, relation qa: 4 batches of 16, seed 1; {shares['distinct_units']} of 148 units")
    cells = {line.split()[0]: line.split()[1:] for line in lines[1:] if line}
    for kind, share in shares["kinds"].items():
        assert cells[kind] == [str(round(share * 4)), f"{share:.1%}"]
    for pair, share in shares["pairs"].items():
        assert cells[pair] == [str(round(share * 64)), f"{share:.1%}"]
    for language in ("de", "en"):
        sides = [shares[f"{side}_languages"][language] for side in ("query", "passage")]
        assert cells[language] == [cell for share in sides for cell in (str(round(share * 64)), f"{share:.1%}")]


def test_of_many_pairs_the_most_frequent_are_shown_and_the_others_together() -> None:
    line = "preview cross-lingual --corpus many.yaml --steps 20 --set batch_size=50"
    pairs = json.loads(printed(recipes, f"{line} --json")[0])["pairs"]
    *_, last = printed(recipes, line)[0].splitlines()
    most = sorted(pairs.values(), reverse=True)
    count, words, rows, share = last.split()
    assert (int(count), words) == (len(pairs) - LONGEST, "others")
    assert (int(rows), share) == (round(1000 * sum(most[LONGEST:])), f"{sum(most[LONGEST:]):.1%}")


def test_a_recipe_that_is_none_is_not_previewed() -> None:
    assert refusal(recipes, "preview hybird --corpus two.yaml").startswith("unknown recipe 'hybird'")
    assert "steps" in refusal(recipes, "preview hybrid --corpus two.yaml --steps 0")
