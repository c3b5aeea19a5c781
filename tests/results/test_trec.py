"""What `xbench score` promises about TREC files."""

from pathlib import Path

import pytest

from xbench.errors import DataError, SpecError
from xbench.results.trec import score_run

QRELS = "q1 0 a 1\nq1 0 b 0\nq2 0 c 1\nq3 0 a 1\n"
ODD = ("1_000", "١٢", "0x10", "inf", "1e", "--1", "1,5", "Infinity")
RUN = "q1 Q0 b 1 2.0 x\nq1 Q0 a 2 1.5 x\nq2 Q0 c 1 0.5 x\nother Q0 a 1 1.0 x\n"


def write(folder: Path, run: str = RUN, qrels: str = QRELS) -> tuple[Path, Path]:
    (folder / "run.txt").write_text(run)
    (folder / "qrels.txt").write_text(qrels)
    return folder / "run.txt", folder / "qrels.txt"


def test_a_run_is_scored_over_all_judged_queries_and_a_missing_one_scores_0(tmp_path: Path) -> None:
    means, judged, missing, notes = score_run(*write(tmp_path), ["AP", "RR", "R@1", "nDCG@10"])
    assert notes == (
        "1 queries of the run are not judged and not scored, such as 'other'",
        "1 judged queries are not in the run and score 0, such as 'q3'",
    )
    assert (judged, missing) == (3, 1)
    assert means["AP"] == means["RR"] == pytest.approx((0.5 + 1 + 0) / 3)
    assert means["R@1"] == pytest.approx((0 + 1 + 0) / 3)
    assert means["nDCG@10"] == pytest.approx((0.6309297535714575 + 1) / 3, abs=1e-6)


@pytest.mark.parametrize(
    ("run", "qrels", "words"),
    [
        ("q1 Q0 b 1 2.0\n", QRELS, r"run.txt:1: found 5 fields, expected 6"),
        ("", QRELS, "run.txt: empty"),
        (RUN, "q1 0 a\n", r"qrels.txt:1: found 3 fields, expected 4"),
        (RUN, "q1 0 a yes\n", "grade 'yes'"),
        (RUN, f"q1 0 a {'9' * 20}\n", "at most 6 digits"),
        (RUN, f"q1 0 a {'9' * 5000}\n", f"grade '{'9' * 30}': expected"),
        ("q1 Q0 b 1 high x\n", QRELS, "score 'high'"),
        ("q1 Q0 b 1 nan x\n", QRELS, "score 'nan'"),
        *(
            (f"q1 Q0 b 1 {score} x\n", QRELS, f"run.txt:1: score '{score}': expected a number in digits")
            for score in ODD
        ),
        ("q1 Q0 b 1 1e39 x\n", QRELS, r"run.txt:1: score '1e39': beyond 3.4e\+38, the largest float32"),
        ("q1 Q0 b 2.0 1 x\n", QRELS, "run.txt:1: rank '2.0': expected a whole number; are rank and score swapped?"),
        ("q1 Q0 b 1 1 x\nq1 Q0 a 2 2 x\n", QRELS, "run.txt: scores rise from the first rank to the last; swapped"),
        ("x1 Q0 b 1 1 x\n", QRELS, r"run.txt: no query in common with .*qrels.txt \('x1' and 'q1'\); swapped columns"),
        ("q1 Q0 d-b 1 1 x\n", QRELS, r"run.txt: no document in common with .*qrels.txt \('d-b' and 'a'\)"),
        (RUN, "a 0 q1 1\nb 0 q1 0\n", "no query in common"),
        (RUN, "q1 0 a 1_0\n", "qrels.txt:1: grade '1_0': expected a whole number"),
        (RUN, "q1 0 a ١\n", "qrels.txt:1: grade '١': expected a whole number"),
        ("q1 Q0 b 1 2 x\nq1 Q0 b 2 1 x\n", QRELS, r"run.txt:2: document 'b' stands twice"),
    ],
)
def test_a_file_of_another_layout_is_named_with_its_line(tmp_path: Path, run: str, qrels: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        score_run(*write(tmp_path, run, qrels), ["AP"])


def test_ranks_that_say_another_order_than_the_scores_are_said(tmp_path: Path) -> None:
    tied = "q1 Q0 a 1 2.0 x\nq1 Q0 b 2 2.0 x\nq2 Q0 c 1 0.5 x\n"
    said = score_run(*write(tmp_path, tied), ["RR"])
    assert said.means["RR"] == pytest.approx((0.5 + 1 + 0) / 3)  # b stands before a, whatever its rank
    assert said.notes[1:] == (
        "1 queries have documents of one score at ranks in another order than trec_eval's, such as 'q1': it orders "
        "ties by id, the last one first",
    )
    against = "q1 Q0 a 1 1.0 x\nq1 Q0 b 2 3.0 x\nq1 Q0 d 3 2.0 x\nq2 Q0 c 1 0.5 x\nq2 Q0 a 2 0.1 x\n"
    assert score_run(*write(tmp_path, against), ["RR"]).notes[1:] == (
        "1 queries have ranks that contradict their scores, such as 'q1': trec_eval orders by score",
    )
    as_it_orders = "q1 Q0 b 1 2.0 x\nq1 Q0 a 2 2.0 x\nq2 Q0 a 0 0.5 x\nq2 Q0 c 0 0.7 x\n"
    assert len(score_run(*write(tmp_path, as_it_orders), ["RR"]).notes) == 1
    unjudged = "q1 Q0 b 1 2.0 x\nother Q0 a 1 1 x\nother Q0 b 2 1 x\nq2 Q0 c 1 0.5 x\n"
    assert not any("ranks" in note for note in score_run(*write(tmp_path, unjudged), ["RR"]).notes)


def test_scores_that_are_one_in_float32_and_queries_without_a_relevant_document_are_said(tmp_path: Path) -> None:
    run = "q1 Q0 a 1 16777217 x\nq1 Q0 b 2 16777216 x\nq2 Q0 c 1 .5e-2 x\n"
    assert score_run(*write(tmp_path, run, "q1 0 a 1\nq2 0 c 0\n"), ["AP"]).notes == (
        "1 judged queries have no relevant document and score 0, such as 'q2'",
        "1 queries have scores that differ and are the same as float32, which trec_eval reads: their documents are "
        "ordered by id; such as 'q1'",
    )


def test_a_grade_below_0_is_judged_and_not_relevant(tmp_path: Path) -> None:
    means = [score_run(*write(tmp_path, qrels=f"q1 0 a 1\nq1 0 b {grade}\n"), ["nDCG@10"])[0] for grade in (0, -2)]
    assert means[0] == means[1] == pytest.approx({"nDCG@10": 0.6309297535714575}, abs=1e-6)


@pytest.mark.parametrize("metric", ["MAP", "AP@20", "Judged@10"])
def test_a_metric_that_is_unknown_or_means_something_else_is_refused(tmp_path: Path, metric: str) -> None:
    with pytest.raises(SpecError, match="--metric"):
        score_run(*write(tmp_path), [metric])


def test_success_is_that_of_the_referee(tmp_path: Path) -> None:
    assert score_run(*write(tmp_path), ["S@1", "S@10"])[0] == pytest.approx({"S@1": 1 / 3, "S@10": 2 / 3})
