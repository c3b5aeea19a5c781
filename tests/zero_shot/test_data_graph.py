"""The graph's findings on cases decided by hand; names that are nothing are told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from xbench.errors import SpecError
from xbench.zero_shot.data_graph import DataSet, Graph

CONTAMINATED, DOMAIN, UNKNOWN, CLEAN = "contaminated", "in-domain", "unknown", "zero-shot"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XBENCH_PATH", raising=False)


@pytest.mark.parametrize(
    ("task", "trained_on", "expected"),
    [
        ("squad:dev", "squad:dev", CONTAMINATED),
        ("squad:dev", "squad", CONTAMINATED),  # all of it
        ("squad:dev", "squad:train", DOMAIN),
        ("squad:dev", "xquad", CONTAMINATED),  # made from the task's data
        ("xquad", "squad:dev", CONTAMINATED),  # the task is made from it
        ("xquad", "squad-translate:train", DOMAIN),
        ("xquad", "squad-translate:dev", CONTAMINATED),
        ("xquad", "squad-translate:test", CONTAMINATED),
        ("xquad", "mlqa-translate:train", CONTAMINATED),  # holds SQuAD train and dev
        ("xquad", "mlqa:dev", CLEAN),  # both are from Wikipedia: text alone is nothing
        ("mlqa:dev", "squad:train", CLEAN),
        ("mlqa:dev", "mlqa-translate:train", CLEAN),
        ("mlqa:dev", "mlqa:test", DOMAIN),
        ("miracl:dev", "miracl:train", DOMAIN),
        ("miracl:dev", "mr-tydi:train", DOMAIN),  # both are parts of TyDi QA train: disjoint ones
        ("miracl:dev", "mr-tydi:dev", CONTAMINATED),
        ("miracl:dev", "tydi-qa:train", CONTAMINATED),  # holds Mr. TyDi dev
        ("miracl:dev", "tydi-qa-translate:train", CONTAMINATED),
        ("miracl:dev", "tydi-qa:dev", DOMAIN),
        ("miracl:dev", "mmarco:train", CLEAN),
        ("mmarco:dev", "ms-marco:train", DOMAIN),
        ("mmarco:dev", "ms-marco:dev", CONTAMINATED),
        ("belebele", "flores:dev", CONTAMINATED),
        ("belebele", "flores:test", DOMAIN),
        ("belebele", "flores", CONTAMINATED),
        ("mkqa", "nq:train", UNKNOWN),  # from a split of NQ that is not known
        ("mkqa", "nq:dev", UNKNOWN),
        ("mkqa", "nq", CONTAMINATED),  # all of it
        ("mkqa", "mkqa", CONTAMINATED),
        ("mkqa", "nq:?", UNKNOWN),  # perhaps another one
        ("mkqa", "squad:?", CLEAN),  # whichever it is
        ("squad:dev", "squad:?", UNKNOWN),
        ("squad", "squad:?", CONTAMINATED),  # whichever it is
        ("miracl:dev", "mr-tydi:?", UNKNOWN),
        ("miracl:dev", "tydi-qa-translate:?", CONTAMINATED),  # it has one split
        ("xm3600", "open-images", CONTAMINATED),
        ("xm3600", "coco-captions:train", CLEAN),
        ("ntrex", "wmt19:train", DOMAIN),
        ("ntrex", "wmt19:test", CONTAMINATED),
        ("muplere", "dgt", CLEAN),  # the same law perhaps: shared text, which is compared
        ("muplere", "dgt-acquis", CONTAMINATED),
        ("squad:dev", "wikipedia", CLEAN),
        ("tatoeba:laser", "tatoeba", CONTAMINATED),
    ],
)
def test_findings_are_those_decided_by_hand(task: str, trained_on: str, expected: str) -> None:
    assert Graph.load().relate(trained_on, [task]).relation == expected


def test_a_reason_is_the_way_through_the_graph() -> None:
    reason = Graph.load().relate("mlqa-translate:train", ["xquad"]).reason
    assert reason == "the task is from xquad <- squad:dev, training from mlqa-translate:train <- squad:dev"


def test_a_reason_names_the_split_that_is_not_known() -> None:
    reason = Graph.load().relate("nq:train", ["mkqa"]).reason
    assert reason == ("the task is from mkqa <- nq:?, training from nq:train; which split nq:? is, is not known")


def test_shared_text_is_told_apart() -> None:
    graph = Graph.load()
    assert graph.shared_text(["wiki-matrix", "eu-law"], ["squad:dev"]) == ["wikipedia"]
    assert graph.shared_text(["dgt"], ["muplere"]) == ["eu-law"]
    assert graph.shared_text(["yahoo-answers"], ["squad:dev"]) == []


@pytest.mark.parametrize("task", [["xquad"], ["squad:dev"], ["miracl:dev"]])
def test_training_on_the_task_itself_or_what_it_is_from_is_contaminated(task: list[str]) -> None:
    graph = Graph.load()
    for name in graph.chains(task[0]):
        if name != "wikipedia":
            assert graph.relate(name, task).relation == CONTAMINATED, name


def every_name() -> Iterator[str]:
    for name, entry in Graph.load().sets.items():
        yield name
        yield from (f"{name}:{split}" for split in entry.splits)


def test_findings_are_the_same_seen_from_either_side() -> None:
    graph = Graph.load()
    names = sorted(every_name())
    for one in names[::3]:
        for other in names[::5]:
            assert graph.relate(one, [other]).relation == graph.relate(other, [one]).relation, (one, other)


def test_what_ships_has_no_circle_and_names_only_what_is_there() -> None:
    graph = Graph.load()
    for name in every_name():
        assert name in graph
        for behind in list(graph.chains(name))[1:]:
            assert name not in graph.chains(behind), (name, behind)


@pytest.mark.parametrize("name", ["squad:trian", "sqaud:train", "miracl:val", "no-such-set"])
def test_unknown_names_are_told_with_the_nearest(name: str) -> None:
    with pytest.raises(SpecError, match=f"here: unknown data set '{name}'") as told:
        Graph.load().require(["squad:dev", name], "here")
    near = {"squad:trian": "'squad:train'", "sqaud:train": "'squad:train'"}.get(name, "provenance.yaml")
    assert near in str(told.value)
    assert "\n" not in str(told.value)


def test_a_split_that_is_not_known_needs_a_set_that_lists_its_splits() -> None:
    graph = Graph.load()
    assert "nq:?" in graph
    with pytest.raises(SpecError, match=r"here: unknown data set 'wikihow:\?' \(did you mean 'wikihow'\?\)"):
        graph.require(["wikihow:?"], "here")


def test_own_sets_come_from_the_working_folder_and_xbench_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "provenance.yaml").write_text(
        'tickets: {splits: {old: [], new: []}}\nmails: {derived_from: ["squad:dev"]}'
    )
    (tmp_path / "provenance.yaml").write_text("mails: {}")
    monkeypatch.setenv("XBENCH_PATH", str(shared))
    graph = Graph.load()
    assert graph.relate("tickets:old", ["tickets:new"]).relation == DOMAIN
    assert graph.relate("mails", ["squad:dev"]).relation == CLEAN  # the working folder is before XBENCH_PATH
    assert graph.relate("squad:train", ["squad:dev"]).relation == DOMAIN


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("tickets: {splits: [old]}", "provenance.yaml:1: tickets.splits"),
        ("tickets:\n  form: x", "provenance.yaml:2: tickets.form"),
        ('tickets: {derived_from: ["squad:trian"]}', "did you mean 'squad:train'"),
        ("- tickets", "found a list"),
    ],
)
def test_a_faulty_file_is_one_line(tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "provenance.yaml").write_text(content)
    with pytest.raises(SpecError) as error:
        Graph.load()
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_a_set_without_listed_splits_may_have_any() -> None:
    graph = Graph({"contracts": DataSet()})
    assert graph.relate("contracts:train", ["contracts:test"]).relation == DOMAIN
    assert graph.relate("contracts", ["contracts:test"]).relation == CONTAMINATED
