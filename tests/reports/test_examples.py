"""What `xbench compare --examples` promises: the clearest wins and losses by rank, and texts only when asked."""

import gzip
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xbench import cli
from xbench.data.download import Storage
from xbench.errors import DataError, SpecError
from xbench.jobs.request import Request
from xbench.jobs.run import run
from xbench.progress import Silent
from xbench.reports.comparison import Comparison, compare_sides
from xbench.reports.examples import Example, example_lines, examples, first_rank, rank_note, scored_collection
from xbench.reports.sides import load_side

STORAGE = Storage(offline=True)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Chance in few and in many dimensions on facts in two languages."""
    folder = tmp_path_factory.mktemp("results")
    storage = Storage(cache=folder / "cache", offline=True)
    for name, dimension in (("low", 4), ("high", 64)):
        asked: dict[str, Any] = {"tasks": ("facts",), "languages": ("de", "en"), "seeds": (0, 1)}
        settings = {"model.dimension": dimension}
        run(Request(("random",), **asked, settings=settings, out=folder / name, storage=storage), Silent())
    return folder


@pytest.fixture(scope="module")
def found(results: Path) -> Comparison:
    return compare_sides(load_side(results / "low"), load_side(results / "high"))


def arrays(**more: Any) -> dict[str, Any]:
    stored = {"query_language": np.array(["de", "de", "en"]), "document_languages": np.array(["de", "en"])}
    return {**stored, **{name: np.array(value) for name, value in more.items()}}


def test_in_the_pool_the_rank_is_that_of_the_best_gold() -> None:
    ranks = first_rank(arrays(pool_rank=[[7.0, 3.0], [np.nan, np.nan], [1.0, 2.0]]), ("de", "pool"))
    assert ranks.tolist()[0] == 3.0
    assert np.isnan(ranks[1:]).all()


def test_in_a_pair_the_rank_is_one_over_reciprocal_rank_or_precision() -> None:
    stored = arrays(AP=[[0.5, 0.25], [1.0, np.nan], [0.1, 0.2]])
    assert first_rank(stored, ("de", "en")).tolist()[0] == 4.0
    assert np.isnan(first_rank(stored, ("de", "en"))[1:]).all()
    assert first_rank(stored | arrays(RR=np.full((3, 2), 0.5)), ("en", "de")).tolist()[2] == 2.0


def test_without_a_metric_that_tells_ranks_a_pair_has_no_examples() -> None:
    with pytest.raises(SpecError, match="de-en need the metric RR or AP"):
        first_rank(arrays(), ("de", "en"))


@pytest.mark.parametrize("setting", ["de-en", "en-pool"])
def test_examples_are_the_clearest_wins_then_losses_by_rank(found: Comparison, setting: str) -> None:
    rows = examples(found, setting, 4)
    gains = [one.second_rank - one.first_rank for one in rows]
    assert len(rows) == 8
    assert gains[:4] == sorted(gains[:4], reverse=True) and min(gains[:4]) > 0
    assert gains[4:] == sorted(gains[4:]) and max(gains[4:]) < 0
    assert all(one.query.startswith(setting[:2]) for one in rows)


def test_the_texts_are_those_of_the_query_its_golds_and_each_side_s_first_document(found: Comparison) -> None:
    collection = scored_collection(found.first.results[0], STORAGE)
    (one,) = examples(found, "en-pool", 1)[:1]
    header, query, *rest = example_lines(found, "en-pool", [one], collection)
    assert header.startswith(f"{one.query}: won by A, rank ")
    place = collection.queries["en"].ids.index(one.query)
    assert query == f"  query  {collection.queries['en'].texts[place]}"
    golds = [line.split()[1] for line in rest if line.startswith("  gold")]
    question = collection.queries["en"].questions[place]
    assert golds == [f"de-{question}", f"en-{question}"]
    tops = [line for line in rest if " top " in line]
    for side, line in zip((found.first, found.second), tops, strict=True):
        stored = side.arrays[0]
        first = stored["top_document"][stored["query_id"].tolist().index(one.query)][0]
        assert line.split()[2].rstrip(",") == stored["document_id"][first]
        assert "seed 0" in line


def without_english(found: Comparison, **more: Any) -> Comparison:
    """As if no English document were among the first of the first side's pool."""
    arrays = [dict(stored) for stored in found.first.arrays]
    german = int(np.sum([str(name).startswith("de-") for name in arrays[0]["document_id"]]))
    arrays[0]["top_document"] = np.where(arrays[0]["top_document"] >= german, 0, arrays[0]["top_document"])
    return replace(found, first=replace(found.first, arrays=tuple(arrays), **more))


