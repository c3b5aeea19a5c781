"""What `xbench cite` promises: true entries, every source once, and what is not known printed as it stands."""

import re
import sys
from pathlib import Path

import pytest
import yaml
from written_results import file_result

from xbench import __version__, cli
from xbench.reports.citations import KINDS, Cited, bibliography, bibtex, of_result, of_spec
from xbench.results.reading import read_result
from xbench.specs import registry

TOP = Path(__file__).parents[2]
ENTRY = re.compile(r"^@(\w+)\{([\w.-]+),\n((?:  \w+ = \{.*\},\n)+)\}$", re.M)


def entries(text: str) -> dict[str, dict[str, str]]:
    """Fields by key of BibTeX that this project wrote."""
    return {
        key: {"type": kind} | dict(re.findall(r"^  (\w+) = \{(.*)\},$", fields, re.M))
        for kind, key, fields in ENTRY.findall(text)
    }


def cited(line: str, name: str = "toy") -> Cited:
    return Cited("task", name, "A title", line)


def test_an_arxiv_number_in_a_line_finds_its_entry() -> None:
    found = entries(bibtex([cited("Roy et al. 2020, LAReQA, arXiv 2004.05484; Lewis et al. 2020, arXiv:1910.07475")]))
    assert list(found) == ["lareqa", "mlqa", "xbench"]
    assert found["lareqa"]["author"].startswith("Uma Roy and Noah Constant and ")
    assert found["mlqa"]["type"] == "inproceedings"


def test_a_key_names_its_entry_and_each_entry_stands_once() -> None:
    text = bibtex([cited("squad; xtreme"), cited("squad", "other"), cited("Feng et al. 2022, arXiv 2007.01852")])
    assert list(entries(text)) == ["squad", "xtreme", "labse", "xbench"]
    assert text.count("@") == 4


def test_what_is_not_known_is_printed_word_for_word_and_never_guessed() -> None:
    found = entries(bibtex([cited("Nobody & Co 1999, arXiv 9999.99999; squad")]))
    entry = found["task-toy-1"]
    assert entry == {"type": "misc", "title": "{A title}", "note": r"Nobody \& Co 1999, arXiv 9999.99999"}
    assert "squad" in found


def test_specs_without_a_source_are_named_in_one_comment() -> None:
    silent = [Cited("model", "random", "Chance", ""), Cited("task", "mine", "Mine", ""), Cited("task", "mine", "", "")]
    assert bibtex(silent).startswith("% without a source of their own: model random, task mine\n@misc{xbench")


def test_xbench_cites_itself_as_its_citation_file_does() -> None:
    file = yaml.safe_load((TOP / "CITATION.cff").read_text(encoding="utf-8"))
    entry = entries(bibtex([]))["xbench"]
    assert entry["title"] == f"{{{file['title']}}}"
    assert entry["author"] == " and ".join(f"{{{author['name']}}}" for author in file["authors"])
    assert entry["note"] == f"Version {file['version']}" == f"Version {__version__}"


def test_every_shipped_line_with_an_arxiv_number_is_known() -> None:
    """A spec may cite what has no number; a number without an entry is an entry that is missing."""
    numbers = {publication.eprint for publication in bibliography().values()}
    for kind in KINDS:
        for name in registry.known(kind):
            line = of_spec(kind, registry.load(kind, name).spec).cite
            unknown = set(re.findall(r"\d{4}\.\d{4,5}", line)) - numbers
            assert not unknown, f"{kind} {name}: {unknown}"


def test_the_bibliography_is_whole_and_prints_as_bibtex() -> None:
    known = bibliography()
    text = bibtex([cited("; ".join(known))])
    assert set(entries(text)) == set(known)
    assert len(entries(text)) == text.count("\n@") + 1
    for key, publication in known.items():
        assert publication.author, key
        assert publication.eprint or publication.doi or publication.url or key == "xbench", key
    numbers = [publication.eprint for publication in known.values() if publication.eprint]
    assert len(numbers) == len(set(numbers))
    for key, entry in entries(text).items():
        assert all(value.count("{") == value.count("}") for value in entry.values()), key


def test_a_result_cites_all_of_its_specs(tmp_path: Path) -> None:
    task = {"name": "toy", "title": "", "group": "question", "cite": "squad"}
    path = file_result(tmp_path, {"de-de": 0.5}, task=task)
    assert [one.kind for one in of_result(read_result(path))] == ["task", "model"]
    assert "squad" in entries(bibtex(of_result(read_result(path))))


def test_the_command_takes_results_and_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    task = {"name": "toy", "title": "", "group": "question", "cite": "squad"}
    file_result(tmp_path, {"de-de": 0.5}, task=task)
    monkeypatch.setattr(sys, "argv", ["xbench", "cite", str(tmp_path), "--recipe", "hybrid", "--task", "xquad-r"])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 0
    assert list(entries(capsys.readouterr().out)) == ["squad", "lareqa", "xquad", "hybrid-batches", "xbench"]


def test_no_name_or_source_breaks_out_of_its_field() -> None:
    hostile = "}, author = {x}} \\input{/etc/passwd} % ~^ \x1b \n@misc{y"
    text = bibtex([Cited("task", hostile, hostile, hostile), Cited("model", hostile, "", "")])
    assert list(entries(text)) == [
        "task-author-x-input-etc-passwd-misc-y".replace("task-author", "task--author"),
        "xbench",
    ]
    assert len(re.findall(r"^@", text, re.M)) == 2 and "\x1b" not in text
    fields = re.sub(r"\\text\w+\{\}", "", text)
    assert fields.count("{") == fields.count("}") and "\\input" not in fields
