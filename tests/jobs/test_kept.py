"""What a kept encoder promises: an ordinary folder, whose card tells how it was made and how it scored."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
import yaml
from test_bad_input import Desk, desk  # noqa: F401  a fixture

import xbench
from xbench.errors import EncoderError
from xbench.files import RECORD, folder_digest
from xbench.jobs import card
from xbench.jobs.encoder_record import EncoderRecord, read_record
from xbench.keeping import SEAL, seal_fault

TRAIN = "run --model m.yaml --recipe r.yaml --corpus c.yaml --task t.yaml --out out --seed 3"


def card_of(desk: Desk) -> tuple[Path, dict[str, Any], str]:  # noqa: F811
    (folder,) = (desk.folder / "cache" / "encoders").glob("m-r-*")
    text = (folder / "README.md").read_text()
    _, front, body = text.split("---\n", 2)
    return folder, yaml.safe_load(front), body


def test_the_card_tells_how_the_encoder_was_made_and_how_it_scored(desk: Desk) -> None:  # noqa: F811
    desk.write("m.yaml", "name: m\nformat: static\ndimension: 8\nvocabulary: 400\nlicense: apache-2.0\n")
    ended = desk.type(TRAIN)
    assert ended.code == 0, ended.err
    _, front, body = card_of(desk)
    assert {key: front[key] for key in ("license", "library_name", "language", "datasets")} == {
        "license": "apache-2.0",
        "library_name": "sentence-transformers",
        "language": ["en", "de"],
        "datasets": ["c"],
    }
    assert "base_model" not in front  # from scratch
    assert {"sentence-transformers", "xbench", "recipe-r"} <= set(front["tags"])
    (model,) = front["model-index"]
    assert model["name"] == "m, r batches of c, seed 3"
    (scored,) = model["results"]
    assert scored["dataset"] == {"name": "t", "type": "t"}
    from xbench.results.reading import read_result

    result = read_result(next((desk.folder / "out").rglob("*.json")))
    scores = result.scores
    halves = (scores.monolingual, scores.cross_lingual, scores.multilingual)
    expected = [round(half.macro["AP"] or 0, 4) for half in halves if half]
    assert [(metric["type"], metric["value"]) for metric in scored["metrics"]] == [("map", one) for one in expected]
    for part in ("mono 0.5, cross 0.5", "seed: 3", "corpus: c", f"xbench {TRAIN}", '"steps": 3'):
        assert part in body
    assert f"| t | en, de | AP | {' | '.join(f'{one:.4f}' for one in expected)} |" in body
    assert f"| {result.verdict} |" in body
    assert str(desk.folder) not in body


def test_a_second_task_is_added_and_the_encoder_stays_the_same(desk: Desk) -> None:  # noqa: F811
    assert desk.type(TRAIN).code == 0
    folder, front, _ = card_of(desk)
    digest = folder_digest(folder)
    assert [one["dataset"]["name"] for one in front["model-index"][0]["results"]] == ["t"]
    desk.write("u.yaml", (desk.folder / "t.yaml").read_text().replace("name: t", "name: u"))
    ended = desk.type(TRAIN.replace("t.yaml", "u.yaml"))
    assert ended.code == 0
    assert "train m x r" not in ended.err
    _, front, _ = card_of(desk)
    assert [one["dataset"]["name"] for one in front["model-index"][0]["results"]] == ["t", "u"]
    assert folder_digest(folder) == digest
    assert [path.name for path in folder.rglob(".*")] == [SEAL]  # nothing half-written
    assert seal_fault(folder) is None


def test_a_card_holds_no_scores_of_vectors_that_post_has_changed(desk: Desk) -> None:  # noqa: F811
    ended = desk.type(f"{TRAIN} --set model.post=center-by-language")
    assert ended.code == 0, ended.err
    _, front, body = card_of(desk)
    assert "model-index" not in front and "Not scored yet." in body
    assert desk.type(TRAIN).code == 0
    assert "## Scores" in card_of(desk)[2]


def test_what_is_done_trains_no_encoder_again(desk: Desk) -> None:  # noqa: F811
    command = f"{TRAIN} --save-run en-de"
    assert desk.type(command).code == 0
    rmtree(card_of(desk)[0])
    ended = desk.type(command)
    assert ended.code == 0 and "train m x r, seed" not in ended.err
    assert not list((desk.folder / "cache" / "encoders").glob("m-r-*"))
    assert desk.type(f"{TRAIN} --save-run de-en").code == 0
    assert card_of(desk)[0].is_dir()


def test_a_card_names_the_hub_model_that_it_comes_from() -> None:
    record: dict[str, Any] = {
        "training": {"steps": 3, "batch_size": 4, "units": 9, "seconds": 1.0},
        "made": {
            "model": "labse",
            "base_model": "sentence-transformers/LaBSE",
            "revision": "abc",
            "license": "apache-2.0",
            "recipe": "hybrid",
            "drawing": {"mix": {"mono": 0.5, "cross": 0.5, "mixed": 0.0}},
            "corpus": "squad-translated",
            "corpus_license": "cc-by-sa-4.0",
            "relation": "qa",
            "languages": ["de"],
            "settings": {"prompts": {"query": "Query: ", "document": "Passage: "}},
            "similarity": "cosine",
            "seed": 0,
            "command": "",
        },
    }
    text = card.card(EncoderRecord.model_validate(record))
    front = yaml.safe_load(text.split("---\n")[1])
    assert front["base_model"] == "sentence-transformers/LaBSE"
    assert "model-index" not in front
    assert "sentence-transformers/LaBSE at abc" in text
    assert "base model: apache-2.0; corpus: cc-by-sa-4.0" in text
    assert "prompt='Query: '" in text
    assert "Not scored yet." in text


@pytest.mark.parametrize("content", ["", "{", "[]", '{"origin": {}}'])
def test_a_damaged_record_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "xbench.json").write_text(content)
    with pytest.raises(EncoderError, match=r"xbench.json: damaged.*; delete .*, and the encoder is trained again"):
        read_record(tmp_path)


def said_of_an_edited_record(desk: Desk, edit: Callable[[dict[str, Any]], object]) -> str:  # noqa: F811
    """What is said of a kept encoder whose record was changed, by a run that is refused."""
    assert desk.type(TRAIN).code == 0
    folder, _, _ = card_of(desk)
    record = json.loads((folder / RECORD).read_text())
    edit(record)
    (folder / RECORD).write_text(json.dumps(record))
    ended = desk.type(TRAIN.replace("--out out", "--out again"))
    assert ended.code == 2
    return ended.err


@pytest.mark.parametrize("key", ["training", "made", "origin", "lineage"])
def test_a_record_that_somebody_edits_is_seen(desk: Desk, key: str) -> None:  # noqa: F811
    change: dict[str, Any] = {"steps": 7} if key != "lineage" else {"trainings": []}
    assert "found another record than xbench wrote" in said_of_an_edited_record(
        desk, lambda kept: kept[key].update(change)
    )


def test_a_score_in_the_record_that_changes_is_seen(desk: Desk) -> None:  # noqa: F811
    said = said_of_an_edited_record(desk, lambda kept: kept["scores"]["t"].update(Mo=kept["scores"]["t"]["Mo"] + 0.125))
    assert "damaged: found other scores than xbench wrote" in said


def test_the_record_of_another_encoder_is_seen(desk: Desk) -> None:  # noqa: F811
    def with_another(kept: dict[str, Any]) -> None:
        assert desk.type(f"{TRAIN} --seed 1".replace("--out out", "--out second")).code == 0
        (other,) = (path for path in desk.folder.rglob(RECORD) if path.parent.name.endswith("seed-1"))
        whole = json.loads(other.read_text())
        kept.clear()
        kept.update(whole)

    assert "xbench.json: the record of another encoder; delete" in said_of_an_edited_record(desk, with_another)


def test_checkpoints_of_a_process_killed_right_after_it_kept_its_encoder_are_removed(desk: Desk) -> None:  # noqa: F811
    assert desk.type(TRAIN).code == 0
    folder, _, _ = card_of(desk)
    left = desk.folder / "cache" / "checkpoints" / folder.name / "step-00000002"
    left.mkdir(parents=True)
    assert desk.type(TRAIN.replace("--out out", "--out again")).code == 0
    assert not left.parent.exists()


def test_training_in_python_what_is_kept_and_damaged_is_refused(desk: Desk) -> None:  # noqa: F811
    kept = xbench.train("m.yaml", "r.yaml", "c.yaml", progress=False)
    weights = next(kept.folder.rglob("*.safetensors"))
    content = bytearray(weights.read_bytes())
    content[-3] ^= 1
    weights.write_bytes(content)
    with pytest.raises(EncoderError, match="damaged encoder"):
        xbench.train("m.yaml", "r.yaml", "c.yaml", progress=False)
