"""`xbench data`: where the files of a task lie, and whether they are the right ones."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from typed_lines import printed, refusal

from xbench.commands.data import data

TASK = "name: own\nlanguages: [en, de]\nformat: lareqa\nsource: {path: 'own/{lang}.json'SHA}\n"
SHA256 = hashlib.sha256(b"{}").hexdigest()


@pytest.fixture(autouse=True)
def _desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("XBENCH_DATA", raising=False)
    Path("own").mkdir()
    for language in ("en", "de"):
        Path(f"own/{language}.json").write_text("{}")
    declare("")


def declare(sha256: str) -> None:
    Path("own.yaml").write_text(TASK.replace("SHA", sha256))


def test_what_a_file_was_compared_with_stands_beside_it() -> None:
    declare(f", sha256: {{de: {SHA256}}}")
    assert printed(data, "verify own.yaml")[0] == (
        "en\treadable, nothing pinned\town/en.json\nde\tsha256 ok\town/de.json\n"
    )


def test_a_file_of_other_bytes_is_named_and_not_listed() -> None:
    declare(f", sha256: {{en: '{'0' * 64}'}}")
    assert refusal(data, "verify own.yaml").startswith("own/en.json: sha256 mismatch: found 44136fa3")


def test_several_tasks_have_a_column_for_their_name() -> None:
    Path("two.yaml").write_text(TASK.replace("SHA", "").replace("name: own", "name: two"))
    files = [f"{task}\t{language}" for task in ("own", "two") for language in ("en", "de")]
    for line in ("where", "pull", "verify"):
        rows = printed(data, f"{line} own.yaml two.yaml own.yaml")[0].splitlines()
        assert [row.rsplit("\t", 1 if line != "verify" else 2)[0] for row in rows] == files
    assert printed(data, "where own.yaml facts")[0].splitlines()[-1] == "facts\tembedded; nothing to fetch"


def test_a_name_that_is_none_is_said_before_any_file() -> None:
    assert "fcts" in refusal(data, "pull own.yaml fcts")


def test_a_file_that_is_not_here_is_looked_for_and_its_language_named() -> None:
    Path("own/en.json").unlink()
    assert printed(data, "where own.yaml")[0] == "en\tnot here; looked for own/en.json\nde\town/de.json\n"
    assert refusal(data, "verify own.yaml") == ("own.yaml: en is not here; it has no `url`: see `data where`")


def test_a_data_folder_comes_before_the_task_s_own(tmp_path: Path) -> None:
    (tmp_path / "other/own").mkdir(parents=True)
    (tmp_path / "other/own/de.json").write_text("{}")
    assert printed(data, "where own.yaml --data-dir other")[0] == "en\town/en.json\nde\tother/own/de.json\n"
    assert printed(data, "pull own.yaml --data-dir other --offline") == (
        "en\town/en.json\nde\tother/own/de.json\n",
        "",
    )


@pytest.mark.parametrize("command", ["pull", "verify", "where"])
def test_a_task_without_files_says_so_to_every_command(command: str) -> None:
    assert printed(data, f"{command} facts") == ("facts\tembedded; nothing to fetch\n", "")
