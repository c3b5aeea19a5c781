"""The site's folder between two builds: what stays, what goes, and what is not trusted."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from copy import copy
from pathlib import Path

import pytest

from xbench.board.output import RECORD, Output
from xbench.files import sweep_beside


def build(folder: Path, pages: Iterable[str], generator: str = "g") -> Output:
    output = Output(folder, generator)
    for name in pages:
        output.write(name, f"<p>{name}", made_from=name)
    output.finish()
    return output


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_page_that_is_no_longer_made_goes_unless_somebody_changed_it(tmp_path: Path) -> None:
    build(tmp_path, ["index.html", "runs/old.html", "runs/edited.html"])
    (tmp_path / "runs" / "edited.html").write_text("<p>runs/edited.html, by hand")
    build(tmp_path, ["index.html"])
    assert names(tmp_path) == [RECORD, "index.html", "runs/edited.html"]


def test_a_page_stays_only_where_it_is_whole_and_made_from_the_same(tmp_path: Path) -> None:
    build(tmp_path, ["a.html", "b.html"])
    again = Output(tmp_path, "g")
    assert again.keep("a.html", "a.html")
    assert not again.keep("a.html", "other") and not again.keep("c.html", "c.html")
    (tmp_path / "b.html").write_text("<p>b")
    assert not again.keep("b.html", "b.html")
    (tmp_path / "a.html").unlink()
    assert not again.keep("a.html", "a.html")


def test_another_generator_keeps_no_page_and_still_clears_up(tmp_path: Path) -> None:
    build(tmp_path, ["a.html", "b.html"])
    other = Output(tmp_path, "another")
    assert not other.keep("a.html", "a.html")
    other.write("a.html", "<p>new", "a.html")
    other.finish()
    assert names(tmp_path) == ["a.html", RECORD] and (tmp_path / "a.html").read_text() == "<p>new"


def test_a_record_of_which_one_number_changed_is_believed_in_nothing(tmp_path: Path) -> None:
    build(tmp_path, ["a.html"])
    record = tmp_path / RECORD
    record.write_text(record.read_text().replace('"a.html":["a.html"', '"a.html":["b.html"'))
    assert not Output(tmp_path, "g").keep("a.html", "b.html")


def test_a_page_for_which_there_is_no_room_is_one_line_and_no_half(tmp_path: Path) -> None:
    code = (
        "import resource, sys; from pathlib import Path; from xbench.board.output import Output\n"
        "output = Output(Path(sys.argv[1]), 'g')\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
        "output.write('a.html', 'x' * 11)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    assert f"XbenchError: cannot write {tmp_path / 'a.html'}: File too large" in ended.stderr
    assert names(tmp_path) == []


@pytest.mark.parametrize("record", ["", "{", "[]", '{"files": [], "runs": {}}', '{"files": {}}'])
def test_a_damaged_record_vouches_for_nothing_and_removes_nothing(tmp_path: Path, record: str) -> None:
    build(tmp_path, ["a.html", "b.html"])
    (tmp_path / RECORD).write_text(record)
    assert not Output(tmp_path, "g").keep("a.html", "a.html")
    build(tmp_path, ["a.html"])
    assert names(tmp_path) == ["a.html", "b.html", RECORD]


def test_what_other_processes_wrote_is_recorded_with_the_rest(tmp_path: Path) -> None:
    """A child starts as a copy of its parent and tells what it did beyond that."""
    parent = Output(tmp_path, "g")
    parent.write("index.html", "<p>")
    child = copy(parent)
    child._files, child._staged = dict(parent._files), set(parent._staged)
    child.write("runs/a.html", "<p>a")
    parent.adopt(child.since(["index.html"]))
    assert child.since(["index.html"])[1] == ["runs/a.html"]
    assert parent.finish() == [tmp_path / name for name in ("index.html", "runs/a.html", RECORD)]
    assert set(json.loads((tmp_path / RECORD).read_text())["files"]) == {"index.html", "runs/a.html"}


def test_a_page_of_the_same_length_is_written_where_its_bytes_differ(tmp_path: Path) -> None:
    build(tmp_path, ["a.html"])
    (tmp_path / "a.html").write_text("<p>b.html")
    build(tmp_path, ["a.html"])
    assert (tmp_path / "a.html").read_text() == "<p>a.html"


def test_a_file_with_the_same_bytes_is_not_written_again(tmp_path: Path) -> None:
    build(tmp_path, ["a.html"])
    before = (tmp_path / "a.html").stat().st_mtime_ns
    build(tmp_path, ["a.html"])
    assert (tmp_path / "a.html").stat().st_mtime_ns == before


def test_nothing_of_a_site_changes_before_all_of_it_does(tmp_path: Path) -> None:
    site = tmp_path / "site"
    build(site, ["index.html", "old.html"])
    before = {name: (site / name).read_bytes() for name in names(site)}
    output = Output(site, "g")
    output.write("index.html", "<p>new")
    output.write("new.html", "<p>new")
    assert {name: (site / name).read_bytes() for name in names(site)} == before
    output.finish()
    assert names(site) == [RECORD, "index.html", "new.html"] and (site / "index.html").read_text() == "<p>new"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_build_that_is_killed_leaves_the_old_site_and_the_next_one_clears_up(tmp_path: Path) -> None:
    site = tmp_path / "site"
    build(site, ["index.html"])
    before = {name: (site / name).read_bytes() for name in names(site)}
    code = (
        "import os, sys; from pathlib import Path; from xbench.board import staging\n"
        "from xbench.board.output import Output\n"
        "output = Output(Path(sys.argv[1]), 'g')\n"
        "output.write('index.html', 'x'); output.write('more.html', 'x')\n"
        "staging._exchange = lambda *folders: os.kill(os.getpid(), 9)\n"
        "output.finish()\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(site)], check=False).returncode == -9
    assert {name: (site / name).read_bytes() for name in names(site)} == before
    assert len(list(tmp_path.iterdir())) == 2
    sweep_beside.cache_clear()
    build(site, ["index.html", "b.html"])
    assert names(site) == ["b.html", RECORD, "index.html"] and len(list(tmp_path.iterdir())) == 1


def test_two_folders_are_exchanged_in_one_step_or_in_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for system in (sys.platform, "another"):
        monkeypatch.setattr("xbench.board.staging.sys.platform", system)
        site = tmp_path / system
        build(site, ["index.html", "a.html"])
        build(site, ["index.html", "b.html"])
        assert names(site) == ["b.html", RECORD, "index.html"]
    assert len(list(tmp_path.iterdir())) == 2


def test_files_of_others_stay_where_a_site_is_replaced(tmp_path: Path) -> None:
    site = tmp_path / "site"
    build(site, ["index.html"])
    (site / ".git").mkdir()
    (site / ".git" / "HEAD").write_text("ref")
    (site / "empty").mkdir()
    (site / "link").symlink_to("nowhere")
    build(site, ["index.html", "a.html"])
    assert (site / ".git" / "HEAD").read_text() == "ref" and (site / "empty").is_dir()
    assert (site / "link").readlink() == Path("nowhere")


@pytest.mark.parametrize("place", ["working", "full", "linked", "shut"])
def test_a_folder_that_is_more_than_a_site_gets_its_files_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    site = tmp_path / "site"
    build(site, ["index.html", "old.html"])
    node = site.stat().st_ino
    match place:
        case "working":
            monkeypatch.chdir(site)
        case "full":
            monkeypatch.setattr("xbench.board.staging.MOST_FOREIGN", 1)
            (site / "mine").write_text("")
            (site / "yours").write_text("")
        case "linked":
            (tmp_path / "link").symlink_to("site")
            build(tmp_path / "link", ["index.html", "new.html"])
            assert (tmp_path / "link").is_symlink()
        case _:
            monkeypatch.setattr("xbench.board.staging._may_be_replaced", lambda _: False)
    build(Path("." if place == "working" else site), ["index.html", "new.html"])
    assert {RECORD, "index.html", "new.html"} <= set(names(site)) and not (site / "old.html").exists()
    assert (site.stat().st_ino == node) == (place != "linked") and not list(site.glob(".*"))


def test_what_is_forgotten_is_no_file_of_the_site(tmp_path: Path) -> None:
    build(tmp_path, ["index.html", "a.html"])
    output = Output(tmp_path, "g")
    output.write("index.html", "<p>new")
    assert output.keep("a.html", "a.html")
    output.forget()
    output.write("b.html", "<p>b")
    output.finish()
    assert names(tmp_path) == ["b.html", RECORD]
