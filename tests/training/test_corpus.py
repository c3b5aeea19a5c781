"""What corpora promise: units under one relation, read from each format's true layout."""

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xbench.data.download import Storage
from xbench.data.loaders.relations import halve
from xbench.errors import DataError, SpecError
from xbench.specs import registry
from xbench.training.corpus import Corpus, Negatives
from xbench.training.corpus_loading import load_corpus


def write_corpus(
    folder: Path, rows: list[dict[str, Any]], relation: str, document: str = "", zipped: bool = True
) -> Path:
    content = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()
    name = "rows.jsonl.gz" if zipped else "rows.jsonl"
    (folder / name).write_bytes(gzip.compress(content) if zipped else content)
    spec = {
        "name": "mine",
        "languages": ["de", "en"],
        "format": "aligned-jsonl",
        "relation": relation,
        "files": [{"path": "rows.jsonl", "document": document}],
    }
    path = folder / "mine.yaml"
    path.write_text(json.dumps(spec))
    return path


def load(path: Path) -> Corpus:
    return load_corpus(registry.load("corpus", str(path)), Storage(cache=path.parent / "cache"))


def sides(corpus: Corpus, language: str) -> list[tuple[str, str]]:
    number = corpus.languages.index(language)
    pairs = zip(corpus.query[number], corpus.passage[number], strict=True)
    return [(corpus.texts[query], corpus.texts[passage]) for query, passage in pairs if query >= 0 and passage >= 0]


TEXT_ROWS = [
    {"id": "a#1", "doc": "a", "texts": {"de": "Eins steht am Anfang", "en": "One stands first"}},
    {"id": "a#2", "doc": "a", "texts": {"de": "Zwei folgt darauf bald", "en": "Two comes after it", "fr": "Deux"}},
    {"id": "b#1", "doc": "b", "texts": {"en": "Another document ends"}},
]


def test_next_pairs_neighbours_of_one_document_and_never_crosses_documents(tmp_path: Path) -> None:
    for document in ("doc", "id#"):
        corpus = load(write_corpus(tmp_path, TEXT_ROWS, "next", document))
        assert len(corpus) == 1
        assert sides(corpus, "en") == [("One stands first", "Two comes after it")]
        assert sides(corpus, "de") == [("Eins steht am Anfang", "Zwei folgt darauf bald")]


def test_halves_leaves_out_texts_too_short_to_cut(tmp_path: Path) -> None:
    corpus = load(write_corpus(tmp_path, TEXT_ROWS, "halves"))
    assert sides(corpus, "en") == [("Two comes", "after it")]  # "Another" is too short
    assert sides(corpus, "de") == [("Eins steht", "am Anfang"), ("Zwei folgt", "darauf bald")]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("alpha beta gamma delta", ("alpha beta", "gamma delta")),
        ("ภาษาไทยไม่มีช่องว่าง", ("ภาษาไทยไม่", "มีช่องว่าง")),
        ("a verylongwordwithoutanyspaces", ("a verylongwordw", "ithoutanyspaces")),
    ],
)
def test_a_text_is_cut_at_the_space_nearest_its_middle_or_at_the_middle(text: str, parts: tuple[str, str]) -> None:
    assert halve(text) == parts


def test_qa_units_with_the_same_passage_share_a_group(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "query": {"de": "Wer?"}, "positive": {"de": "Ein Absatz", "en": "A paragraph"}},
        {"id": "2", "query": {"en": "Who?"}, "positive": {"en": "A paragraph"}},
        {"id": "3", "query": {"en": "What?"}, "positive": {"en": "Another one"}},
    ]
    corpus = load(write_corpus(tmp_path, rows, "qa", zipped=False))
    assert corpus.group[0] == corpus.group[1] != corpus.group[2]


def test_units_that_share_a_passage_in_any_language_share_a_group(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "query": {"de": "Wer?"}, "positive": {"de": "Ein Absatz", "en": "A paragraph"}},
        {"id": "2", "query": {"de": "Was?"}, "positive": {"de": "Ein Absatz"}},
        {"id": "3", "query": {"en": "Who?"}, "positive": {"en": "A paragraph"}},
        {"id": "4", "query": {"en": "Where?"}, "positive": {"en": "Elsewhere"}},
    ]
    group = load(write_corpus(tmp_path, rows, "qa")).group.tolist()
    assert group[0] == group[1] == group[2] != group[3]


