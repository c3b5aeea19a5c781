"""The script that makes what ships: one run of a model on a split, by a rule, and a word for all that is left out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from mteb_results import ENGLISH, META, WHOLE, belebele, write_file

from xbench.published.store_reading import read_store

SCRIPTS = Path(__file__).parents[2] / "benchmarks"


def made(folder: Path, out: Path) -> dict[str, Any]:
    import runpy

    script = SCRIPTS / "published_mteb.py"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [str(script), str(folder), str(out)])
        runpy.run_path(str(script), run_name="__main__")
    manifest: dict[str, Any] = json.loads((out / "manifest.json").read_text())
    return manifest


def at(folder: Path, revision: str, content: dict[str, Any], task: str = "BelebeleRetrieval", **meta: Any) -> Path:
    return write_file(folder, task, content, META | {"revision": revision} | meta, revision)


def test_of_several_revisions_the_one_with_most_pairs_then_of_the_newest_mteb_is_taken(tmp_path: Path) -> None:
    folder = tmp_path / "clone"
    at(folder, "z" * 5, belebele(ENGLISH, mteb_version="9.9.9"))
    at(folder, "a" * 5, WHOLE | {"mteb_version": "1.9.0"})
    at(folder, "b" * 5, WHOLE | {"mteb_version": "1.10.0"})
    at(folder, "external", WHOLE)
    manifest = made(folder, tmp_path / "out")
    (run,) = read_store(tmp_path / "out")
    assert (run.revision, run.versions.mteb_version) == ("bbbbb", "1.10.0")
    assert manifest["left_out"]["revisions"] == [
        f"BelebeleRetrieval: org/Model at {revision}, test" for revision in ("aaaaa", "external", "zzzzz")
    ]


def test_what_is_not_read_or_not_whole_is_listed(tmp_path: Path) -> None:
    folder = tmp_path / "clone"
    at(folder, "a" * 5, belebele(ENGLISH), name="org/Sizeless", n_parameters=None)
    at(folder, "a" * 5, {"mteb_dataset_name": "BelebeleRetrieval", "test": {}}, name="org/Old")
    at(folder, "a" * 5, belebele(ENGLISH | {"main_score": 7}), name="org/Wrong")
    large = at(folder, "a" * 5, {}, "FloresBitextMining")
    large.write_bytes(b" " * ((1 << 22) + 1))
    manifest = made(folder, tmp_path / "out")
    out = manifest["left_out"]
    assert out["large_files"] == {"FloresBitextMining": 1}
    assert out["older_files"] == ["results/org__Old/aaaaa/BelebeleRetrieval.json"]
    assert len(out["faults"]) == 1 and "results/org__Wrong" in out["faults"][0]
    assert manifest["without_size"] == ["org/Sizeless"]
    assert manifest["tasks"]["belebele"]["partial"] == {"org/Sizeless at aaaaa, test": 1}


def test_the_same_results_give_the_same_bytes(tmp_path: Path) -> None:
    at(tmp_path / "clone", "a" * 5, WHOLE)
    made(tmp_path / "clone", tmp_path / "a")
    made(tmp_path / "clone", tmp_path / "b")
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == ["belebele.jsonl.xz", "manifest.json", "models.jsonl.xz"]
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
