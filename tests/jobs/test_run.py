"""What the main job promises: the keys others rely on, each text encoded once, nothing done twice."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xbench.data.download import Storage
from xbench.encoders.vectors import token_statistics
from xbench.jobs.request import Request
from xbench.jobs.run import run
from xbench.progress import Silent
from xbench.results.reading import read_result
from xbench.results.result import result_schema

LANGUAGES = ("de", "en", "th")


def request(folder: Path, **changes: Any) -> Request:
    defaults: dict[str, Any] = {
        "models": ("random",),
        "tasks": ("facts",),
        "languages": LANGUAGES,
        "out": folder / "results",
        "storage": Storage(cache=folder / "cache", offline=True),
        "command": "xbench run --model random",
    }
    return Request(**defaults | changes)


def test_a_result_holds_every_key_that_others_rely_on(tmp_path: Path) -> None:
    (path,) = run(request(tmp_path), Silent())
    assert path.parent == tmp_path / "results/facts/random/none"
    result = json.loads(path.read_text())
    assert [result[key] for key in ("task", "model", "recipe", "corpus", "seed")] == [
        "facts",
        "random",
        "none",
        None,
        0,
    ]
    assert result["counts"]["queries"].keys() == result["counts"]["documents"].keys() == set(LANGUAGES)
    for half, pair in (("monolingual", "en-en"), ("cross-lingual", "en-de")):
        scores = result["scores"][half]
        assert scores["pairs"][pair]["n"] == result["counts"]["queries"]["en"]
        for metric in ("AP", "nDCG@10", "R@1", "R@10"):
            assert 0 <= scores["pairs"][pair][metric] <= 1
            found = [entry[metric] for entry in scores["pairs"].values()]
            assert scores["macro"][metric] == pytest.approx(np.mean(found), abs=1e-12)
    pool = result["scores"]["multilingual"]
    assert pool["macro"]["AP"] == pytest.approx(np.mean([entry["AP"] for entry in pool["languages"].values()]))
    assert {"mean", "median", "normalised"} <= result["bias"]["rank_distance"].keys()
    assert result["bias"]["language_share"]["share"]["en"].keys() == set(LANGUAGES)
    halves = (result["scores"][half]["macro"]["AP"] for half in ("monolingual", "cross-lingual"))
    mono, cross = halves
    assert result["gap"]["absolute"] == pytest.approx(mono - cross)
    assert result["gap"]["relative"] == pytest.approx((mono - cross) / mono)
    assert result["zero_shot"]["verdict"] == "zero-shot"
    assert {"encode", "rank", "total"} <= result["timings"].keys()
    assert result["provenance"]["command"] == "xbench run --model random"
    assert set(result) == set(result_schema()["properties"]) - {"alignment"}  # where it is asked for alone


def test_a_result_holds_no_text_of_the_task(tmp_path: Path, seen: list[tuple[str, str]]) -> None:
    (path,) = run(request(tmp_path), Silent())
    content = path.read_text()
    with np.load(path.with_suffix(".npz")) as arrays:
        content += "".join(str(arrays[name].tolist()) for name in arrays.files)
    assert not [text for _, text in seen if text in content]


def test_the_per_query_file_holds_what_the_means_are_made_of(tmp_path: Path) -> None:
    (path,) = run(request(tmp_path), Silent())
    result = read_result(path)
    with np.load(path.with_suffix(".npz")) as arrays:
        english = arrays["query_language"] == "en"
        column = arrays["document_languages"].tolist().index("de")
        assert result.scores.cross_lingual is not None
        assert result.scores.cross_lingual.pairs["en-de"]["AP"] == pytest.approx(arrays["AP"][english, column].mean())
        assert arrays["top_document"].max() < len(arrays["document_id"])
        assert result.bias.rank_distance.languages["en"].mean == arrays["rank_distance"][english].mean()


def test_the_same_command_again_returns_what_is_there(tmp_path: Path, seen: list[tuple[str, str]]) -> None:
    (first,) = run(request(tmp_path), Silent())
    stamp, asked = first.stat().st_mtime_ns, len(seen)
    (second,) = run(request(tmp_path), Silent())
    assert (second, second.stat().st_mtime_ns, len(seen)) == (first, stamp, asked)


def test_what_changes_the_numbers_changes_the_digest(tmp_path: Path) -> None:
    variants: list[dict[str, Any]] = [
        {},
        {"languages": ("de", "en")},
        {"settings": {"model.dimension": 8}},
        {"settings": {"task.metrics": ["RR"]}},
        {"settings": {"task.grid.cross-lingual": "en-x"}},
        {"settings": {"task.group": "question"}},
    ]
    paths = [run(request(tmp_path, **changes), Silent())[0] for changes in variants]
    assert len({read_result(path).digest for path in paths}) == len(variants)


def test_seeds_of_an_encoder_that_knows_none_are_one_run(tmp_path: Path) -> None:
    from tiny_models import tiny_bert

    folder = tiny_bert(tmp_path / "tiny-bert")
    assert len(run(request(tmp_path, models=(str(folder),), seeds=(4, 5)), Silent())) == 1


def test_token_statistics_count_cut_and_unknown_tokens() -> None:
    found = token_statistics({"de": np.array([[10, 1], [30, 3]], np.int32)}, 20)
    assert found == {"de": {"mean": 20.0, "truncated": 0.5, "unknown": 0.1}}


def test_the_whole_grid_of_xquad_r_encodes_each_text_once_and_nothing_on_a_repeat(
    tmp_path: Path, seen: list[tuple[str, str]], data_folder: Path
) -> None:
    storage = Storage((data_folder,), tmp_path / "cache", offline=True)
    changes: dict[str, Any] = {"tasks": ("xquad-r",), "languages": (), "storage": storage}
    (path,) = run(request(tmp_path, **changes), Silent())
    assert len(seen) == len(set(seen))
    assert sum(role == "query" for role, _ in seen) <= 13_090
    assert sum(role == "document" for role, _ in seen) <= 13_014
    seen.clear()
    (again,) = run(request(tmp_path, **changes, out=tmp_path / "again"), Silent())
    assert not seen
    assert read_result(again).scores == read_result(path).scores
