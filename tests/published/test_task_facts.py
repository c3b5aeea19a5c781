"""What mteb's tasks are here: pairs are query first, scripts are kept apart, and no task passes for another."""

from __future__ import annotations

import pytest

from xbench.errors import SpecError
from xbench.languages import is_language
from xbench.published.task_facts import PublishedTask, mteb_key, published_task, task_of_mteb, tasks
from xbench.specs import registry

TABLE = list(tasks().values())


@pytest.mark.parametrize(
    ("task", "subset", "pair"),
    [
        ("BelebeleRetrieval", "deu_Latn-eng_Latn", ("en", "de")),  # German passages, English questions
        ("BelebeleRetrieval", "arb_Arab-arb_Latn", ("ar-Latn", "ar")),
        ("BelebeleRetrieval", "zho_Hans-zho_Hant", ("zh-Hant", "zh-Hans")),
        ("BelebeleRetrieval", "acm_Arab-acm_Arab", ("acm", "acm")),
        ("MLQARetrieval", "ara-deu", ("de", "ar")),  # mlqa.ar.de: Arabic contexts, German questions
        ("XPQARetrieval", "cmn-eng", ("en", "zh")),  # Chinese answers, English questions
        ("NTREXBitextMining", "afr_Latn-dan_Latn", ("af", "da")),
        ("NTREXBitextMining", "srp_Latn-srp_Cyrl", ("sr-Latn", "sr")),
        ("Tatoeba", "swh-eng", ("sw", "en")),
        ("Tatoeba", "tgl-eng", ("tl", "en")),
        ("FloresBitextMining", "ace_Arab-ace_Latn", ("ace-Arab", "ace")),
        ("MKQARetrieval", "zh_hk", ("zh-HK", "zh-HK")),
        ("PublicHealthQA", "vietnamese", ("vi", "vi")),
        ("NeuCLIR2022RetrievalHardNegatives", "fas", ("fa", "fa")),
        ("MIRACLRetrievalHardNegatives", "sw", ("sw", "sw")),
        ("MuPLeR-retrieval", "el", ("el", "el")),
        ("GerDaLIRSmall", "default", ("de", "de")),
    ],
)
def test_a_subset_is_a_pair_with_the_language_of_the_queries_first(
    task: str, subset: str, pair: tuple[str, str]
) -> None:
    known = task_of_mteb(task)
    assert known is not None and known.pair(subset) == pair and known.has(pair)


@pytest.mark.parametrize("subset", ["", "-", "deu_Latn", "deu-eng", "deu_Latn-eng_Latn-eng_Latn", "xxx_Latn-eng_Latn"])
def test_what_the_task_does_not_have_is_no_pair(subset: str) -> None:
    assert published_task("belebele").pair(subset) is None
    assert published_task("ntrex").pair(subset) is None


@pytest.mark.parametrize("task", TABLE, ids=lambda task: task.name)
def test_languages_are_known_and_each_has_one_name(task: PublishedTask) -> None:
    assert all(is_language(code) for code in task.languages)
    assert len(set(task.languages.values())) == len(task.languages)
    assert len(task.languages) <= task.grid + 1
    assert all(mteb_key(metric) for metric in task.metrics)


@pytest.mark.parametrize("task", [task for task in TABLE if task.order == "same"], ids=lambda task: task.name)
def test_a_grid_of_one_language_alone_has_as_many_pairs_as_languages(task: PublishedTask) -> None:
    assert task.grid == len(task.languages)


def test_languages_are_those_of_the_catalogue_where_it_has_the_task() -> None:
    belebele = registry.load("task", "belebele").spec
    assert set(published_task("belebele").languages) == set(belebele.languages)
    assert dict(published_task("belebele").languages) == dict(belebele.source.codes)
    assert set(published_task("miracl").languages) == set(registry.load("task", "miracl").spec.languages)
    assert {*registry.load("task", "tatoeba").spec.languages} <= {*published_task("tatoeba").languages}
    assert {*registry.load("task", "ntrex").spec.languages} <= {*published_task("ntrex").languages}


def test_a_task_that_the_catalogue_declares_is_read_by_what_is_exported() -> None:
    spec = registry.load("task", "muplere").spec
    task = published_task("muplere")
    assert spec.mteb is not None and task.mteb == spec.mteb.task and task.splits == (spec.mteb.split,)
    assert {task.pair(spec.mteb.name_of(code, code)) for code in spec.mteb.languages} == {
        (code, code) for code in spec.mteb.languages
    }
    assert task.grid == 14


def test_tasks_go_by_our_name_and_by_that_of_mteb() -> None:
    assert published_task("belebele") is published_task("BelebeleRetrieval")
    assert published_task("nanobeir-nq") == published_task("MultilingualNanoNQRetrieval")


@pytest.mark.parametrize(("asked", "meant"), [("mlqa-r", "mlqa"), ("xquad-r", "xquad"), ("belebel", "belebele")])
def test_a_task_of_sentences_is_none_of_passages(asked: str, meant: str) -> None:
    with pytest.raises(SpecError, match=f"did you mean '{meant}'"):
        published_task(asked)
