"""`xbench import mteb` and `xbench published`: numbers of others in, and shown with where they come from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from mteb_results import ENGLISH, GERMAN, META, WHOLE, belebele, file_of, subset, write_file, write_tables
from typed_lines import printed, refusal
from written_results import file_result

from xbench.commands.published import import_, published

STORE = "baselines/published/mteb-import.jsonl.xz"


@pytest.fixture(autouse=True)
def _desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XBENCH_PATH", raising=False)
    write_file(Path("mteb"), "BelebeleRetrieval", WHOLE)


def imported(line: str) -> Result:
    return CliRunner().invoke(import_, ["mteb", *line.split()])


def test_what_is_imported_is_found_and_shown_with_pairs_query_first() -> None:
    assert printed(import_, "mteb mteb")[0] == f"1 runs of 1 models on 1 tasks in {STORE}\n"
    shown = json.loads(printed(published, "show org/Model --task belebele --json")[0])
    assert shown["pairs"] == {"de-de": 0.8, "de-en": 0.75, "en-de": 0.25, "en-en": 0.9}
    assert (shown["Mo"], shown["Cr"], shown["n"]) == (0.85, 0.5, {"Mo": 2, "Cr": 2})
    assert (shown["source"], shown["metric"], shown["task"]) == ("own mteb results", "nDCG@10", "belebele")
    assert shown["commit"] is None and shown["mteb_version"] == "2.1.0" and shown["facts"]["embed_dim"] == 1024


def test_another_metric_and_another_place_are_asked_for(tmp_path: Path) -> None:
    printed(import_, f"mteb mteb --out {tmp_path}/x/mine.jsonl.gz --source lab --commit {'c' * 40}")
    line = f"show org/Model --task BelebeleRetrieval --metric R@1 --json --published {tmp_path}/x/mine.jsonl.gz"
    shown = json.loads(printed(published, line)[0])
    assert shown["pairs"]["de-en"] == 0.1875 and shown["metric"] == "R@1"
    assert (shown["source"], shown["commit"]) == ("lab", "c" * 40)
    assert "AP@1000" in refusal(published, line.replace("R@1", "AP"))


def test_a_table_says_source_means_and_what_is_missing() -> None:
    printed(import_, "mteb mteb")
    out, _ = printed(published, "show org/Model --task belebele")
    assert "source own mteb results, commit not stated" in out
    assert "Mo 0.85000 (n = 2), Cr 0.50000 (n = 2)" in out and "4 of the 376 pairs" in out
    assert [line.split() for line in out.splitlines()[-2:]] == [
        ["de", "0.80000", "0.75000"],
        ["en", "0.25000", "0.90000"],
    ]


def test_what_is_wrong_is_left_out_named_and_ends_with_1() -> None:
    write_file(Path("mteb"), "BelebeleRetrieval", belebele(ENGLISH | {"main_score": 7}), META | {"name": "org/Bad"})
    end = imported("mteb")
    assert end.exit_code == 1 and end.stderr.startswith("left out: ") and "main_score: found 7" in end.stderr
    assert end.stdout == f"1 runs of 1 models on 1 tasks in {STORE}\n"


def test_where_nothing_can_be_read_nothing_is_written() -> None:
    write_file(Path("other"), "Banking77Classification", {})
    assert "no run in other" in refusal(import_, "mteb other")
    assert not Path(STORE).exists()
    assert "ends in .jsonl" in refusal(import_, "mteb mteb --out mine.csv")
    assert "--commit: found 'abc'" in refusal(import_, "mteb mteb --commit abc")


def test_tables_are_imported_like_files() -> None:
    from mteb_results import row

    write_tables(Path("tables"), [row("BelebeleRetrieval", "deu_Latn-eng_Latn", 0.25)])
    printed(import_, "mteb tables --out t.jsonl")
    shown = json.loads(printed(published, "show org/Model --task belebele --json --published t.jsonl")[0])
    assert shown["pairs"] == {"en-de": 0.25} and shown["Mo"] is None and shown["n"] == {"Mo": 0, "Cr": 1}


def test_several_revisions_and_sources_have_to_be_told_apart() -> None:
    write_file(Path("mteb"), "BelebeleRetrieval", belebele(GERMAN), META | {"revision": "two"}, "two")
    printed(import_, "mteb mteb --out a.jsonl")
    line = "show org/Model --task belebele --published a.jsonl --json"
    assert "say which --revision" in refusal(published, line)
    assert json.loads(printed(published, f"{line} --revision two")[0])["pairs"] == {"de-de": 0.8}
    assert "--revision 'three': found" in refusal(published, f"{line} --revision three")
    printed(import_, "mteb mteb --out b.jsonl --source lab")
    line = f"{line} --published b.jsonl --revision two"
    assert "say which --source" in refusal(published, line)
    assert json.loads(printed(published, f"{line} --source lab")[0])["source"] == "lab"


def test_tasks_and_models_are_listed() -> None:
    printed(import_, "mteb mteb")
    records = json.loads(printed(published, "list --json")[0])
    own = [record for record in records if record["source"] == "own mteb results"]
    assert [(record["task"], record["mteb_task"], record["models"]) for record in own] == [
        ("belebele", "BelebeleRetrieval", 1)
    ]
    models = json.loads(printed(published, "list --task belebele --json")[0])
    assert "org/Model" in {run["model"] for run in models} and len(models) > 200
    assert "pairs" not in models[0] and {"Mo", "Cr", "n", "facts"} <= set(models[0])
    lines = printed(published, "list --task belebele")[0].splitlines()
    assert lines[0].split() == ["model", "revision", "Mo", "Cr", "pairs", "parameters", "source"]
    assert any(line.startswith("org/Model") and "4 of 376" in line for line in lines)
    assert "--split goes with --task" in refusal(published, "list --split test")


def test_what_is_not_there_is_refused_with_what_is_near() -> None:
    assert "did you mean 'BAAI/bge-m3'" in refusal(published, "show bge-m3 --task belebele")
    assert "did you mean 'mlqa'" in refusal(published, "show BAAI/bge-m3 --task mlqa-r")
    assert "split 'dev': mlqa has test and validation" in refusal(published, "show a/b --task mlqa --split dev")


def test_what_xbench_exports_comes_back(tmp_path: Path) -> None:
    """Pairs are swapped on both ways."""
    from xbench.commands.exchange import export

    key = {
        "task": "MuPLeR-retrieval",
        "revision": "e" * 40,
        "split": "test",
        "subset": "{corpus}",
        "languages": {"de": "deu-Latn", "en": "eng-Latn", "fi": "fin-Latn"},
        "main_score": "nDCG@10",
    }
    path = file_result(
        tmp_path / "a", {"en-en": 0.75, "fi-fi": 0.5}, task={"name": "muplere", "group": "question", "mteb": key}
    )
    stored = json.loads(path.read_text())
    text = json.dumps(stored).replace('"AP"', '"nDCG@10"')
    path.write_text(text)
    printed(export, f"mteb {path} --out out --name org/mine --revision v1")
    printed(import_, "mteb out --out back.jsonl")
    shown = json.loads(printed(published, "show org/mine --task muplere --json --published back.jsonl")[0])
    assert shown["pairs"] == {"en-en": 0.75, "fi-fi": 0.5} and shown["mteb_version"] is None


def test_mlqa_goes_by_query_and_document() -> None:
    write_file(Path("q"), "MLQARetrieval", file_of("MLQARetrieval", {"test": [subset("ara-deu", 0.5)]}))
    printed(import_, "mteb q --out q.jsonl")
    shown = json.loads(printed(published, "show org/Model --task mlqa --json --published q.jsonl")[0])
    assert shown["pairs"] == {"de-ar": 0.5}


def test_an_import_is_never_written_over() -> None:
    printed(import_, "mteb mteb")
    before = Path(STORE).read_bytes()
    assert f"--out {STORE}: it is there already" in refusal(import_, "mteb mteb --source other")
    assert Path(STORE).read_bytes() == before
