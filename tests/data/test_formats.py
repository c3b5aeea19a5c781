"""What a line of qrels says in each layout of files, and that one collection scores the same in every format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import layouts
import pytest
from layouts import collection, golds, load

from xbench.data.collection import Collection
from xbench.data.download import Storage
from xbench.data.fetches import missing, task_files
from xbench.errors import DataError, SpecError

HEADER = "query-id\tcorpus-id\tscore\n"


def put(folder: Path, name: str, rows: Sequence[dict[str, Any]] | str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(rows.encode() if isinstance(rows, str) else layouts.jsonl(rows))


def documents(*ids: str, **more: str) -> list[dict[str, Any]]:
    return [{"_id": identity, "title": "", "text": f"text {identity}", **more} for identity in ids]


def queries(*ids: str, **more: str) -> list[dict[str, Any]]:
    return [{"_id": identity, "text": f"query {identity}", **more} for identity in ids]


def beir(**changes: Any) -> dict[str, Any]:
    return {
        "languages": ["de", "en"],
        "format": "beir",
        "documents": {"path": "{lang}/corpus.jsonl"},
        "queries": {"path": "{lang}/queries.jsonl"},
        "qrels": {"path": "{lang}/qrels/test.tsv"},
        **changes,
    }


# --- BEIR --------------------------------------------------------------------------------------------------------


@pytest.fixture
def sets(tmp_path: Path) -> Path:
    """Two languages; q1 has d1 and, in English only, d2; q2 is asked in German only."""
    for language in ("de", "en"):
        put(tmp_path, f"{language}/corpus.jsonl", documents("d1", "d2", "d3"))
    put(tmp_path, "de/queries.jsonl", queries("q1", "q2"))
    put(tmp_path, "en/queries.jsonl", queries("q1"))
    put(tmp_path, "de/qrels/test.tsv", HEADER + "q1\td1\t2\nq2\td3\t1\n")
    put(tmp_path, "en/qrels/test.tsv", HEADER + "q1\td1\t2\nq1\td2\t1\n")
    return tmp_path


def test_parallel_ids_join_the_languages_with_each_language_s_own_judgements(sets: Path) -> None:
    made = collection(sets, beir())
    everywhere = {("de-d1", 2), ("en-d1", 2), ("en-d2", 1)}
    assert golds(made, "en") == {("en-q1", *gold) for gold in everywhere}
    assert golds(made, "de") == {("de-q1", *gold) for gold in everywhere} | {("de-q2", "de-d3", 1)}
    assert made.queries["de"].questions == ("q1", "q2")


def test_same_language_judgements_stay_in_their_language(sets: Path) -> None:
    made = collection(sets, beir(relevance="same-language"))
    assert golds(made, "en") == {("en-q1", "en-d1", 2), ("en-q1", "en-d2", 1)}
    assert golds(made, "de") == {("de-q1", "de-d1", 2), ("de-q2", "de-d3", 1)}
    assert set(made.queries["de"].questions).isdisjoint(made.queries["en"].questions)  # q1 need not be one question


def test_explicit_qrels_of_a_pair_name_the_documents_of_the_other_language(sets: Path) -> None:
    for query, document in (("de", "en"), ("en", "de"), ("de", "de"), ("en", "en")):
        put(sets, f"qrels/{query}-{document}.tsv", HEADER + f"q1\t{'d1' if query == document else 'd3'}\t1\n")
    made = collection(sets, beir(relevance="explicit", qrels={"path": "qrels/{lang}-{document}.tsv"}))
    assert golds(made, "de") == {("de-q1", "de-d1", 1), ("de-q1", "en-d3", 1)}
    assert golds(made, "en") == {("en-q1", "en-d1", 1), ("en-q1", "de-d3", 1)}


PAIRS = {"relevance": "explicit", "qrels": {"path": "qrels/{lang}-{document}.tsv"}}


def test_a_pair_that_nobody_judged_needs_no_qrels_and_a_note_says_so(sets: Path) -> None:
    judged = {f"qrels/{pair}.tsv" for pair in ("de-de", "en-en", "de-en")}
    for name in judged:
        put(sets, name, HEADER + "q1\td1\t1\n")
    entry = load(sets, beir(**PAIRS))
    made = collection(sets, beir(**PAIRS))
    assert golds(made, "en") == {("en-q1", "en-d1", 1)}
    assert made.notes[0] == (
        "no qrels of en-de: there is no file, such as qrels/en-de.tsv, so these pairs have no relevant document"
    )
    storage = Storage((), sets / "cache", offline=True)
    assert not missing(entry, storage)
    named = {source.fill(source.path, language) for source, language in task_files(entry, storage)}  # type: ignore[union-attr]
    assert {name for name in named if "qrels" in name} == judged


def test_a_pair_that_the_grid_asks_for_by_name_needs_its_qrels(sets: Path) -> None:
    for pair in ("de-de", "en-en", "de-en"):
        put(sets, f"qrels/{pair}.tsv", HEADER + "q1\td1\t1\n")
    asked = beir(**PAIRS, grid={"cross-lingual": [["en", "de"]]})
    with pytest.raises(DataError, match=r"missing data file qrels/en-de.tsv: it has no `url`; put qrels/en-de.tsv"):
        collection(sets, asked)
    assert [fetch.path for fetch in missing(load(sets, asked), Storage((), sets / "cache"))] == ["qrels/en-de.tsv"]


def test_qrels_of_no_pair_at_all_are_missing(sets: Path) -> None:
    with pytest.raises(DataError, match=r"missing data file qrels/de-de.tsv"):
        collection(sets, beir(**PAIRS))
    assert len(missing(load(sets, beir(**PAIRS)), Storage((), sets / "cache"))) == 4


def test_explicit_qrels_find_a_document_by_an_id_that_one_language_has(tmp_path: Path) -> None:
    put(tmp_path, "de/corpus.jsonl", documents("de1"))
    put(tmp_path, "en/corpus.jsonl", documents("en1", "en2"))
    for language in ("de", "en"):
        put(tmp_path, f"{language}/queries.jsonl", queries("q1"))
        put(tmp_path, f"{language}/qrels/test.tsv", HEADER + "q1\ten2\t1\nq1\tde1\t0\n")
    made = collection(tmp_path, beir(relevance="explicit"))
    assert golds(made, "de") == {("de-q1", "en-en2", 1), ("de-q1", "de-de1", 0)}


def test_an_id_that_two_languages_have_needs_a_file_per_pair(sets: Path) -> None:
    with pytest.raises(DataError, match=r"test.tsv:2: document 'd1' is in de and en; the path of qrels needs"):
        collection(sets, beir(relevance="explicit"))


def test_queries_of_several_languages_share_one_corpus_and_one_file_of_qrels(tmp_path: Path) -> None:
    put(tmp_path, "corpus.jsonl", documents("d1", "d2"))
    put(tmp_path, "de/queries.jsonl", queries("q1", "q2"))
    put(tmp_path, "fr/queries.jsonl", queries("q1"))
    put(tmp_path, "qrels.tsv", HEADER + "q1\td1\t1\nq2\td2\t1\n")
    spec = beir(
        query_languages=["de", "fr"],
        document_languages=["en"],
        documents={"path": "corpus.jsonl"},
        qrels={"path": "qrels.tsv"},
        relevance="explicit",
    )
    del spec["languages"]
    made = collection(tmp_path, spec)
    assert golds(made, "de") == {("de-q1", "en-d1", 1), ("de-q2", "en-d2", 1)}
    assert golds(made, "fr") == {("fr-q1", "en-d1", 1)}
    assert made.queries["fr"].questions == ("q1",)  # one file of qrels: one question


def test_one_file_of_all_languages_is_told_apart_by_a_key(tmp_path: Path) -> None:
    mixed = [*documents("d1", lang="deu"), *documents("d1", lang="eng"), *documents("d9", lang="fra")]
    put(tmp_path, "corpus.jsonl", mixed)
    put(tmp_path, "queries.jsonl", [*queries("q1", lang="deu"), *queries("q1", lang="eng")])
    put(tmp_path, "qrels.tsv", HEADER + "q1\td1\t1\n")
    codes = {"de": "deu", "en": "eng"}
    sources = {
        "documents": {"path": "corpus.jsonl", "codes": codes},
        "queries": {"path": "queries.jsonl", "codes": codes},
    }
    made = collection(tmp_path, beir(**sources, qrels={"path": "qrels.tsv"}, options={"language": "lang"}))
    assert made.documents["en"].ids == ("en-d1",)
    assert golds(made, "de") == {("de-q1", "de-d1", 1), ("de-q1", "en-d1", 1)}
    with pytest.raises(SpecError, match=r"options: \{language: KEY\}"):
        load(tmp_path, beir(**sources))


@pytest.mark.parametrize(
    ("template", "expected"),
    [("{title}\n{text}", ("A\nb", "c")), ("{text}", ("b", "c")), ("{title} {text}", ("A b", "c"))],
)
def test_a_document_is_title_and_text_by_the_task_s_rule(tmp_path: Path, template: str, expected: tuple[str]) -> None:
    put(tmp_path, "en/corpus.jsonl", [{"_id": "1", "title": "A", "text": "b"}, {"_id": "2", "text": "c"}])
    put(tmp_path, "en/queries.jsonl", queries("q1"))
    put(tmp_path, "en/qrels/test.tsv", HEADER + "q1\t1\t1\n")
    made = collection(tmp_path, beir(languages=["en"], options={"text": template}))
    assert made.documents["en"].texts == expected


def test_absent_documents_are_missed_where_the_task_says_so(sets: Path) -> None:
    put(sets, "en/qrels/test.tsv", HEADER + "q1\td1\t1\nq1\tgone\t1\n")
    with pytest.raises(DataError, match=r"say `absent: missed` or `absent: drop`"):
        collection(sets, beir(relevance="same-language"))
    made = collection(sets, beir(relevance="same-language", absent="missed"))
    assert golds(made, "en") == {("en-q1", "en-d1", 1), ("en-q1", "", 1)}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"options": {"text": "{titel} {text}"}}, "options.text: found '{titel} {text}', expected {text}, and {title}"),
        ({"qrels": {"path": "{lang}-{document}.tsv"}}, "expected relevance: explicit"),
        ({"documents": {"path": "{lang}/{document}"}}, "expected {document} in `qrels` alone"),
        ({"documents": {"path": "{lang}/{shard}"}}, "`shards` (how many files each language has)"),
        ({"documents": {"url": "hf://datasets/owner/{lang}"}}, "expected hf://datasets/owner/name@{commit}/file"),
        ({"documents": {"url": "https://x.org/{commit}/{lang}"}}, "expected a `commit`, for the url has one"),
        ({"documents": {"path": "{lang}", "md5": {"de": "abc"}}}, "documents.md5.de: found 'abc', expected text that"),
        ({"absent": "ignore"}, "absent: found 'ignore', expected 'error', 'missed' or 'drop'"),
    ],
)
def test_a_wrong_key_says_what_is_expected(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(SpecError) as error:
        load(tmp_path, beir(**changes))
    assert says in str(error.value)


# --- one collection in several formats -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["beir", "miracl", "mteb"])
def test_real_questions_score_the_same_in_every_format(real: Any, tmp_path: Path, kind: str) -> None:
    """XQuAD-R written out: the same texts and golds, hence the same vectors and to the last bit the same scores."""
    from xbench.evaluation.grid import ScoringRule, evaluate
    from xbench.metrics import Metric
    from xbench.specs import Grid

    languages = ("de", "th")
    whole = real("xquad-r", languages)
    for number, language in enumerate(languages):
        found = whole.golds[language]
        own = found.language == number
        pairs = [
            (whole.queries[language].questions[query], whole.documents[language].ids[document])
            for query, document in zip(found.query[own], found.document[own], strict=True)
        ]
        write_out(tmp_path, kind, language, whole, pairs)
    spec = beir() if kind == "beir" else {"format": kind, **LAYOUTS.get(kind, {"source": {"path": "."}})}
    made = collection(tmp_path, {**spec, "languages": list(languages)})
    plan = ScoringRule(Grid(), (Metric.parse("AP"), Metric.parse("nDCG@10")))
    scores = [evaluate(part, vectors(part.queries, 1), vectors(part.documents, 2), plan) for part in (whole, made)]
    assert scores[0].scores == scores[1].scores
    assert scores[0].bias == scores[1].bias


LAYOUTS = {
    "miracl": {
        "documents": {"path": "{lang}/docs-{shard}.jsonl", "shards": {"de": 1, "th": 1}},
        "queries": {"path": "{lang}/topics.tsv"},
        "qrels": {"path": "{lang}/qrels.tsv"},
    }
}


def vectors(texts: Any, role: int) -> dict[str, Any]:
    """A direction for each text, by itself alone."""
    import zlib

    import numpy as np

    from xbench.evaluation.ranking import exact

    def direction(text: str) -> Any:
        return np.random.default_rng(zlib.crc32(text.encode()) + role).standard_normal(16)

    return {
        name: exact(np.stack([direction(text) for text in part.texts]).astype(np.float32))
        for name, part in texts.items()
    }


def write_out(folder: Path, kind: str, language: str, whole: Collection, pairs: list[tuple[str, str]]) -> None:
    answers = zip(whole.documents[language].ids, whole.documents[language].texts, strict=True)
    key = "docid" if kind == "miracl" else "_id"
    rows = [{key: identity, "title": "", "text": text} for identity, text in answers]
    asked = whole.queries[language]
    questions = list(zip(asked.questions, asked.texts, strict=True))
    if kind == "mteb":
        qrels = [{"query-id": query, "corpus-id": document, "score": 1} for query, document in pairs]
        layouts.put_parquet(folder, f"{language}-corpus", "test", rows)
        layouts.put_parquet(folder, f"{language}-queries", "test", [{"_id": q, "text": text} for q, text in questions])
        layouts.put_parquet(folder, f"{language}-qrels", "test", qrels)
    elif kind == "miracl":
        put(folder, f"{language}/docs-0.jsonl", rows)
        put(folder, f"{language}/topics.tsv", "".join(f"{query}\t{text}\n" for query, text in questions))
        put(folder, f"{language}/qrels.tsv", "".join(f"{query} Q0 {document} 1\n" for query, document in pairs))
    else:
        put(folder, f"{language}/corpus.jsonl", rows)
        put(folder, f"{language}/queries.jsonl", [{"_id": query, "text": text} for query, text in questions])
        qrels_lines = "".join(f"{query}\t{document}\t1\n" for query, document in pairs)
        put(folder, f"{language}/qrels/test.tsv", HEADER + qrels_lines)