def test_a_pair_s_own_first_document_is_asked_for_where_the_pool_s_first_do_not_hold_it(found: Comparison) -> None:
    collection = scored_collection(found.first.results[0], STORAGE)
    changed = without_english(found)
    lines = list(example_lines(changed, "de-en", examples(changed, "de-en", 1)[:1], collection))
    says = (
        "A top  not kept, for none of the first 10 of the pool is in en: the run's command with --save-run de-en keeps"
    )
    assert any(says in line for line in lines)
    del changed.first.arrays[0]["top_document"]
    lines = list(example_lines(changed, "de-en", examples(changed, "de-en", 1)[:1], collection))
    assert any("A top  not kept, for no pool is scored: the run's command with" in line for line in lines)


def test_a_pair_s_own_first_document_comes_from_the_run_that_was_saved(
    results: Path, found: Comparison, tmp_path: Path
) -> None:
    collection = scored_collection(found.first.results[0], STORAGE)
    (example,) = examples(found, "de-en", 1)[:1]
    (made,) = results.glob("low/facts/*/*/*-seed-0.json")
    copy = tmp_path / made.name
    copy.with_name(f"{copy.stem}.runs-10").mkdir()
    other = collection.documents["en"].ids[5]
    run = f"{example.query} Q0 {other} 1 2 x\n{example.query} Q0 {collection.documents['en'].ids[6]} 2 1 x\n"
    (copy.with_name(f"{copy.stem}.runs-10") / "de-en.run.gz").write_bytes(gzip.compress(run.encode()))
    moved = tuple(result.model_copy().read_from(copy) for result in found.first.results)
    for comparison in (
        without_english(found, results=moved),
        replace(found, first=replace(found.first, results=moved)),
    ):
        lines = list(example_lines(comparison, "de-en", [example], collection))
        (top,) = [line for line in lines if line.startswith("  A top")]
        assert top.split()[2].rstrip(",") == other
        assert top.endswith(collection.documents["en"].texts[5])


def test_a_rank_with_a_fraction_is_explained_in_one_line(found: Comparison) -> None:
    rows = [Example("de-1", 2.5, 1.0, 0.4, 1.0)]
    assert rank_note(found, "en-pool", rows) == (
        "A rank has a fraction where it is a mean over seeds, or other documents tie with the relevant one, and it is "
        "the mean over their orders."
    )
    assert "it is 1/AP: other documents tie with the relevant one, or there are several" in rank_note(
        found, "de-en", rows
    )
    alone = replace(found, first=replace(found.first, results=found.first.results[:1]))
    alone = replace(alone, second=replace(found.second, results=found.second.results[:1]))
    assert "seeds" not in rank_note(alone, "en-pool", rows)
    assert rank_note(found, "en-pool", [Example("de-1", 2.0, 1.0, 0.5, 1.0)]) == ""


def test_what_is_judged_and_not_relevant_is_no_gold(found: Comparison) -> None:
    collection = scored_collection(found.first.results[0], STORAGE)
    (one,) = examples(found, "en-pool", 1)[:1]
    whole = [line for line in example_lines(found, "en-pool", [one], collection) if line.startswith("  gold")]
    golds = {name: replace(part, grade=np.where(part.language == 0, 0, 1)) for name, part in collection.golds.items()}
    graded = list(example_lines(found, "en-pool", [one], replace(collection, golds=golds)))
    assert [line for line in graded if line.startswith("  gold")] == whole[1:]


def test_data_that_are_not_those_of_the_result_are_refused(found: Comparison) -> None:
    result = found.first.results[0]
    other = result.provenance.model_copy(update={"collection_sha256": "0" * 64})
    changed = result.model_copy(update={"provenance": other})
    with pytest.raises(DataError, match="not those that the result was scored on"):
        scored_collection(changed, STORAGE)


def test_texts_are_shown_only_when_asked_and_nothing_is_stored(
    results: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(results)
    before = sorted(results.rglob("*"))
    shown = []
    for more in ([], ["--with-texts"]):
        command = ["xbench", "compare", "low", "high", "--pair", "de-en", "--examples", "2", *more]
        monkeypatch.setattr(sys, "argv", command)
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        assert stopped.value.code == 0
        shown.append(capsys.readouterr().out)
    assert "  query  " not in shown[0] and "rank A" in shown[0]
    assert shown[1].count("  query  ") == 4
    assert sorted(results.rglob("*")) == before
