"""Commands that speak the formats of others: run files in, tables and BibTeX out."""

from __future__ import annotations

from pathlib import Path

import pytest
from typed_lines import printed, refusal
from written_results import file_result

from xbench.commands.exchange import cite, export, score, table

CELLS = {"de-de": 0.75, "en-en": 0.75, "de-en": 0.5, "en-de": 0.25}


@pytest.fixture(autouse=True)
def _results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file_result(Path("a"), CELLS)
    file_result(Path("b"), dict.fromkeys(CELLS, 0.5), model="two", digest="b" * 64)


def test_a_judged_query_that_a_run_lacks_scores_0_and_is_counted() -> None:
    Path("run").write_text("q1 Q0 d2 1 2.0 x\nq1 Q0 d1 2 1.0 x\n")
    Path("qrels").write_text("q1 0 d1 1\nq2 0 d1 1\n")
    assert printed(score, "run qrels --metric AP --metric S@1 --metric S@2")[0] == (
        "AP\t0.250000\nS@1\t0.000000\nS@2\t0.500000\nqueries\t2\t1 of them not in the run\n"
    )
    Path("qrels").write_text("q1 0 d1 1\n")
    assert printed(score, "run qrels --metric AP")[0] == "AP\t0.500000\nqueries\t1\n"


def test_a_table_has_a_row_for_every_model_in_the_order_in_which_they_are_named() -> None:
    out, _ = printed(table, "b a --no-intervals")
    rows = [line.split(" | ")[:3] for line in out.splitlines() if line.startswith(("| one", "| two"))]
    assert rows == [["| two", "<ins>50.0</ins>", "**50.0**"], ["| one", "**75.0**", "<ins>37.5</ins>"]]


def test_a_table_in_a_file_is_the_one_that_would_be_printed() -> None:
    shown, notes = printed(table, "a b --format csv")
    assert printed(table, "a b --format csv --out deep/t.csv") == ("", f"{notes}wrote deep/t.csv\n")
    assert Path("deep/t.csv").read_text() == shown
    assert [path.name for path in Path("deep").iterdir()] == ["t.csv"]


def test_what_is_cited_has_an_entry_for_each_source_and_one_for_xbench() -> None:
    out, _ = printed(cite, "--task facts --model random")
    assert out.startswith("% without a source of their own: model random\n@misc{task-facts,")
    assert out.count("@") == 2 and "@misc{xbench," in out


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("mteb a --out m --name org/x", "--name ORG/MODEL and --revision REVISION go together"),
        ("mteb a --out m --revision v1", "--name ORG/MODEL and --revision REVISION go together"),
        (
            "mteb a --out m --name x --revision v1",
            "mteb's name of a model is ORG/MODEL, of letters, digits, '.', '_' and '-', not 'x'",
        ),
        (
            "mteb a --out m --name org/x --revision ../v1",
            "a revision is one word of letters, digits, '.', '_' and '-', not '../v1'",
        ),
    ],
)
def test_a_model_of_mteb_is_named_with_its_revision(line: str, says: str) -> None:
    assert refusal(export, line) == says
    assert not Path("m").exists()


def test_differences_are_from_a_row_and_have_no_appendix() -> None:
    says = "--differences needs a --baseline, and goes without --appendix, which holds values"
    assert refusal(table, "a b --differences") == says
    assert refusal(table, "a b --differences --baseline one/none --appendix") == says
