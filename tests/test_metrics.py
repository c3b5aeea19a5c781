"""What a metric promises: it is said in one place, and everything that reads or writes metrics follows."""

from pathlib import Path

import pytest
from build import written
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from xbench import metrics
from xbench.errors import SpecError
from xbench.evaluation.gold_ranks import gold_ranks
from xbench.metrics import Family, Metric
from xbench.results.trec import score_run
from xbench.specs.parts import MetricName

F1 = Family(
    "F",
    lambda golds, k: 2 * golds.mean_per_query(golds.within(k)) * golds.relevant / (k + golds.relevant),
    "F1 of the first {k}",
    trec="set_F.{k}",
    mteb="f1_at_{k}",
    card="f1",
)


def test_a_metric_that_is_added_in_one_place_is_known_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = TypeAdapter(MetricName)
    with pytest.raises(ValidationError, match=r"a metric: AP, RR, AP@k, nDCG@k, R@k, S@k or Judged@k"):
        checked.validate_python("F@5")
    monkeypatch.setattr(metrics, "FAMILIES", (*metrics.FAMILIES, F1))
    assert checked.validate_python("F@5") == "F@5"
    assert metrics.pattern() == "^(AP|RR|(AP|nDCG|R|S|Judged|F)@[1-9][0-9]{0,5})$"
    metric = Metric.parse("F@2")
    golds = gold_ranks(written({"en": [[5, 3, 2, 1]]}, [[(0, 1), (0, 3)]]).ranking, [0])
    assert metric.of(golds).tolist() == pytest.approx([2 * 1 / (2 + 2)])
    assert metric.words == "F@2 (F1 of the first 2)"
    assert (metric.trec, metric.mteb, metric.card) == ("set_F.2", "f1_at_2", "f1")
    run, qrels = tmp_path / "run", tmp_path / "qrels"
    run.write_text("q Q0 d 1 1.0 x\n")
    qrels.write_text("q 0 d 1\n")
    with pytest.raises(SpecError, match=r"ask AP, RR, nDCG@k, R@k, S@k or F@k$"):
        score_run(run, qrels, ["Judged@3"])


@pytest.mark.parametrize(
    ("name", "trec", "mteb", "card"),
    [
        ("AP", "map", "", "map"),
        ("RR", "recip_rank", "", "mrr"),
        ("AP@20", "", "", "ap@20"),
        ("nDCG@10", "ndcg_cut.10", "ndcg_at_10", "ndcg@10"),
        ("R@1", "recall.1", "recall_at_1", "r@1"),
        ("S@5", "success.5", "", "s@5"),
        ("Judged@10", "", "", "judged@10"),
    ],
)
def test_names_of_others_are_given_only_where_they_mean_the_same(name: str, trec: str, mteb: str, card: str) -> None:
    metric = Metric.parse(name)
    assert (metric.trec, metric.mteb, metric.card) == (trec, mteb, card)
    assert metric.words.startswith(f"{name} (")
    assert "{" not in metric.words


def test_a_metric_without_a_family_is_told_from_a_known_one() -> None:
    with pytest.raises(LookupError, match=r"no metric AP-ish@3"):
        Metric("AP-ish", 3).of(gold_ranks(written({"en": [[1]]}, [[(0, 0)]]).ranking, [0]))


@pytest.mark.parametrize("name", ["AP", "RR", "AP@20", "Judged@10", "S@5", "nDCG@10", "R@1", "R@100", "nDCG@1"])
def test_a_metric_prints_as_it_was_written(name: str) -> None:
    assert str(Metric.parse(name)) == name
    assert Metric.parse(name) == Metric.parse(name)
    assert len({Metric.parse(name), Metric.parse(name), Metric.parse("R@7")}) == 2


@pytest.mark.parametrize("name", ["", "map", "AP@0", "RR@3", "R", "R@0", "R@-1", "nDCG@", "nDCG@01", "ndcg@9", "R@1 "])
def test_nonsense_is_no_metric(name: str) -> None:
    with pytest.raises(ValueError, match=r"expected AP, RR, AP@k, nDCG@k, R@k, S@k or Judged@k"):
        Metric.parse(name)


@given(st.text())
def test_whatever_is_parsed_prints_as_it_was_written(text: str) -> None:
    try:
        metric = Metric.parse(text)
    except ValueError:
        return
    assert str(metric) == text


@pytest.mark.parametrize("depth", ["1000000", "99999999999999999999"])
def test_a_depth_is_one_that_a_result_may_have(depth: str) -> None:
    with pytest.raises(ValueError, match="k of at most 6 digits"):
        Metric.parse(f"nDCG@{depth}")
    with pytest.raises(ValidationError, match="k of at most 6 digits"):
        TypeAdapter(MetricName).validate_python(f"nDCG@{depth}")
    assert metrics.SHAPE.fullmatch(str(Metric.parse("nDCG@999999")))
