"""Models by hub id: read from the hub's cache in its true layout, pinned by commit, without a network."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_models import tiny_bert

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    """A hub cache that holds one model: `models--org--tiny/{refs/main, snapshots/COMMIT/}`."""
    home = tmp_path / "hub"
    model = home / "models--org--tiny"
    tiny_bert(model / "snapshots" / COMMIT)
    (model / "refs").mkdir()
    (model / "refs" / "main").write_text(COMMIT)
    return home


def xbench(folder: Path, hub: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: hub libraries read their environment when they are imported."""
    environment = os.environ | {"HF_HUB_CACHE": str(hub), "XBENCH_CACHE": str(folder / "cache"), "HF_HUB_OFFLINE": "1"}
    command = [
        sys.executable,
        "-m",
        "xbench",
        "run",
        "--task",
        "facts",
        "--languages",
        "de,en",
        "--offline",
        *arguments,
    ]
    top = str(Path(__file__).parents[2])
    environment["PYTHONPATH"] = os.pathsep.join([top, environment.get("PYTHONPATH", "")])
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_a_hub_id_is_resolved_to_its_commit_and_the_commit_is_in_the_result(hub: Path, tmp_path: Path) -> None:
    from xbench.results.reading import read_result

    done = xbench(tmp_path, hub, "--model", "org/tiny")
    assert done.returncode == 0, done.stderr
    (path,) = (tmp_path / "results").rglob("*.json")
    result = read_result(path)
    assert result.model == "org-tiny"
    assert result.provenance.encoder["revision"] == COMMIT
    pinned = tmp_path / "pinned.yaml"
    pinned.write_text(f"name: org-tiny\nformat: sentence\nhub: org/tiny\nrevision: {COMMIT}\n")
    again = xbench(tmp_path, hub, "--model", str(pinned))
    assert "kept results" in again.stderr  # the commit is what counts, however it was named


def test_a_model_that_the_cache_lacks_is_one_line_offline(hub: Path, tmp_path: Path) -> None:
    done = xbench(tmp_path, hub, "--model", "org/absent")
    assert done.returncode == 2
    assert "not in the hub cache, and --offline forbids fetching it" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "results").exists()