def test_a_language_that_no_unit_has_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no unit has text in 'de'"):
        load(write_corpus(tmp_path, [{"id": "1", "texts": {"en": "Only English words stand here"}}], "halves"))


def test_next_without_a_document_key_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="document"):
        load(write_corpus(tmp_path, TEXT_ROWS, "next"))


def squad(identity: str, question: str, context: str) -> dict[str, Any]:
    answer = {"text": context.split()[0], "answer_start": 0}
    paragraph = {"context": context, "qas": [{"id": identity, "question": question, "answers": [answer]}]}
    return {"version": "1.1", "data": [{"title": "t", "paragraphs": [paragraph]}]}


def test_squad_translated_joins_languages_by_question_id(tmp_path: Path) -> None:
    """The shipped corpus on files in its true layout: English from SQuAD, the others from XTREME's translations."""
    folder = tmp_path / "squad" / "translate-train"
    folder.mkdir(parents=True)
    shipped = registry.load("corpus", "squad-translated").spec
    for language in shipped.languages:
        content = json.dumps(squad("q1", f"question in {language}", f"context in {language}"))
        place = (
            tmp_path / "squad/train-v1.1.json"
            if language == "en"
            else folder / f"squad.translate.train.en-{language}.json"
        )
        place.write_text(content)
    unpinned = {f"{part}.{pin}": {} for part in ("source", "english") for pin in ("sha256", "bytes")}
    entry = registry.load("corpus", "squad-translated", unpinned)
    corpus = load_corpus(entry, Storage((tmp_path,), tmp_path / "cache", offline=True))
    assert len(corpus) == 1
    assert all(sides(corpus, lang) == [(f"question in {lang}", f"context in {lang}")] for lang in corpus.languages)


def test_squad_translated_is_the_translation_of_train_and_never_of_dev() -> None:
    spec = registry.load("corpus", "squad-translated").spec
    assert "translate-train" in spec.source.url
    assert "dev" not in spec.source.url + spec.english.url
    assert set(spec.languages) - {"en"} <= set(spec.source.sha256)
    fetched = sum(spec.source.bytes.get(language, 0) for language in spec.languages) + spec.english.bytes["en"]
    assert round(fetched / 1e9, 1) == 1.8


def test_the_digest_of_a_corpus_depends_on_its_text(tmp_path: Path) -> None:
    first = load(write_corpus(tmp_path, TEXT_ROWS, "next", "doc")).digest
    assert load(write_corpus(tmp_path, TEXT_ROWS, "next", "doc", zipped=False)).digest == first
    changed = [*TEXT_ROWS[:1], {**TEXT_ROWS[1], "texts": {"de": "Drei", "en": "Three"}}]
    (tmp_path / "rows.jsonl").unlink()
    assert load(write_corpus(tmp_path, changed, "next", "doc")).digest != first


def test_a_corpus_knows_whether_a_query_can_stand_as_a_document_beside_its_unit(tmp_path: Path) -> None:
    """Neighbours do; questions and answers do not; translations are those of their own unit."""
    rows = [
        {"id": f"{number}", "doc": "d", "texts": {"de": f"d{number} x", "en": f"e{number} y"}} for number in range(4)
    ]
    found = {}
    for relation in ("next", "translation"):
        (tmp_path / relation).mkdir()
        found[relation] = load(write_corpus(tmp_path / relation, rows, relation, "doc" if relation == "next" else ""))
    assert found["next"].has_queries_as_documents and not found["translation"].has_queries_as_documents
    apart = replace(found["next"], passage=np.full_like(found["next"].passage, -1))
    assert not apart.has_queries_as_documents
    hard = Negatives(np.array([0, 1, 1, 1]), np.array([[-1, int(apart.query[1, 2])]], np.int32))
    assert replace(apart, negatives=hard).has_queries_as_documents
    assert replace(found["translation"], negatives=hard).has_queries_as_documents
