"""The files of a task, each verified, and nothing said where nothing is fetched."""

from __future__ import annotations

from pathlib import Path

import pytest
from facts_request import Listener

from xbench.data.download import Storage
from xbench.errors import DataError
from xbench.jobs.pull import pull
from xbench.specs import registry

TASK = "name: own\nlanguages: [en, de]\nformat: lareqa\nsource: {path: 'own/{lang}.json'SHA}\n"


def pulled(folder: Path, listener: Listener, sha256: str = "") -> list[tuple[str, Path]]:
    (folder / "own.yaml").write_text(TASK.replace("SHA", sha256))
    storage = Storage(cache=folder / "cache", offline=True)
    return list(pull(registry.load("task", str(folder / "own.yaml")), storage, listener))


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    (tmp_path / "own").mkdir()
    paths = {language: tmp_path / "own" / f"{language}.json" for language in ("en", "de")}
    for path in paths.values():
        path.write_text("{}")
    return paths


def test_every_file_is_named_with_its_language_in_the_order_of_the_task(tmp_path: Path, files: dict[str, Path]) -> None:
    listener = Listener()
    assert pulled(tmp_path, listener) == list(files.items())
    assert listener.lines == []


def test_a_file_of_other_bytes_is_refused(tmp_path: Path, files: dict[str, Path]) -> None:
    with pytest.raises(DataError, match=f"{files['de']}: sha256 mismatch: found [0-9a-f]+…, expected 0000"):
        pulled(tmp_path, Listener(), f", sha256: {{de: '{'0' * 64}'}}")


def test_what_is_not_here_is_said_before_it_is_refused(tmp_path: Path) -> None:
    listener = Listener()
    with pytest.raises(DataError, match=r"own/en\.json"):
        pulled(tmp_path, listener)
    assert listener.lines == [f"fetch own: 2 files, of unknown size, kept in {tmp_path / 'cache'}"]


def test_a_task_without_files_has_none(tmp_path: Path) -> None:
    assert list(pull(registry.load("task", "facts"), Storage(cache=tmp_path, offline=True), Listener())) == []
