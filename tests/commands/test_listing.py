"""What there is, one name a line; what one is, as YAML that could be read again; and the schemas."""

from __future__ import annotations

import json
from pathlib import Path

import yaml
from typed_lines import printed, refusal

from xbench.commands.listing import KINDS, listing, schema
from xbench.jobs.encoder_record import EncoderRecord
from xbench.results.result import result_schema
from xbench.specs import registry


def test_every_name_stands_before_its_title_in_one_column() -> None:
    out, _ = printed(listing("recipes"), "list")
    lines = out.splitlines()
    assert "hybrid         Hybrid batches" in lines and "cross-lingual  Cross-lingual batches" in lines
    assert [line.split()[0] for line in lines] == list(registry.known("recipe"))


def test_what_is_shown_leaves_out_what_was_left_empty_and_reads_as_the_same_spec() -> None:
    for kinds, name in (("models", "random"), ("recipes", "hybrid"), ("tasks", "facts"), ("corpora", "facts")):
        shown = yaml.safe_load(printed(listing(kinds), f"show {name}")[0])
        assert shown["name"] == name
        assert not [key for key, value in shown.items() if value in ("", None, {}, [])]
        assert registry.load(KINDS[kinds], name, shown).spec == registry.load(KINDS[kinds], name).spec


def test_a_trained_encoder_is_shown_with_its_trainings_or_not_at_all(tmp_path: Path) -> None:
    corpus = {"name": "c", "languages": ["de"], "format": "facts", "kinds": ["currency"]}
    training = {"recipe": "hybrid", "corpus": corpus, "corpus_sha256": "a" * 64, "seed": 3}
    kept = {"training": {"steps": 2}, "lineage": {"trainings": [training]}}
    record = EncoderRecord.model_validate_json(json.dumps(kept))
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "xbench.json").write_text(json.dumps(record.sealed(folder).plain()))
    shown, _ = printed(listing("models"), f"show {folder}")
    assert shown.endswith("# model mine: trained by hybrid on c, seed 3\n") and yaml.safe_load(shown)["name"] == "mine"
    (folder / "xbench.json").write_text("{")
    assert refusal(listing("models"), f"show {folder}").startswith(f"{folder}/xbench.json: damaged; restore it")


def test_an_unknown_name_is_answered_with_a_near_one() -> None:
    assert refusal(listing("recipes"), "show hybird").startswith("unknown recipe 'hybird'; did you mean 'hybrid'?")


def test_the_schema_of_results_is_printed_beside_those_of_specs() -> None:
    assert json.loads(printed(schema, "result")[0]) == result_schema()
    assert json.loads(printed(schema, "recipe")[0]) == registry.schema("recipe")
    assert refusal(schema, "recipes").startswith("unknown schema 'recipes'; did you mean 'recipe'?")
